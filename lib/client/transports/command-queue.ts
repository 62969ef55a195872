import * as closeCodes from '../../wire/close-codes.ts'
import { abnormal } from './connection.ts'
import type { HttpRequests } from './http-requests.ts'

/** How many characters of commands go in one request, where it has several. */
const maxBatch = 16_000
/** How long the last requests of a connection may take, in milliseconds. */
const lastMs = 5000

/**
 * Commands on their way by POST, one request at a time, so that they keep their order; what comes up meanwhile goes
 * together in the next one. Source: browser protocol, "Fallback transports".
 */
export class CommandQueue {
  readonly #requests: HttpRequests
  readonly #url: string
  readonly #failed: (code: number, reason: string) => void
  #waiting: string[] = []
  #maxBatch = maxBatch
  #run: Promise<void> | undefined

  /** `url` names the session; `failed` is told that the session has ended, or that it is not known what it has got. */
  constructor(requests: HttpRequests, url: string, failed: (code: number, reason: string) => void) {
    this.#requests = requests
    this.#url = url
    this.#failed = failed
  }

  send(command: string): void {
    this.#waiting.push(command)
    // In the next turn: then all commands of this one go together.
    this.#run ??= Promise.resolve().then(() => this.#sendAll())
  }

  /** Sends what waits, then `&close=1` where `isClosing`; resolves when that is done, or has taken too long. */
  async end(isClosing: boolean): Promise<void> {
    const { clock } = this.#requests
    const timer = clock.setTimeout(() => this.#requests.abort(), lastMs)
    await this.#run
    if (isClosing) await this.#requests.post(`${this.#url}&close=1`, '', true)
    clock.clearTimeout(timer)
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const commands = this.#takeBatch()
      const { status } = await this.#requests.post(this.#url, JSON.stringify(commands), true)
      if (status === 413 && commands.length > 1) {
        this.#maxBatch = 0 // The server's limit is lower than ours: each by itself, from now on.
        this.#waiting.unshift(...commands)
      } else if (status !== 204) {
        this.#waiting = []
        this.#failed(status === 413 ? closeCodes.tooBig : abnormal, `the answer to a request is ${status}`)
      }
    }
    this.#run = undefined
  }

  #takeBatch(): string[] {
    let length = 0
    const end = this.#waiting.findIndex((command, i) => (length += command.length) > this.#maxBatch && i > 0)
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end)
  }
}
