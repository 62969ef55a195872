import type { ConnectionState } from './transports/connection.ts'
import { callWith, type Call } from './subscriptions/dispatch.ts'
import { moduleEnvironment } from './environment.ts'
import { browserUuid } from './login/identity.ts'
import { Logger, type LogLevel } from './logger.ts'
import { MessageStream, type MessageIterator } from './subscriptions/message-stream.ts'
import type { AnyWebSocket, GetToken } from './options.ts'
import { Publications } from './commands/publications.ts'
import type { CometEvent, Published } from './server-message.ts'
import { Session } from './session.ts'
import type { TransportName } from './transports/transport-name.ts'
import { isValidName } from './subscriptions/subscription-name.ts'
import { targetOf } from './target.ts'
import { nodesOf } from './transports/urls.ts'

/** Options of a `CometClient`. All may be left out in a page. */
export interface CometClientOptions {
  /** The server, such as "https://example.com/push", or several equal ones. Default: the server of the page. */
  readonly url?: string | readonly string[] | undefined
  /** The tenant. Default 0. */
  readonly devId?: number | undefined
  /**
   * The user who is logged in. Default 0: a visitor. To be named where the application logs users in by cookies, too:
   * tabs that name the same user share one connection, and its login.
   */
  readonly userId?: number | undefined
  /** The user's hash or JWT. Default: none. */
  readonly userKey?: string | undefined
  /** Gives the hash or JWT instead of `userKey`: called at the start, and again before it expires. Default: none. */
  readonly getToken?: GetToken | undefined
  /** Whether all tabs of the browser share one connection, where the browser can do that. Default true. */
  readonly oneSocket?: boolean | undefined
  /** Ends the client, as `close()` does. */
  readonly signal?: AbortSignal | undefined
  /** The constructor of WebSockets. Default: that of the platform, which Node has since version 22. */
  readonly WebSocket?: AnyWebSocket | undefined
  /** The transports that may be used; the order does not matter. Default: all three, the best that works. */
  readonly transports?: readonly TransportName[] | undefined
  /** Whether fallbacks send cookies to a server of another origin, as WebSocket always does. Default false. */
  readonly withCredentials?: boolean | undefined
  /** What goes to the console: 0 nothing, 1 what went wrong (default), 2 also connections, 3 also every frame. */
  readonly logLevel?: LogLevel | undefined
}

/** A message. */
export interface CometMessage<Data = unknown> {
  readonly pipe: string
  readonly event: string
  /** As it was sent: nobody has checked that it is what the page expects. */
  readonly data: Data
  /** The sender; 0 for back-ends and visitors. */
  readonly userId: number
  /** Tells it from all others; undefined where the server speaks an older protocol. */
  readonly id: string | undefined
  /** Its number in a pipe that keeps messages. */
  readonly offset: number | undefined
  /** When it was published, in Unix seconds. */
  readonly time: number | undefined
}

/** A function of the page that takes messages. */
export type MessageCallback<Data> = (message: CometMessage<Data>) => void

/** Why a state began: the code and reason of the connection that ended; 0 and '' where none had. */
export interface StateChange {
  readonly code: number
  readonly reason: string
}

/** The events of a client, and what their callbacks get. */
export interface CometClientEvents {
  /** It tries to connect; told again after each try that failed. */
  readonly connecting: StateChange
  /** The server has let it in, by `transport`. */
  readonly connected: StateChange & { readonly transport: TransportName | undefined }
  /** It stays away: it was closed, or the server refused it. */
  readonly disconnected: StateChange
  /** Messages of this pipe were missed, and the server does not have them any more: load the state anew. */
  readonly gap: { readonly pipe: string }
}

/** Options of `subscribe` and `messages`. */
export interface SubscribeOptions {
  /** Ends the subscription. */
  readonly signal?: AbortSignal | undefined
}

type ForPipe<Data> = readonly [callback: MessageCallback<Data>, options?: SubscribeOptions | undefined]
type ForEvent<Data> = readonly [event: string, ...ForPipe<Data>]

/** What a client that was closed says. */
const closed: StateChange = { code: 1000, reason: 'closed by the page' }

/**
 * A client of a star-comet server: connects when it is made, comes back after every lost connection, and gets what was
 * missed meanwhile of pipes that keep messages.
 */
export class CometClient {
  readonly #session: Session
  readonly #publications: Publications
  readonly #call: Call
  readonly #listeners = new Map<string, Set<(change: never) => void>>()
  readonly #streams = new Set<{ return(): unknown }>()
  readonly #over = new AbortController()
  #isClosed = false

  /** @throws TypeError where the platform has no WebSocket, or where an option is not valid */
  constructor(options: CometClientOptions = {}) {
    const { url, devId, userId, userKey, getToken, oneSocket, transports, withCredentials, signal } = options
    const environment = moduleEnvironment(options.WebSocket, transports)
    const logger = new Logger((text) => environment.print(text))
    logger.level = options.logLevel ?? 1
    this.#call = callWith((error) => environment.reportError(error))
    this.#session = new Session(environment, logger)
    this.#publications = new Publications(this.#session)
    this.#session.onGap((pipe) => this.#emit('gap', { pipe }))
    this.#session.onStateChange((state, change) => this.#changed(state, change))
    const names = { dev_id: devId, user_id: userId, user_key: userKey }
    const start = { ...nodesOf(url), ...names, getToken, oneSocket, transports, withCredentials }
    const target = targetOf(start, environment, browserUuid(environment))
    onAbort(signal, () => this.close(), this.#over)
    // In the next turn: so the page can ask for events first.
    void Promise.resolve().then(() => {
      if (this.#isClosed) return
      this.#emit('connecting', { code: 0, reason: '' })
      this.#session.open(target)
    })
  }

  get state(): ConnectionState {
    return this.#session.state
  }

  /** What carries the connection; undefined while there is none. */
  get transport(): TransportName | undefined {
    return this.#session.transport
  }

  /** Whether the user is logged in; undefined while the server has not said. */
  get isAuthorized(): boolean | undefined {
    return this.#session.authorization.isAuthorized
  }

  /**
   * Calls `callback` for the messages of a pipe, or of one event in it. The pipe `msg` has the user's private messages:
   * those that came before anybody listened come now.
   * Returns what ends it. @throws TypeError where a name is none
   */
  subscribe<Data = unknown>(pipe: string, callback: MessageCallback<Data>, options?: SubscribeOptions): () => void
  subscribe<Data = unknown>(
    pipe: string,
    event: string,
    callback: MessageCallback<Data>,
    options?: SubscribeOptions,
  ): () => void
  subscribe<Data>(pipe: string, ...rest: ForPipe<Data> | ForEvent<Data>): () => void {
    const [event, callback, options] = isForEvent(rest) ? rest : (['', ...rest] as const)
    checkName(pipe, event)
    if (options?.signal?.aborted === true) return () => undefined
    const name = event === '' ? pipe : `${pipe}.${event}`
    const id = this.#session.subscribe(name, (comet) => callback(messageOf<Data>(comet)))
    const over = new AbortController()
    const off = (): void => {
      over.abort()
      this.#session.unsubscribe(id)
    }
    onAbort(options?.signal, off, over)
    return off
  }

  /**
   * The messages of a pipe, or of one event in it, from now on: `for await (const message of comet.messages('news'))`.
   * Leaving the loop ends the subscription; closing the client ends the loop. @throws TypeError where a name is none
   */
  messages<Data = unknown>(
    pipe: string,
    options?: SubscribeOptions & { readonly event?: string },
  ): MessageIterator<CometMessage<Data>> {
    const over = new AbortController()
    const stream = new MessageStream<CometMessage<Data>>(() => {
      over.abort()
      off()
      this.#streams.delete(stream)
    })
    const off = this.subscribe<Data>(pipe, options?.event ?? '', (message) => stream.push(message))
    this.#streams.add(stream)
    onAbort(options?.signal, () => void stream.return(), over)
    if (this.#isClosed) void stream.return()
    return stream
  }

  /**
   * Publishes into a pipe called `web_…`, `webauth_…` or `@web_…` (anonymously); `data` is anything that JSON can say.
   * Resolves when the server has done it; waits for a connection where there is none. Rejects with a CometClientError:
   * the server refuses, or the connection was lost before it could say.
   */
  async publish(pipe: string, event: string, data: unknown): Promise<Published> {
    checkName(pipe.replace(/^@/, ''), event)
    // JSON has no undefined, for which stringify returns undefined, whatever its type says.
    return await this.#publications.publish({ pipe, event, message: JSON.stringify(data ?? null) })
  }

  /** Calls `callback` for an event of the client. Returns what ends that. */
  on<Name extends keyof CometClientEvents>(name: Name, callback: (event: CometClientEvents[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    listeners.add(callback)
    return () => void listeners.delete(callback)
  }

  /** Disconnects for good. Ends the loops over `messages`. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#over.abort()
    this.#session.close()
    this.#changed('disconnected', closed)
  }

  #changed(state: ConnectionState, change: StateChange): void {
    if (state !== 'connected') this.#publications.lost(change, state === 'disconnected')
    if (state === 'connected') this.#emit(state, { ...change, transport: this.transport })
    else this.#emit(state, change)
    if (state === 'disconnected') for (const stream of [...this.#streams]) void stream.return()
  }

  #emit<Name extends keyof CometClientEvents>(name: Name, event: CometClientEvents[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      this.#call(listener as (event: CometClientEvents[Name]) => void, event)
    }
  }
}

function isForEvent<Data>(rest: ForPipe<Data> | ForEvent<Data>): rest is ForEvent<Data> {
  return typeof rest[0] === 'string'
}

function checkName(pipe: string, event: string): void {
  if (isValidName({ pipe, event })) return
  throw new TypeError(
    `"${pipe}", event "${event}", are no names: a pipe has 2 to 64 of 0-9 A-Z a-z _ = + / - and an event up to 64`,
  )
}

function messageOf<Data>({ data, server_info }: CometEvent): CometMessage<Data> {
  const { pipe, event, user_id, id, offset, message_send_time } = server_info
  return { pipe, event, data: data as Data, userId: user_id, id, offset, time: message_send_time }
}

/** Calls `end` when `signal` says so, unless it is `over` before: a signal may outlive many subscriptions. */
function onAbort(signal: AbortSignal | undefined, end: () => void, over: AbortController): void {
  if (signal?.aborted === true) end()
  else signal?.addEventListener('abort', end, { once: true, signal: over.signal })
}
