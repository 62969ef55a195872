import { cometError } from '../../errors.ts'
import type { Change } from '../../core/changes.ts'
import type { Expression, Select } from '../parse/ast.ts'
import { compile } from '../expressions/compile.ts'
import { LiveMessages } from './live-messages.ts'
import { noRows, type SelectContext, type TableRead } from '../expressions/scope.ts'
import type { SelectResult } from './result.ts'
import { runSelect } from './select.ts'
import { toNumber } from '../expressions/values.ts'

/** As long as a statement may wait, in seconds: drivers and proxies give up on longer silence. */
const maxSeconds = 60

/** The tables on which one can wait, and the changes that concern them. */
const waitable: ReadonlyMap<string, Change['kind']> = new Map([
  ['pipes_messages', 'message'],
  ['pipes', 'members'],
  ['users_in_pipes', 'members'],
  ['users_time', 'user'],
])

/**
 * Runs `SELECT … WAIT seconds`: answers as soon as there is something to tell, or with what there is when the time is
 * over. Of pipes_messages that is any row, of other tables rows other than at the start. Messages of pipes that keep none
 * are seen, too, while it waits.
 * @throws CometError COMET_ERR_INTERRUPTED when it is killed, or its client has gone
 */
export async function runWaiting(select: Select, wait: Expression, context: SelectContext): Promise<SelectResult> {
  const { session } = context
  const ms = secondsOf(wait, context) * 1000
  const reads = new Reads()
  const live = new LiveMessages(session.view)
  const run = async (): Promise<SelectResult> => {
    session.budget.restart() // what it held the last time is forgotten
    const result = await runSelect(select, { ...context, view: live, reads: reads.begin() })
    reads.end()
    return result
  }
  const alarm = new Alarm()
  // Before the first look, so that nothing falls in between.
  const unwatch = session.tenant.changes.watch((change) => {
    if (!reads.mayConcern(change)) return
    live.note(change)
    alarm.ring()
  })
  const uninterrupt = session.onInterrupt((error) => alarm.fail(error))
  const { clock } = session.environment
  const timer = clock.setTimeout(() => alarm.end(), ms)
  if (ms === 0) alarm.end() // only looks
  try {
    const first = await run()
    checkWaitable(reads.last)
    const start = reads.last.every(({ table }) => table === 'pipes_messages') ? '[]' : fingerprint(first)
    for (let result = first; ; result = await run()) {
      if (alarm.isOver || fingerprint(result) !== start) return result
      await alarm.next()
    }
  } finally {
    clock.clearTimeout(timer)
    uninterrupt()
    unwatch()
  }
}

function secondsOf(wait: Expression, { session, params }: SelectContext): number {
  const value = compile(wait, { session, params, sources: [], subqueries: new Map() }).evaluate(noRows)
  const seconds = value === null ? NaN : Number(toNumber(value))
  if (seconds >= 0 && seconds <= maxSeconds) return seconds
  const rule = `seconds, a number from 0 to ${maxSeconds}`
  throw cometError('COMET_ERR_INVALID', { column: 'WAIT', value: String(value), rule })
}

function checkWaitable(reads: readonly TableRead[]): void {
  const other = reads.find(({ table }) => !waitable.has(table))
  if (other === undefined && reads.length > 0) return
  const what = `WAIT for ${other === undefined ? 'a SELECT without a table' : `the table ${other.table}`}`
  throw cometError('COMET_ERR_NOT_IMPLEMENTED', {
    what: `${what} (there is one for ${[...waitable.keys()].join(', ')})`,
  })
}

/** What a statement read, the last time that it looked. */
class Reads {
  #before: readonly TableRead[] = []
  #last: TableRead[] = []

  get last(): readonly TableRead[] {
    return this.#last
  }

  /** It looks again; what it read before counts until the end, and what is collected in the result too. */
  begin(): TableRead[] {
    this.#before = this.#last
    this.#last = []
    return this.#last
  }

  end(): void {
    this.#before = []
  }

  /** Whether `change` is about what was read; before the first read that is not known. */
  mayConcern(change: Change): boolean {
    const known = [...this.#before, ...this.#last]
    return known.length === 0 || known.some((read) => concerns(change, read))
  }
}

function concerns(change: Change, { table, keys }: TableRead): boolean {
  if (waitable.get(table) !== change.kind) return false
  return keys === undefined || keys.has(change.kind === 'user' ? String(change.userId) : change.pipe)
}

function fingerprint({ rows }: SelectResult): string {
  return JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}

/** Wakes who waits, however often and whenever it rings. */
class Alarm {
  /** The time is over: who waits looks once more, and answers. */
  isOver = false
  #hasRung = false
  #error: Error | undefined
  #wake: (() => void) | undefined

  ring(): void {
    this.#hasRung = true
    this.#wake?.()
  }

  end(): void {
    this.isOver = true
    this.ring()
  }

  fail(error: Error): void {
    this.#error = error
    this.ring()
  }

  /** Resolves once it rang since the last call, at the end of that turn of the event loop: what rings together is one. */
  async next(): Promise<void> {
    if (!this.#hasRung) await new Promise<void>((resolve) => (this.#wake = resolve))
    if (this.#error === undefined) await new Promise((resolve) => setImmediate(resolve))
    this.#hasRung = false
    if (this.#error !== undefined) throw this.#error
  }
}
