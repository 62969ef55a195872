import { ackCommand, authCommand } from '../../wire/commands.ts'
import { BetterWay } from './better-way.ts'
import type { Connect, Connection, ConnectionEvents, ConnectionState } from '../transports/connection.ts'
import type { Environment } from '../environment.ts'
import type { HeldConnection } from './held-connection.ts'
import { connectLater } from './later-connection.ts'
import { nowhere, type Link, type LinkEvents, type SessionTarget } from '../link.ts'
import type { Logger } from '../logger.ts'
import type { Positions } from '../subscriptions/positions.ts'
import { ReconnectingConnection } from './reconnecting-connection.ts'
import { memberOf, parseFrame, type ServerMessage } from '../server-message.ts'
import { TokenKeeper } from '../login/token-keeper.ts'
import { transportNames, type TransportName } from '../transports/transport-name.ts'
import { TransportChoice } from '../transports/transport-choice.ts'
import { connectBy } from '../transports/connect-by.ts'
import { connectWithin } from './time-limit.ts'
import { WantedPipes, type Told } from '../subscriptions/wanted-pipes.ts'

/** How long a transport may take until the server says its first word, in milliseconds, while there is another one. */
const comeUpMs = 5000
/** The most private messages that wait for a listener: as many as a server keeps, unless it is told otherwise. */
const maxUnheard = 1000

/** A key that was tried is not tried again for this long, in milliseconds: as many tabs may bring it as a browser has. */
const keyRestMs = 10_000

/** A link with a connection of its own: makes each new one as the last one was. */
export class Uplink implements Link {
  readonly isMaster = true
  readonly #environment: Environment
  readonly #logger: Logger
  readonly #events: LinkEvents
  readonly #positions: Positions
  readonly #pipes: WantedPipes
  readonly #connection: ReconnectingConnection
  readonly #tokens: TokenKeeper
  readonly #transports: TransportChoice
  #transport: TransportName | undefined
  #target = nowhere
  /** Which of the target's servers is next. */
  #serverIndex = 0
  /** Counts the ends: what came before one is not for what begins after it. */
  #run = 0
  #isAuthorized = false
  /** When the target's key was last tried, in milliseconds since the epoch. */
  #triedAt = 0
  #hearsPrivate = false
  /** Private messages that came while nobody listened, oldest first: not acknowledged, so they are not lost. */
  #unheard: ServerMessage[] = []
  /** Looks for a WebSocket while a fallback carries the connection. */
  readonly #betterWay: BetterWay
  /** The server to which it is connected. */
  #server = ''
  /** What the server was told by the connection that is being taken over. */
  #told: Told | undefined

  /** `positions` is asked what to resume, and told what comes. */
  constructor(environment: Environment, logger: Logger, events: LinkEvents, positions: Positions) {
    this.#environment = environment
    this.#logger = logger
    this.#events = events
    this.#positions = positions
    this.#pipes = new WantedPipes(positions)
    this.#tokens = new TokenKeeper(
      environment,
      (token) => this.#authorize(token),
      (text) => logger.problem(text),
    )
    this.#transports = new TransportChoice(environment)
    this.#betterWay = new BetterWay(environment, this.#pipes, {
      connect: (connectionEvents) => this.#connectBetter(connectionEvents),
      doubled: (isSo) => (this.#positions.remembersAll = isSo),
      isAsGood: ({ authorized }) => (authorized === true) === this.#isAuthorized,
      ready: (connection, told) => this.#goOver(connection, told),
      refused: () => this.#transports.remember(this.#transport ?? 'websocket'),
    })
    this.#connection = new ReconnectingConnection(
      (connectionEvents) => this.#connect(connectionEvents),
      {
        received: (text) => this.#received(text),
        failed: () => this.#transports.failed(),
        lost: (code, reason, retryMs) => this.#lost(code, reason, retryMs),
      },
      environment,
    )
  }

  get state(): ConnectionState {
    return this.#connection.state
  }

  get transport(): TransportName | undefined {
    return this.#transport
  }

  /** What `subscribe` was told, without `msg`. */
  get pipes(): readonly string[] {
    return this.#pipes.names
  }

  open(target: SessionTarget): void {
    this.close()
    this.#target = target
    this.#serverIndex = Math.floor(this.#environment.random() * target.servers.length)
    this.#tokens.start(target.getToken)
    this.#transports.reset()
    this.#connection.open()
  }

  close(): void {
    this.#run++
    this.#transport = undefined
    this.#unheard = []
    this.#tokens.stop()
    this.#betterWay.stop()
    this.#connection.close()
  }

  /** Another tab has woken up. */
  wake(): void {
    this.#connection.wake()
  }

  /**
   * Logs in on the open connection, and from now on, with a better key than that of `open`. The same may be good by now:
   * whose login has ended logs in again.
   */
  login(userKey: string): void {
    const now = this.#environment.clock.now()
    if (userKey === this.#target.userKey && now - this.#triedAt < keyRestMs) return
    this.#triedAt = now
    this.#target = { ...this.#target, userKey }
    this.#authorize(userKey)
  }

  subscribe(names: readonly string[]): void {
    this.#hearsPrivate = names.includes('msg')
    // Later: a tab that has just come is welcomed first.
    if (this.#hearsPrivate && this.#unheard.length > 0) void Promise.resolve().then(() => this.#releaseUnheard())
    this.#pipes.set(names.filter((name) => name !== 'msg'))
    if (this.state === 'connected') this.#syncPipes()
  }

  send(command: string): void {
    this.#logger.frame(`sent ${command}`)
    this.#betterWay.sent()
    this.#connection.send(command)
  }

  #authorize(token: string): void {
    this.send(authCommand(Number(this.#target.userId), token))
  }

  #connect(events: ConnectionEvents): Connection {
    const { servers } = this.#target
    const server = servers[this.#serverIndex % servers.length]
    if (server === undefined) throw new Error('no server is known: give start() the option "node"')
    return this.#withToken(events, (target) => this.#connectTo(server, target, events))
  }

  #withToken(events: ConnectionEvents, connect: (target: SessionTarget) => Connection): Connection {
    const target = this.#target
    if (target.getToken === undefined) return connect(target)
    return connectLater(this.#tokens.current(), events, (userKey) => connect({ ...target, userKey }))
  }

  #connectTo(server: string, target: SessionTarget, events: ConnectionEvents): Connection {
    const transport = this.#transports.next(server, target.transports)
    if (transport === undefined)
      throw new Error(
        `this platform has none of the transports "${target.transports.join()}": allow some of ${transportNames.join()}`,
      )
    this.#logger.connection(`connecting to ${server} by ${transport}`)
    this.#server = server
    const connect: Connect = (events) => connectBy(transport, server, target, this.#environment, events)
    return this.#transports.hasMore
      ? connectWithin(comeUpMs, this.#environment.clock, events, connect)
      : connect(events)
  }

  #received(text: string): void {
    this.#logger.frame(`received ${text}`)
    const ignored = (line: string): void => this.#logger.problem(`ignored, because it is no message: ${line}`)
    let lastPrivate: string | undefined
    const run = this.#run
    for (const line of parseFrame(text, ignored)) {
      if (run !== this.#run) return
      if (line.pipe === 'msg' && !this.#hearsPrivate) {
        if (this.#unheard.push(line) > maxUnheard) this.#unheard.shift()
        continue
      }
      const message = line.pipe === 'sys' ? this.#systemMessage(line) : line
      const isNew = this.#pipes.isLeft(message) || this.#positions.admit(message)
      // Both may have called the page: of a connection that is up, or of a gap.
      if (isNew && run === this.#run) this.#events.received(message)
      if (message.pipe === 'msg') lastPrivate = message.id
    }
    this.#acknowledge(lastPrivate)
  }

  /** After the page's callbacks: what they did not get has to come again. One speaks for those before it. */
  #acknowledge(id: string | undefined): void {
    if (id !== undefined && this.state === 'connected') this.send(ackCommand(id))
  }

  #releaseUnheard(): void {
    if (!this.#hearsPrivate) return
    const messages = this.#unheard.splice(0)
    const run = this.#run
    for (const message of messages)
      if (run === this.#run && this.#positions.admit(message)) this.#events.received(message)
    this.#acknowledge(messages.at(-1)?.id)
  }

  /** Does what the server says. Returns the message as it is for the page. */
  #systemMessage(message: ServerMessage): ServerMessage {
    const { event, data, authorized } = message
    const after = Number(memberOf(data, 'after'))
    if (event === 'serverInfo') {
      this.#begin(authorized === true)
      return { ...message, transport: this.#transport }
    } else if (event === 'subscribed') return this.#pipes.answered(message)
    else if (event === 'reconnect') this.#connection.comeBackIn(after)
    // At any moment of the first half: users who logged in together do not renew together.
    else if (event === 'expiring') this.#tokens.renew((this.#environment.random() * after) / 2)
    else if (event === 'error') this.#serverError(data)
    return message
  }

  #serverError(data: unknown): void {
    const text = memberOf(data, 'error')
    this.#logger.problem(`the server says: ${typeof text === 'string' ? text : JSON.stringify(data)}`)
    if (memberOf(data, 'info') === 'COMET_ERR_CREDENTIALS') this.#tokens.renew()
  }

  /** The server has let us in, or says anew who we are. */
  #begin(isAuthorized: boolean): void {
    const isNew = this.state !== 'connected'
    // Of another user the server has forgotten all subscriptions; and what nobody has acknowledged comes again.
    if (isNew || (isAuthorized && !this.#isAuthorized)) {
      this.#pipes.forgotten()
      this.#unheard = []
    }
    if (isAuthorized !== this.#isAuthorized) this.#betterWay.changed()
    this.#isAuthorized = isAuthorized
    if (isAuthorized) this.#tokens.accepted()
    else if (Number(this.#target.userId) > 0) this.#tokens.renew()
    if (isNew) {
      this.#pipes.connected(this.#told)
      this.#told = undefined
      this.#connection.accepted()
      this.#triedAt = this.#environment.clock.now()
      this.#transport = this.#transports.cameUp()
      if (this.#transports.hasBetter(this.#transport, this.#target.transports)) this.#betterWay.start()
      this.#logger.connection(`connected by ${this.#transport}`)
      this.#positions.connected()
    }
    // First of all: what waits to be sent may be about a pipe, as the question who is in it.
    this.#syncPipes()
    if (isNew) this.#events.connected()
  }

  #lost(code: number, reason: string, retryMs: number | undefined): void {
    // Each server by all transports, then the next one.
    if (!this.#transports.isTrying) this.#serverIndex++
    this.#transport = undefined
    this.#told = undefined
    this.#tokens.stop()
    this.#betterWay.stop()
    const why = `${code} ${reason}`.trim()
    if (retryMs === undefined)
      this.#logger.problem(
        `The server refused the connection (${why}); the client stays away until start() or restart()`,
      )
    else this.#logger.connection(`connection lost (${why}), trying again in ${retryMs} ms`)
    this.#events.lost(code, reason, retryMs)
  }

  #syncPipes(): void {
    const command = this.#pipes.change()
    if (command === undefined) return
    this.#betterWay.changed()
    this.send(command)
  }

  // While a fallback carries the connection

  #connectBetter(events: ConnectionEvents): Connection {
    return this.#withToken(events, (target) =>
      connectWithin(comeUpMs, this.#environment.clock, events, (own) =>
        connectBy('websocket', this.#server, target, this.#environment, own),
      ),
    )
  }

  #goOver(connection: HeldConnection, told: Told): void {
    const begin = (): void => {
      this.#told = told
      this.#transports.next(this.#server, ['websocket'])
    }
    const end = () => (this.#positions.remembersAll = false)
    // The server stays the same, though a connection is lost.
    this.#serverIndex--
    this.#connection.goOver((events) => connection.takeOver(events, begin, end), 'a WebSocket is up')
  }
}
