import type { Storage } from '../storage/storage.ts'
import type { Timer } from './clock.ts'
import type { Host } from './host.ts'
import type { Session } from './session.ts'

/** A user's state as `users_time` shows it: 0 is online, -1 never seen, else Unix seconds. */
const online = 0
const neverSeen = -1

interface User {
  readonly sessions: Set<Session>
  /** Runs while nobody is connected: at its end the user is offline. */
  grace: Timer | undefined
}

/** Which users of a tenant are online, and when the others were last. */
export class Presence {
  readonly #host: Host
  readonly #storage: Storage
  readonly #devId: number
  readonly #users = new Map<number, User>()
  readonly #edge: (userId: number, isOnline: boolean) => void

  /** `edge` is told when a user comes online or goes offline: once per user, not per connection. */
  constructor(host: Host, devId: number, edge: (userId: number, isOnline: boolean) => void) {
    this.#host = host
    this.#storage = host.storage
    this.#devId = devId
    this.#edge = edge
  }

  /** No user is online or in grace. */
  get isEmpty(): boolean {
    return this.#users.size === 0
  }

  /** The open sessions of a user. */
  sessionsOf(userId: number): ReadonlySet<Session> {
    return this.#users.get(userId)?.sessions ?? noSessions
  }

  onlineUserIds(): Iterable<number> {
    return this.#users.keys()
  }

  /** An authorised session is there. */
  join(session: Session): void {
    const { userId } = session
    const user = this.#users.get(userId)
    if (user === undefined) {
      this.#users.set(userId, { sessions: new Set([session]), grace: undefined })
      this.#edge(userId, true)
      return
    }
    if (user.grace !== undefined) this.#host.clock.clearTimeout(user.grace)
    user.grace = undefined
    user.sessions.add(session)
  }

  /** An authorised session is gone, or logged out. */
  leave(session: Session): void {
    const { userId } = session
    const user = this.#users.get(userId)
    if (user?.sessions.delete(session) !== true || user.sessions.size > 0) return
    const left = this.#host.clock.now()
    const { presenceGraceMs } = this.#host.limits
    if (presenceGraceMs === 0) void this.#offline(userId, left)
    else user.grace = this.#host.clock.setTimeout(() => void this.#offline(userId, left), presenceGraceMs)
  }

  /** For every id: 0 while online, else the Unix second of the last close, -1 when never seen. */
  async lastOnline(userIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const away = userIds.filter((id) => !this.#users.has(id)).map(String)
    const stored =
      away.length > 0 ? await this.#storage.get('users_time', this.#devId, away) : new Map<string, string>()
    return new Map(
      userIds.map((id) => [id, this.#users.has(id) ? online : Number(stored.get(String(id)) ?? neverSeen)]),
    )
  }

  /** The server closes: users whose grace runs are offline now. */
  async close(): Promise<void> {
    const now = this.#host.clock.now()
    const waiting = [...this.#users].filter(([, user]) => user.grace !== undefined)
    for (const [, user] of waiting) if (user.grace !== undefined) this.#host.clock.clearTimeout(user.grace)
    await Promise.all(waiting.map(([userId]) => this.#offline(userId, now)))
  }

  async #offline(userId: number, left: number): Promise<void> {
    this.#users.delete(userId)
    const time = String(Math.floor(left / 1000))
    // Before the edge: who is told of it and asks for the time gets this one.
    const stored = this.#storage.set('users_time', this.#devId, String(userId), time)
    this.#edge(userId, false)
    try {
      await stored
    } catch (error) {
      this.#host.logger.error(`The last online time of user ${userId} could not be stored: ${String(error)}`)
    }
  }
}

const noSessions: ReadonlySet<Session> = new Set()
