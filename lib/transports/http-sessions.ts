import { randomBytes } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { BodyError, readCommands, type BodyLimits } from './commands-body.ts'
import { answer, answerOtherMethod, answerText, pageHeaders } from './http-answers.ts'
import type { Hello, OnLimit, PageRightsOf, RequestHandler } from './transport.ts'

/** A connection whose two directions are requests of their own, held together by the id of its session. */
export interface HttpSession {
  /** What lets the page that opened it read our answers. */
  readonly headers: OutgoingHttpHeaders
  /** The browser sends commands; none at all is a sign of life. */
  run(commands: readonly string[]): void
  /** The browser says that it leaves. */
  leave(): void
}

/** The options that `sse()` and `longPoll()` have in common. */
export interface HttpSessionOptions {
  /**
   * The largest body of commands taken from a browser, in bytes. Default: twice `maxMessageBytes` of the server's limits
   * + 64 KiB: a message that is JSON fits, whatever is escaped in it.
   */
  readonly maxBodyBytes?: number
  /** How long a body may take to come, in milliseconds. Default 30,000. */
  readonly bodyTimeoutMs?: number
}

const aroundMessages = 64 * 1024
const defaultBodyTimeoutMs = 30_000

/** What the core is told where the browser says that it leaves, and where it is gone without a word (RFC 6455, 7.4.1). */
export const leftCode = 1001
export const lostCode = 1006

/** Who has an id may send in the name of its session: 144 random bits. */
const idBytes = 18

/** Opens a session for a request that may. */
export type OpenSession = (
  request: IncomingMessage,
  response: ServerResponse,
  hello: Hello,
  headers: OutgoingHttpHeaders,
) => void

/** The sessions of one transport by their ids, and the way in for their commands. */
export class HttpSessions<Session extends HttpSession> {
  readonly #sessions = new Map<string, Session>()
  /** The sessions of which a body is being read. */
  readonly #reading = new Map<Session, IncomingMessage>()
  readonly #limits: BodyLimits
  readonly #rightsOf: PageRightsOf
  readonly #onLimit: OnLimit
  #isClosed = false

  constructor(options: HttpSessionOptions, maxMessageBytes: number, rightsOf: PageRightsOf, onLimit: OnLimit) {
    this.#limits = {
      maxBodyBytes: options.maxBodyBytes ?? 2 * maxMessageBytes + aroundMessages,
      bodyTimeoutMs: options.bodyTimeoutMs ?? defaultBodyTimeoutMs,
    }
    this.#rightsOf = rightsOf
    this.#onLimit = onLimit
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Returns the id under which it is found from now on. */
  add(session: Session): string {
    const id = randomBytes(idBytes).toString('base64url')
    this.#sessions.set(id, session)
    return id
  }

  get(id: string | undefined): Session | undefined {
    return id === undefined ? undefined : this.#sessions.get(id)
  }

  delete(id: string): void {
    this.#sessions.delete(id)
  }

  /** Takes the requests by `method` that open a session. */
  opening(method: 'GET' | 'POST', open: OpenSession): RequestHandler {
    return (request, response, hello) => {
      void this.#headersFor(hello).then((headers) => {
        if (answerOtherMethod(method, request, response, headers)) return
        if (this.#isClosed) answerText(response, 503, 'The server is stopping: try again', headers)
        else if (!request.socket.destroyed && !response.headersSent) open(request, response, hello, headers)
      })
      return true
    }
  }

  /** Takes `POST {path}/send/session=…`: the commands of a session, or with `close=1` its end. */
  readonly send: RequestHandler = (request, response, _hello, part) => {
    const id = part('session')
    const session = this.get(id)
    if (session === undefined) return false
    if (answerOtherMethod('POST', request, response, session.headers)) return true
    if (part('close') === '1') {
      session.leave()
      answer(response, 204, session.headers)
    } else void this.#take(session, request, response)
    return true
  }

  /** Afterwards nobody comes in; returns those who are there. */
  close(): readonly Session[] {
    this.#isClosed = true
    for (const request of this.#reading.values()) request.destroy()
    return [...this.#sessions.values()]
  }

  async #headersFor(hello: Hello): Promise<OutgoingHttpHeaders> {
    const { origin } = hello.headers
    return pageHeaders(origin, origin === undefined ? 'none' : await this.#rightsOf(hello))
  }

  async #take(session: Session, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#reading.has(session)) {
      answerText(response, 409, 'Commands of this session are under way: send one body at a time', session.headers)
      return
    }
    this.#reading.set(session, request)
    try {
      const commands = await readCommands(request, this.#limits)
      session.run(commands)
      answer(response, 204, session.headers)
    } catch (error) {
      if (!(error instanceof BodyError)) return // nobody is there to be answered
      if (error.limit !== undefined) this.#onLimit(error.limit)
      response.shouldKeepAlive = false // what still comes of the body is not waited for
      answerText(response, error.status, error.message, session.headers)
    } finally {
      this.#reading.delete(session)
    }
  }
}
