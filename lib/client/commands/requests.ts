import type { CometCallback } from '../server-message.ts'

interface Request {
  /** Undefined for a history: any number of messages answer it, and none comes again after a reconnect. */
  readonly command?: string
  readonly callback: CometCallback
}

/** The most questions that wait for an answer, together with the histories that are listened for. */
const maxWaiting = 1000

/** Questions to the server. Each carries a marker, which its answer brings back. */
export class Requests {
  readonly #waiting = new Map<string, Request>()
  readonly #prefix: string
  #lastMarker = 0

  /** `prefix` begins every marker: those of tabs that share a connection must differ. */
  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** Notes a question that has one answer. Returns the command to send. */
  ask(command: (marker: string) => string, callback: CometCallback): string {
    const marker = this.#nextMarker()
    const text = command(marker)
    this.#note(marker, { command: text, callback })
    return text
  }

  /** Notes a question that any number of messages answer. Returns its marker. */
  askForHistory(callback: CometCallback): string {
    const marker = this.#nextMarker()
    this.#note(marker, { callback })
    return marker
  }

  /** The questions without an answer, to be asked again after a reconnect. */
  unanswered(): string[] {
    return [...this.#waiting.values()].flatMap(({ command }) => command ?? [])
  }

  /** Who asked for the message with this marker. A question is over with its answer. */
  callback(marker: string): CometCallback | undefined {
    const request = this.#waiting.get(marker)
    if (request?.command !== undefined) this.#waiting.delete(marker)
    return request?.callback
  }

  #nextMarker(): string {
    return `${this.#prefix}q${++this.#lastMarker}`
  }

  /** Makes room by forgetting the oldest. */
  #note(marker: string, request: Request): void {
    this.#waiting.set(marker, request)
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= maxWaiting) return
      this.#waiting.delete(oldest)
    }
  }
}
