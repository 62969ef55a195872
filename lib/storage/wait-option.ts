import { cometError } from '../errors.ts'

/** The longest that a timer of Node waits, in milliseconds. */
const maxMs = 2 ** 31 - 1

/** Looks at an option that says how long to wait, in milliseconds. @throws CometError COMET_ERR_OPTION */
export function checkWait(option: string, value: unknown): void {
  if (typeof value === 'number' && value > 0 && value <= maxMs) return
  throw cometError('COMET_ERR_OPTION', { option, value: String(value), rule: 'a number of milliseconds above 0' })
}
