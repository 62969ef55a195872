import type { Clock, Timer } from './clock.ts'
import type { Session } from './session.ts'

/** Logs sessions out when their tokens expire: one timer for all of them, to the second. */
export class Expiry {
  readonly #clock: Clock
  readonly #bySecond = new Map<number, Set<Session>>()
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Logs `session` out at `expiresAt`, in milliseconds since the epoch. */
  add(session: Session, expiresAt: number): void {
    const second = Math.ceil(expiresAt / 1000)
    const sessions = this.#bySecond.get(second)
    if (sessions === undefined) this.#bySecond.set(second, new Set([session]))
    else sessions.add(session)
    this.#timer ??= this.#next()
  }

  /** Forgets a session that ended before. */
  remove(session: Session, expiresAt: number): void {
    const second = Math.ceil(expiresAt / 1000)
    const sessions = this.#bySecond.get(second)
    sessions?.delete(session)
    if (sessions?.size === 0) this.#bySecond.delete(second)
  }

  close(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#bySecond.clear()
  }

  #next(): Timer {
    return this.#clock.setTimeout(() => {
      this.#logOut(this.#clock.now() / 1000)
      this.#timer = this.#bySecond.size > 0 ? this.#next() : undefined
    }, 1000)
  }

  #logOut(now: number): void {
    for (const [second, sessions] of this.#bySecond) {
      if (second > now) continue
      this.#bySecond.delete(second)
      for (const session of sessions) session.logOut()
    }
  }
}
