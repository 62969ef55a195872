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

  /** A limit did what it is there for. */
  hit(limit: LimitName, times = 1): void {
    this.#limits[limit] += times
  }

  /** A limit of the CometQL port did. */
  hitCometql(limit: CometqlLimitName): void {
    this.#cometqlLimits[limit]++
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
    }
  }
}

function counters<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>
}
