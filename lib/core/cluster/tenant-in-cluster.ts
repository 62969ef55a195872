import type { Entry, StoredEntry } from '../../storage/storage.ts'
import type { Host } from '../host.ts'
import type { Pipe } from '../pipe.ts'
import type { Session } from '../session.ts'
import type { Posted, Published, Tenant } from '../tenant.ts'
import type { ClusterNode } from './cluster-node.ts'
import { KeptOrder } from './kept-order.ts'
import type { LocalSessions } from './local-sessions.ts'
import type { SessionState, TenantItem } from './node-messages.ts'
import { RemoteSessions, type RemoteListener } from './remote-sessions.ts'
import { SharedMailbox } from './shared-mailbox.ts'

/** What a tenant does with what comes from all nodes. */
export interface ClusterListener extends RemoteListener {
  /** Hands a message to the sessions of this node, but for `sender`. */
  deliver(pipe: string, entry: Entry, offset: number | undefined, sender: Session | undefined): void
  /** Logins end that another node was told to end. */
  endLogins(userId: number, tokenId: string): void
}

/** What all tenants of a node share, where there is a broker. */
export interface Cluster {
  readonly node: ClusterNode
  readonly sessions: LocalSessions
}

/** So many logins are looked at together, where it is not known whether they still hold. */
const loginsAtOnce = 100

/** Of so many messages that are on their way it is known which session sent them. */
const maxSenders = 10_000

/** The part of a tenant that knows that there are other nodes. */
export class TenantInCluster {
  readonly remote: RemoteSessions
  readonly mailbox: SharedMailbox
  readonly #cluster: Cluster
  readonly #host: Host
  readonly #tenant: Tenant
  readonly #listener: ClusterListener
  /** The pipes with history to which somebody is subscribed here. */
  readonly #orders = new Map<string, KeptOrder>()
  /** How many settings of ours are on their way, of each pipe that has any. */
  readonly #ownKeeps = new Map<string, number>()
  /** Who sent the messages that are on their way, by their ids: the sender does not get its own. */
  readonly #senders = new Map<string, Session>()

  constructor(cluster: Cluster, host: Host, tenant: Tenant, listener: ClusterListener) {
    this.#cluster = cluster
    this.#host = host
    this.#tenant = tenant
    this.#listener = listener
    this.remote = new RemoteSessions(listener)
    this.mailbox = new SharedMailbox(host, tenant.devId, tenant.presence, this.tell)
  }

  /**
   * Publishes to all nodes. Where the pipe keeps history that is done once the message is stored: the broker cannot lose
   * it any more.
   * @throws CometError COMET_ERR_BROKER
   */
  async post(message: Posted, entry: Entry): Promise<Published> {
    const { pipe, sender } = message
    if (sender !== undefined) this.#remember(entry.id, sender)
    try {
      return this.#tenant.history.keepOf(pipe) > 0
        ? await this.#postKept(pipe, entry, message.id !== undefined, sender)
        : await this.#post(pipe, entry, sender)
    } catch (error) {
      this.#senders.delete(entry.id)
      throw error
    }
  }

  /** Says it to all nodes. `size`: of its texts, in characters. */
  readonly tell = (item: TenantItem, size = 0): void => {
    this.#cluster.node.tell({ devId: this.#tenant.devId, ...item }, size)
  }

  /** A setting is stored. */
  tellKeep(pipe: string, keep: number | null): void {
    this.#ownKeeps.set(pipe, (this.#ownKeeps.get(pipe) ?? 0) + 1)
    this.tell({ kind: 'keep', pipe, keep })
  }

  /** Something that `node`, maybe this one, said. */
  take(node: string, item: TenantItem): void {
    const isOwn = node === this.#cluster.node.id
    switch (item.kind) {
      case 'message':
        this.#takeMessage(item.pipe, item.entry, item.offset)
        return
      case 'private':
        this.mailbox.take(item.userId, item.entry, item.seq)
        return
      case 'keep':
        this.#takeKeep(item.pipe, item.keep, isOwn)
        return
      case 'logout':
        if (!isOwn) this.#listener.endLogins(item.userId, item.tokenId)
        return
      default:
        if (!isOwn) this.remote.take(node, item)
    }
  }

  takeState(node: string, sessions: readonly SessionState[]): void {
    this.remote.takeState(node, sessions)
  }

  /** A session has logged in; 0 when it has logged out. */
  user(session: Session, userId: number): void {
    this.#cluster.sessions.user(session, userId)
    if (userId === 0) this.mailbox.forget(session)
  }

  joined(session: Session, { name, size }: Pipe): void {
    this.#cluster.sessions.join(session, name)
    if (size > 1) this.#beginOrder(name)
    else if (this.#tenant.history.keepOf(name) > 0) void this.#newOrder(name).open()
  }

  parted(session: Session, { name, size }: Pipe): void {
    this.#cluster.sessions.part(session, name)
    if (size > 0) return
    this.#orders.get(name)?.close()
    this.#orders.delete(name)
  }

  /** Resolves when it is known where the subscribers of `pipe` are in its history; undefined where there is nothing to wait for. */
  settled(pipe: string): Promise<void> | undefined {
    return this.#orders.get(pipe)?.settled
  }

  /** Resolves when the subscribers of `pipe` have got what it keeps, up to `offset`. */
  async reach(pipe: string, epoch: string, offset: number): Promise<void> {
    await this.#orders.get(pipe)?.reach(epoch, offset)
  }

  /** Something was missed: compares with the storage. */
  async catchUp(): Promise<void> {
    const { history } = this.#tenant
    this.#ownKeeps.clear() // they may have been lost, and are stored
    await history.open()
    for (const pipe of history.settings.keys()) void this.#beginOrder(pipe)?.catchUp()
    this.mailbox.catchUp()
    const sessions = this.#tenant.presence.sessions()
    for (let from = 0; from < sessions.length; from += loginsAtOnce) {
      await Promise.all(sessions.slice(from, from + loginsAtOnce).map((session) => session.checkLogin()))
    }
  }

  /** Tries again what failed. */
  retry(): void {
    for (const order of this.#orders.values()) order.retry()
  }

  close(): void {
    for (const order of this.#orders.values()) order.close()
    this.#orders.clear()
  }

  /** Bounded: a message that the broker lost does not come. */
  #remember(id: string, sender: Session): void {
    this.#senders.set(id, sender)
    if (this.#senders.size <= maxSenders) return
    const [oldest = ''] = this.#senders.keys()
    this.#senders.delete(oldest)
  }

  async #post(pipe: string, entry: Entry, sender: Session | undefined): Promise<Published> {
    const receivers = this.#receivers(pipe, sender)
    const { devId } = this.#tenant
    await this.#cluster.node.publish({ kind: 'message', devId, pipe, entry }, entry.message.length)
    return { receivers }
  }

  async #postKept(pipe: string, entry: Entry, once: boolean, sender: Session | undefined): Promise<Published> {
    const { id } = entry
    const { offset, isNew } = await this.#tenant.history.append(pipe, entry, once)
    if (!isNew) {
      this.#senders.delete(id)
      return { receivers: 0, id, offset, isDuplicate: true }
    }
    this.tell({ kind: 'message', pipe, entry, offset }, entry.message.length)
    return { receivers: this.#receivers(pipe, sender), id, offset }
  }

  #receivers(pipe: string, sender: Session | undefined): number {
    const { size } = this.#tenant.audience(pipe)
    return sender?.pipes.has(pipe) === true ? size - 1 : size
  }

  /** The last that the broker brings counts, on all nodes; where that will be one of ours, it counts here already. */
  #takeKeep(pipe: string, keep: number | null, isOwn: boolean): void {
    const own = this.#ownKeeps.get(pipe) ?? 0
    if (isOwn && own > 1) this.#ownKeeps.set(pipe, own - 1)
    else if (isOwn) this.#ownKeeps.delete(pipe)
    if (this.#ownKeeps.has(pipe)) return
    this.#tenant.history.note(pipe, keep)
    this.#beginOrder(pipe)
  }

  #takeMessage(pipe: string, entry: Entry, offset: number | undefined): void {
    const order = offset === undefined ? undefined : this.#beginOrder(pipe)
    if (offset === undefined || order === undefined) this.#deliver(pipe, entry, offset)
    else order.take({ seq: offset, ...entry })
  }

  /**
   * The order of a pipe that keeps history and has subscribers here. Where there was none, the pipe has begun to keep
   * history after they came: all that is kept is for them.
   */
  #beginOrder(pipe: string): KeptOrder | undefined {
    if (this.#tenant.history.keepOf(pipe) === 0 || this.#tenant.pipe(pipe) === undefined) return undefined
    const known = this.#orders.get(pipe)
    if (known !== undefined) return known
    const order = this.#newOrder(pipe)
    order.begin()
    return order
  }

  #newOrder(pipe: string): KeptOrder {
    const order = new KeptOrder({
      read: (after) => this.#tenant.history.log(pipe, after),
      deliver: (entry) => this.#deliver(pipe, plain(entry), entry.seq),
      failed: (error) => this.#host.logger.error(`The history of "${pipe}" could not be read: ${String(error)}`),
    })
    this.#orders.set(pipe, order)
    return order
  }

  #deliver(pipe: string, entry: Entry, offset: number | undefined): void {
    const sender = this.#senders.get(entry.id)
    this.#senders.delete(entry.id)
    this.#listener.deliver(pipe, entry, offset, sender)
  }
}

function plain({ id, time, event, message, userId, json }: StoredEntry): Entry {
  return { id, time, event, message, userId, json }
}
