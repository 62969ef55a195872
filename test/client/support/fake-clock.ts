import type { Clock } from '../../../lib/client/environment.ts'

interface Alarm {
  readonly at: number
  readonly run: () => void
}

/** Time that moves when a test says so. */
export class FakeClock implements Clock {
  #now = 1_700_000_000_000
  #alarms: Alarm[] = []

  /** How many timers are set. */
  get pending(): number {
    return this.#alarms.length
  }

  now(): number {
    return this.#now
  }

  setTimeout(run: () => void, ms: number): Alarm {
    const alarm = { at: this.#now + ms, run }
    this.#alarms.push(alarm)
    return alarm
  }

  clearTimeout(alarm: unknown): void {
    this.#alarms = this.#alarms.filter((other) => other !== alarm)
  }

  /** Lets `ms` milliseconds pass, running what falls due in its order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const next = this.#alarms.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#now = next.at
      this.clearTimeout(next)
      next.run()
    }
    this.#now = end
  }

  /** Lets `ms` milliseconds pass without running anything, as when a computer sleeps. */
  sleep(ms: number): void {
    this.#now += ms
  }
}
