import { isIP } from 'node:net'
import { cometError, type CometError } from '../../errors.ts'
import { Allowance } from './allowance.ts'
import type { Clock, Timer } from '../clock.ts'
import type { Limits, Logger } from '../host.ts'
import type { LimitName, Meter } from './metrics.ts'
import { ratesOf, type Rates } from './rates.ts'

/** What is remembered of an address. */
interface Visitor {
  connections: number
  /** How often it may connect. */
  readonly connects: Allowance
  /** How often it may fail to log in. */
  readonly failures: Allowance
}

/** How often those are looked for who need not be remembered any more, in milliseconds. */
const sweepMs = 60_000

/**
 * Where browsers come from, and how much is allowed to each address. Of IPv6 the first 64 bits count, which is what one
 * customer of a provider has. Addresses of the machine itself and of private networks are not bounded: these are proxies,
 * which the option `trustProxy` makes tell whom they speak for, or colleagues.
 */
export class Addresses {
  readonly #limits: Limits
  readonly #rates: Rates
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #meter: Meter
  readonly #visitors = new Map<string, Visitor>()
  /** Those of which the log was told already. */
  readonly #told = new Set<string>()
  #sweep: Timer | undefined

  constructor(limits: Limits, clock: Clock, logger: Logger, meter: Meter) {
    this.#limits = limits
    this.#rates = ratesOf(limits)
    this.#clock = clock
    this.#logger = logger
    this.#meter = meter
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#visitors.size
  }

  /**
   * Somebody connects. Who is let in has to `leave`.
   * @throws CometError COMET_ERR_LIMIT
   */
  enter(ip: string): void {
    const address = boundedAddress(ip)
    if (address === undefined) return
    const visitor = this.#arrived(address)
    const { maxConnectionsPerAddress } = this.#limits
    if (visitor.connections >= maxConnectionsPerAddress) {
      throw this.#refusal(address, 'maxConnectionsPerAddress', `has ${maxConnectionsPerAddress} connections`)
    }
    visitor.connections++
  }

  /**
   * Somebody asks for what costs as much as a connection, and counts as one that ends at once.
   * @throws CometError COMET_ERR_LIMIT
   */
  visit(ip: string): void {
    const address = boundedAddress(ip)
    if (address !== undefined) this.#arrived(address)
  }

  /** Somebody who was let in is gone. */
  leave(ip: string): void {
    const visitor = this.#visitors.get(boundedAddress(ip) ?? '')
    if (visitor !== undefined) visitor.connections--
  }

  /**
   * Somebody wants to log in.
   * @throws CometError COMET_ERR_LIMIT where too many logins from there failed
   */
  checkLogin(ip: string): void {
    const address = boundedAddress(ip)
    const visitor = address === undefined ? undefined : this.#visitors.get(address)
    if (address === undefined || visitor?.failures.has(this.#clock.now()) !== false) return
    const { maxFailedLogins } = this.#limits
    throw this.#refusal(address, 'maxFailedLogins', `failed to log in more than ${maxFailedLogins} times a minute`)
  }

  /** A login failed. */
  failed(ip: string): void {
    const address = boundedAddress(ip)
    if (address !== undefined) this.#visitorOf(address).failures.take(this.#clock.now())
  }

  close(): void {
    if (this.#sweep !== undefined) this.#clock.clearTimeout(this.#sweep)
    this.#sweep = undefined
  }

  #arrived(address: string): Visitor {
    const visitor = this.#visitorOf(address)
    if (visitor.connects.take(this.#clock.now())) return visitor
    const what = `connects more than ${this.#limits.maxConnectsPerSecond} times a second`
    throw this.#refusal(address, 'maxConnectsPerSecond', what)
  }

  #visitorOf(address: string): Visitor {
    const now = this.#clock.now()
    const visitor = this.#visitors.get(address) ?? {
      connections: 0,
      connects: new Allowance(this.#rates.connects, now),
      failures: new Allowance(this.#rates.failedLogins, now),
    }
    this.#visitors.set(address, visitor)
    this.#sweep ??= this.#scheduleSweep()
    return visitor
  }

  #refusal(address: string, limit: LimitName, what: string): CometError {
    this.#meter.hit(limit)
    if (!this.#told.has(address)) {
      this.#told.add(address)
      const hint = `the limit ${limit}; if this is a proxy of yours, set the option trustProxy`
      this.#logger.warn(`The address ${address} ${what}, ${hint}`)
    }
    return cometError('COMET_ERR_LIMIT', { what: `Your address ${what}`, limit })
  }

  #scheduleSweep(): Timer {
    return this.#clock.setTimeout(() => {
      const now = this.#clock.now()
      for (const [address, { connections, connects, failures }] of this.#visitors) {
        const isNew = connects.isFull(now) && failures.isFull(now)
        if (connections === 0 && isNew) this.#visitors.delete(address)
      }
      this.#told.clear()
      this.#sweep = this.#visitors.size > 0 ? this.#scheduleSweep() : undefined
    }, sweepMs)
  }
}

/** 100.64.0.0/10 is between the machines of a provider: load balancers and tunnels come from there (RFC 6598). */
const privateAddress = /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./

/** What of an address is counted; undefined for those that have no bounds. Source: RFC 1918, RFC 4193, RFC 4291. */
function boundedAddress(ip: string): string | undefined {
  const v4 = ip.startsWith('::ffff:') ? ip.slice(7) : ip
  if (isIP(v4) === 4) return privateAddress.test(v4) ? undefined : v4
  if (isIP(ip) !== 6 || /^(::1$|f[cd]|fe[89ab])/i.test(ip)) return undefined
  return prefix64(ip)
}

/** The first four groups of an IPv6 address. */
function prefix64(ip: string): string {
  const [before = '', after] = ip.toLowerCase().split('::')
  const head = before === '' ? [] : before.split(':')
  const tail = after === undefined || after === '' ? [] : after.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0')
  const groups = after === undefined ? head : [...head, ...zeros, ...tail]
  return `${groups.slice(0, 4).join(':')}::/64`
}
