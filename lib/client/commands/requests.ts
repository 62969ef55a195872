import type { CometCallback } from '../server-message.ts'

interface Request {
  readonly command: string
  readonly callback: CometCallback
}

/** The most questions that wait for an answer, and the most histories that are listened for. */
const maxWaiting = 1000

/** Questions to the server. Each carries a marker, which its answer brings back. */
export class Requests {
  readonly #waiting = new Map<string, Request>()
  readonly #histories = new Map<string, CometCallback>()
  readonly #prefix: string
  #lastMarker = 0

  /** `prefix` begins every marker: those of tabs that share a connection must differ. */
  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** Notes a question that has one answer. Returns the command to send. */
  ask(command: (marker: string) => string, callback: CometCallback): string {
    const marker = this.#nextMarker()
    const request = { command: command(marker), callback }
    setBounded(this.#waiting, marker, request)
    return request.command
  }

  /** Notes a question that any number of messages answer. Returns its marker. */
  askForHistory(callback: CometCallback): string {
    const marker = this.#nextMarker()
    setBounded(this.#histories, marker, callback)
    return marker
  }

  /** The questions without an answer, to be asked again after a reconnect. */
  unanswered(): string[] {
    return Array.from(this.#waiting.values(), ({ command }) => command)
  }

  /** Who asked for the message with this marker. A question is over with its answer. */
  callback(marker: string): CometCallback | undefined {
    const request = this.#waiting.get(marker)
    this.#waiting.delete(marker)
    return request?.callback ?? this.#histories.get(marker)
  }

  #nextMarker(): string {
    return `${this.#prefix}q${++this.#lastMarker}`
  }
}

/** Makes room by forgetting the oldest. */
function setBounded<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= maxWaiting) return
    map.delete(oldest)
  }
}
