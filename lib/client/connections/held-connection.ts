import type { Connect, Connection, ConnectionEvents } from '../transports/connection.ts'

/** What is told of a connection while it is held. */
export interface HeldEvents {
  /** Lines of the server came; they are kept. */
  received(text: string): void
  /** It ended, or never came up. */
  closed(code: number): void
}

/** A connection that keeps what comes until it is taken over. */
export class HeldConnection {
  readonly #connection: Connection
  #kept: string[] = []
  #received: (text: string) => void
  #closed: (code: number, reason: string) => void

  /** @throws where `connect` does */
  constructor(connect: Connect, events: HeldEvents) {
    this.#received = (text) => {
      this.#kept.push(text)
      events.received(text)
    }
    this.#closed = (code) => events.closed(code)
    this.#connection = connect({
      opened: () => undefined,
      received: (text) => this.#received(text),
      closed: (code, reason) => this.#closed(code, reason),
    })
  }

  send(text: string): void {
    this.#connection.send(text)
  }

  close(): void {
    this.#connection.close()
  }

  /** Gives it to somebody to whom it comes up now, after `begin`, with all that it has kept; then `end`. */
  takeOver(events: ConnectionEvents, begin: () => void, end: () => void): Connection {
    let isOver = false
    this.#closed = (code, reason) => events.closed(code, reason)
    // Later, as of any connection; nothing else comes in between.
    void Promise.resolve().then(() => {
      if (!isOver) {
        begin()
        events.opened()
        this.#received = (text) => events.received(text)
        for (let text; (text = this.#kept.shift()) !== undefined;) events.received(text)
      }
      end()
    })
    return {
      send: (text) => this.#connection.send(text),
      close: () => {
        isOver = true
        this.#kept = []
        this.#connection.close()
      },
    }
  }
}
