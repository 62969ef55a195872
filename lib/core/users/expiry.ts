import type { Clock, Timer } from '../clock.ts'
import type { Session } from '../session.ts'

/** Looks at sessions when their tokens are about to expire, and when they do: one timer for all of them, to the second. */
export class Expiry {
  readonly #clock: Clock
  readonly #bySecond = new Map<number, Set<Session>>()
  /** The second for which a session is noted. */
  readonly #seconds = new Map<Session, number>()
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `session.checkExpiry` at `dueAt`, in milliseconds since the epoch. */
  add(session: Session, dueAt: number): void {
    const second = Math.ceil(dueAt / 1000)
    this.#seconds.set(session, second)
    const sessions = this.#bySecond.get(second)
    if (sessions === undefined) this.#bySecond.set(second, new Set([session]))
    else sessions.add(session)
    this.#timer ??= this.#next()
  }

  /** Forgets a session, if it is known. */
  remove(session: Session): void {
    const second = this.#seconds.get(session)
    if (second === undefined) return
    this.#seconds.delete(session)
    const sessions = this.#bySecond.get(second)
    sessions?.delete(session)
    if (sessions?.size === 0) this.#bySecond.delete(second)
  }

  close(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#bySecond.clear()
    this.#seconds.clear()
  }

  #next(): Timer {
    return this.#clock.setTimeout(() => {
      this.#timer = undefined
      this.#check(this.#clock.now() / 1000)
      if (this.#bySecond.size > 0) this.#timer ??= this.#next()
    }, 1000)
  }

  #check(now: number): void {
    for (const [second, sessions] of [...this.#bySecond]) {
      if (second > now) continue
      for (const session of [...sessions]) {
        this.remove(session)
        const again = session.checkExpiry()
        if (again !== undefined) this.add(session, again)
      }
    }
  }
}
