import type { Clock, Timer } from '../clock.ts'

const givenUp = new Error('Nobody waits for it any more')

/** Bounds how long something is waited for: by a timer, or by somebody who gives up before. */
export class Deadline {
  readonly #clock: Clock
  readonly #timer: Timer
  readonly #over: Promise<never>
  #end: (error: Error) => void = () => undefined

  /** After `ms` milliseconds whoever waits gets what `error` makes. */
  constructor(clock: Clock, ms: number, error: () => Error) {
    this.#clock = clock
    this.#over = new Promise((_, reject) => (this.#end = reject))
    this.#over.catch(() => undefined) // often nobody waits any more
    this.#timer = clock.setTimeout(() => this.#end(error()), ms)
  }

  /** What `work` resolves to, unless this ends before: then `work` goes on, and nothing here remembers it. */
  race<Result>(work: Promise<Result>): Promise<Result> {
    return Promise.race([work, this.#over])
  }

  /** Frees the timer; whoever still waits goes on with an error. */
  end(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#end(givenUp)
  }
}
