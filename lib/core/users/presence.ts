import type { Storage } from '../../storage/storage.ts'
import type { Timer } from '../clock.ts'
import type { RemoteSession } from '../cluster/remote-sessions.ts'
import type { Host } from '../host.ts'
import { LastAlive } from './last-alive.ts'
import type { Session } from '../session.ts'

/** A user's state as `users_time` shows it: 0 is online, -1 never seen, else Unix seconds. */
const online = 0
const neverSeen = -1

interface User {
  /** Hardly ever more than `maxConnectionsPerUser`, mostly one: a list takes a third of what a Set takes. */
  sessions: readonly Session[]
  /** Those on other nodes; made with the first. */
  remote: Set<RemoteSession> | undefined
  /** Runs while nobody is connected: at its end the user is offline. */
  grace: Timer | undefined
  /** When the last connection ended, in milliseconds since the epoch. */
  left: number
  /** The node of the last connection, which stores when it ended; undefined where that is this one, or everybody. */
  node: string | undefined
}

/** Is told what happens to users. */
export interface PresenceListener {
  /** A user comes online or goes offline: once per user, not per connection, and for all nodes together. */
  edge(userId: number, isOnline: boolean): void
  /** A session of this node has logged in; out, where `userId` is 0. */
  changed?(session: Session, userId: number): void
}

/** Which users of a tenant are online, on any node, and when the others were last. */
export class Presence {
  readonly #host: Host
  readonly #storage: Storage
  readonly #devId: number
  readonly #users = new Map<number, User>()
  readonly #listener: PresenceListener
  readonly #alive: LastAlive

  constructor(host: Host, devId: number, listener: PresenceListener) {
    this.#host = host
    this.#storage = host.storage
    this.#devId = devId
    this.#listener = listener
    this.#alive = new LastAlive(host, devId, () => this.#hasOwn())
  }

  /** After a crash sets right what users_time says of those who were online. */
  async open(): Promise<void> {
    await this.#alive.open()
    const { cluster } = this.#host
    if (cluster === undefined || cluster.node.isAlone) await this.repair()
  }

  /** The same, where it turns out later that no other node is alive. */
  repair(): Promise<void> {
    return this.#alive.repair((userId) => this.#users.has(userId))
  }

  /** No user is online or in grace. */
  get isEmpty(): boolean {
    return this.#users.size === 0
  }

  /** The open sessions of a user on this node. */
  sessionsOf(userId: number): readonly Session[] {
    return this.#users.get(userId)?.sessions ?? noSessions
  }

  /** How many sessions a user has on all nodes. */
  countOf(userId: number): number {
    const user = this.#users.get(userId)
    return user === undefined ? 0 : countOf(user)
  }

  /** Whether any session of the user, on any node, acknowledges private messages. */
  acknowledges(userId: number): boolean {
    const { sessions = noSessions, remote = noSessions } = this.#users.get(userId) ?? {}
    return [...sessions, ...remote].some(({ hasPositions }) => hasPositions)
  }

  /** The authorised sessions of this node. */
  sessions(): Session[] {
    return [...this.#users.values()].flatMap((user) => user.sessions)
  }

  onlineUserIds(): Iterable<number> {
    return this.#users.keys()
  }

  /** An authorised session is there. */
  join(session: Session): void {
    const { userId } = session
    const known = this.#users.has(userId)
    const user = this.#user(userId)
    user.sessions = user.sessions.concat(session) // which leaves no room, as a spread does
    this.#listener.changed?.(session, userId)
    this.#alive.start()
    if (known) return
    void this.#store(userId, online)
    this.#listener.edge(userId, true)
  }

  /** An authorised session is gone, or logged out. */
  leave(session: Session): void {
    const { userId } = session
    const user = this.#users.get(userId)
    if (user?.sessions.includes(session) !== true) return
    user.sessions = user.sessions.filter((other) => other !== session)
    this.#listener.changed?.(session, 0)
    this.#left(userId, user, undefined)
  }

  /** A session of another node has logged in. */
  joinRemote(session: RemoteSession): void {
    const { userId } = session
    const known = this.#users.has(userId)
    const user = this.#user(userId)
    user.remote ??= new Set()
    user.remote.add(session)
    if (!known) this.#listener.edge(userId, true)
  }

  /** A session of another node has logged out; of a node that is gone, its survivors store the time. */
  leaveRemote(session: RemoteSession, userId: number, isNodeGone: boolean): void {
    const user = this.#users.get(userId)
    if (user?.remote?.delete(session) === true) this.#left(userId, user, isNodeGone ? undefined : session.node)
  }

  /** The node cannot store any more when its users left. */
  nodeGone(node: string): void {
    for (const user of this.#users.values()) if (user.node === node) user.node = undefined
  }

  /** For every id: 0 while online, else the Unix second of the last close, -1 when never seen. */
  async lastOnline(userIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const away = userIds.filter((id) => id > 0 && !this.#users.has(id)).map(String)
    const stored =
      away.length > 0 ? await this.#storage.get('users_time', this.#devId, away) : new Map<string, string>()
    return new Map(userIds.map((id) => [id, this.#timeOf(id, stored.get(String(id)))]))
  }

  /** The server closes: users whose grace runs are offline now. */
  async close(): Promise<void> {
    const isLast = this.#host.cluster?.node.hasPeers !== true
    const waiting = [...this.#users].filter(([, user]) => user.grace !== undefined)
    for (const [, user] of waiting) if (user.grace !== undefined) this.#host.clock.clearTimeout(user.grace)
    // Where there are other nodes the user may come back there: they see to it.
    if (isLast) await Promise.all(waiting.map(([userId, user]) => this.#offline(userId, user)))
    await this.#alive.close()
  }

  #timeOf(userId: number, stored: string | undefined): number {
    if (this.#users.has(userId)) return online
    const time = Number(stored ?? neverSeen)
    return time === online ? (this.#alive.crashedAt ?? online) : time
  }

  /** The user, for whom there is a session. */
  #user(userId: number): User {
    let user = this.#users.get(userId)
    if (user === undefined) {
      user = { sessions: [], remote: undefined, grace: undefined, left: 0, node: undefined }
      this.#users.set(userId, user)
    }
    if (user.grace !== undefined) this.#host.clock.clearTimeout(user.grace)
    user.grace = undefined
    return user
  }

  #left(userId: number, user: User, node: string | undefined): void {
    if (countOf(user) > 0) return
    user.left = this.#host.clock.now()
    user.node = node
    const { presenceGraceMs } = this.#host.limits
    if (presenceGraceMs === 0) void this.#offline(userId, user)
    else user.grace = this.#host.clock.setTimeout(() => void this.#offline(userId, user), presenceGraceMs)
  }

  async #offline(userId: number, { left, node }: User): Promise<void> {
    this.#users.delete(userId)
    // Before the edge: who is told of it and asks for the time gets this one.
    const stored = node === undefined ? this.#store(userId, Math.floor(left / 1000)) : undefined
    this.#listener.edge(userId, false)
    await stored
  }

  async #store(userId: number, time: number): Promise<void> {
    try {
      await this.#storage.set('users_time', this.#devId, String(userId), String(time))
    } catch (error) {
      this.#host.logger.error(`The last online time of user ${userId} could not be stored: ${String(error)}`)
    }
  }

  #hasOwn(): boolean {
    for (const user of this.#users.values()) if (user.sessions.length > 0) return true
    return false
  }
}

function countOf({ sessions, remote }: User): number {
  return sessions.length + (remote?.size ?? 0)
}

const noSessions: readonly never[] = []
