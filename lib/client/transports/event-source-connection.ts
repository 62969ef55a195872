import type { EventSourceConstructor, EventSourceLike } from '../environment.ts'
import { memberOf, parseJson } from '../server-message.ts'
import { CommandQueue } from './command-queue.ts'
import { abnormal, type Connection, type ConnectionEvents } from './connection.ts'
import type { HttpRequests } from './http-requests.ts'
import { sendUrl } from './urls.ts'

/** Server-Sent Events from `url`, and requests to `server` for commands. */
export class EventSourceConnection implements Connection {
  readonly #source: EventSourceLike
  readonly #requests: HttpRequests
  readonly #events: ConnectionEvents
  #commands: CommandQueue | undefined
  #isOver = false

  constructor(
    EventSource: EventSourceConstructor,
    { server, url, withCredentials }: Readonly<{ server: string; url: string; withCredentials: boolean }>,
    requests: HttpRequests,
    events: ConnectionEvents,
  ) {
    this.#requests = requests
    this.#events = events
    this.#source = new EventSource(url, { withCredentials })
    this.#on('session', (data) => this.#begin(sendUrl(server, String(memberOf(parseJson(data), 'session')))))
    this.#on('message', (data) => this.#events.received(data))
    this.#on('close', (data) =>
      this.#end(Number(memberOf(parseJson(data), 'code')), String(memberOf(parseJson(data), 'reason'))),
    )
    this.#source.onerror = () => this.#end(abnormal, '')
  }

  send(text: string): void {
    this.#commands?.send(text)
  }

  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    // The server ends the session with the stream: commands go first.
    void (this.#commands?.end(false) ?? Promise.resolve()).then(() => this.#source.close())
  }

  #on(name: string, take: (data: string) => void): void {
    this.#source.addEventListener(name, ({ data }) => {
      if (!this.#isOver) take(String(data))
    })
  }

  #begin(url: string): void {
    this.#commands = new CommandQueue(this.#requests, url, (code, reason) => this.#end(code, reason))
    this.#events.opened()
  }

  #end(code: number, reason: string): void {
    // Always: left alone it would come back by itself, with the address of today and no position.
    this.#source.close()
    if (this.#isOver) return
    this.#isOver = true
    this.#requests.abort()
    this.#events.closed(code, reason)
  }
}
