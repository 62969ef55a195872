import type { Row } from '../mysql-server-protocol-lite/index.ts'

/** The rows of a result; calls `close` when the last of them was taken, or nobody wants the rest. */
export function openRows(rows: readonly Row[], close: () => void): Iterable<Row> {
  let at = 0
  let isOpen = true
  const end = (): IteratorResult<Row> => {
    if (isOpen) close()
    isOpen = false
    return { done: true, value: undefined }
  }
  const next = (): IteratorResult<Row> => {
    const value = isOpen ? rows[at++] : undefined
    return value === undefined ? end() : { done: false, value }
  }
  return { [Symbol.iterator]: () => ({ next, return: end }) }
}
