import { backoffDelay } from '../connections/backoff.ts'
import type { Environment } from '../environment.ts'
import type { GetToken } from '../options.ts'
import { memberOf } from '../server-message.ts'

/** The user's token: asked of the page, kept for the next connection, and renewed in time. */
export class TokenKeeper {
  readonly #environment: Environment
  readonly #login: (token: string) => void
  readonly #problem: (text: string) => void
  #getToken: GetToken | undefined
  #token: string | undefined
  #timer: unknown
  #isRenewing = false
  /** Renewals since the server last accepted one. */
  #failures = 0
  /** What was begun before a `stop` does nothing after it. */
  #run = 0
  /** Counts the users. */
  #user = 0

  /** `login` sends a new token; `problem` tells the developer of the page. */
  constructor(environment: Environment, login: (token: string) => void, problem: (text: string) => void) {
    this.#environment = environment
    this.#login = login
    this.#problem = problem
  }

  /** Begins with another user, or none: then there is nothing to renew. */
  start(getToken: GetToken | undefined): void {
    this.stop()
    this.#user++
    this.#getToken = getToken
    this.#token = undefined
    this.#failures = 0
  }

  /** The connection has ended. */
  stop(): void {
    this.#environment.clock.clearTimeout(this.#timer)
    this.#isRenewing = false
    this.#run++
  }

  /** The server takes the token. */
  accepted(): void {
    this.#failures = 0
  }

  /** The token for a new connection. Rejects as the page's function does. */
  async current(): Promise<string> {
    if (this.#token !== undefined && !hasExpired(this.#token, this.#environment.clock.now())) return this.#token
    const user = this.#user
    const token = await this.#ask()
    // That of a user who has left meanwhile is not for the next one.
    if (user === this.#user) this.#token = token
    return token
  }

  /** Gets a new token and logs in with it: `afterMs` from now, later where that has just failed. */
  renew(afterMs = 0): void {
    if (this.#getToken === undefined || this.#isRenewing) return
    this.#isRenewing = true
    const { clock } = this.#environment
    const waitMs = this.#failures === 0 ? afterMs : backoffDelay(this.#failures, () => this.#environment.random())
    this.#failures++
    const run = this.#run
    this.#timer = clock.setTimeout(() => void this.#renewNow(run), waitMs)
  }

  async #renewNow(run: number): Promise<void> {
    const token = await this.#ask().catch(() => undefined)
    if (run !== this.#run) return
    this.#isRenewing = false
    // The same again would be refused, or announced to expire, at once.
    if (token === undefined || token === this.#token) this.renew()
    else {
      this.#token = token
      this.#login(token)
    }
  }

  async #ask(): Promise<string> {
    try {
      return (await this.#getToken?.()) ?? ''
    } catch (error) {
      this.#problem(`getToken failed, it is called again later: ${String(error)}`)
      throw error
    }
  }
}

/** Whether `token` is a JWT that has ended, as while a computer slept. Whether it is genuine only the server knows. */
function hasExpired(token: string, now: number): boolean {
  try {
    const payload = token.split('.')[1] ?? ''
    const exp = memberOf(JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/'))), 'exp')
    return typeof exp === 'number' && exp * 1000 <= now
  } catch {
    return false // A hash, which does not say.
  }
}
