import { createHmac } from 'node:crypto'
import { cometError } from '../errors.ts'
import type { Entry } from '../storage/storage.ts'
import { dataOf } from '../wire/messages.ts'
import { Credentials } from './users/auth.ts'
import { Changes } from './changes.ts'
import type { SharedMailbox } from './cluster/shared-mailbox.ts'
import { TenantInCluster } from './cluster/tenant-in-cluster.ts'
import { Expiry } from './users/expiry.ts'
import { Line } from './frame.ts'
import { History } from './history/history.ts'
import type { Host, SessionInfo } from './host.ts'
import { Mailbox, type PrivateMessage } from './users/mailbox.ts'
import { checkEvent, checkPipeName, checkUserId, pipeKind } from './names.ts'
import { Pipe } from './pipe.ts'
import { keepsNewestOnly } from './pipe-rules.ts'
import { Presence } from './users/presence.ts'
import type { Session } from './session.ts'
import { ownText } from './texts.ts'
import { UserData } from './users/user-data.ts'

/** A message for a pipe. */
export interface NewMessage {
  readonly pipe: string
  readonly event: string
  /** The text exactly as receivers and the history shall have it. */
  readonly text: string
  /** True when `text` is JSON, so that `5` is a number for receivers and not a text. Default false. */
  readonly json?: boolean | undefined
  /** The sender; 0 (the default) for back-ends and anonymous visitors. */
  readonly userId?: number | undefined
  /**
   * A name for the message, at most 36 characters; made where it is missing. A pipe that keeps history takes each one
   * once, as long as it keeps it.
   */
  readonly id?: string | undefined
}

/** A message with the session that sent it, which does not get it. */
export interface Posted extends NewMessage {
  readonly sender?: Session | undefined
}

/** What became of a message. */
export interface Published {
  /** The message's name; undefined in a pipe that keeps no history. */
  readonly id?: string
  /** How many sessions get it. */
  readonly receivers: number
  /** Its place in the history; undefined in a pipe that keeps none. */
  readonly offset?: number
  /** True for an id that the pipe keeps already: the message was not sent again. */
  readonly isDuplicate?: boolean
}

/** What the configuration says of a tenant. */
export interface TenantConfig {
  /** The CometQL password and the start of the JWT secret; without it neither login works. */
  readonly key: string | undefined
  /** The origins whose pages may connect; undefined: what the server says. */
  readonly origins: readonly string[] | undefined
}

/** What is seen of a session, on whichever node it is. */
export type Member = Omit<SessionInfo, 'devId'>

/** Who is subscribed to a pipe, on all nodes. */
export interface Audience {
  readonly size: number
  readonly sessions: Iterable<Member>
}

const maxIdLength = 36

/** All that belongs to one `dev_id`: its pipes, its users and what they may do. Whoever holds it is inside. */
export class Tenant {
  readonly devId: number
  readonly config: TenantConfig
  readonly history: History
  readonly presence: Presence
  readonly mailbox: Mailbox | SharedMailbox
  readonly credentials: Credentials
  readonly userData: UserData
  readonly expiry: Expiry
  /** For back-ends that wait for something. */
  readonly changes = new Changes()
  /** What there is to do with other nodes; undefined where there is no broker. */
  readonly cluster: TenantInCluster | undefined
  readonly #host: Host
  readonly #pipes = new Map<string, Pipe>()
  #sessions = 0

  constructor(host: Host, devId: number, config: TenantConfig) {
    this.devId = devId
    this.config = config
    this.#host = host
    this.history = new History(host.storage, devId, (pipe, keep) => this.cluster?.tellKeep(pipe, keep))
    this.presence = new Presence(host, devId, {
      edge: (userId, isOnline) => this.#announceUser(userId, isOnline),
      changed: (session, userId) => this.cluster?.user(session, userId),
    })
    this.cluster = host.cluster === undefined ? undefined : this.#inCluster(host.cluster)
    this.mailbox = this.cluster?.mailbox ?? new Mailbox(host, devId, this.presence)
    this.credentials = new Credentials(host.storage, host.clock, devId, config.key, (userId, tokenId) => {
      this.#endLogins(userId, tokenId)
      this.cluster?.tell({ kind: 'logout', userId, tokenId })
    })
    this.userData = new UserData(host.storage, devId)
    this.expiry = new Expiry(host.clock)
  }

  /** Must be done before anything else; afterwards publishing needs no waiting. */
  async open(): Promise<void> {
    await Promise.all([this.history.open(), this.presence.open()])
  }

  async close(): Promise<void> {
    this.expiry.close()
    this.cluster?.close()
    await this.presence.close()
  }

  /** Nothing in memory would be missed. */
  get isIdle(): boolean {
    const isEmpty = this.#sessions === 0 && this.#pipes.size === 0 && this.presence.isEmpty
    return isEmpty && this.cluster?.remote.isEmpty !== false
  }

  /** A session, or a connection of a back-end, is here: the tenant stays in memory until as many left. */
  enter(): void {
    this.#sessions++
  }

  exit(): void {
    this.#sessions--
  }

  /** The pipe, if anybody on this node is subscribed to it. */
  pipe(name: string): Pipe | undefined {
    return this.#pipes.get(name)
  }

  /** Who is subscribed to a pipe. */
  audience(name: string): Audience {
    const local = this.#pipes.get(name) ?? nobody
    const remote = this.cluster?.remote.in(name)
    if (remote === undefined || remote.size === 0) return local
    return { size: local.size + remote.size, sessions: [...local.sessions, ...remote] }
  }

  /** The pipes that have subscribers. */
  pipeNames(): Iterable<string> {
    if (this.cluster === undefined) return this.#pipes.keys()
    return new Set([...this.#pipes.keys(), ...this.cluster.remote.pipeNames()])
  }

  /**
   * Publishes a message of a back-end or of the application. In a pipe without history nothing is waited for.
   * @throws CometError for a name, event, id or size that is not right.
   */
  publish(message: NewMessage): Published | Promise<Published> {
    checkPipeName(message.pipe)
    checkEvent(message.event)
    if (message.id !== undefined && message.id.length > maxIdLength) {
      throw cometError('COMET_ERR_TOO_LONG', {
        column: 'id',
        size: message.id.length,
        unit: 'characters',
        limit: maxIdLength,
      })
    }
    return this.post(message)
  }

  /**
   * Publishes a message whose names are known to be right.
   * @throws CometError COMET_ERR_TOO_LONG
   */
  post(message: Posted): Published | Promise<Published> {
    this.#checkSize(message.text)
    this.#host.meter.published++
    const now = this.#host.clock.now()
    if (this.cluster !== undefined) return this.cluster.post(message, this.#entryOf(message, now))
    if (this.history.keepOf(message.pipe) === 0) {
      const entry = this.changes.isWatched ? this.#entryOf(message, now) : undefined
      return { receivers: this.#deliver(message, now, entry, undefined) }
    }
    const entry = this.#entryOf(message, now)
    return this.history.append(message.pipe, entry, message.id !== undefined).then(({ offset, isNew }) => {
      if (!isNew) return { receivers: 0, id: entry.id, offset, isDuplicate: true }
      return { receivers: this.#deliver(message, now, entry, offset), id: entry.id, offset }
    })
  }

  /**
   * Sends a private message: to the user's sessions, or into the queue of a user who is away.
   * @throws CometError for a user id, event or size that is not right.
   */
  sendToUser(userId: number, message: PrivateMessage): void | Promise<void> {
    const id = checkUserId(userId)
    checkEvent(message.event)
    this.#checkSize(message.text)
    this.#host.meter.privateMessages++
    return this.mailbox.send(id, message)
  }

  /** Subscribes `session`; in a tracked pipe the others are told. */
  join(session: Session, name: string): Pipe {
    let pipe = this.#pipes.get(name)
    if (pipe === undefined) {
      this.#host.meter.pipes++
      pipe = new Pipe(ownText(name), this.#host.outbox, keepsNewestOnly(this.#host.pipeRules, name))
      this.#pipes.set(pipe.name, pipe)
    }
    if (pipeKind.isTracked(name)) announceMember(pipe, 'subscription', session, session)
    pipe.join(session)
    this.#host.meter.subscriptions++
    this.cluster?.joined(session, pipe)
    if (this.changes.isWatched) this.changes.tell({ kind: 'members', pipe: name })
    this.#host.emit('subscribe', session, name)
    return pipe
  }

  /** Ends a subscription; in a tracked pipe those who stay are told. A pipe without subscribers is freed. */
  part(session: Session, pipe: Pipe): void {
    pipe.leave(session)
    this.#host.meter.subscriptions--
    this.cluster?.parted(session, pipe)
    if (pipeKind.isTracked(pipe.name)) announceMember(pipe, 'unsubscription', session, session)
    if (pipe.size === 0) this.#free(pipe)
    if (this.changes.isWatched) this.changes.tell({ kind: 'members', pipe: pipe.name })
    this.#host.emit('unsubscribe', session, pipe.name)
  }

  /** Tells the others in the tracked pipes of `session` that it comes or leaves: as when it stays, but as another user. */
  announce(session: Session, event: 'subscription' | 'unsubscription'): void {
    for (const pipe of session.pipes.values()) {
      if (pipeKind.isTracked(pipe.name)) announceMember(pipe, event, session, session)
    }
  }

  /** Another node is gone, and with it its sessions. */
  nodeGone(node: string): void {
    this.cluster?.remote.drop(node)
    this.presence.nodeGone(node)
  }

  #free(pipe: Pipe): void {
    this.#pipes.delete(pipe.name)
    this.#host.meter.pipes--
  }

  /** What others see of a browser's `uuid`: it stays the same, and the browser's own cannot be found from it. */
  publicUuid(uuid: string): string {
    if (uuid === '') return ''
    const salt = `star-comet uuid ${this.devId} ${this.config.key ?? ''}`
    return createHmac('sha256', salt).update(uuid).digest('hex').slice(0, 32)
  }

  /** `entry` is the message as it is kept; undefined where nobody needs it. */
  #deliver(message: Posted, now: number, entry: Entry | undefined, offset: number | undefined): number {
    const { pipe: name, event, text, json = false, userId = 0, sender } = message
    this.#host.emit('message', { devId: this.devId, pipe: name, event, message: text, userId })
    if (entry !== undefined) this.changes.tell({ kind: 'message', pipe: name, entry })
    const pipe = this.#pipes.get(name)
    if (pipe === undefined) return 0
    const time = Math.floor(now / 1000)
    const members5 = (): string => {
      const id = JSON.stringify(entry?.id ?? message.id ?? this.#host.ids.next(now))
      return offset === undefined ? `,"id":${id}` : `,"id":${id},"offset":${offset}`
    }
    const line = new Line({ pipe: name, event, data: dataOf(text, json), userId, time, members5 }, offset)
    const receivers = pipe.deliver(line, sender)
    this.#host.meter.delivered += receivers
    return receivers
  }

  #inCluster(cluster: NonNullable<Host['cluster']>): TenantInCluster {
    return new TenantInCluster(cluster, this.#host, this, {
      deliver: (pipe, entry, offset, sender) => {
        const { event, message: text, json, userId, time } = entry
        this.#deliver({ pipe, event, text, json, userId, sender }, time * 1000, entry, offset)
      },
      joined: (session, pipe) => this.#remoteMember('subscription', session, pipe),
      parted: (session, pipe) => this.#remoteMember('unsubscription', session, pipe),
      loggedIn: (session) => this.presence.joinRemote(session),
      loggedOut: (session, userId, isNodeGone) => this.presence.leaveRemote(session, userId, isNodeGone),
      endLogins: (userId, tokenId) => this.#endLogins(userId, tokenId),
    })
  }

  /** A session of another node has joined or left a pipe. */
  #remoteMember(event: 'subscription' | 'unsubscription', session: Member, name: string): void {
    const pipe = pipeKind.isTracked(name) ? this.#pipes.get(name) : undefined
    if (pipe !== undefined) announceMember(pipe, event, session)
    if (this.changes.isWatched) this.changes.tell({ kind: 'members', pipe: name })
  }

  #announceUser(userId: number, isOnline: boolean): void {
    const event = isOnline ? 'online' : 'offline'
    const pipe = this.#pipes.get(`user_status_${userId}`)
    const now = this.#host.clock.now()
    const time = Math.floor(now / 1000)
    // A page that goes over to another transport gets it by both: by its id it is known.
    const members5 = (): string => `,"id":${JSON.stringify(this.#host.ids.next(now))}`
    pipe?.deliver(new Line({ pipe: pipe.name, event, data: `"${event}"`, userId: 0, time, members5 }))
    if (this.changes.isWatched) this.changes.tell({ kind: 'user', userId })
    this.#host.emit(event, userId, this.devId)
  }

  #entryOf({ event, text, json = false, userId = 0, id }: NewMessage, now: number): Entry {
    return { id: id ?? this.#host.ids.next(now), time: Math.floor(now / 1000), event, message: text, userId, json }
  }

  #endLogins(userId: number, tokenId: string): void {
    for (const session of [...this.presence.sessionsOf(userId)]) {
      if (tokenId === '' || session.tokenId === tokenId) session.logOut()
    }
  }

  #checkSize(text: string): void {
    const { maxMessageBytes } = this.#host.limits
    if (text.length * 3 <= maxMessageBytes) return // no character of a string takes more than 3 bytes of UTF-8
    const size = Buffer.byteLength(text)
    if (size > maxMessageBytes) {
      this.#host.meter.hit('maxMessageBytes')
      throw cometError('COMET_ERR_TOO_LONG', { column: 'message', size, unit: 'bytes', limit: maxMessageBytes })
    }
  }
}

const nobody: Audience = { size: 0, sessions: [] }

/** `session`: of this node, which is not told of itself. */
function announceMember(
  pipe: Pipe,
  event: 'subscription' | 'unsubscription',
  { userId, uuid }: Member,
  session?: Session,
): void {
  if (pipe.size === 0) return
  const data = JSON.stringify({ user_id: userId, uuid })
  pipe.deliver(new Line({ pipe: pipe.name, event, data, userId: 0 }), session)
}
