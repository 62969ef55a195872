import type { Clock, Environment } from '../environment.ts'

/** What the server says to a request; the status 0 says that none came, or not all of it. */
export interface Answer {
  readonly status: number
  /** What came as JSON with the status 200. */
  readonly body: unknown
}

/** The longest body that browsers send on after the page has gone: 64 KiB of UTF-8 for all of them together. */
const maxKeptAlive = 10_000

/** The requests of one connection. Never rejects. */
export class HttpRequests {
  readonly #environment: Environment
  readonly #credentials: RequestCredentials
  readonly #abort = new AbortController()

  /** `withCredentials`: whether cookies go to servers of other origins. */
  constructor(environment: Environment, withCredentials: boolean) {
    this.#environment = environment
    this.#credentials = withCredentials ? 'include' : 'same-origin'
  }

  get clock(): Clock {
    return this.#environment.clock
  }

  /**
   * Sends `body` as plain text, for which browsers do not ask the server's permission first. `outlivesPage`: it should
   * arrive also when the page ends meanwhile.
   */
  async post(url: string, body: string, outlivesPage = false): Promise<Answer> {
    try {
      const response = await this.#environment.fetch?.(url, {
        method: 'POST',
        body,
        credentials: this.#credentials,
        signal: this.#abort.signal,
        keepalive: outlivesPage && body.length <= maxKeptAlive,
      })
      const status = response?.status ?? 0
      return { status, body: status === 200 ? await response?.json() : undefined }
    } catch {
      return { status: 0, body: undefined }
    }
  }

  /** Gives up what is under way. */
  abort(): void {
    this.#abort.abort()
  }
}
