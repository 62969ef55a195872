import { backoffDelay } from '../connections/backoff.ts'
import { CommandQueue } from './command-queue.ts'
import { abnormal, type Connection, type ConnectionEvents } from './connection.ts'
import type { Environment } from '../environment.ts'
import type { HttpRequests } from './http-requests.ts'
import { memberOf } from '../server-message.ts'
import { pollUrl, sendUrl } from './urls.ts'
import { onWakeUp } from '../connections/wake-ups.ts'

/** How often a request that failed is sent again: the server keeps the session for 10 seconds. */
const maxRetries = 3

/**
 * Long polling: requests that the server answers when it has something to say, one after the other. Each names the last
 * answer that came, so that one that was lost comes again. Source: browser protocol, "Fallback transports".
 */
export class PollingConnection implements Connection {
  readonly #environment: Environment
  readonly #server: string
  readonly #requests: HttpRequests
  readonly #polls: HttpRequests
  readonly #events: ConnectionEvents
  #commands: CommandQueue | undefined
  #session: string | undefined
  #retries = 0
  #cancelRetry = (): void => undefined
  #isOver = false

  /** `url` opens a session; `polls` are the requests that wait, `requests` those for commands. */
  constructor(
    environment: Environment,
    { server, url }: { readonly server: string; readonly url: string },
    polls: HttpRequests,
    requests: HttpRequests,
    events: ConnectionEvents,
  ) {
    this.#environment = environment
    this.#server = server
    this.#polls = polls
    this.#requests = requests
    this.#events = events
    environment.window?.addEventListener('pagehide', this.#leave)
    void this.#poll(url)
  }

  send(text: string): void {
    this.#commands?.send(text)
  }

  close(): void {
    if (this.#isOver) return
    this.#stop()
    this.#leave()
  }

  /** Without a word of us the server would wait for the next poll. After the commands: none is to be lost by it. */
  readonly #leave = (): void => void this.#commands?.end(true)

  #stop(): void {
    this.#isOver = true
    this.#environment.window?.removeEventListener('pagehide', this.#leave)
    this.#cancelRetry()
    this.#polls.abort()
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return
    this.#stop()
    this.#requests.abort()
    this.#events.closed(code, reason)
  }

  async #poll(url: string): Promise<void> {
    const { status, body } = await this.#polls.post(url, '')
    if (this.#isOver) return
    const messages = memberOf(body, 'messages')
    if (Array.isArray(messages) && this.#hasSession(memberOf(body, 'session'))) this.#take(body, messages)
    else if (this.#session === undefined || status === 404 || this.#retries >= maxRetries)
      this.#end(abnormal, `the answer to a poll is ${status}`)
    else this.#retry(url)
  }

  #retry(url: string): void {
    const { clock } = this.#environment
    const again = (): void => {
      this.#cancelRetry()
      void this.#poll(url)
    }
    const timer = clock.setTimeout(
      again,
      backoffDelay(this.#retries++, () => this.#environment.random()),
    )
    const ignoreWakeUps = onWakeUp(this.#environment, again)
    this.#cancelRetry = () => {
      clock.clearTimeout(timer)
      ignoreWakeUps()
    }
  }

  #take(body: unknown, messages: readonly unknown[]): void {
    this.#retries = 0
    // An empty answer is told too: it is a sign of life.
    this.#events.received(messages.map((message) => JSON.stringify(message)).join('\n'))
    const close = memberOf(body, 'close')
    if (close !== undefined) this.#end(Number(memberOf(close, 'code')), String(memberOf(close, 'reason')))
    else if (!this.#isOver) void this.#poll(pollUrl(this.#server, this.#session ?? '', Number(memberOf(body, 'seq'))))
  }

  /** Takes the session that the first answer names. False for an answer that is none of our server: it names none. */
  #hasSession(session: unknown): boolean {
    if (this.#session === undefined && typeof session === 'string') this.#begin(session)
    return this.#session !== undefined
  }

  #begin(session: string): void {
    this.#session = session
    this.#commands = new CommandQueue(this.#requests, sendUrl(this.#server, session), (code, reason) =>
      this.#end(code, reason),
    )
    this.#events.opened()
  }
}
