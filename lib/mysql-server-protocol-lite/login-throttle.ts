import type { Clock } from './options.ts'

const freeAttempts = 5
const firstDelayMs = 100
const longestDelayMs = 2000
const forgottenAfterMs = 60_000
const maxAddresses = 10_000

interface Failures {
  count: number
  lastAt: number
}

/**
 * Slows down guessing: after 5 failed logins from one address, each attempt from it, right or wrong, waits before it is
 * checked, 100 ms, doubling up to 2 s, until nothing failed for a minute. At most 2 s, so that one misconfigured program
 * does not lock out the others of its machine.
 */
export class LoginThrottle {
  readonly #clock: Clock
  readonly #failures = new Map<string, Failures>()
  readonly #timers = new Set<object>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when an attempt from `address` may be checked; undefined if at once. */
  wait(address: string): Promise<void> | undefined {
    const delay = this.#delay(address)
    if (delay === 0) return undefined
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(() => {
        this.#timers.delete(timer)
        resolve()
      }, delay)
      this.#timers.add(timer)
    })
  }

  /** Forgets everything. Who still waits is not let in any more. */
  close(): void {
    for (const timer of this.#timers) this.#clock.clearTimeout(timer)
    this.#timers.clear()
    this.#failures.clear()
  }

  failed(address: string): void {
    const now = this.#clock.now()
    const count = this.#recent(address) + 1
    // Deleted first, so that the map stays in the order of the last failure.
    this.#failures.delete(address)
    this.#failures.set(address, { count, lastAt: now })
    if (this.#failures.size > maxAddresses) this.#forgetOldest()
  }

  #delay(address: string): number {
    const count = this.#recent(address)
    return count < freeAttempts ? 0 : Math.min(firstDelayMs * 2 ** (count - freeAttempts), longestDelayMs)
  }

  #recent(address: string): number {
    const failures = this.#failures.get(address)
    if (failures === undefined) return 0
    if (this.#clock.now() - failures.lastAt < forgottenAfterMs) return failures.count
    this.#failures.delete(address)
    return 0
  }

  #forgetOldest(): void {
    const oldest = this.#failures.keys().next()
    if (oldest.done !== true) this.#failures.delete(oldest.value)
  }
}
