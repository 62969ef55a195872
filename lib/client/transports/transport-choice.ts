import type { Environment } from '../environment.ts'
import { transportNames, type TransportName } from './transport-name.ts'

/** How long it is remembered that a fallback was needed, in milliseconds: networks change, and computers move. */
const rememberMs = 24 * 3_600_000
const storageKey = 'CometServerApi.transport '

/**
 * Which transport to try next: the best first, then, at once, those below it. A fallback is remembered in the browser's
 * storage, and tried first for a day, once the WebSocket was refused while it worked: not before, because a server that
 * restarts refuses, too. When all have failed it begins again with the best.
 */
export class TransportChoice {
  readonly #environment: Environment
  /** What is remembered where there is no storage. */
  readonly #kept = new Map<string, string>()
  #server = ''
  /** Those not tried yet in this round; the first is the one under way. */
  #left: readonly TransportName[] = []
  #isFromBest = false

  constructor(environment: Environment) {
    this.#environment = environment
  }

  /** Whether there is another one to try before this round is over. */
  get hasMore(): boolean {
    return this.#left.length > 1
  }

  /** Whether a round is under way. */
  get isTrying(): boolean {
    return this.#left.length > 0
  }

  /** The one for the next try, of those `allowed`; undefined where this platform has none of them. */
  next(server: string, allowed: readonly TransportName[]): TransportName | undefined {
    if (!this.isTrying) {
      this.#server = server
      const usable = transportNames.filter((name) => allowed.includes(name) && this.#isSupported(name))
      const first = this.#isFromBest ? undefined : this.#remembered()
      this.#left = usable.slice(
        Math.max(
          0,
          usable.findIndex((name) => name === first),
        ),
      )
    }
    return this.#left[0]
  }

  /** The try has failed, if one was begun. Returns whether there is another one to try at once. */
  failed(): boolean {
    if (this.#left.length === 1) this.#isFromBest = true
    this.#left = this.#left.slice(1)
    return this.isTrying
  }

  /** The server has let us in. Returns the name of the way. */
  cameUp(): TransportName | undefined {
    const name = this.#left[0]
    if (name === 'websocket') this.remember(name)
    this.reset()
    return name
  }

  /** Whether a better transport than `name` may be tried while that one works. */
  hasBetter(name: TransportName | undefined, allowed: readonly TransportName[]): boolean {
    return name !== 'websocket' && allowed.includes('websocket') && this.#isSupported('websocket')
  }

  /** For a day `name` is the first to be tried for this server. */
  remember(name: TransportName): void {
    const text = `${name} ${this.#environment.clock.now() + rememberMs}`
    this.#kept.set(this.#server, text)
    try {
      this.#environment.storage?.setItem(storageKey + this.#server, text)
    } catch {
      // Storage full or denied: remembered until the page ends.
    }
  }

  /** The next try begins a round. */
  reset(): void {
    this.#left = []
    this.#isFromBest = false
  }

  #isSupported(name: TransportName): boolean {
    const { WebSocket, EventSource, fetch } = this.#environment
    if (name === 'websocket') return WebSocket !== undefined
    return fetch !== undefined && (name === 'polling' || EventSource !== undefined)
  }

  #remembered(): string | undefined {
    const [name, until] = (this.#read() ?? '').split(' ')
    return Number(until) > this.#environment.clock.now() ? name : undefined
  }

  #read(): string | undefined {
    try {
      return this.#environment.storage?.getItem(storageKey + this.#server) ?? this.#kept.get(this.#server)
    } catch {
      return this.#kept.get(this.#server)
    }
  }
}
