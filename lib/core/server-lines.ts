import type { CometError, ErrorCode } from '../errors.ts'
import { closeCodes } from '../wire/close-codes.ts'
import { Line } from './frame.ts'

/** What an error message has besides the error: `inData` before its number, `members` beside the data. */
export interface Around {
  readonly inData?: string
  readonly members?: string
}

/** A message of the server itself. */
export function systemLine(event: string, data: object): Line {
  return new Line({ pipe: 'sys', event, data: JSON.stringify(data), userId: 0 })
}

/** What went wrong. Source: browser protocol, "Server → client", error. */
export function errorLine(error: CometError, { inData = '', members = '' }: Around = {}): Line {
  const data = `{"error":${JSON.stringify(error.message)},${inData}"error_code":${error.number},"info":"${error.code}"}`
  const top = error.number > 400 ? `,"error":${error.number}` : ''
  return new Line({ pipe: 'sys', event: 'error', data, userId: 0, members: top + members })
}

/** What a browser that missed messages of `pipes` is told of them. */
export function notRecovered(pipes: readonly string[]): Readonly<Record<string, { readonly recovered: false }>> {
  return Object.fromEntries(pipes.map((pipe) => [pipe, { recovered: false }]))
}

/** With which code the connection ends that is refused because of an error. */
export function codeAfter({ code }: CometError): number {
  return codesAfter.get(code) ?? closeCodes.refused
}

/** After these the browser is to try again. */
const codesAfter: ReadonlyMap<ErrorCode, number> = new Map<ErrorCode, number>([
  ['COMET_ERR_INTERNAL', closeCodes.restart],
  ['COMET_ERR_CLOSED', closeCodes.restart],
  ['COMET_ERR_TIMEOUT', closeCodes.restart],
  ['COMET_ERR_LIMIT', closeCodes.tooManyConnections],
])
