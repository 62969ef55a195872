import { errorRegistry, type ErrorCode } from '../../errors.ts'
import type { TransportLimitName } from '../../transports/transport.ts'

/** What a limit did, by the name of the option that sets it. */
export const limitNames = [
  'maxMessageBytes',
  'maxSubscriptions',
  'maxConnectionsPerUser',
  'maxQueuedMessages',
  'maxBufferedBytes',
  'maxConnectionsPerAddress',
  'maxConnectsPerSecond',
  'maxCommandsPerSecond',
  'maxFailedLogins',
  'maxPipes',
  'loginTimeoutMs',
] as const

/** The name of a limit that is counted. */
export type LimitName = (typeof limitNames)[number]

/** The same of the CometQL port: the options `cometql.limits`. */
export const cometqlLimitNames = [
  'maxPacketBytes',
  'maxLoginPacketBytes',
  'maxConnections',
  'maxConnectionsPerAddress',
  'maxStatements',
  'maxStatementBytes',
  'loginTimeoutMs',
  'idleTimeoutMs',
  'readTimeoutMs',
  'writeTimeoutMs',
  'maxResultBytes',
] as const

/** The name of a limit of the CometQL port. */
export type CometqlLimitName = (typeof cometqlLimitNames)[number]

const transportLimitNames = Object.keys({
  maxPayloadBytes: 0,
  pingIntervalMs: 0,
  silenceMs: 0,
  maxSessions: 0,
  sessionTimeoutMs: 0,
  maxBodyBytes: 0,
  bodyTimeoutMs: 0,
  maxCommands: 0,
} satisfies Record<TransportLimitName, 0>) as TransportLimitName[]

const errorCodes = Object.keys(errorRegistry) as ErrorCode[]

/** What a comet server has to show for itself. Counters begin with 0 at the start and only grow; the others are of now. */
export interface Metrics {
  /** Connections of browsers that are open. */
  readonly sessions: number
  /** Names to which somebody is subscribed. */
  readonly pipes: number
  /** Subscriptions of all sessions. */
  readonly subscriptions: number
  /** Counter: connections of browsers, those refused among them. */
  readonly connections: number
  /** Counter: messages published into pipes, by whomever. */
  readonly published: number
  /** Counter: the sessions that these messages went to. */
  readonly delivered: number
  /** Counter: private messages. */
  readonly privateMessages: number
  /** Counter: commands of browsers. */
  readonly commands: number
  /** Counters: how often each limit refused, delayed, dropped or closed something. */
  readonly limits: Readonly<Record<LimitName, number>>
  /** The same of the limits of the CometQL port. */
  readonly cometqlLimits: Readonly<Record<CometqlLimitName, number>>
  /** The same of the options of the transports; `maxCommands` is that of one body, which no option sets. */
  readonly transportLimits: Readonly<Record<TransportLimitName, number>>
  /**
   * Counters: how often each error was the answer to a browser, a back-end or `query()`. What a transport refuses by
   * itself is in `transportLimits` only.
   */
  readonly errors: Readonly<Record<ErrorCode, number>>
}

/** Counts what happens. The members are plain numbers, because some are counted for every message. */
export class Meter {
  pipes = 0
  subscriptions = 0
  connections = 0
  published = 0
  delivered = 0
  privateMessages = 0
  commands = 0
  readonly #limits = counters(limitNames)
  readonly #cometqlLimits = counters(cometqlLimitNames)
  readonly #transportLimits = counters(transportLimitNames)
  readonly #errors = counters(errorCodes)

  /** A limit did what it is there for. */
  hit(limit: LimitName, times = 1): void {
    this.#limits[limit] += times
  }

  /** A limit of the CometQL port did. */
  hitCometql(limit: CometqlLimitName): void {
    this.#cometqlLimits[limit]++
  }

  /** A limit of a transport did. */
  hitTransport(limit: TransportLimitName): void {
    this.#transportLimits[limit]++
  }

  /** Somebody was told of an error. */
  told(code: ErrorCode): void {
    this.#errors[code]++
  }

  read(sessions: number): Metrics {
    const { pipes, subscriptions, connections, published, delivered, privateMessages, commands } = this
    return {
      sessions,
      pipes,
      subscriptions,
      connections,
      published,
      delivered,
      privateMessages,
      commands,
      limits: { ...this.#limits },
      cometqlLimits: { ...this.#cometqlLimits },
      transportLimits: { ...this.#transportLimits },
      errors: { ...this.#errors },
    }
  }
}

function counters<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>
}
