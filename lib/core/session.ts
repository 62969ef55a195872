import { CometError, cometError } from '../errors.ts'
import type { Connection, Hello, Receiver } from '../transports/transport.ts'
import { closeCodes } from '../wire/close-codes.ts'
import { formOf, type Form } from '../wire/messages.ts'
import type { Identity } from './users/auth.ts'
import { runCommand } from './commands/commands.ts'
import type { Deadline } from './limits/deadline.ts'
import type { Line } from './frame.ts'
import type { Host, SessionInfo } from './host.ts'
import { Inbox, type Owner as Commander } from './commands/inbox.ts'
import { nameLimits, pipeKind } from './names.ts'
import { Outgoing, type Owner as Reader } from './delivery/outgoing.ts'
import type { Pipe } from './pipe.ts'
import { codeAfter, errorLine, notRecovered, systemLine, type Around } from './server-lines.ts'
import { holds, identify, lackOfRoom, loginDeadline, watchExpiry } from './users/session-login.ts'
import type { Tenant } from './tenant.ts'
import { ownText } from './texts.ts'

/** One connection of one browser, whatever carries it. */
export class Session implements Receiver, SessionInfo, Reader, Commander {
  readonly userAgent: string
  readonly ip: string
  readonly origin: string
  readonly language: string
  readonly #host: Host
  readonly #connection: Connection
  readonly #outgoing: Outgoing
  readonly #inbox: Inbox
  readonly #form: Form
  readonly #browser: string
  /** From the first thing that its login waits for until it is in, or gone: most wait for nothing. */
  #admission: Deadline | undefined
  #tenant: Tenant | undefined
  #identity: Identity | undefined
  #uuid: string | undefined
  /** The pipe of a session that has one. A Map takes 180 bytes: it is made with the second. */
  #onlyPipe: Pipe | undefined
  #pipes: Map<string, Pipe> | undefined
  /** Whether it is counted among the connections of its address. */
  #hasEntered = false
  #isOpen = true

  constructor(host: Host, connection: Connection, hello: Hello) {
    this.#host = host
    this.#connection = connection
    this.#form = formOf(hello.v ?? '')
    this.#outgoing = new Outgoing(host, connection, this.#form, this)
    this.#inbox = new Inbox(host, this)
    this.#browser = ownText((hello.uuid ?? '').slice(0, nameLimits.uuidMax))
    this.ip = hello.ip
    const { headers } = hello
    this.userAgent = host.texts.shared(headers['user-agent'] ?? '')
    this.origin = host.texts.shared(headers.origin ?? '')
    this.language = host.texts.shared(headers['accept-language'] ?? '')
    host.sessions.add(this)
  }

  /** The tenant to which it belongs; known once the session is admitted. */
  get tenant(): Tenant {
    if (this.#tenant === undefined) throw new Error('The session is not admitted')
    return this.#tenant
  }

  get devId(): number {
    return this.tenant.devId
  }

  get userId(): number {
    return this.#identity?.userId ?? 0
  }

  get isAuthorized(): boolean {
    return this.#identity !== undefined
  }

  /** The JWT behind the login; '' where there is none. */
  get tokenId(): string {
    return this.#identity?.tokenId ?? ''
  }

  get uuid(): string {
    this.#uuid ??= this.tenant.publicUuid(this.#browser)
    return this.#uuid
  }

  /** Whether its client speaks protocol 5: it knows positions and acknowledges private messages. */
  get hasPositions(): boolean {
    return this.#form === 5
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** The pipes to which it is subscribed now, by name. */
  get pipes(): ReadonlyMap<string, Pipe> {
    if (this.#pipes !== undefined) return this.#pipes
    return this.#onlyPipe === undefined ? noPipes : new Map([[this.#onlyPipe.name, this.#onlyPipe]])
  }

  /**
   * Counts it among the connections of its address.
   * @throws CometError COMET_ERR_LIMIT where these are too many, or come too fast
   */
  enter(): void {
    this.#host.addresses.enter(this.ip)
    this.#hasEntered = true
  }

  /**
   * What `work` resolves to, while it is found out whether the browser is let in.
   * @throws CometError COMET_ERR_TIMEOUT when that takes too long; Error when the browser has gone
   */
  whileWaiting<Result>(work: Promise<Result>): Promise<Result> {
    if (!this.#isOpen) return work
    this.#admission ??= loginDeadline(this.#host)
    return this.#admission.race(work)
  }

  /**
   * Lets the browser in: tells it who it is, sends what waited for it, and runs the commands that came meanwhile.
   * `tenant` was entered for it; the session leaves it when it ends.
   */
  admit(tenant: Tenant, identity: Identity | undefined): void {
    if (!this.#isOpen) {
      tenant.exit()
      return
    }
    this.#endAdmission()
    if (identity !== undefined && !this.#logIn(tenant, identity)) {
      tenant.exit()
      return
    }
    this.#tenant = tenant
    this.#sendServerInfo()
    if (identity !== undefined) this.#replay(tenant)
    this.#host.emit('connect', this)
    this.#inbox.open()
  }

  /** Ends a connection that cannot be accepted, with the reason as an error message before. */
  refuse(error: CometError): void {
    this.sendError(error)
    this.close(codeAfter(error), error.code)
  }

  /**
   * Logs in on the open connection. Another user begins without subscriptions: what the former one was allowed to read
   * says nothing about the new one.
   * @throws CometError COMET_ERR_CREDENTIALS, COMET_ERR_LIMIT; the login before stays
   */
  async authenticate(userId: number, key: string): Promise<void> {
    const tenant = this.tenant
    const identity = await identify(this, userId, key, this.#host)
    if (!this.#isOpen) return
    if (identity === undefined) throw cometError('COMET_ERR_CREDENTIALS', { user: userId })
    if (identity.userId === this.userId) this.#renew(tenant, identity)
    else {
      for (const pipe of [...this.pipes.values()]) this.unsubscribe(pipe)
      this.#forgetIdentity(tenant)
      if (!this.#logIn(tenant, identity)) return
      this.#replay(tenant)
    }
    this.#sendServerInfo()
  }

  /** The server is going to restart: the client is to come back after `after` milliseconds, and not all at once. */
  announceRestart(after: number): void {
    if (this.hasPositions) this.sendSystem('reconnect', { after })
  }

  /** The login is about to end, or has ended; returns when to look again, in milliseconds since the epoch. */
  checkExpiry(): number | undefined {
    const expiresAt = this.#identity?.expiresAt ?? Infinity
    const left = expiresAt - this.#host.clock.now()
    if (left > 0) {
      this.sendSystem('expiring', { after: left })
      return expiresAt
    }
    this.logOut()
    return undefined
  }

  /** Looks whether the login still holds, where it may have ended without our hearing of it. */
  async checkLogin(): Promise<void> {
    const identity = this.#identity
    if (identity === undefined) return
    if (!(await holds(this.tenant, identity)) && this.#identity === identity) this.logOut()
  }

  /** The login ended (revoked, expired, deleted): the browser stays, as a visitor. */
  logOut(): void {
    if (this.#identity === undefined || !this.#isOpen) return
    for (const pipe of [...this.pipes.values()]) if (pipeKind.isPrivate(pipe.name)) this.unsubscribe(pipe)
    this.tenant.announce(this, 'unsubscription')
    this.#forgetIdentity(this.tenant)
    this.tenant.announce(this, 'subscription')
    this.#sendServerInfo()
  }

  subscribe(name: string): void {
    const pipe = this.tenant.join(this, name)
    const { pipes } = this
    if (pipes.size === 0) this.#onlyPipe = pipe
    else {
      this.#pipes ??= new Map(pipes)
      this.#pipes.set(pipe.name, pipe)
      this.#onlyPipe = undefined
    }
  }

  unsubscribe(pipe: Pipe): void {
    this.#pipes?.delete(pipe.name)
    if (this.#onlyPipe === pipe) this.#onlyPipe = undefined
    if (this.#pipes?.size === 0) this.#pipes = undefined
    this.#outgoing.forget(pipe.name)
    this.tenant.part(this, pipe)
  }

  /** Sends `line` to this session alone. */
  send(line: Line): void {
    this.#outgoing.send(line)
  }

  /** Sends a message of the server itself. */
  sendSystem(event: string, data: object): void {
    this.send(systemLine(event, data))
  }

  /** Sends `lines` at the end of this turn, in one write with all else that this session gets. */
  enqueue(lines: readonly Line[]): void {
    this.#outgoing.enqueue(lines)
  }

  /** The same for lines of a pipe of which a slow reader gets only what is newest. */
  enqueueNewest(pipe: string, lines: readonly Line[]): void {
    this.#outgoing.enqueueNewest(pipe, lines)
  }

  /** A long answer counts as commands do: asking for it again and again must not hold up others. */
  countAnswer(characters: number): void {
    this.#inbox.countAnswer(characters)
  }

  /** Resolves to true when the network has taken what was sent until now, to false when the connection ended before. */
  taken(): Promise<boolean> {
    return this.#outgoing.taken()
  }

  /** Runs one command; what goes wrong is told to the browser. */
  run(text: string): void | Promise<void> {
    try {
      return runCommand(this, text, this.#host)?.catch((error: unknown) => this.fail(error))
    } catch (error) {
      this.fail(error)
    }
  }

  tooManyCommands(): void {
    const { maxCommandsPerSecond } = this.#host.limits
    const what = `Your page sends more than ${maxCommandsPerSecond} commands a second (one for each 10,000 characters), or faster than they can be run`
    this.sendError(cometError('COMET_ERR_LIMIT', { what, limit: 'maxCommandsPerSecond' }))
    this.close(closeCodes.slowConsumer, 'sends more commands than can be run')
  }

  /** A browser that reads too slowly would not answer the close for long: it ends here and now. */
  tooSlow(): void {
    this.#host.meter.hit('maxBufferedBytes')
    this.#end(closeCodes.slowConsumer, 'reads too slowly')
  }

  /** Of pipes that keep messages: else the client would take its position for one up to which it has everything. */
  skipped(pipes: readonly string[]): void {
    const kept = pipes.filter((pipe) => this.tenant.history.keepOf(pipe) > 0)
    if (this.hasPositions && kept.length > 0) this.sendSystem('skipped', { pipes: notRecovered(kept) })
  }

  /** Answers a command that failed, see `sendError`. What is no CometError is for the log, not for browsers. */
  fail(error: unknown, around?: Around): void {
    if (error instanceof CometError) {
      this.sendError(error, around)
      return
    }
    this.#host.logger.error(
      `A browser's command failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )
    this.sendError(cometError('COMET_ERR_INTERNAL', {}), around)
  }

  /** What it missed cannot be read now: what comes next must not go over that, so it ends, and its client tries again. */
  comeBack(error: unknown): void {
    this.fail(error)
    this.close(closeCodes.restart, 'what was missed cannot be read')
  }

  /** Answers a command that failed. */
  sendError(error: CometError, around?: Around): void {
    this.#host.meter.told(error.code)
    this.send(errorLine(error, around))
  }

  close(code: number, reason: string): void {
    this.#outgoing.flush()
    this.#end(code, reason)
  }

  message(text: string): void {
    if (!this.#isOpen) return
    this.#inbox.take(text)
  }

  closed(code: number, reason: string): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#endAdmission()
    this.#host.sessions.delete(this)
    this.#outgoing.end()
    this.#inbox.close()
    if (this.#hasEntered) this.#host.addresses.leave(this.ip)
    const tenant = this.#tenant
    if (tenant === undefined) return
    for (const pipe of [...this.pipes.values()]) this.unsubscribe(pipe)
    this.#host.emit('disconnect', this, { code, reason })
    this.#forgetIdentity(tenant)
    tenant.exit()
  }

  #endAdmission(): void {
    this.#admission?.end()
    this.#admission = undefined
  }

  /** Here and now: a browser that does not read would not answer the close for long. */
  #end(code: number, reason: string): void {
    this.#connection.close(code, reason)
    this.closed(code, reason)
  }

  #logIn(tenant: Tenant, identity: Identity): boolean {
    const refusal = lackOfRoom(tenant, identity.userId, this.#host)
    if (refusal !== undefined) {
      this.sendError(refusal)
      this.close(closeCodes.tooManyConnections, 'too many connections of this user')
      return false
    }
    this.#tenant = tenant // others are told of the session now, with its uuid
    this.#identity = identity
    tenant.presence.join(this)
    watchExpiry(this, tenant, identity, this.#host.clock.now())
    return true
  }

  #renew(tenant: Tenant, identity: Identity): void {
    tenant.expiry.remove(this)
    this.#identity = identity
    watchExpiry(this, tenant, identity, this.#host.clock.now())
  }

  #forgetIdentity(tenant: Tenant): void {
    if (this.#identity === undefined) return
    tenant.presence.leave(this)
    tenant.expiry.remove(this)
    this.#identity = undefined
  }

  #sendServerInfo(): void {
    this.enqueue(this.#host.serverInfo.lines(this.isAuthorized, this.#identity?.key ?? ''))
  }

  #replay(tenant: Tenant): void {
    tenant.mailbox.replay(this).catch((error: unknown) => {
      // Its acknowledgement of a later one would be one of these, too; older clients send none.
      if (this.hasPositions) this.comeBack(error)
      else this.#host.logger.error(`The private messages of user ${this.userId} could not be read: ${String(error)}`)
    })
  }
}

const noPipes: ReadonlyMap<string, Pipe> = new Map()
