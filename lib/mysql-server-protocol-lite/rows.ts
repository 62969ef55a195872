import type { Row, RowsResult } from './handler.ts'
import { isPromise, type Steps, type Wire } from './wire.ts'

/** The rows of one result, pulled as the client takes them, at once or (a cursor) in portions. */
export class RowSource {
  readonly #iterator: Iterator<Row> | AsyncIterator<Row>
  readonly #onError: (error: unknown) => void
  #open = true

  /** `onError`: told when the rows could not be closed. */
  constructor(rows: RowsResult['rows'], onError: (error: unknown) => void) {
    this.#iterator = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]()
    this.#onError = onError
  }

  /** Gives up to `limit` rows to `write`; returns whether more may follow. Throws what the rows throw. */
  *pull(limit: number, wire: Wire, write: (row: Row) => void): Steps<boolean> {
    for (let count = 0; count < limit; count++) {
      const pulled = this.#next()
      const step = isPromise(pulled) ? ((yield pulled) as IteratorResult<Row>) : pulled
      if (step.done === true) {
        this.#open = false
        return false
      }
      write(step.value)
      if (wire.isFull) yield* wire.drain()
    }
    return true
  }

  /** Ends the rows early, so that their `finally` blocks run. Does nothing after their end. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    try {
      const closing = this.#iterator.return?.()
      if (isPromise(closing)) closing.then(undefined, this.#onError)
    } catch (error) {
      this.#onError(error)
    }
  }

  #next(): IteratorResult<Row> | Promise<IteratorResult<Row>> {
    return this.#iterator.next()
  }
}
