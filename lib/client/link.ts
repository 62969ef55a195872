import type { ConnectionState } from './transports/connection.ts'
import type { GetToken } from './options.ts'
import type { ServerMessage } from './server-message.ts'
import type { TransportName } from './transports/transport-name.ts'
import type { Hello } from './transports/urls.ts'

/** Where to connect, and as whom. */
export interface SessionTarget extends Hello {
  /** Addresses of equal servers, such as "wss://host/prefix": at least one. */
  readonly servers: readonly string[]
  /** Gives the user's key instead of `userKey`; asked at the start, and again when a key has ended or is about to. */
  readonly getToken?: GetToken | undefined
  /** Whether to share the connection with the other tabs of this browser, where it can. */
  readonly oneSocket?: boolean | undefined
  /** Those that may be used. */
  readonly transports: readonly TransportName[]
  /** Whether cookies go to servers of other origins by all of them. */
  readonly withCredentials: boolean
}

/** Until it is said where to connect. */
export const nowhere: SessionTarget = {
  servers: [],
  userKey: '',
  userId: '0',
  devId: '0',
  uuid: '',
  transports: [],
  withCredentials: false,
}

/** A page's way to the server: survives its connections. */
export interface Link {
  readonly state: ConnectionState
  /** What carries the connection; undefined while there is none. */
  readonly transport: TransportName | undefined
  /** Whether the connection is this tab's own. */
  readonly isMaster: boolean
  /** Connects to another target, or the first time. */
  open(target: SessionTarget): void
  close(): void
  /**
   * Says which pipes the page wants: replaces what it said before. `msg` is one of them: private messages wait until
   * somebody listens to them.
   */
  subscribe(pipes: readonly string[]): void
  /** Sends one command. MUST NOT be called but in the state `connected`. */
  send(command: string): void
}

/** What a link tells. */
export interface LinkEvents {
  /** The server has let us in, maybe again: what it does not know yet has to be sent. */
  connected(): void
  /** A message that did not come before. */
  received(message: ServerMessage): void
  /** A connection ended. `retryMs`: when the next try begins; undefined: there is none. */
  lost(code: number, reason: string, retryMs: number | undefined): void
}
