/**
 * What a browser asks for: a command word, then fields, separated by line breaks; the last field may hold line breaks.
 * Imported by the server and the browser client: no Node, no DOM. Source: browser protocol, "Client → server".
 */

/** A command, cut behind its word. */
export interface Command {
  readonly word: string
  /** The fields, still in one text; '' where there are none. */
  readonly rest: string
}

/** The fields of `web_pipe2`. */
export interface WebPipe {
  /** The pipe, with `@` before it where the sender stays anonymous. */
  readonly pipe: string
  readonly event: string
  /** JSON text. */
  readonly message: string
}

/** Cuts the word off. A text without a line break is a word without fields. */
export function parseCommand(text: string): Command {
  const [word = '', rest = ''] = splitFields(text, 2)
  return { word, rest }
}

/** Cuts `rest` into `count` fields. The last one takes all that is left; missing fields are ''. */
export function splitFields(rest: string, count: number): string[] {
  const fields: string[] = []
  let from = 0
  while (fields.length < count - 1) {
    const end = rest.indexOf('\n', from)
    if (end === -1) break
    fields.push(rest.slice(from, end))
    from = end + 1
  }
  fields.push(rest.slice(from))
  while (fields.length < count) fields.push('')
  return fields
}

/** Replaces the subscriptions of the connection by `pipes`. */
export function subscriptionCommand(pipes: readonly string[]): string {
  return ['subscription', ...pipes].join('\n')
}

/** The names in a `subscription`: one a line, empty lines and repetitions left out. */
export function parseSubscription(rest: string): string[] {
  return [...new Set(rest.split('\n'))].filter((name) => name !== '')
}

/** How far a client got in a pipe: which numbering, and the number of the last message that it has. */
export interface Position {
  readonly epoch: string
  readonly offset: number
}

/** A line of `subscription` of a client of protocol 5: the pipe, and the position where it has one. */
export function subscriptionLine(pipe: string, position: Position | undefined): string {
  return position === undefined ? pipe : `${pipe} ${position.epoch} ${position.offset}`
}

/** The same, read. A position that makes no sense is none. */
export function parseSubscriptionLine(line: string): {
  readonly pipe: string
  readonly position: Position | undefined
} {
  const [pipe = '', epoch = '', offset = ''] = line.split(' ')
  const isPosition = epoch !== '' && /^[0-9]{1,15}$/.test(offset)
  return { pipe, position: isPosition ? { epoch, offset: Number(offset) } : undefined }
}

/** Publishes into a pipe. The third field names the receivers, and `*`, everybody, is its only value. */
export function webPipeCommand({ pipe, event, message }: WebPipe): string {
  return ['web_pipe2', pipe, event, '*', message].join('\n')
}

/** The fields of `web_pipe2`. */
export function parseWebPipe(rest: string): WebPipe {
  const [pipe = '', event = '', , message = ''] = splitFields(rest, 4)
  return { pipe, event, message }
}

/** The commands that ask about a pipe. */
export type PipeQuestion = 'pipe_log' | 'pipe_count' | 'track_pipe_users'

/** Asks about a pipe. The answer carries `marker`: up to 64 characters of 0-9 A-Z a-z _ . - */
export function pipeQuestionCommand(word: PipeQuestion, pipe: string, marker: string): string {
  return [word, pipe, marker].join('\n')
}

/** The fields of `pipe_log`, `pipe_count` and `track_pipe_users`. */
export function parsePipeQuestion(rest: string): { readonly pipe: string; readonly marker: string } {
  const [pipe = '', marker = ''] = splitFields(rest, 2)
  return { pipe, marker }
}

/** Asks for the users_data text of a user. Here the marker comes first. */
export function userDataCommand(marker: string, userId: string): string {
  return ['user_data', marker, userId].join('\n')
}

/** The fields of `user_data`. */
export function parseUserData(rest: string): { readonly marker: string; readonly userId: string } {
  const [marker = '', userId = ''] = splitFields(rest, 2)
  return { marker, userId }
}

/** Says that the private message with this id, and all before it, have arrived. */
export function ackCommand(id: string): string {
  return ['ack', id].join('\n')
}

/** Logs in on the open connection: another user, or the same with a fresh token. */
export function authCommand(userId: number, token: string): string {
  return ['auth', userId, token].join('\n')
}

/** The fields of `auth`. */
export function parseAuth(rest: string): { readonly userId: string; readonly token: string } {
  const [userId = '', token = ''] = splitFields(rest, 2)
  return { userId, token }
}

/** Sends statistics, which servers accept and ignore. `json` is JSON text. */
export function statisticsCommand(json: string): string {
  return ['statistics', json].join('\n')
}
