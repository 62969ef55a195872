/**
 * How a message looks on its way to a browser: one JSON object on one line. Imported by the server and the browser
 * client: no Node, no DOM. Source: the public browser protocol of comet-server.com, JavaScript API 3.x and 4.x.
 */

/** The shapes that clients of different ages read: 3 and older, 4, and our own 5. */
export type Form = 3 | 4 | 5

/** The form for the version `v` (`major.minor`) that a client names when it connects. */
export function formOf(version: string): Form {
  const major = Number.parseInt(version, 10)
  if (major >= 5) return 5
  return major === 4 ? 4 : 3
}

/** A message before it is put into a form. */
export interface OutgoingMessage {
  readonly pipe: string
  readonly event: string
  /** The data as JSON text. */
  readonly data: string
  /** The sender: 0 for back-ends and anonymous visitors. */
  readonly userId: number
  /** Unix seconds; left out of the line where undefined. */
  readonly time?: number | undefined
  /** Further members as JSON, each with a comma before it: `,"history":true`. */
  readonly members?: string
  /** Further members that only form 5 has; a function where making them costs something. */
  readonly members5?: string | (() => string)
}

/**
 * The JSON text for the data of a message.
 * Objects and arrays stay as they were written (numbers keep their digits) but for line breaks between tokens, because
 * a line ends a message. Any other text is a string, unless `json` says that the publisher meant JSON.
 */
export function dataOf(text: string, json: boolean): string {
  if ((json || looksStructured(text)) && isJson(text)) return text.replace(/[\r\n]/g, ' ')
  return JSON.stringify(text)
}

/** Puts `message` into `form`: one line, without the line break. */
export function encodeMessage(message: OutgoingMessage, form: Form): string {
  const { pipe, event, userId, time } = message
  const data =
    form === 3 && pipe !== 'msg' && looksStructured(message.data) ? JSON.stringify(message.data) : message.data
  // Names hold no character that JSON escapes, see core/names.ts.
  let line = `{"data":${data},"pipe":"${pipe}","event":"${event}","user_id":${userId}`
  if (form === 3) line += `,"event_name":"${event}"`
  if (time !== undefined) line += `,"message_send_time":${time}`
  if (message.members !== undefined) line += message.members
  if (form === 5) line += typeof message.members5 === 'function' ? message.members5() : (message.members5 ?? '')
  return `${line}}`
}

function looksStructured(text: string): boolean {
  const first = text.trimStart().charCodeAt(0)
  return first === 0x7b || first === 0x5b
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
