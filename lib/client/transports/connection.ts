/** `connecting` lasts through all tries, until the server has let the client in. */
export type ConnectionState = 'disconnected' | 'connecting' | 'connected'

/** No connection came up, or it broke: what browsers say of a WebSocket then. */
export const abnormal = 1006

/** One connection to the server, whatever carries it. */
export interface Connection {
  /** Sends one command. MUST NOT be called before `opened`. */
  send(text: string): void
  /** Ends it. No event comes after. */
  close(): void
}

/** What a connection tells. */
export interface ConnectionEvents {
  /** Commands can be sent. */
  opened(): void
  /** Lines of the server came. */
  received(text: string): void
  /** It ended, or never came up; told once, and never after `close()`. */
  closed(code: number, reason: string): void
}

/** Begins a connection. MUST tell events later, never before it returns. @throws where the address is not usable. */
export type Connect = (events: ConnectionEvents) => Connection
