import { pipeQuestionCommand, subscriptionCommand } from '../wire/commands.ts'
import { Authorization } from './authorization.ts'
import type { Connection, ConnectionEvents } from './connection.ts'
import { callWith, dispatch, type Call } from './dispatch.ts'
import type { Environment } from './environment.ts'
import type { Logger } from './logger.ts'
import { Outbox } from './outbox.ts'
import { ReconnectingConnection, type ConnectionState } from './reconnecting-connection.ts'
import { Requests } from './requests.ts'
import { parseFrame, type CometCallback, type ServerMessage } from './server-message.ts'
import { parseSubscriptionNames } from './subscription-name.ts'
import { Subscriptions } from './subscriptions.ts'
import { sessionUrl, type Hello } from './urls.ts'
import { connectWebSocket } from './websocket-connection.ts'

/** Where to connect, and as whom. */
export interface SessionTarget extends Hello {
  /** Addresses of equal servers, such as "wss://host/prefix": at least one. */
  readonly servers: readonly string[]
}

/** A page's session with the server: survives its connections, and makes each new one as the last one was. */
export class Session {
  readonly authorization: Authorization
  readonly #environment: Environment
  readonly #logger: Logger
  readonly #call: Call
  readonly #connection: ReconnectingConnection
  readonly #subscriptions = new Subscriptions()
  readonly #requests = new Requests()
  readonly #outbox = new Outbox()
  #target: SessionTarget | undefined
  /** Which of the target's servers is next. */
  #serverIndex = 0
  /** The list of pipes that the server has from us. */
  #sentPipes = subscriptionCommand([])
  #isSyncPlanned = false
  #authHash = ''

  constructor(environment: Environment, logger: Logger) {
    this.#environment = environment
    this.#logger = logger
    this.#call = callWith((error) => environment.reportError(error))
    this.authorization = new Authorization(this.#call)
    this.#connection = new ReconnectingConnection(
      (events) => this.#connect(events),
      { received: (text) => this.#received(text), lost: (code, reason, retryMs) => this.#lost(code, reason, retryMs) },
      environment,
    )
  }

  get state(): ConnectionState {
    return this.#connection.state
  }

  /** The hash under which the server knows the user; '' while the user is not logged in. */
  get authHash(): string {
    return this.#authHash
  }

  /** Connects to another target, or the first time. */
  open(target: SessionTarget): void {
    const before = this.#target
    this.#connection.close()
    this.#target = target
    this.#serverIndex = Math.floor(this.#environment.random() * target.servers.length)
    if (before?.userId !== target.userId || before.userKey !== target.userKey) this.#forgetUser()
    this.#connection.open()
  }

  close(): void {
    this.#connection.close()
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

  /** Sends a command; without a connection it waits for one. */
  send(command: string): void {
    if (this.#connection.state === 'connected') this.#sendNow(command)
    else if (!this.#outbox.add(command)) {
      this.#logger.problem('More than 1000 messages wait for a connection: the oldest is dropped')
    }
  }

  /** Sends a question, again after a reconnect, until it is answered. `command` makes it from a marker. */
  ask(command: (marker: string) => string, callback: CometCallback): void {
    const text = this.#requests.ask(command, callback)
    if (this.#connection.state === 'connected') this.#sendNow(text)
  }

  /** Asks for the history of a pipe. It comes as messages of the pipe; `callback` gets them too. */
  askForHistory(pipe: string, callback: CometCallback = () => undefined): void {
    this.send(pipeQuestionCommand('pipe_log', pipe, this.#requests.askForHistory(callback)))
  }

  #forgetUser(): void {
    this.#authHash = ''
    this.authorization.set(undefined)
  }

  #connect(events: ConnectionEvents): Connection {
    if (this.#target === undefined) throw new Error('start() was not called')
    const { servers } = this.#target
    const server = servers[this.#serverIndex % servers.length]
    if (server === undefined)
      throw new Error('no server is known: give start() the option "node", for example "comet.example.com"')
    this.#logger.connection(`connecting to ${server}`)
    return connectWebSocket(this.#environment.WebSocket, sessionUrl(server, this.#target), events)
  }

  #received(text: string): void {
    this.#logger.frame(`received ${text}`)
    for (const message of parseFrame(text, (line) =>
      this.#logger.problem(`ignored, because it is no message: ${line}`),
    )) {
      if (message.pipe === 'sys') this.#systemMessage(message)
      dispatch(message, this.#requests, this.#subscriptions, this.#call)
    }
  }

  #systemMessage({ event, data, authorized }: ServerMessage): void {
    if (event === 'serverInfo') {
      this.#authHash = typeof data === 'string' ? data : ''
      this.#begin()
      this.authorization.set(authorized === true)
    } else if (event === 'error') {
      this.#logger.problem(`the server says: ${errorText(data)}`)
    }
  }

  /** The server has let us in: tells it what it does not know yet. */
  #begin(): void {
    if (this.#connection.state === 'connected') return
    this.#connection.accepted()
    this.#logger.connection('connected')
    this.#sentPipes = subscriptionCommand([])
    this.#syncPipes()
    for (const command of [...this.#requests.unanswered(), ...this.#outbox.take()]) this.#sendNow(command)
  }

  #lost(code: number, reason: string, retryMs: number | undefined): void {
    this.#serverIndex++
    const why = `${code}${reason === '' ? '' : ` ${reason}`}`
    if (retryMs === undefined)
      this.#logger.problem(
        `The server refused the connection (${why}); the client stays away until start() or restart()`,
      )
    else this.#logger.connection(`connection lost (${why}), trying again in ${retryMs} ms`)
  }

  /** All changes of this turn of the event loop leave as one command: it replaces the whole list. */
  #planSync(): void {
    if (this.#isSyncPlanned) return
    this.#isSyncPlanned = true
    void Promise.resolve().then(() => {
      this.#isSyncPlanned = false
      if (this.#connection.state === 'connected') this.#syncPipes()
    })
  }

  #syncPipes(): void {
    const command = subscriptionCommand(this.#subscriptions.pipes())
    if (command === this.#sentPipes) return
    this.#sentPipes = command
    this.#write(command)
  }

  /** What the page subscribed to before it sent this goes first: a count then counts the page itself. */
  #sendNow(command: string): void {
    this.#syncPipes()
    this.#write(command)
  }

  #write(command: string): void {
    this.#logger.frame(`sent ${command}`)
    this.#connection.send(command)
  }
}

function errorText(data: unknown): string {
  return typeof data === 'object' && data !== null && 'error' in data ? String(data.error) : JSON.stringify(data)
}
