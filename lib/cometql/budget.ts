import { cometError } from '../errors.ts'
import type { Scalar } from './ast.ts'

/** What a number takes in a result, roughly, in bytes. */
const numberBytes = 8
/** Steps of REGEXP, LIKE and joins that one statement may take: a second of the process's time at most. */
const maxSteps = 20_000_000

/** What one statement may take of the process's memory and time. */
export class Budget {
  readonly #maxBytes: number
  #bytes = 0
  #steps = 0

  /** `maxBytes`: the values of all its results together. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The next statement begins. */
  restart(): void {
    this.#bytes = 0
    this.#steps = 0
  }

  /** One more value of a result. @throws CometError COMET_ERR_RESULT_SIZE */
  hold(value: Scalar): void {
    this.#bytes += typeof value === 'string' ? Buffer.byteLength(value) : numberBytes
    if (this.#bytes > this.#maxBytes) throw cometError('COMET_ERR_RESULT_SIZE', { limit: this.#maxBytes })
  }

  /** So much more work; `what` needs it, and `hint` says how it needs less. @throws CometError COMET_ERR_TOO_MUCH_WORK */
  work(steps: number, what: string, hint: string): void {
    this.#steps += steps
    if (this.#steps > maxSteps) throw cometError('COMET_ERR_TOO_MUCH_WORK', { what, limit: maxSteps, hint })
  }
}
