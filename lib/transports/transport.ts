import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Frame } from '../core/frame.ts'

/** What a browser says when it connects: the parts of the path and of the request. */
export interface Hello {
  /** The parts of the path, decoded; absent ones are undefined. */
  readonly sesion: string | undefined
  readonly myid: string | undefined
  readonly devid: string | undefined
  readonly v: string | undefined
  readonly uuid: string | undefined
  /** The address of the browser: through X-Forwarded-For only where the application trusts the proxy. */
  readonly ip: string
  /** Whether the browser came over TLS, as far as we can see. */
  readonly secure: boolean
  /** As they came; where the application trusts the proxy, `host` is that of X-Forwarded-Host. */
  readonly headers: IncomingHttpHeaders
}

/** One connection to a browser, made by a transport. The core writes to it and never reads from it. */
export interface Connection {
  /** Bytes that `send` took and the network did not, yet. */
  readonly bufferedBytes: number
  /** Sends in order. MUST NOT throw, also after the end. Calls `taken` once the operating system has the bytes. */
  send(frame: Frame, taken?: () => void): void
  /** Ends the connection after what was sent before. `Receiver.closed` follows. */
  close(code: number, reason: string): void
}

/** What the transport tells the core about a connection. */
export interface Receiver {
  /** A command of the browser. MUST come in the order in which it was sent. */
  message(text: string): void
  /** The end, exactly once; nothing may follow. */
  closed(code: number, reason: string): void
}

/** Hands a new connection to the core. */
export type Accept = (connection: Connection, hello: Hello) => Receiver

/** An upgrade request for a transport. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer, hello: Hello) => void
/** Answers a plain request; returns false, and does nothing, where the session that its path names is not its own. */
export type RequestHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  hello: Hello,
  /** Any part of the path, decoded; undefined where it is absent. */
  part: (name: string) => string | undefined,
) => boolean

/** Where a transport registers the paths that it serves, below the path at which we are mounted. */
export interface HttpRoutes {
  /** Takes the upgrades of `{path}/{name}/…`, and of `{path}/{name}?…` with `sesion`, `myid` or `devid`. */
  upgrade(name: string, handler: UpgradeHandler): void
  /**
   * Takes the requests of `{path}/{name}/…` and `{path}/{name}?…` with `sesion`, `myid`, `devid` or `session`, whatever
   * the method. Several may take the same name: each is asked until one answers; where none does, the answer is 404.
   */
  request(name: string, handler: RequestHandler): void
}

/** What a transport needs to know of the server's limits. */
export interface TransportLimits {
  /** The text of one message, in bytes of UTF-8: a command that holds one MUST be taken. */
  readonly maxMessageBytes: number
}

/** The limits of the transports, by the options that set them; `maxCommands` is that of one body, which none sets. */
export type TransportLimitName =
  | 'maxPayloadBytes'
  | 'pingIntervalMs'
  | 'silenceMs'
  | 'maxSessions'
  | 'sessionTimeoutMs'
  | 'maxBodyBytes'
  | 'bodyTimeoutMs'
  | 'maxCommands'

/** Is told each time that a limit refused or ended something, so that it is counted. */
export type OnLimit = (limit: TransportLimitName) => void

/** What a page of another origin may read of our answers: nothing, what a visitor gets, or what its user's cookies give. */
export type PageRights = 'none' | 'visitor' | 'user'

/** Tells the rights of the page that sends `hello`. MUST resolve. */
export type PageRightsOf = (hello: Hello) => Promise<PageRights>

/** One way for browsers to reach us. A transport reads and writes; the core does neither. */
export interface Transport {
  readonly name: string
  /** Called once. Every connection made from now on MUST be handed to `accept`. */
  start(accept: Accept, http: HttpRoutes, limits: TransportLimits, rightsOf: PageRightsOf, onLimit: OnLimit): void
  /** Ends what is still open and frees everything. MUST resolve also when browsers do not answer. */
  close(): Promise<void>
}
