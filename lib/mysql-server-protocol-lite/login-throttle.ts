import type { Clock } from './options.ts'

const freeAttempts = 5
const firstDelayMs = 100
const longestDelayMs = 500
const forgottenAfterMs = 60_000
const maxAttempted = 10_000

interface Failures {
  count: number
  lastAt: number
}

/**
 * Slows down guessing: after 5 failed logins as one user from one address, each further attempt, right or wrong, waits
 * before it is checked, 100 ms, doubling up to 500 ms, until one succeeds or nothing failed for a minute. No longer, and
 * by user, so that one misconfigured program does not lock out the others of its machine: some drivers give up
 * connecting after a second.
 */
export class LoginThrottle {
  readonly #clock: Clock
  readonly #failures = new Map<string, Failures>()
  readonly #timers = new Set<object>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when `attempt`, an address and a user, may be checked; undefined if at once. */
  wait(attempt: string): Promise<void> | undefined {
    const delay = this.#delay(attempt)
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

  /** The user is who he says: what failed before was a mistake. */
  succeeded(attempt: string): void {
    this.#failures.delete(attempt)
  }

  failed(attempt: string): void {
    const now = this.#clock.now()
    const count = this.#recent(attempt) + 1
    // Deleted first, so that the map stays in the order of the last failure.
    this.#failures.delete(attempt)
    this.#failures.set(attempt, { count, lastAt: now })
    if (this.#failures.size > maxAttempted) this.#forgetOldest()
  }

  #delay(attempt: string): number {
    const count = this.#recent(attempt)
    return count < freeAttempts ? 0 : Math.min(firstDelayMs * 2 ** (count - freeAttempts), longestDelayMs)
  }

  #recent(attempt: string): number {
    const failures = this.#failures.get(attempt)
    if (failures === undefined) return 0
    if (this.#clock.now() - failures.lastAt < forgottenAfterMs) return failures.count
    this.#failures.delete(attempt)
    return 0
  }

  #forgetOldest(): void {
    const oldest = this.#failures.keys().next()
    if (oldest.done !== true) this.#failures.delete(oldest.value)
  }
}
