import type { Row } from '../mysql-server-protocol-lite/index.ts'

/** The rows of a result; calls `close` when the last of them was taken, or nobody wants the rest. */
export function openRows(rows: readonly Row[], close: () => void): Iterable<Row> {
  return new OpenRows(rows, close)
}

/** A class: made as an object with a method named by a symbol, it takes as long as a row or two. */
class OpenRows implements IterableIterator<Row> {
  readonly #rows: readonly Row[]
  readonly #close: () => void
  #at = 0
  #isOpen = true

  constructor(rows: readonly Row[], close: () => void) {
    this.#rows = rows
    this.#close = close
  }

  [Symbol.iterator](): this {
    return this
  }

  next(): IteratorResult<Row> {
    const value = this.#isOpen ? this.#rows[this.#at++] : undefined
    return value === undefined ? this.return() : { done: false, value }
  }

  return(): IteratorResult<Row> {
    if (this.#isOpen) this.#close()
    this.#isOpen = false
    return { done: true, value: undefined }
  }
}
