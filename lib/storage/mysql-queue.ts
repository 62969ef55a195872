import { setTimeout } from 'node:timers/promises'
import { CometError } from '../errors.ts'
import { isLockConflict, isOfStatement, type MysqlSession } from './mysql-driver.ts'
import type { Call } from './mysql-plan.ts'
import { messageOf, unavailable } from './unavailable.ts'

interface Job {
  readonly call: Call
  /** When it was asked for, in milliseconds. */
  readonly since: number
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** What the queue does its work with. */
export interface MysqlWork {
  /** Takes a connection. */
  readonly connect: () => Promise<MysqlSession>
  /** Does calls, in a transaction where one of them changes something; resolves to their results. */
  readonly run: (session: MysqlSession, calls: readonly Call[], committing: () => void) => Promise<unknown[]>
  /** How long a call may wait for a database that is not there, in milliseconds. */
  readonly waitMs: number
}

type State = 'connecting' | 'running' | 'committing'

/** Between two attempts to reach the database, in milliseconds. */
const pauseMs = 50

/**
 * Gathers calls and does them together: those of one event-loop turn, and all that come while the ones before are under
 * way. One connection does everything, in order.
 */
export class MysqlQueue {
  readonly #work: MysqlWork
  #jobs: Job[] = []
  #session: MysqlSession | undefined
  #working: Promise<void> | undefined

  constructor(work: MysqlWork) {
    this.#work = work
  }

  run(call: Call): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ call, since: performance.now(), resolve, reject })
      this.#working ??= new Promise((done) => {
        setImmediate(() => void this.#workOff().then(done))
      })
    })
  }

  /** Resolves when all that was asked for is answered, and gives the connection up. */
  async close(): Promise<void> {
    while (this.#working !== undefined) await this.#working
    this.#drop()
  }

  async #workOff(): Promise<void> {
    while (this.#jobs.length > 0) {
      const jobs = this.#jobs
      this.#jobs = []
      await this.#do(jobs)
    }
    this.#working = undefined
  }

  /** Tries until it works, or until the jobs have waited for too long. */
  async #do(jobs: readonly Job[]): Promise<void> {
    let waiting = jobs
    while (waiting.length > 0) {
      let state: State = 'connecting'
      try {
        this.#session ??= await this.#work.connect()
        state = 'running'
        const calls = waiting.map(({ call }) => call)
        const results = await this.#work.run(this.#session, calls, () => (state = 'committing'))
        for (const [index, { resolve }] of waiting.entries()) resolve(results[index])
        return
      } catch (error) {
        waiting = await this.#afterError(error, waiting, state)
      }
    }
  }

  /** Resolves to the jobs that are worth another attempt; the others are answered. */
  async #afterError(error: unknown, jobs: readonly Job[], state: State): Promise<readonly Job[]> {
    if (state !== 'connecting' && isOfStatement(error)) {
      await this.#rollBack()
      if (!isLockConflict(error)) return await this.#isolate(error, jobs)
    } else this.#drop()
    if (error instanceof CometError) return this.#fail(jobs, error)
    if (state === 'committing' && !isOfStatement(error)) {
      const doubt = 'while it committed: it is not known whether this was stored'
      return this.#fail(jobs, unavailable(`${messageOf(error)}, ${doubt}`))
    }
    const now = performance.now()
    const isLate = ({ since }: Job): boolean => now - since >= this.#work.waitMs
    this.#fail(jobs.filter(isLate), unavailable(messageOf(error)))
    const others = jobs.filter((job) => !isLate(job))
    if (others.length > 0) await setTimeout(pauseMs) // not unref'ed: somebody waits for the answers
    return others
  }

  /** The database refuses something: so that only that fails, each job is done alone. */
  async #isolate(error: unknown, jobs: readonly Job[]): Promise<readonly Job[]> {
    if (jobs.length === 1) return this.#fail(jobs, unavailable(messageOf(error)))
    for (const job of jobs) await this.#do([job])
    return []
  }

  #fail(jobs: readonly Job[], error: CometError): readonly Job[] {
    for (const { reject } of jobs) reject(error)
    return []
  }

  async #rollBack(): Promise<void> {
    try {
      await this.#session?.change('ROLLBACK')
    } catch {
      this.#drop()
    }
  }

  #drop(): void {
    this.#session?.destroy()
    this.#session = undefined
  }
}
