import type { Entry, StoredEntry } from '../../storage/storage.ts'
import { dataOf, type OutgoingMessage } from '../../wire/messages.ts'
import { Line } from '../frame.ts'
import type { Host } from '../host.ts'
import { PortionReader } from '../history/portions.ts'
import type { Presence } from './presence.ts'
import type { Session } from '../session.ts'
import { UserQueues } from './user-queues.ts'

/** A private message as it is handed in; event and size are checked before. */
export interface PrivateMessage {
  readonly event: string
  readonly text: string
  readonly json?: boolean | undefined
  readonly id?: string | undefined
}

/** A portion of a queue on its way to a session. */
interface Sent {
  readonly lastSeq: number
  readonly isLast: boolean
  /** Whether the network took it. */
  readonly taken: Promise<boolean>
}

/** Private messages: at once to who is online, kept in a queue for who is away. */
export class Mailbox extends UserQueues {
  readonly #host: Host
  readonly #presence: Presence
  /** Users whose queue is being read or written: what follows for them waits, so that it stays in order. */
  readonly #busy = new Map<number, Promise<unknown>>()
  /** Sessions that did not get the queue yet: while a user has no others, what comes goes behind what waits. */
  readonly #behind = new Set<Session>()

  constructor(host: Host, devId: number, presence: Presence) {
    super(host, devId)
    this.#host = host
    this.#presence = presence
  }

  /** To every session of the user, else into the queue. Resolves when it is on its way or stored. */
  send(userId: number, message: PrivateMessage): void | Promise<void> {
    const sessions = this.#presence.sessionsOf(userId)
    const isAway = sessions.every((session) => this.#behind.has(session)) // or gets first what waits
    if (this.#busy.has(userId) || isAway || acknowledges(sessions)) {
      return this.#inTurn(userId, () => this.#deliverOrKeep(userId, message))
    }
    this.#deliver(sessions, newEntry(this.#host, message))
  }

  /**
   * Sends what waited to the session that has just logged in. Forgets it when the client acknowledges it; for older
   * clients, which do not, when the network has taken it.
   */
  async replay(session: Session): Promise<void> {
    const { userId } = session
    this.#behind.add(session)
    try {
      const reader = new PortionReader((after, limit) => this.read(userId, after, limit))
      let after = 0
      for (;;) {
        const sent = await this.#inTurn(userId, () => this.#sendPortion(session, userId, reader, after))
        // Not within the turn: a connection that takes nothing must hold back neither senders nor the user's others.
        if (sent === undefined || !(await sent.taken)) return
        if (!session.hasPositions) await this.remove(userId, sent.lastSeq)
        if (sent.isLast) return
        after = sent.lastSeq
      }
    } finally {
      this.#behind.delete(session)
    }
  }

  async #sendPortion(
    session: Session,
    userId: number,
    reader: PortionReader,
    after: number,
  ): Promise<Sent | undefined> {
    const { entries, isLast } = await reader.next(after)
    const last = entries.at(-1)
    if (isLast) this.#behind.delete(session) // what comes from now on comes after all that waited
    if (last === undefined || session.userId !== userId) return undefined
    for (const entry of entries) session.send(new Line(queued(entry)))
    return { lastSeq: last.seq, isLast, taken: session.taken() }
  }

  async #deliverOrKeep(userId: number, message: PrivateMessage): Promise<void> {
    const entry = newEntry(this.#host, message)
    const sessions = [...this.#presence.sessionsOf(userId)]
    const present = sessions.filter((session) => !this.#behind.has(session))
    if (present.length > 0 && !acknowledges(present)) {
      this.#deliver(sessions, entry)
      return
    }
    await this.keep(userId, entry)
    this.#deliver(present, entry) // stays in the queue until it is acknowledged
  }

  #deliver(sessions: Iterable<Session>, entry: Entry): void {
    const line = new Line(outgoing(entry))
    for (const session of sessions) session.send(line)
  }

  #inTurn<Result>(userId: number, work: () => Promise<Result>): Promise<Result> {
    const done = (this.#busy.get(userId) ?? Promise.resolve()).then(work)
    const settled = done.catch(() => undefined)
    this.#busy.set(userId, settled)
    void settled.then(() => {
      if (this.#busy.get(userId) === settled) this.#busy.delete(userId)
    })
    return done
  }
}

/** A private message as it is queued and sent. */
export function newEntry({ clock, ids }: Host, { event, text, json = false, id }: PrivateMessage): Entry {
  const now = clock.now()
  return { id: id ?? ids.next(now), time: Math.floor(now / 1000), event, message: text, userId: 0, json }
}

function acknowledges(sessions: Iterable<Session>): boolean {
  for (const session of sessions) if (session.hasPositions) return true
  return false
}

/** A private message that comes at once. */
export function outgoing({ id, event, message, json, time }: Entry): OutgoingMessage {
  return { pipe: 'msg', event, data: dataOf(message, json), userId: 0, time, members5: `,"id":${JSON.stringify(id)}` }
}

/** One that has waited. */
export function queued(entry: StoredEntry): OutgoingMessage {
  return { members: ',"fromQueue":true', ...outgoing(entry) }
}
