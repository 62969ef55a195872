import { cometError, type CometError } from '../errors.ts'

/** COMET_ERR_STORAGE: `problem` says what is wrong and, where one can do something, what to do. */
export function unavailable(problem: string): CometError {
  return cometError('COMET_ERR_STORAGE', { problem })
}

/** The sentence of what was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
