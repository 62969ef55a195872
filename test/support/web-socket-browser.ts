import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { WebSocket, type ClientOptions } from 'ws'
import { Inbox } from './inbox.ts'

/** The path of a visitor of tenant 0 with client version 4. */
export const visitorPath = '/ws/sesion=&myid=&devid=0&v=4.0&uuid=&api=js'

/** A browser with a real socket. */
export class WebSocketBrowser extends Inbox {
  readonly socket: WebSocket
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>

  constructor(port: number, path = visitorPath, options: ClientOptions = {}) {
    super()
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { perMessageDeflate: false, ...options })
    this.socket.on('message', (data) => this.receive((data as Buffer).toString()))
    this.closed = once(this.socket, 'close').then(([code, reason]) => ({
      code: code as number,
      reason: String(reason),
    }))
    this.closed.catch(() => undefined) // the 'error' of a refused handshake is for who awaits it
  }

  /** Connects; resolves when the server has said who it is. */
  static async connect(
    t: TestContext,
    port: number,
    path?: string,
    options?: ClientOptions,
  ): Promise<WebSocketBrowser> {
    const browser = new WebSocketBrowser(port, path, options)
    t.after(() => browser.socket.terminate())
    await browser.next({ event: 'serverInfo' })
    return browser
  }

  /** Is gone, without a word. */
  vanish(): void {
    this.socket.terminate()
  }

  /** Sends a command: the word and its fields. */
  command(...fields: readonly string[]): void {
    this.socket.send(fields.join('\n'))
  }

  /** Subscribes; resolves when the server has done it. */
  async subscribe(...pipes: readonly string[]): Promise<void> {
    this.command('subscription', ...pipes)
    this.command('pipe_count', 'web_settled', 'subscribed')
    await this.next({ pipe: '_answer_pipe_count', marker: 'subscribed' })
  }
}
