import { systemClock, type Clock, type Timer } from '../../lib/core/clock.ts'

interface Due {
  readonly at: number
  readonly run: () => void
  timer: Timer
}

/** The real time, until it is told to be later. */
export class ShiftedClock implements Clock {
  readonly #due = new Set<Due>()
  #shift = 0

  now(): number {
    return systemClock.now() + this.#shift
  }

  setTimeout(run: () => void, ms: number): Timer {
    const due: Due = { at: this.now() + ms, run, timer: {} }
    this.#arm(due)
    this.#due.add(due)
    return due
  }

  clearTimeout(timer: Timer): void {
    systemClock.clearTimeout((timer as Due).timer)
    this.#due.delete(timer as Due)
  }

  /** Lets `ms` milliseconds pass at once: what becomes due runs soon after. */
  skip(ms: number): void {
    this.#shift += ms
    for (const due of this.#due) {
      systemClock.clearTimeout(due.timer)
      this.#arm(due)
    }
  }

  #arm(due: Due): void {
    due.timer = systemClock.setTimeout(
      () => {
        this.#due.delete(due)
        due.run()
      },
      Math.max(0, due.at - this.now()),
    )
  }
}
