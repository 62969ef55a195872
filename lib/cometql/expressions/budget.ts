import { cometError } from '../../errors.ts'
import type { Scalar } from '../parse/ast.ts'

/** What a number takes in a result, roughly, in bytes. */
const numberBytes = 8
/** Steps of REGEXP, LIKE, joins and long texts that one statement may take: a second or a few of the process's time. */
const maxSteps = 20_000_000

/** A function or a comparison looks at that many characters of a long text in the time of one step. */
const charactersPerStep = 32
/** Texts up to this length cost no more than the evaluation as such. */
const shortLength = 256

/** What one statement may take of the process's memory and time. */
export class Budget {
  readonly #maxBytes: number
  readonly #onTooLarge: () => void
  #bytes = 0
  /** Of former results that somebody still reads. */
  #openBytes = 0
  #steps = 0

  /** `maxBytes`: the values of all its results together, and of those before it that are still open. */
  constructor(maxBytes: number, onTooLarge: () => void) {
    this.#maxBytes = maxBytes
    this.#onTooLarge = onTooLarge
  }

  /** The next statement begins. */
  restart(): void {
    this.#bytes = 0
    this.#steps = 0
  }

  /** The result is complete, and counts until the returned function is called: a cursor may stay open for long. */
  keep(): () => void {
    const bytes = this.#bytes
    this.#openBytes += bytes
    this.#bytes = 0
    return () => {
      this.#openBytes -= bytes
    }
  }

  /** One more value of a result. @throws CometError COMET_ERR_RESULT_SIZE */
  hold(value: Scalar): void {
    this.#bytes += typeof value === 'string' ? Buffer.byteLength(value) : numberBytes
    if (this.#bytes + this.#openBytes <= this.#maxBytes) return
    this.#onTooLarge()
    throw cometError('COMET_ERR_RESULT_SIZE', { limit: this.#maxBytes })
  }

  /** Texts that are looked at as a whole: a few megabytes for each of many rows add up. @throws CometError COMET_ERR_TOO_MUCH_WORK */
  read(...values: readonly Scalar[]): void {
    for (const value of values) {
      if (typeof value !== 'string' || value.length <= shortLength) continue
      this.work(value.length / charactersPerStep, 'The statement', 'use shorter texts, or fewer rows')
    }
  }

  /** So much more work; `what` needs it, and `hint` says how it needs less. @throws CometError COMET_ERR_TOO_MUCH_WORK */
  work(steps: number, what: string, hint: string): void {
    this.#steps += steps
    if (this.#steps > maxSteps) throw cometError('COMET_ERR_TOO_MUCH_WORK', { what, limit: maxSteps, hint })
  }
}
