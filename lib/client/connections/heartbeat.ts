import type { Clock } from '../environment.ts'

/** Silence after which the server is asked for a sign of life, and how long that may take: 60 seconds in all. */
const silenceMs = 45_000
const answerMs = 15_000
/** The same for a page that comes back to life: its connection is more likely dead, and the user is looking. */
const wakeSilenceMs = 5000
const wakeAnswerMs = 5000

/**
 * Finds out that a connection is dead. The server's WebSocket pings are answered by the browser unseen, so that a quiet
 * connection looks like a dead one: the client has to ask.
 */
export class Heartbeat {
  readonly #clock: Clock
  readonly #probe: () => void
  readonly #dead: () => void
  #timer: unknown
  #heardAt = 0
  #isProbing = false

  /** `probe` sends something that the server answers; `dead` is called where nothing comes. */
  constructor(clock: Clock, probe: () => void, dead: () => void) {
    this.#clock = clock
    this.#probe = probe
    this.#dead = dead
  }

  start(): void {
    this.heard()
    this.#schedule(silenceMs)
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer)
  }

  /** Something came from the server. */
  heard(): void {
    this.#heardAt = this.#clock.now()
    this.#isProbing = false
  }

  /** The page woke up: asks now, unless the server was heard a moment ago. */
  wake(): void {
    if (!this.#isProbing && this.#silence() >= wakeSilenceMs) this.#ask(wakeAnswerMs)
  }

  #schedule(ms: number): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = this.#clock.setTimeout(() => this.#check(), ms)
  }

  #check(): void {
    if (this.#isProbing) this.#dead()
    // Timers of sleeping pages come late: silence alone proves nothing, only an unanswered question does.
    else if (this.#silence() >= silenceMs) this.#ask(answerMs)
    else this.#schedule(silenceMs - this.#silence())
  }

  #ask(waitMs: number): void {
    this.#isProbing = true
    this.#schedule(waitMs)
    this.#probe()
  }

  #silence(): number {
    return this.#clock.now() - this.#heardAt
  }
}
