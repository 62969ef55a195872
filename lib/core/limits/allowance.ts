/** How often something may happen. */
export interface Rate {
  /** On average. */
  readonly perSecond: number
  /** At once, after a pause. */
  readonly burst: number
}

/** A bucket of tokens: it holds `rate.burst`, is full at the start, and gets `rate.perSecond`. Times: milliseconds. */
export class Allowance {
  readonly #rate: Rate
  #left: number
  /** When it was looked at last. */
  #at: number

  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#left = rate.burst
    this.#at = now
  }

  /** Takes one, if there is one; or `count`, of which the others may be owed. */
  take(now: number, count = 1): boolean {
    if (!this.has(now)) return false
    this.owe(count)
    return true
  }

  /** Takes so many, also those that are still to come: no more than fill it once. */
  owe(count: number): void {
    this.#left = Math.max(this.#left - count, -this.#rate.burst)
  }

  /** Whether there is one. */
  has(now: number): boolean {
    this.#fill(now)
    return this.#left >= 1
  }

  /** Whether it is as at the start, so that it need not be remembered. */
  isFull(now: number): boolean {
    this.#fill(now)
    return this.#left >= this.#rate.burst
  }

  /** A clock that is set back fills nothing and takes nothing away. */
  #fill(now: number): void {
    const seconds = (now - this.#at) / 1000
    this.#at = now
    // Not for no time, either: where the rate has no bounds that is no number.
    if (seconds > 0) this.#left = Math.min(this.#rate.burst, this.#left + seconds * this.#rate.perSecond)
  }
}
