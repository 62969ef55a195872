import { once } from 'node:events'
import { Agent, request, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { TestContext } from 'node:test'
import type { Answer } from './http.ts'
import { Inbox } from './inbox.ts'

/** The parts of the path of a visitor of tenant 0 with client version 5. */
export const visitorParts = 'sesion=&myid=&devid=0&v=5.0&uuid=&api=js'

/** Why a session ended: 404 is what a server says that does not know it, 0 what no server says. */
interface End {
  readonly code: number
  readonly reason: string
}

/** Where a browser connects, and what it sends along. */
export interface Target {
  readonly port: number
  /** The path at which the server is mounted. */
  readonly mount?: string
  readonly parts?: string
  readonly headers?: Record<string, string>
}

/** A browser whose commands are requests of their own. */
export abstract class HttpBrowser extends Inbox {
  /** Resolves when the session ended, from whichever side. */
  readonly closed: Promise<End>
  /** The answers to its commands. */
  readonly statuses: number[] = []
  session = ''
  readonly target: Required<Target>
  protected readonly agent = new Agent({ keepAlive: true })
  protected end: (end: End) => void = () => undefined
  #queue: string[] = []
  #sending: Promise<void> | undefined
  readonly #known: Promise<void>
  #setKnown: () => void = () => undefined

  constructor({ port, mount = '', parts = visitorParts, headers = {} }: Target) {
    super()
    this.target = { port, mount, parts, headers }
    this.closed = new Promise((resolve) => (this.end = resolve))
    this.#known = new Promise((resolve) => (this.#setKnown = resolve))
  }

  /** Sends a command: the word and its fields. One request is under way at a time. */
  command(...fields: readonly string[]): void {
    this.#queue.push(fields.join('\n'))
    this.#sending ??= this.#send()
      .catch((error: unknown) => this.end({ code: 0, reason: String(error) }))
      .finally(() => (this.#sending = undefined))
  }

  /** Subscribes; resolves when the server has done it. */
  async subscribe(...pipes: readonly string[]): Promise<void> {
    this.command('subscription', ...pipes)
    this.command('pipe_count', 'web_settled', 'subscribed')
    await this.next({ pipe: '_answer_pipe_count', marker: 'subscribed' })
  }

  /** Posts `body` as commands, whatever it is. */
  async post(body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
    await this.#known
    return await answerOf(this.ask('POST', `send/session=${this.session}`, body, headers))
  }

  /** Says that it leaves. */
  async leave(): Promise<Answer> {
    return await answerOf(this.ask('POST', `send/session=${this.session}&close=1`))
  }

  /** Is gone, without a word. */
  abstract vanish(): void

  protected known(session: string): void {
    this.session = session
    this.#setKnown()
  }

  protected ask(method: string, path: string, body: string | Buffer = '', more = {}): ClientRequest {
    const { port, mount } = this.target
    const headers = { ...this.target.headers, ...(method === 'POST' && { 'content-type': 'text/plain' }), ...more }
    const asked = request({ port, method, path: `${mount}/${path}`, headers, agent: this.agent })
    asked.on('error', () => this.end({ code: 0, reason: 'the connection broke' }))
    asked.end(body)
    return asked
  }

  async #send(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#known // before the body is made: what comes meanwhile goes with it
      const { status = 0 } = await this.post(JSON.stringify(this.#queue.splice(0, 500)))
      this.statuses.push(status)
      if (status === 404) this.end({ code: 404, reason: '' })
    }
  }
}

/** A browser with an event stream. */
export class SseBrowser extends HttpBrowser {
  /** The stream as it came, comments included. */
  raw = ''
  headers: IncomingHttpHeaders = {}
  stream: IncomingMessage | undefined
  readonly #asked: ClientRequest

  constructor(target: Target) {
    super(target)
    this.#asked = this.ask('GET', `sse/${this.target.parts}`, '', { accept: 'text/event-stream' })
    void this.#read().catch(() => this.end({ code: 0, reason: 'the stream broke' }))
  }

  static async connect(t: TestContext, target: Target): Promise<SseBrowser> {
    const browser = new SseBrowser(target)
    t.after(() => browser.vanish())
    await browser.next({ event: 'serverInfo' })
    return browser
  }

  vanish(): void {
    this.#asked.destroy()
    this.agent.destroy()
  }

  async #read(): Promise<void> {
    const [stream] = (await once(this.#asked, 'response')) as [IncomingMessage]
    this.headers = stream.headers
    this.stream = stream
    if (stream.statusCode !== 200) this.end({ code: stream.statusCode ?? 0, reason: '' })
    let rest = ''
    for await (const chunk of stream.setEncoding('utf8')) {
      this.raw += String(chunk)
      const events = (rest + String(chunk)).split('\n\n')
      rest = events.pop() ?? ''
      for (const event of events) this.#take(event.split('\n'))
    }
    this.end({ code: 0, reason: 'the stream ended' })
  }

  #take(lines: readonly string[]): void {
    const fields = (name: string): string[] =>
      lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2))
    const data = fields('data').join('\n')
    const [event] = fields('event')
    if (event === 'session') this.known((JSON.parse(data) as { session: string }).session)
    else if (event === 'close') this.end(JSON.parse(data) as End)
    else if (data !== '') this.receive(data)
  }
}

/** What a poll is answered. */
export interface PollAnswer {
  readonly session?: string
  readonly seq: number
  readonly messages: readonly unknown[]
  readonly close?: End
}

/** A browser that polls. */
export class PollBrowser extends HttpBrowser {
  seq = 0
  readonly answers: PollAnswer[] = []
  #isPolling = true

  constructor(target: Target) {
    super(target)
    void this.#poll().catch((error: unknown) => this.end({ code: 0, reason: String(error) }))
  }

  static async connect(t: TestContext, target: Target): Promise<PollBrowser> {
    const browser = new PollBrowser(target)
    t.after(() => browser.vanish())
    await browser.next({ event: 'serverInfo' })
    return browser
  }

  vanish(): void {
    this.#isPolling = false
    this.agent.destroy()
  }

  async #poll(): Promise<void> {
    let path = `poll/${this.target.parts}`
    while (this.#isPolling) {
      const { status = 0, body } = await answerOf(this.ask('POST', path))
      if (status !== 200) {
        this.end({ code: status, reason: body })
        return
      }
      this.#take(JSON.parse(body) as PollAnswer, body)
      path = `poll/session=${this.session}&seq=${this.seq}`
    }
  }

  #take(answer: PollAnswer, body: string): void {
    this.answers.push(answer)
    this.seq = answer.seq
    if (answer.session !== undefined) this.known(answer.session)
    if (answer.messages.length > 0) this.receive(linesOf(body).join('\n'))
    if (answer.close === undefined) return
    this.#isPolling = false
    this.end(answer.close)
  }
}

/** Resolves to the whole answer to a request. */
export async function answerOf(asked: ClientRequest): Promise<Answer> {
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += String(chunk)
  return { status: response.statusCode, headers: response.headers, body }
}

/** The objects in the list of messages of an answer, byte for byte as they came. */
function linesOf(body: string): string[] {
  const lines: string[] = []
  let [depth, from] = [0, 0]
  for (const { 0: token, index } of body.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === '{' && ++depth === 2) from = index
    if (token === '}' && --depth === 1) lines.push(body.slice(from, index + 1))
  }
  return body.includes('"close":{') ? lines.slice(0, -1) : lines
}
