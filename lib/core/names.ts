import { cometError, type CometError } from '../errors.ts'

/** Bounds of the names, in characters (shared by CometQL, browsers and calls in process). */
export const nameLimits = { pipeMin: 2, pipeMax: 64, eventMax: 64, markerMax: 64, uuidMax: 32 } as const

const pipeRule = '2 to 64 characters of 0-9 A-Z a-z _ = + / -'

/** Pages take messages of such pipes for answers of the server. */
const answerPrefix = '_answer'

/**
 * The name of a pipe as back-ends and programs give it.
 * No dot: pages subscribe to `pipe.event`, so they could not reach such a pipe.
 * @throws CometError COMET_ERR_TOO_LONG, COMET_ERR_TOO_SHORT, COMET_ERR_INVALID
 */
export function checkPipeName(name: string): string {
  checkLength('name', name, nameLimits.pipeMax)
  if (name.length < nameLimits.pipeMin) {
    throw cometError('COMET_ERR_TOO_SHORT', { column: 'name', size: name.length, limit: nameLimits.pipeMin })
  }
  if (!isName(name, false)) throw invalid('name', name, `a pipe name has ${pipeRule}`)
  if (name === 'msg' || name === 'sys') {
    throw invalid('name', name, 'this pipe belongs to the server; private messages go through users_messages')
  }
  if (name.startsWith(answerPrefix)) {
    throw invalid('name', name, `pipes that begin with ${answerPrefix} belong to the server; choose another name`)
  }
  return name
}

/**
 * The event of a message; may be empty.
 * @throws CometError COMET_ERR_TOO_LONG, COMET_ERR_INVALID
 */
export function checkEvent(event: string): string {
  checkLength('event', event, nameLimits.eventMax)
  if (!isName(event, true)) {
    throw invalid('event', event, 'an event has 0 to 64 characters of 0-9 A-Z a-z _ . = + / -')
  }
  return event
}

/**
 * Refuses a text of more than `limit` characters.
 * @throws CometError COMET_ERR_TOO_LONG
 */
export function checkLength(column: string, { length: size }: string, limit: number): void {
  if (size > limit) throw cometError('COMET_ERR_TOO_LONG', { column, size, unit: 'characters', limit })
}

/**
 * A user's id: a whole number from 1 to 2^53 - 1, as a number or in decimal.
 * @throws CometError COMET_ERR_INVALID
 */
export function checkUserId(id: number | string): number {
  const number = typeof id === 'number' ? id : decimal(id)
  if (!Number.isSafeInteger(number) || number <= 0) {
    throw invalid('id', String(id), 'a user id is a whole number above 0')
  }
  return number
}

/** A pipe name as browsers may send it: dots are allowed here (browser protocol, "Client → server"). */
export function isBrowserPipeName(name: string): boolean {
  return name.length >= nameLimits.pipeMin && name.length <= nameLimits.pipeMax && isName(name, true)
}

/** The token that an answer carries back to the browser that asked. */
export function isMarker(marker: string): boolean {
  return marker.length <= nameLimits.markerMax && /^[A-Za-z0-9_.-]*$/.test(marker)
}

/** The decimal number in `text`, or NaN: no signs, spaces, exponents. */
export function decimal(text: string): number {
  return /^[0-9]{1,16}$/.test(text) ? Number(text) : NaN
}

/** What a pipe's prefix says about it (browser protocol, "Pipes with special properties"). */
export const pipeKind = {
  /** Browsers may publish, anybody may count. */
  isWeb: (name: string): boolean => name.startsWith('web_'),
  /** Authorised browsers may publish. */
  isWebAuth: (name: string): boolean => name.startsWith('webauth_'),
  /** Only authorised users may subscribe and read the history. */
  isPrivate: (name: string): boolean => name.startsWith('private_'),
  /** Has join and leave events and a list of members. */
  isTracked: (name: string): boolean => name.startsWith('track_'),
} as const

function invalid(column: string, value: string, rule: string): CometError {
  return cometError('COMET_ERR_INVALID', { column, value, rule })
}

/** The characters `0-9 A-Z a-z _ = + / -`, and `.` where `dots`. All are safe inside a JSON string. */
function isName(text: string, dots: boolean): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    const letterOrDigit = (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || (c >= 0x2f && c <= 0x39)
    if (!letterOrDigit && c !== 0x5f && c !== 0x2d && c !== 0x3d && c !== 0x2b && !(dots && c === 0x2e)) return false
  }
  return true
}
