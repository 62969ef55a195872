/** What a limit did, by the name of the option that sets it. */
export const limitNames = [
  'maxMessageBytes',
  'maxSubscriptions',
  'maxConnectionsPerUser',
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
  readonly #limits = new Map<LimitName, number>()

  /** A limit did what it is there for. */
  hit(limit: LimitName): void {
    this.#limits.set(limit, (this.#limits.get(limit) ?? 0) + 1)
  }

  read(sessions: number): Metrics {
    const { pipes, subscriptions, connections, published, delivered, privateMessages, commands } = this
    const limits = Object.fromEntries(limitNames.map((name) => [name, this.#limits.get(name) ?? 0]))
    return {
      sessions,
      pipes,
      subscriptions,
      connections,
      published,
      delivered,
      privateMessages,
      commands,
      limits: limits as Record<LimitName, number>,
    }
  }
}
