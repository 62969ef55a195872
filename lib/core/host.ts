import type { Storage } from '../storage/storage.ts'
import type { Addresses } from './limits/addresses.ts'
import type { Clock } from './clock.ts'
import type { Cluster } from './cluster/tenant-in-cluster.ts'
import type { MessageIds } from './message-ids.ts'
import type { Meter } from './limits/metrics.ts'
import type { Outbox } from './delivery/outbox.ts'
import type { PipeRules } from './pipe-rules.ts'
import type { Rates } from './limits/rates.ts'
import type { ServerInfo } from './server-info.ts'
import type { Session } from './session.ts'
import type { Texts } from './texts.ts'

/** Bounds that protect the process. Every one has an error that names it. */
export interface Limits {
  /** The text of one message, in bytes of UTF-8: for CometQL, browsers and calls in process alike. Default 1 MiB. */
  readonly maxMessageBytes: number
  /** Pipes that one session may be subscribed to. Default 128. */
  readonly maxSubscriptions: number
  /** Connections of one user at the same time. Default 16. */
  readonly maxConnectionsPerUser: number
  /** Private messages that wait for one user; the oldest go first. Default 1000. */
  readonly maxQueuedMessages: number
  /** Bytes that may wait for one session that reads too slowly; above it is closed. Default 1 MiB. */
  readonly maxBufferedBytes: number
  /**
   * The longest that a message waits for others that can go out in the same write, in milliseconds: after a turn that
   * wrote to 100 sessions 1, to 1000 or more 10. A message that follows no such turn does not wait. 0: none waits.
   * Default 10.
   */
  readonly maxGatherMs: number
  /** How long a user who left counts as online, in milliseconds: a reload is no offline. Default 1000. */
  readonly presenceGraceMs: number
  /**
   * How long a browser may wait to be let in, in milliseconds: for the storage and for the application's `tenants` and
   * `authenticate`. Then it is told to come again. Default 10,000.
   */
  readonly loginTimeoutMs: number
  /** Connections of browsers from one address, unless it is private; of IPv6 the first 64 bits count. Default 1000. */
  readonly maxConnectionsPerAddress: number
  /** How often one address may connect, on average; ten times as many at once. Default 100. */
  readonly maxConnectsPerSecond: number
  /** Failed logins of browsers from one address, a minute. Default 60. */
  readonly maxFailedLogins: number
  /**
   * Commands of one session, on average; ten times as many at once, those above wait. A long one, and a list that it asks for,
   * count once for each 10,000 characters. Default 100.
   */
  readonly maxCommandsPerSecond: number
  /** Names to which anybody is subscribed, of all tenants. Default 1,000,000. */
  readonly maxPipes: number
}

/** What a session shows of itself to the application and to back-ends. */
export interface SessionInfo {
  readonly devId: number
  /** 0 for an anonymous visitor. */
  readonly userId: number
  /** Identifies the browser; salted and hashed, so that it cannot be used to pass for it. */
  readonly uuid: string
  readonly userAgent: string
  readonly ip: string
  readonly origin: string
  readonly language: string
}

/** A message that went into a pipe. */
export interface MessageInfo {
  readonly devId: number
  readonly pipe: string
  readonly event: string
  /** The text as published; JSON text where a browser published it. */
  readonly message: string
  /** The sender: 0 for back-ends and anonymous visitors. */
  readonly userId: number
}

/**
 * The events of a comet server, with what their listeners get. Where there are several nodes, each tells of its own
 * sessions; of messages and of who is online it tells of all.
 */
export interface CometEvents {
  /** A browser connected and its credentials were looked at. */
  connect: [session: SessionInfo]
  disconnect: [session: SessionInfo, end: { readonly code: number; readonly reason: string }]
  subscribe: [session: SessionInfo, pipe: string]
  unsubscribe: [session: SessionInfo, pipe: string]
  /** A message was published into a pipe, by whomever. */
  message: [message: MessageInfo]
  /** A user's first connection. */
  online: [userId: number, devId: number]
  /** A user's last connection ended, and the grace is over. */
  offline: [userId: number, devId: number]
}

/** What the application is asked to allow. */
export interface AuthorizeRequest {
  readonly session: SessionInfo
  readonly action: 'subscribe' | 'publish' | 'history'
  readonly pipe: string
}

/** Where the server tells what its owner should know. `console` and most loggers fit. */
export interface Logger {
  warn(message: string): void
  error(message: string): void
}

/** What all tenants of one server share. */
export interface Host {
  readonly clock: Clock
  readonly outbox: Outbox
  readonly ids: MessageIds
  /** All that are open, of all tenants. */
  readonly sessions: Set<Session>
  readonly storage: Storage
  readonly limits: Limits
  readonly rates: Rates
  readonly addresses: Addresses
  readonly meter: Meter
  readonly serverInfo: ServerInfo
  readonly texts: Texts
  readonly pipeRules: PipeRules
  readonly logger: Logger
  /** The other nodes; undefined where there is no broker. */
  readonly cluster?: Cluster | undefined
  readonly authorize: ((request: AuthorizeRequest) => boolean | Promise<boolean>) | undefined
  /** Tells the application. A listener that throws is logged and does no harm. */
  emit<Name extends keyof CometEvents>(name: Name, ...args: CometEvents[Name]): void
}
