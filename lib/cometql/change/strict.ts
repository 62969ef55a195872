import { cometError } from '../../errors.ts'
import type { Scalar } from '../parse/ast.ts'

/**
 * In a statement that changes something, a text that is compared with a number must be one, as with MySQL's strict mode:
 * `DELETE … WHERE id = '7 OR 1=1'` must not mean row 7. `column`: what the error calls it.
 * @throws CometError COMET_ERR_INVALID
 */
export function checkComparable(values: readonly Scalar[], column = 'number'): void {
  if (values.some((value) => typeof value === 'number' || typeof value === 'bigint')) checkNumbers(values, column)
}

/** The same where it is known that something is calculated with the values, or that they are compared with a number. */
export function checkNumbers(values: readonly Scalar[], column = 'number'): void {
  for (const value of values) if (typeof value === 'string' && !numeric.test(value)) throw notNumeric(value, column)
}

const numeric = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i

function notNumeric(value: string, column: string): Error {
  const rule = 'it is compared with a number, and a statement that changes something takes it only if it is one itself'
  return cometError('COMET_ERR_INVALID', { column, value, rule })
}
