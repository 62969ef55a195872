import type { Entry, StoredEntry, StoredLog } from '../../storage/storage.ts'
import type { Host } from '../host.ts'
import { newEntry, outgoing, queued, type PrivateMessage } from '../users/mailbox.ts'
import { UserQueues } from '../users/user-queues.ts'
import { Line } from '../frame.ts'
import { PortionReader, type Portion } from '../history/portions.ts'
import type { Presence } from '../users/presence.ts'
import type { Session } from '../session.ts'
import type { TenantItem } from './node-messages.ts'

/**
 * Private messages where there are several nodes: each goes into the queue, then all nodes hear of it, and those where the
 * user is hand it on. It leaves the queue when a client acknowledges it; for older clients, which do not, when the
 * network has taken it. So none is lost, and one may come twice.
 */
export class SharedMailbox extends UserQueues {
  readonly #host: Host
  readonly #presence: Presence
  readonly #tell: (item: TenantItem, size: number) => void
  readonly #readers = new Map<Session, QueueReader>()

  constructor(host: Host, devId: number, presence: Presence, tell: (item: TenantItem, size: number) => void) {
    super(host, devId)
    this.#host = host
    this.#presence = presence
    this.#tell = tell
  }

  /** Resolves when it is stored. */
  async send(userId: number, message: PrivateMessage): Promise<void> {
    const entry = newEntry(this.#host, message)
    const seq = await this.keep(userId, entry)
    this.#tell({ kind: 'private', userId, entry, seq }, entry.message.length)
  }

  /** A message that a node has put into the queue of a user. */
  take(userId: number, entry: Entry, seq: number): void {
    for (const session of this.#presence.sessionsOf(userId)) this.#readers.get(session)?.take({ seq, ...entry })
  }

  /** Sends what waited to the session that has just logged in, and from then on what comes. */
  async replay(session: Session): Promise<void> {
    const { userId } = session
    const reader = new QueueReader(session, {
      read: (after, limit) => this.read(userId, after, limit),
      taken: (seq) => this.#taken(userId, seq),
      failed: (error) => this.#failed(userId, error),
    })
    this.#readers.set(session, reader)
    await reader.catchUp()
  }

  /** The session has logged out. */
  forget(session: Session): void {
    this.#readers.delete(session)
  }

  /** Something may have been missed: looks into the queues. */
  catchUp(): void {
    for (const reader of this.#readers.values()) void reader.catchUp()
  }

  async #taken(userId: number, seq: number): Promise<void> {
    if (this.#presence.acknowledges(userId)) return
    await this.remove(userId, seq).catch((error: unknown) => this.#failed(userId, error))
  }

  #failed(userId: number, error: unknown): void {
    this.#host.logger.error(`The private messages of user ${userId} could not be read: ${String(error)}`)
  }
}

/** The queue that a QueueReader reads. */
interface Queue {
  read(after: number, limit: number): Promise<StoredLog>
  /** The session has all up to `seq`; it does not acknowledge. */
  taken(seq: number): Promise<void>
  failed(error: unknown): void
}

/** Sends one session its user's queue, in order: what waits, then what comes. */
class QueueReader {
  readonly #session: Session
  readonly #userId: number
  readonly #queue: Queue
  readonly #reader: PortionReader
  #epoch: string | undefined
  /** How far the session has got. */
  #last = 0
  #isReading = false
  /** Something came while it was read. */
  #hasMore = false

  constructor(session: Session, queue: Queue) {
    this.#session = session
    this.#userId = session.userId
    this.#queue = queue
    this.#reader = new PortionReader((after, limit) => queue.read(after, limit))
  }

  /** A message that is in the queue now. */
  take(entry: StoredEntry): void {
    if (this.#isReading || entry.seq !== this.#last + 1) void this.catchUp()
    else void this.#taken(this.#send([new Line(outgoing(entry))], entry.seq))
  }

  /** Sends what there is behind the last. */
  async catchUp(): Promise<void> {
    this.#hasMore = true
    if (this.#isReading) return
    this.#isReading = true
    try {
      while (this.#hasMore && this.#isHere) {
        this.#hasMore = false
        const sent = await this.#sendPortion()
        if (sent !== undefined && !(await this.#taken(sent))) return
      }
    } catch (error) {
      this.#queue.failed(error)
    } finally {
      this.#isReading = false
    }
  }

  get #isHere(): boolean {
    return this.#session.isOpen && this.#session.userId === this.#userId
  }

  /** Resolves to the seq of the last one sent. */
  async #sendPortion(): Promise<number | undefined> {
    const { entries, isLast, lastSeq } = await this.#next()
    const last = entries.at(-1)
    if (!this.#isHere) return undefined
    if (last !== undefined)
      this.#send(
        entries.map((entry) => new Line(queued(entry))),
        last.seq,
      )
    if (isLast) this.#last = Math.max(this.#last, lastSeq)
    else this.#hasMore = true
    return last?.seq
  }

  async #next(): Promise<Portion> {
    const portion = await this.#reader.next(this.#last)
    const isSame = this.#epoch === undefined || portion.epoch === this.#epoch
    this.#epoch = portion.epoch
    if (isSame) return portion
    this.#last = 0 // the storage has begun to number anew
    return await this.#reader.next(0)
  }

  #send(lines: readonly Line[], seq: number): number {
    this.#last = seq
    for (const line of lines) this.#session.send(line)
    return seq
  }

  /** Resolves when the network has taken what was sent up to `seq`, to false when the connection ended before. */
  async #taken(seq: number): Promise<boolean> {
    const isTaken = await this.#session.taken()
    if (isTaken && !this.#session.hasPositions) await this.#queue.taken(seq)
    return isTaken
  }
}
