import type { Clock, Limits } from './options.ts'

/** How long a connection that ended waits for the client to close its side, so that the last words are not cut off. */
const lingerMs = 2000

/** The limits of how long something may take. */
export type TimeLimit = 'loginTimeoutMs' | 'idleTimeoutMs' | 'readTimeoutMs' | 'writeTimeoutMs'

/** When a connection has waited too long. */
export interface Deadline {
  /** In milliseconds since the Unix epoch. */
  readonly at: number
  /** Which limit says so, if it is one that can be set. */
  readonly limit?: TimeLimit
}

/** That of a connection which waits for the server. */
export const never: Deadline = { at: Infinity }

/** Says when a connection that begins to wait has waited too long. */
export class Deadlines {
  readonly #clock: Clock
  readonly #limits: Limits

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** From now on as long as `limit` allows. */
  within(limit: TimeLimit): Deadline {
    return { at: this.#clock.now() + this.#limits[limit], limit }
  }

  /** For the client to close its side, from now on. */
  lingering(): Deadline {
    return { at: this.#clock.now() + lingerMs }
  }
}
