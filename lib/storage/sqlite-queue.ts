import { isBusy } from './sqlite-driver.ts'
import type { SqliteData } from './sqlite-data.ts'
import type { WalSync } from './sqlite-wal-sync.ts'
import { messageOf, unavailable } from './unavailable.ts'

/** What one call of the storage has to do in the transaction of its turn. */
interface Job {
  readonly isWrite: boolean
  readonly run: (data: SqliteData) => unknown
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** How long to stay away from a database that another process writes to, in milliseconds: from 1 to this. */
const maxPauseMs = 10

/**
 * Runs the calls of one event-loop turn in one transaction at its end, in their order, and answers when what they wrote is
 * on the disk.
 */
export class SqliteQueue {
  readonly #data: SqliteData
  readonly #wal: WalSync | undefined
  readonly #waitMs: number
  #jobs: Job[] = []
  #isScheduled = false
  /** Since when another process has the lock; undefined while we get it. */
  #busySince: number | undefined
  readonly #unanswered = new Set<Promise<void>>()

  /** `wal` is undefined where commits wait for the disk by themselves. */
  constructor(data: SqliteData, wal: WalSync | undefined, waitMs: number) {
    this.#data = data
    this.#wal = wal
    this.#waitMs = waitMs
  }

  run<Result>(isWrite: boolean, run: (data: SqliteData) => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ isWrite, run, resolve: resolve as (result: unknown) => void, reject })
      if (this.#isScheduled) return
      this.#isScheduled = true
      setImmediate(() => this.#flush())
    })
  }

  /** Resolves when all that was asked for is answered. */
  async drained(): Promise<void> {
    while (this.#isScheduled || this.#unanswered.size > 0) {
      await Promise.all(this.#unanswered)
      await this.run(false, () => undefined).catch(() => undefined)
    }
  }

  #flush(): void {
    this.#isScheduled = false
    const jobs = this.#jobs
    this.#jobs = []
    this.#do(jobs)
  }

  #do(jobs: readonly Job[]): void {
    try {
      this.#answer(jobs, this.#transaction(jobs))
      this.#busySince = undefined
    } catch (error) {
      if (isBusy(error)) {
        this.#later(jobs)
        return
      }
      this.#busySince = undefined
      if (jobs.length === 1) this.#fail(jobs, messageOf(error))
      else this.#oneByOne(jobs)
    }
  }

  #transaction(jobs: readonly Job[]): unknown[] {
    const data = this.#data
    data.begin(jobs.some(({ isWrite }) => isWrite))
    try {
      const results = jobs.map(({ run }) => run(data))
      data.commit()
      return results
    } catch (error) {
      data.rollback()
      throw error
    }
  }

  /** One of many failed: so that the others do not, each gets a transaction of its own. */
  #oneByOne(jobs: readonly Job[]): void {
    for (const [index, job] of jobs.entries()) {
      this.#do([job])
      if (this.#busySince === undefined) continue
      this.#jobs.push(...jobs.slice(index + 1)) // in their order, behind the one that has to wait
      return
    }
  }

  #answer(jobs: readonly Job[], results: readonly unknown[]): void {
    const answered = this.#onDisk(jobs).then(
      () => jobs.forEach(({ resolve }, index) => resolve(results[index])),
      (error: unknown) => this.#fail(jobs, messageOf(error)),
    )
    this.#unanswered.add(answered)
    void answered.then(() => this.#unanswered.delete(answered))
  }

  /** Reads wait too: what they saw may have been written in this turn or the one before. */
  async #onDisk(jobs: readonly Job[]): Promise<void> {
    if (jobs.some(({ isWrite }) => isWrite)) await this.#wal?.sync()
    else await this.#wal?.settled()
  }

  /** Another process writes: its transactions are short. What comes meanwhile queues up behind. */
  #later(jobs: readonly Job[]): void {
    const now = performance.now()
    this.#busySince ??= now
    if (now - this.#busySince > this.#waitMs) {
      this.#busySince = undefined
      this.#fail(jobs, `another process has locked the SQLite database for more than ${this.#waitMs} ms`)
      return
    }
    this.#jobs = [...jobs, ...this.#jobs]
    this.#isScheduled = true
    setTimeout(() => this.#flush(), 1 + Math.random() * maxPauseMs) // not unref'ed: somebody waits for the answers
  }

  #fail(jobs: readonly Job[], problem: string): void {
    for (const { reject } of jobs) reject(unavailable(problem))
  }
}
