import { cometError, type CometError } from '../../errors.ts'

/** How much of a statement the error repeats, in characters. */
const excerptLength = 40

/** The error for what stands at `offset` (from 0) of the statement instead of `expected`. */
export function syntaxError(sql: string, offset: number, expected: string): CometError {
  const rest = sql.slice(offset, offset + excerptLength).trimEnd()
  return cometError('COMET_ERR_SYNTAX', { expected, near: rest === '' ? 'the end' : rest, position: offset + 1 })
}
