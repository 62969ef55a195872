import type { TransportName } from './transports/transport-name.ts'

/** A line of the server. Source: browser protocol, "Server → client". */
export interface ServerMessage {
  readonly pipe: string
  readonly event: string
  readonly data: unknown
  readonly user_id?: number
  readonly history?: boolean
  readonly marker?: string
  readonly uuid?: string
  /** Its number in a pipe that keeps messages. */
  readonly offset?: number
  /** Tells it from all others. */
  readonly id?: string | undefined
  /** Unix seconds. */
  readonly message_send_time?: number
  /** In `serverInfo` only. */
  readonly authorized?: boolean
  /** In `serverInfo` only: what carries the connection; the client notes it, for its other tabs. */
  readonly transport?: TransportName | undefined
}

/** What callbacks of the page get. */
export interface CometEvent {
  /** As sent: an object, array, number… that was JSON on the wire, else a string. */
  readonly data: unknown
  readonly server_info: {
    /** The sender; 0 for back-ends and visitors. */
    readonly user_id: number
    readonly pipe: string
    readonly event: string
    /** Whether it comes from the pipe's history (`get_pipe_log`). */
    readonly history: boolean
    readonly marker: string | undefined
    readonly uuid: string | undefined
    readonly offset: number | undefined
    readonly id: string | undefined
    /** Unix seconds. */
    readonly message_send_time: number | undefined
  }
}

/** What became of a message. */
export interface Published {
  /** How many connections get it. */
  readonly receivers: number
}

/** A function of the page that takes messages. */
export type CometCallback = (event: CometEvent) => void

/** The messages in a frame: one a line. `ignored` is told each line that is none; nothing is ever evaluated. */
export function parseFrame(text: string, ignored: (line: string) => void): ServerMessage[] {
  return text.split('\n').flatMap((line) => {
    const message = parseLine(line)
    if (message === undefined && line !== '') ignored(line)
    return message ?? []
  })
}

/** The message in the shape that callbacks get. */
export function cometEvent(message: ServerMessage): CometEvent {
  const { data, pipe, event, user_id = 0, history = false, marker, uuid, offset, id, message_send_time } = message
  return { data, server_info: { user_id, pipe, event, history, marker, uuid, offset, id, message_send_time } }
}

/** A member of what came as JSON; undefined where there is none. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

/** What `text` says as JSON; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function parseLine(line: string): ServerMessage | undefined {
  const message = parseJson(line)
  if (typeof memberOf(message, 'pipe') !== 'string') return undefined
  const event = memberOf(message, 'event')
  return { ...(message as ServerMessage), event: typeof event === 'string' ? event : '' }
}
