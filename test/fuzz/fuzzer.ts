import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CometqlSession } from '../../lib/cometql/session.ts'
import type { Result, Value } from '../../lib/mysql-server-protocol-lite/index.ts'
import { writeBinaryRow } from '../../lib/mysql-server-protocol-lite/binary-values.ts'
import { PacketWriter } from '../../lib/mysql-server-protocol-lite/packet-writer.ts'
import { FakeSocket } from './fake-socket.ts'
import { judge, type Verdict } from './judge.ts'
import { cut, mutateBytes, mutateSession } from './mutate-packets.ts'
import { anySql, mutateSql } from './mutate-sql.ts'
import { Random } from './random.ts'
import { readRecordings, wireBytes, type Packet, type Recording } from './recordings.ts'
import { Target } from './target.ts'

/** One input: bytes of a client as they arrive, or a statement. */
export type Case =
  | { readonly kind: 'wire'; readonly chunks: readonly Buffer[]; readonly isSlow: boolean }
  | { readonly kind: 'sql'; readonly sql: string }

/** A case that broke an invariant. */
export class Failure extends Error {
  readonly case: Case

  constructor(message: string, failed: Case, cause?: unknown) {
    super(message, { cause })
    this.case = failed
  }
}

export interface Statistics {
  cases: number
  wireCases: number
  sqlCases: number
  /** Inputs that were kept since they led to something new. */
  kept: number
  /** What the cases led to: kinds of errors, shapes of results. */
  outcomes: number
}

/** Cases that share one server: what one case stored, the next ones find. */
const casesPerTarget = 2000
/** The most turns of the event loop that the answers to one case may take. */
const maxTurns = 300
/** From then on the time passes, too: there are statements that wait for it. */
const turnsWithoutTime = 100
/** Microtasks that a case is given before a turn is waited for. */
const maxMicrotasks = 40
const maxKept = 5000
/** Statements with more rows than this are not read to the end. */
const maxRows = 5000
/** By how much the memory may have grown, in bytes: what is kept, caches of V8, and the garbage of one server. */
const maxGrowth = 256 * 1024 * 1024
const maxAnswerBytes = 64 * 1024 * 1024
/** For the `?` of statements. */
const someValues: readonly Value[] = [1, 'news', null, 2.5, Buffer.of(1, 255)]

/** Feeds random cases, those of one seed always in the same order, to CometQL and to the protocol. */
export class Fuzzer {
  readonly statistics: Statistics = { cases: 0, wireCases: 0, sqlCases: 0, kept: 0, outcomes: 0 }
  readonly #random: Random
  readonly #recordings: readonly Recording[]
  readonly #outcomes = new Set<string>()
  readonly #keptSessions: Recording[] = []
  readonly #keptSql: string[] = []
  readonly #beforeCase: (next: Case) => void
  #target: Target | undefined
  #session: CometqlSession | undefined
  #firstMemory = 0
  #addresses = 0

  /** `beforeCase`: told what comes, in case it never ends. */
  constructor(seed: number, beforeCase: (next: Case) => void = () => undefined) {
    this.#random = new Random(seed)
    this.#recordings = readRecordings()
    this.#beforeCase = beforeCase
  }

  /** Runs `count` cases. @throws Failure */
  async run(count: number): Promise<void> {
    for (let done = 0; done < count; done++) {
      if (this.statistics.cases % casesPerTarget === 0) await this.#renewTarget()
      await this.#runOne()
    }
  }

  async close(): Promise<void> {
    await this.#target?.close()
    this.#target = undefined
  }

  /** Runs a case that is given, on a server of its own. @throws Failure */
  static async replay(given: Case): Promise<void> {
    const fuzzer = new Fuzzer(0)
    await fuzzer.#renewTarget()
    await fuzzer.#check(given)
    await fuzzer.close()
  }

  async #renewTarget(): Promise<void> {
    await this.close()
    this.#target = await Target.open()
    this.#session = undefined
    this.#checkMemory()
  }

  /** Cheap enough only now and then. Without `--expose-gc` the garbage is in the figure, too. */
  #checkMemory(): void {
    globalThis.gc?.()
    const { heapUsed, external } = process.memoryUsage()
    const used = heapUsed + external
    if (this.#firstMemory === 0) this.#firstMemory = used
    if (globalThis.gc === undefined || used - this.#firstMemory < maxGrowth) return
    throw new Error(`The memory grew from ${this.#firstMemory} to ${used} bytes in ${this.statistics.cases} cases`)
  }

  async #runOne(): Promise<void> {
    this.statistics.cases++
    if (this.#random.once(2)) {
      this.statistics.wireCases++
      const packets = this.#nextSession()
      const next = this.#wireCase(packets)
      const { trace } = (await this.#check(next)) ?? { trace: [] }
      if (this.#isNew(trace.join(' '))) this.#keepSession(packets)
    } else {
      this.statistics.sqlCases++
      const next = this.#sqlCase()
      const outcome = (await this.#check(next))?.trace.join(' ') ?? ''
      if (this.#isNew(outcome)) this.#keepSql(next.sql)
    }
  }

  #nextSession(): Packet[] {
    const useKept = this.#keptSessions.length > 0 && this.#random.once(2)
    return mutateSession(useKept ? [this.#random.pick(this.#keptSessions)] : this.#recordings, this.#random)
  }

  #wireCase(packets: readonly Packet[]): Case & { kind: 'wire' } {
    const random = this.#random
    const bytes = wireBytes(packets)
    return {
      kind: 'wire',
      chunks: cut(random.once(16) ? mutateBytes(bytes, random) : bytes, random),
      isSlow: random.once(8),
    }
  }

  #sqlCase(): Case & { kind: 'sql' } {
    const random = this.#random
    const useKept = this.#keptSql.length > 0 && random.once(2)
    const sql = useKept ? mutateSql(random.pick(this.#keptSql), random) : anySql(random)
    return { kind: 'sql', sql }
  }

  #isNew(outcome: string): boolean {
    if (this.#outcomes.size >= 200_000 || this.#outcomes.has(outcome)) return false
    this.#outcomes.add(outcome)
    this.statistics.outcomes++
    return true
  }

  #keepSession(packets: readonly Packet[]): void {
    const commands = packets.findIndex(({ sequence }) => sequence === 0)
    if (commands < 1 || wireBytes(packets).length > 4000) return
    const kept = { name: 'kept', login: packets.slice(0, commands), commands: packets.slice(commands) }
    this.#put(this.#keptSessions, kept)
  }

  #keepSql(sql: string): void {
    if (sql.length <= 1000) this.#put(this.#keptSql, sql)
  }

  #put<T>(kept: T[], item: T): void {
    if (kept.length < maxKept) kept.push(item)
    else kept[this.#random.below(maxKept)] = item
    this.statistics.kept++
  }

  /** Runs a case, and looks at everything that must hold of any case. */
  async #check(given: Case): Promise<Verdict | undefined> {
    this.#beforeCase(given)
    const target = this.#target
    if (target === undefined) throw new Error('The fuzzer is closed')
    try {
      const verdict = given.kind === 'wire' ? await this.#runWire(given, target) : await this.#runSql(given, target)
      if (target.faults.length > 0) throw new Failure('an internal error', given, target.faults[0])
      return verdict
    } catch (error) {
      throw error instanceof Failure ? error : new Failure(String(error), given, error)
    }
  }

  async #runWire(given: Case & { kind: 'wire' }, target: Target): Promise<Verdict> {
    const socket = new FakeSocket(given.isSlow)
    // Failed logins slow down those that come after them from the same address.
    target.mysql.serve(socket.asDuplex, { remoteAddress: `192.0.2.${this.#addresses++}` })
    for (const chunk of given.chunks) socket.push(chunk)
    const sent = Buffer.concat(given.chunks)
    const verdict = await this.#settle(given, target, socket, sent)
    socket.finish()
    const isGone = (): boolean => socket.isClosed && isEmpty(target.mysql.connections())
    await this.#until(isGone, target, 'the connection of a client that has gone is not closed', given, socket)
    return verdict
  }

  /** Waits until everything is answered. */
  async #settle(given: Case & { kind: 'wire' }, target: Target, socket: FakeSocket, sent: Buffer): Promise<Verdict> {
    let verdict: Verdict = { isAnswered: false, trace: [] }
    let judgedBytes = -1
    const isSettled = (): boolean => {
      if (target.pending > 0 || (!socket.isRead && !socket.hasEnded && !socket.isClosed)) return false
      const hasEnded = socket.hasEnded || socket.isClosed
      const received = Buffer.concat(socket.received)
      if (received.length > maxAnswerBytes) throw new Failure(`an answer of ${received.length} bytes`, given)
      if (received.length !== judgedBytes || hasEnded) verdict = judge(sent, received, hasEnded)
      judgedBytes = received.length
      return verdict.isAnswered
    }
    await this.#until(isSettled, target, 'something has no answer', given, socket)
    return verdict
  }

  /** @throws Failure `complaint` if it takes too many turns */
  async #until(
    isDone: () => boolean,
    target: Target,
    complaint: string,
    given: Case,
    socket?: FakeSocket,
  ): Promise<void> {
    for (let turn = 0; !isDone(); turn++) {
      if (turn > maxTurns) throw new Failure(`${complaint} after ${maxTurns} turns`, given)
      if (turn < maxMicrotasks) await Promise.resolve()
      else await nextTurn()
      socket?.takeAll()
      if (turn > turnsWithoutTime) target.clock.advance(1000)
    }
  }

  async #runSql(given: Case & { kind: 'sql' }, target: Target): Promise<Verdict> {
    const { sql } = given
    this.#session ??= await target.logIn(-1)
    const session = this.#session
    if (this.#random.once(50)) session.reset()
    const params = sql.includes('?') ? someValues : []
    try {
      if (sql.length % 4 === 0) await target.handler.describe?.(sql, session)
      const answer = target.handler.query(sql, params, session)
      if (answer instanceof Promise) {
        answer.catch(() => undefined)
        await this.#until(() => target.pending === 0, target, 'the statement has no answer', given)
      }
      return { isAnswered: true, trace: [await describeResult(await answer)] }
    } catch (error) {
      return { isAnswered: true, trace: [describeError(error)] }
    }
  }
}

function isEmpty(items: Iterable<unknown>): boolean {
  for (const item of items) if (item !== undefined) return false
  return true
}

/** The shape of a result; all of its rows are read, and written in the form that is strict about types. */
async function describeResult(result: Result): Promise<string> {
  if (!('columns' in result)) return `ok ${Math.min(result.affectedRows, 3)}`
  const { columns } = result
  const out = new PacketWriter()
  let count = 0
  for await (const row of result.rows) {
    if (row.some(isNoNumber)) throw new Error('a value that is not a number')
    writeBinaryRow(out, columns, row)
    out.take()
    if (count++ >= maxRows) break
  }
  return `${Math.min(count, 3)} of ${columns.map(({ type, table = '' }) => `${type} ${table}`).join()}`
}

function isNoNumber(value: Value): boolean {
  return typeof value === 'number' && !Number.isFinite(value)
}

/** An error without what is quoted from the statement. */
function describeError(error: unknown): string {
  if (!(error instanceof Error) || !('number' in error)) throw error
  return `${String(error.number)} ${error.message.replace(/"[^]*?"|\d+|near [^]*$/g, '')}`
}
