import type { Clock, Timer } from '../../lib/core/clock.ts'

interface Due extends Timer {
  at: number
  readonly run: () => void
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number
  readonly #timers = new Set<Due>()

  /** `start`: milliseconds since the epoch. */
  constructor(start = 1_700_000_000_000) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  /** The same in Unix seconds, as messages carry it. */
  get seconds(): number {
    return Math.floor(this.#now / 1000)
  }

  /** How many timers run: 0 is what `close()` has to leave. */
  get pending(): number {
    return this.#timers.size
  }

  setTimeout(run: () => void, ms: number): Timer {
    const timer: Due = { at: this.#now + ms, run }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(timer: Timer): void {
    this.#timers.delete(timer as Due)
  }

  /** Moves on by `ms` and runs what becomes due, in the order in which it does, also what is set meanwhile. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let next = this.#first(end); next !== undefined; next = this.#first(end)) {
      this.#timers.delete(next)
      this.#now = next.at
      next.run()
    }
    this.#now = end
  }

  /** Somebody sets the time of day `ms` back; timers go on. */
  setBack(ms: number): void {
    this.#now -= ms
    for (const timer of this.#timers) timer.at -= ms
  }

  #first(end: number): Due | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= end)
    return due.reduce<Due | undefined>(
      (first, one) => (first === undefined || one.at < first.at ? one : first),
      undefined,
    )
  }
}
