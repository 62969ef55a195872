import { WebSocket } from 'ws'
import type { Page } from './page.ts'

interface Message {
  readonly pipe: string
  readonly event: string
  readonly data: unknown
  readonly offset?: number
}

interface State {
  readonly epoch: string
  readonly offset: number
  readonly recovered?: boolean
}

/** A page of which nothing is hidden: what the server sends counts, not what a client makes of it. */
export class RovingPage implements Page {
  readonly received: { readonly offset: number; readonly text: string }[] = []
  readonly problems: string[] = []
  readonly #ports: () => readonly number[]
  readonly #path: string
  /** Of the node to which it is subscribed; undefined while it is on its way to one. */
  #port: number | undefined
  #position: { epoch: string; offset: number } | undefined
  #socket: WebSocket | undefined
  #isClosed = false

  /** `ports`: of the nodes that are there. */
  constructor(ports: () => readonly number[], userId: number) {
    this.#ports = ports
    this.#path = `/ws/sesion=hash${userId}&myid=${userId}&devid=0&v=5&uuid=page${userId}&api=js`
    this.#connect(ports()[userId % ports().length] ?? 0)
  }

  isAtOneOf(ports: readonly number[]): boolean {
    return this.#port !== undefined && ports.includes(this.#port)
  }

  close(): void {
    this.#isClosed = true
    this.#socket?.terminate()
  }

  #choose(): number {
    const ports = this.#ports()
    return ports[Math.floor(Math.random() * ports.length)] ?? 0
  }

  #connect(port: number): void {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${this.#path}`)
    this.#socket = socket
    socket.on('error', () => undefined) // 'close' follows
    socket.on('close', () => {
      this.#port = undefined
      if (!this.#isClosed) setTimeout(() => this.#connect(this.#choose()), 50 + Math.random() * 200)
    })
    socket.on('message', (data) => {
      for (const line of (data as Buffer).toString().split('\n')) this.#take(JSON.parse(line) as Message, port)
    })
  }

  #take({ pipe, event, data, offset = 0 }: Message, port: number): void {
    if (event === 'serverInfo') {
      const position = this.#position === undefined ? '' : ` ${this.#position.epoch} ${this.#position.offset}`
      this.#socket?.send(`subscription\nnews${position}\ntrack_news`)
    } else if (event === 'subscribed') this.#subscribed(data as { pipes: { news?: State } }, port)
    else if (pipe === 'news') this.#takeNews(offset, String(data))
  }

  #subscribed({ pipes: { news } }: { pipes: { news?: State } }, port: number): void {
    if (news === undefined) return
    this.#position ??= { epoch: news.epoch, offset: news.offset }
    if (news.recovered === false) this.problems.push(`not recovered at ${this.#position.offset}`)
    if (news.offset !== this.#position.offset) this.problems.push(`at ${this.#position.offset}, told ${news.offset}`)
    this.#port = port
  }

  #takeNews(offset: number, text: string): void {
    if (this.#position === undefined) return
    if (offset !== this.#position.offset + 1) this.problems.push(`${offset} after ${this.#position.offset}`)
    this.#position.offset = offset
    this.received.push({ offset, text })
  }
}
