import type { Clock } from './options.ts'

const freeAttempts = 5
const firstDelayMs = 100
const longestDelayMs = 500
const forgottenAfterMs = 60_000
/** Attempts that are checked at a time where something failed. */
const maxChecking = 4
/** After more than these, those who never logged in from an address count as one: a user may have many spellings. */
const maxFailuresOfAddress = 20
const maxRemembered = 10_000

/** A login that is to be checked. */
export interface Attempt {
  /** Resolves when it may be checked; undefined if at once. */
  readonly turn: Promise<void> | undefined
  /** The user is who he says: what failed before was a mistake. */
  succeeded(): void
  failed(): void
  /** MUST be called once, whatever came of it, also while it waits: then it is the turn of the next. */
  end(): void
}

/** What failed of late, how many are being checked, and who waits for that, in order. */
interface Gate {
  failures: number
  lastFailureAt: number
  checking: number
  readonly waiting: Set<() => void>
}

/**
 * Slows down guessing: after 5 failed logins as one user from one address, each further attempt, right or wrong, waits
 * before it is checked, 100 ms, doubling up to 500 ms, until one succeeds or nothing failed for a minute. Attempts under
 * way may all fail, so no more than 4 are, and their delays count from there. No longer, and by user, so that one
 * misconfigured program does not lock out the others of its machine: some drivers give up connecting after a second.
 */
export class LoginThrottle {
  readonly #clock: Clock
  /** By address, and by address and user; in the order of the last failure. */
  readonly #gates = new Map<string, Gate>()
  /** Who has logged in from where. They keep a gate of their own, whatever else comes from the address. */
  readonly #known = new Set<string>()
  readonly #timers = new Set<object>()
  #isClosed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Somebody at `address` says to be `user`. */
  enter(address: string, user: string): Attempt {
    const pair = `${address} ${user}`
    const isOneOfMany = this.#failuresOf(address) > maxFailuresOfAddress && !this.#known.has(pair)
    const key = isOneOfMany ? address : pair
    const gate = this.#gateOf(key)
    let begin: (() => void) | undefined
    const turn = this.#isFree(gate)
      ? this.#begin(gate)
      : new Promise<void>((resolve) => {
          begin = () => resolve(this.#begin(gate))
          gate.waiting.add(begin)
        })
    return {
      turn,
      succeeded: () => this.#forgive(pair),
      failed: () => this.#count(pair, address),
      end: () => {
        const isWaiting = begin !== undefined && gate.waiting.delete(begin)
        if (!isWaiting) gate.checking--
        this.#admit(key, gate)
      },
    }
  }

  /** Forgets everything. Who still waits is not let in any more. */
  close(): void {
    this.#isClosed = true
    for (const timer of this.#timers) this.#clock.clearTimeout(timer)
    this.#timers.clear()
    this.#gates.clear()
    this.#known.clear()
  }

  #isFree(gate: Gate): boolean {
    return !this.#isClosed && (this.#recent(gate) === 0 || gate.checking < maxChecking)
  }

  /** Takes a place at the gate; the delay is that of now, when all before have failed or not. */
  #begin(gate: Gate): Promise<void> | undefined {
    gate.checking++
    const over = this.#recent(gate) - freeAttempts
    return over < 0 ? undefined : this.#after(Math.min(firstDelayMs * 2 ** over, longestDelayMs))
  }

  /** Lets in who waits, as many as may be, and drops a gate of which there is nothing to remember. */
  #admit(key: string, gate: Gate): void {
    for (const begin of gate.waiting) {
      if (!this.#isFree(gate)) return
      gate.waiting.delete(begin)
      begin()
    }
    if (gate.checking === 0 && this.#recent(gate) === 0 && this.#gates.get(key) === gate) this.#gates.delete(key)
  }

  #after(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(() => {
        this.#timers.delete(timer)
        resolve()
      }, ms)
      this.#timers.add(timer)
    })
  }

  #forgive(pair: string): void {
    this.#gateOf(pair).failures = 0
    this.#known.delete(pair)
    this.#known.add(pair)
    forgetOldest(this.#known)
  }

  #count(...keys: string[]): void {
    for (const key of keys) {
      const gate = this.#gateOf(key)
      gate.failures = this.#recent(gate) + 1
      gate.lastFailureAt = this.#clock.now()
      // Deleted first, so that the map stays in the order of the last failure.
      this.#gates.delete(key)
      this.#gates.set(key, gate)
    }
  }

  #gateOf(key: string): Gate {
    const known = this.#gates.get(key)
    if (known !== undefined) return known
    const gate: Gate = { failures: 0, lastFailureAt: 0, checking: 0, waiting: new Set() }
    this.#gates.set(key, gate)
    forgetOldest(this.#gates)
    return gate
  }

  #failuresOf(key: string): number {
    const gate = this.#gates.get(key)
    return gate === undefined ? 0 : this.#recent(gate)
  }

  #recent(gate: Gate): number {
    return this.#clock.now() - gate.lastFailureAt < forgottenAfterMs ? gate.failures : 0
  }
}

/** Drops what was put first, where there is too much. */
function forgetOldest(collection: Map<string, unknown> | Set<string>): void {
  if (collection.size <= maxRemembered) return
  const oldest = collection.keys().next()
  if (oldest.done !== true) collection.delete(oldest.value)
}
