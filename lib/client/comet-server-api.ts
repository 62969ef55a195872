import { pipeQuestionCommand, statisticsCommand, userDataCommand, webPipeCommand } from '../wire/commands.ts'
import type { Environment } from './environment.ts'
import { browserUuid } from './login/identity.ts'
import type { SessionTarget } from './link.ts'
import { Logger, type LogLevel } from './logger.ts'
import type { StartOptions } from './options.ts'
import type { CometCallback } from './server-message.ts'
import { Session } from './session.ts'
import { isValidName, splitPipeEvent } from './subscriptions/subscription-name.ts'
import type { TransportName } from './transports/transport-name.ts'
import { targetOf } from './target.ts'
import { usesTls } from './transports/urls.ts'

/**
 * The client as pages know it: names and spellings are those of the public JavaScript API of comet-server.com, 3.x and
 * 4.x, so that pages written for that one work unchanged.
 */
export class CometServerApi {
  readonly #environment: Environment
  readonly #logger: Logger
  readonly #session: Session
  readonly #uuid: string
  readonly #tabUuid: string
  readonly #timers = new Set<unknown>()
  #options: StartOptions
  #target = ''
  #realUserKey = ''
  #usesWebSocket = true

  /** `options` are defaults for `start`. */
  constructor(environment: Environment, options: StartOptions = {}) {
    this.#environment = environment
    this.#options = options
    this.#logger = new Logger((text) => environment.print(text))
    this.#session = new Session(environment, this.#logger)
    this.#uuid = browserUuid(environment)
    this.#tabUuid = environment.newUuid()
  }

  /** Connects, with `options` over those of earlier calls. Does nothing where this is what it is connected to already. */
  start(options: StartOptions = {}): void {
    this.#setOptions(options)
    const target = this.#targetNow()
    if (this.#session.state !== 'disconnected' && JSON.stringify(target) === this.#target) return
    this.#target = JSON.stringify(target)
    this.#session.open(target)
  }

  /** Connects anew, with `options` over those of earlier calls. */
  restart(options: StartOptions = {}): void {
    this.#session.close()
    this.start(options)
  }

  /** Disconnects, until `start` or `restart`. */
  stop(): void {
    for (const timer of this.#timers) this.#environment.clock.clearTimeout(timer)
    this.#timers.clear()
    this.#session.close()
  }

  /**
   * Calls `callback` for messages. `name`: `pipe`, `pipe.event`, `msg`, `msg.event`, `#pipe` (delivery reports),
   * `user_status_<id>`, several of them separated by line breaks, or '' or left out: everything.
   * Returns an id for `unsubscription`.
   */
  subscription(callback: CometCallback): string
  subscription(name: string, callback?: CometCallback): string
  subscription(name: string | CometCallback, callback?: CometCallback): string {
    return typeof name === 'function' ? this.#session.subscribe('', name) : this.#session.subscribe(name, callback)
  }

  /** Removes one callback. The pipe is left when no callback needs it. Returns false where the id is unknown. */
  unsubscription(id: string): boolean {
    return this.#session.unsubscribe(id)
  }

  /** Removes all callbacks. */
  unsubscriptionAll(): void {
    this.#session.unsubscribeAll()
  }

  /**
   * Publishes into a pipe called `web_…`, `webauth_…` or `@web_…` (anonymously). `pipe` may be `pipe.event`; `message`
   * is anything that JSON can say. Sent at once, or when connected; of more than 1000 that wait the oldest are dropped.
   * Returns false where the names are not valid. @throws TypeError where JSON cannot say the message
   */
  web_pipe_send(pipe: string, message: unknown): boolean
  web_pipe_send(pipe: string, event: string, message: unknown): boolean
  web_pipe_send(target: string, ...rest: [unknown] | [string, unknown]): boolean {
    const { pipe, event } = rest.length === 1 ? splitPipeEvent(target) : { pipe: target, event: rest[0] }
    const message = rest.length === 1 ? rest[0] : rest[1]
    if (!isValidName({ pipe: pipe.replace(/^@/, ''), event })) {
      this.#logger.problem(
        `web_pipe_send: "${pipe}", event "${event}" is not sent: names have 2 to 64 of 0-9 A-Z a-z _ = + / -`,
      )
      return false
    }
    // JSON has no undefined, for which stringify returns undefined, whatever its type says.
    this.#session.send(webPipeCommand({ pipe, event, message: JSON.stringify(message ?? null) }))
    return true
  }

  /** Publishes `count` times, every `interval` milliseconds: for tests of load. `stop()` ends it. */
  multi_web_pipe_send(pipe: string, event: string, message: unknown, count: number, interval: number): void {
    if (count < 1 || !this.web_pipe_send(pipe, event, message) || count < 2) return
    const timer = this.#environment.clock.setTimeout(() => {
      this.#timers.delete(timer)
      this.multi_web_pipe_send(pipe, event, message, count - 1, interval)
    }, interval)
    this.#timers.add(timer)
  }

  /** Asks for a pipe's history: it comes to the pipe's callbacks, and to `callback`, with `server_info.history` true. */
  get_pipe_log(pipe: string, callback?: CometCallback): void {
    this.#session.askForHistory(pipe, callback)
  }

  /** Counts the subscribers of a `web_…` or `track_…` pipe: `event.data.user_in_pipe`. */
  count_users_in_pipe(pipe: string, callback: CometCallback): void {
    this.#session.ask((marker) => pipeQuestionCommand('pipe_count', pipe, marker), callback)
  }

  /** Who is in a `track_…` pipe: `event.data` is a list of `{user_id, uuid}`. */
  getTrackPipeUsers(pipe: string, callback: CometCallback): void {
    this.#session.ask((marker) => pipeQuestionCommand('track_pipe_users', pipe, marker), callback)
  }

  /** The public data of a user: `event.data.user_data`. */
  getUserData(userId: number | string, callback: CometCallback): void {
    this.#session.ask((marker) => userDataCommand(marker, String(userId)), callback)
  }

  /** Kept for old pages: servers ignore it. */
  sendStatistics(...values: readonly unknown[]): void {
    this.#session.send(statisticsCommand(JSON.stringify(values)))
  }

  /**
   * Calls `callback` with the name of a pipe whenever messages of it were missed while the page was away, and the server
   * does not have them any more: the page should load its state anew.
   */
  onGap(callback: (pipe: string) => void): void {
    this.#session.onGap(callback)
  }

  /** Calls `callback` whenever the user gets logged in; at once where that is so already. */
  onAuthSuccess(callback: () => void): void {
    this.#session.authorization.on(true, callback)
  }

  /** Calls `callback` whenever the user turns out not to be logged in; at once where that is known already. */
  onAuthFalill(callback: () => void): void {
    this.#session.authorization.on(false, callback)
  }

  /** Whether the user is logged in; undefined while the server has not said. */
  isAuthorized(): boolean | undefined {
    return this.#session.authorization.isAuthorized
  }

  /** Whether this tab holds the connection. */
  isMaster(): boolean {
    return this.#session.isMaster
  }

  /** What carries the connection: "websocket", "sse" or "polling"; undefined while there is none. */
  getTransport(): TransportName | undefined {
    return this.#session.transport
  }

  isConnected(): boolean {
    return this.#session.state === 'connected'
  }

  getUserId(): number | string {
    return this.#options.user_id ?? 0
  }

  /** The key given to `start`. */
  getUserKey(): string {
    return this.#options.user_key ?? ''
  }

  /** The hash that the server keeps for the user, or what `setRealUserKey` was given; '' where there is neither. */
  getRealUserKey(): string {
    return this.#realUserKey === '' ? this.#session.authHash : this.#realUserKey
  }

  setRealUserKey(key: string): void {
    this.#realUserKey = key
  }

  getDevId(): number | string {
    return this.#options.dev_id ?? 0
  }

  /** Identifies the browser: the same in all tabs. */
  getUUID(): string {
    return this.#options.uuid ?? this.#uuid
  }

  /** Identifies this tab, until it is reloaded. */
  getTabUUID(): string {
    return this.#tabUuid
  }

  /** The text given to `start` as `custom_string`. */
  getCustomString(): string {
    return this.#options.custom_string ?? ''
  }

  /** Whether to use TLS, from the next connection on. */
  UseWss(use: boolean): boolean {
    this.#setOptions({ wss: use })
    return use
  }

  isUseWss(): boolean {
    return usesTls(this.#options, this.#environment)
  }

  /** Whether WebSocket may be used, from the next `start` on. Default true. Returns what holds now. */
  UseWebSocket(use: boolean = this.#usesWebSocket): boolean {
    this.#usesWebSocket = use
    return use
  }

  /** 0 nothing, 1 what went wrong (default), 2 also connects and disconnects, 3 also every frame. */
  setLogLevel(level: LogLevel): void {
    this.#logger.level = level
  }

  getLogLevel(): LogLevel {
    return this.#logger.level
  }

  #targetNow(): SessionTarget {
    const target = targetOf(this.#options, this.#environment, this.#uuid)
    const transports = target.transports.filter((name) => this.#usesWebSocket || name !== 'websocket')
    return { ...target, transports }
  }

  #setOptions(options: StartOptions): void {
    this.#options = { ...this.#options, ...options }
  }
}
