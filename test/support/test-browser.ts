import type { Frame } from '../../lib/core/frame.ts'
import type { Accept, Connection, Hello, Receiver } from '../../lib/transports/transport.ts'
import { Inbox } from './inbox.ts'

/** Parts of a hello; a part that is undefined is missing from the path. */
export type TestHello = { readonly [Part in keyof Hello]?: Hello[Part] | undefined }

/** The path parameters and headers of a visitor of tenant 0. */
const visitor: Hello = {
  sesion: '',
  myid: '',
  devid: '0',
  v: '4.0',
  uuid: '',
  ip: '127.0.0.1',
  secure: false,
  headers: {},
}

/** A browser and its connection in one: it records every frame, and the test plays the network. */
export class TestBrowser extends Inbox implements Connection {
  /** What the core thinks that waits in the socket. */
  bufferedBytes = 0
  /** The Frame objects, one for each call of `send`. */
  readonly sent: Frame[] = []
  /** Whether the network takes bytes at once; else `takeAll` does. */
  takesBytes = true
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  #untaken: (() => void)[] = []
  #receiver: Receiver | undefined
  #end: ((end: { code: number; reason: string }) => void) | undefined
  #questions = 0

  private constructor() {
    super()
    this.closed = new Promise((resolve) => (this.#end = resolve))
  }

  static connect(accept: Accept, hello: TestHello): TestBrowser {
    const browser = new TestBrowser()
    browser.#receiver = accept(browser, { ...visitor, ...hello } as Hello)
    return browser
  }

  /** The core sends a frame. */
  send(frame: Frame, taken?: () => void): void {
    if (this.#end === undefined) return
    this.sent.push(frame)
    this.receive(frame.text)
    if (taken === undefined) return
    if (this.takesBytes) taken()
    else this.#untaken.push(taken)
  }

  /** The network takes all that waited. */
  takeAll(): void {
    for (const taken of this.#untaken.splice(0)) taken()
  }

  /** The browser sends a command: the word and its fields. */
  command(...fields: readonly string[]): void {
    this.#receiver?.message(fields.join('\n'))
  }

  /** Subscribes, and resolves when the server has done it. */
  async subscribe(...pipes: readonly string[]): Promise<void> {
    this.command('subscription', ...pipes)
    await this.settled()
  }

  /** Resolves when the commands sent until now are done, and all that was to come for this browser has come. */
  async settled(): Promise<void> {
    const marker = `settled${++this.#questions}`
    this.command('pipe_count', 'web_settled', marker)
    await this.next({ pipe: '_answer_pipe_count', marker })
  }

  /** Either side ends the connection. */
  close(code = 1000, reason = ''): void {
    const end = this.#end
    if (end === undefined) return
    this.#end = undefined
    this.#receiver?.closed(code, reason)
    end({ code, reason })
  }
}
