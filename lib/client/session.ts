import { pipeQuestionCommand } from '../wire/commands.ts'
import { Authorization } from './login/authorization.ts'
import { callWith, dispatch, type Call } from './subscriptions/dispatch.ts'
import type { Environment } from './environment.ts'
import type { Link, LinkEvents, SessionTarget } from './link.ts'
import type { Logger } from './logger.ts'
import { Outbox } from './commands/outbox.ts'
import { Positions } from './subscriptions/positions.ts'
import type { ConnectionState } from './transports/connection.ts'
import { Requests } from './commands/requests.ts'
import type { CometCallback, ServerMessage } from './server-message.ts'
import { SharedLink } from './tabs/shared-link.ts'
import { parseSubscriptionNames } from './subscriptions/subscription-name.ts'
import { Subscriptions } from './subscriptions/subscriptions.ts'
import type { TransportName } from './transports/transport-name.ts'
import { Uplink } from './connections/uplink.ts'

/** Is told a new state, with what ended the connection before; 0 and '' where nothing did. */
type StateCallback = (state: ConnectionState, change: { readonly code: number; readonly reason: string }) => void

/** What a page wants of the server, and what becomes of it: the same through all connections. */
export class Session {
  readonly authorization: Authorization
  readonly #logger: Logger
  readonly #call: Call
  readonly #positions = new Positions((pipe) => this.#gap(pipe))
  readonly #uplink: Link
  /** Undefined where the browser cannot share. */
  readonly #shared: SharedLink | undefined
  #link: Link
  readonly #subscriptions = new Subscriptions()
  readonly #requests: Requests
  readonly #outbox = new Outbox()
  readonly #stateCallbacks: StateCallback[] = []
  readonly #messageCallbacks: ((message: ServerMessage) => void)[] = []
  readonly #gapCallbacks: ((pipe: string) => void)[] = []
  #target: SessionTarget | undefined
  #isSyncPlanned = false
  #authHash = ''

  constructor(environment: Environment, logger: Logger) {
    this.#logger = logger
    this.#call = callWith((error) => environment.reportError(error))
    this.authorization = new Authorization(this.#call)
    const events: LinkEvents = {
      connected: () => this.#begin(),
      received: (message) => this.#received(message),
      lost: (code, reason) => this.#tell(this.#link.state, { code, reason }),
    }
    const { locks, BroadcastChannel } = environment
    this.#uplink = new Uplink(environment, logger, events, this.#positions)
    if (locks !== undefined && BroadcastChannel !== undefined)
      this.#shared = new SharedLink(environment, { locks, BroadcastChannel }, logger, events, this.#positions)
    this.#link = this.#uplink
    // Also of what is asked before it is known whether the connection is shared.
    this.#requests = new Requests(this.#shared === undefined ? '' : `${this.#shared.tab}.`)
  }

  get state(): ConnectionState {
    return this.#link.state
  }

  /** What carries the connection; undefined while there is none. */
  get transport(): TransportName | undefined {
    return this.#link.transport
  }

  get isMaster(): boolean {
    return this.#link.isMaster
  }

  /** The hash under which the server knows the user; '' while the user is not logged in. */
  get authHash(): string {
    return this.#authHash
  }

  /** Connects to another target, or the first time. */
  open(target: SessionTarget): void {
    const before = this.#target
    this.#target = target
    if (before?.userId !== target.userId || before.userKey !== target.userKey) this.#forgetUser()
    if (before?.devId !== target.devId || before.servers.join() !== target.servers.join()) this.#positions.clear()
    this.#link.close()
    this.#link = (target.oneSocket === false ? undefined : this.#shared) ?? this.#uplink
    this.#syncPipes()
    this.#link.open(target)
  }

  close(): void {
    this.#link.close()
  }

  /** See `parseSubscriptionNames`. Returns an id for `unsubscribe`. */
  subscribe(names: string, callback: CometCallback | undefined): string {
    const parsed = parseSubscriptionNames(names, (name) => {
      this.#logger.problem(
        `subscription: "${name}" is no pipe name and is left out; names have 2 to 64 of 0-9 A-Z a-z _ = + / -`,
      )
    })
    const id = this.#subscriptions.add(parsed, callback)
    this.#planSync()
    return id
  }

  /** Returns false where there is no such subscription. */
  unsubscribe(id: string): boolean {
    const existed = this.#subscriptions.remove(id)
    this.#planSync()
    return existed
  }

  unsubscribeAll(): void {
    this.#subscriptions.clear()
    this.#planSync()
  }

  /** Calls `callback` with the name of each pipe of which messages were lost for good. */
  onGap(callback: (pipe: string) => void): void {
    this.#gapCallbacks.push(callback)
  }

  /** Calls `callback` when the server has let us in, and whenever a connection has ended. */
  onStateChange(callback: StateCallback): void {
    this.#stateCallbacks.push(callback)
  }

  /** Calls `callback` for every message, the server's own included, before the callbacks of the page. */
  onMessage(callback: (message: ServerMessage) => void): void {
    this.#messageCallbacks.push(callback)
  }

  /** Sends a command; without a connection it waits for one. */
  send(command: string): void {
    if (this.#link.state === 'connected') this.#sendNow(command)
    else if (!this.#outbox.add(command)) {
      this.#logger.problem('1000 messages wait for a connection: the oldest is dropped')
    }
  }

  /** Sends a question, again after a reconnect, until it is answered. `command` makes it from a marker. */
  ask(command: (marker: string) => string, callback: CometCallback): void {
    const text = this.#requests.ask(command, callback)
    if (this.#link.state === 'connected') this.#sendNow(text)
  }

  /** Asks for the history of a pipe. It comes as messages of the pipe; `callback` gets them too. */
  askForHistory(pipe: string, callback: CometCallback = () => undefined): void {
    this.send(pipeQuestionCommand('pipe_log', pipe, this.#requests.askForHistory(callback)))
  }

  #forgetUser(): void {
    this.#authHash = ''
    this.authorization.set(undefined)
  }

  /** The server has let us in: tells it what it does not know yet. */
  #begin(): void {
    this.#syncPipes()
    for (const command of [...this.#requests.unanswered(), ...this.#outbox.take()]) this.#sendNow(command)
    this.#tell('connected', { code: 0, reason: '' })
  }

  #tell(state: ConnectionState, change: { readonly code: number; readonly reason: string }): void {
    for (const callback of this.#stateCallbacks) callback(state, change)
  }

  #received(message: ServerMessage): void {
    if (message.pipe === 'sys' && message.event === 'serverInfo') {
      this.#authHash = typeof message.data === 'string' ? message.data : ''
      this.authorization.set(message.authorized === true)
    }
    for (const callback of this.#messageCallbacks) callback(message)
    dispatch(message, this.#requests, this.#subscriptions, this.#call)
  }

  #gap(pipe: string): void {
    if (!this.#subscriptions.pipes().includes(pipe)) return // Only another tab wants it.
    if (this.#gapCallbacks.length === 0)
      this.#logger.problem(`messages of the pipe "${pipe}" were missed and cannot be had: reload, or use onGap()`)
    for (const callback of this.#gapCallbacks) this.#call(callback, pipe)
  }

  /** All changes of this turn of the event loop leave as one command: it replaces the whole list. */
  #planSync(): void {
    if (this.#isSyncPlanned) return
    this.#isSyncPlanned = true
    void Promise.resolve().then(() => {
      this.#isSyncPlanned = false
      this.#syncPipes()
    })
  }

  #syncPipes(): void {
    this.#link.subscribe(this.#subscriptions.pipes())
  }

  /** What the page subscribed to before it sent this goes first: a count then counts the page itself. */
  #sendNow(command: string): void {
    this.#syncPipes()
    this.#link.send(command)
  }
}
