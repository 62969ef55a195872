import type { SecureContext, SecureContextOptions } from 'node:tls'

/** Where time comes from. Tests pass one that they move by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Calls `run` once, `ms` milliseconds from now. MUST NOT keep the process alive. */
  setTimeout(run: () => void, ms: number): object
  clearTimeout(timer: object): void
}

/** The real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms).unref(),
  clearTimeout: (timer) => {
    clearTimeout(timer as NodeJS.Timeout)
  },
}

/** What one client, and all of them, may use. Times are in milliseconds and are kept to within a second. */
export interface Limits {
  /** The largest packet taken from a client that is logged in, in bytes (MySQL: max_allowed_packet). Default 16 MiB. */
  readonly maxPacketBytes: number
  /** The same before login. Default 64 KiB. */
  readonly maxLoginPacketBytes: number
  /** Open connections; more get error 1040. Default 1000. */
  readonly maxConnections: number
  /** The same from one address, also with error 1040. Default: no fewer than in all. */
  readonly maxConnectionsPerAddress: number
  /** Prepared statements of one connection. Default 16382, as in MySQL. */
  readonly maxStatements: number
  /** Their texts and the values sent ahead of their execution, all together, in bytes. Default 64 MiB. */
  readonly maxStatementBytes: number
  /** From connecting to being logged in. Default 10 s. */
  readonly loginTimeoutMs: number
  /** Without a command (MySQL: wait_timeout). Default 8 hours. */
  readonly idleTimeoutMs: number
  /** From the first byte of a packet to its last, once logged in (MySQL: net_read_timeout). Default 120 s. */
  readonly readTimeoutMs: number
  /** Of a client that doesn't read its answers (MySQL: net_write_timeout). Default 60 s. */
  readonly writeTimeoutMs: number
}

export const defaultLimits: Limits = {
  maxPacketBytes: 16 * 1024 * 1024,
  maxLoginPacketBytes: 64 * 1024,
  maxConnections: 1000,
  maxConnectionsPerAddress: Infinity,
  maxStatements: 16382,
  maxStatementBytes: 64 * 1024 * 1024,
  loginTimeoutMs: 10_000,
  idleTimeoutMs: 8 * 3600 * 1000,
  readTimeoutMs: 120_000,
  writeTimeoutMs: 60_000,
}

export interface TlsOptions extends SecureContextOptions {
  /** Instead of `key`, `cert` and the like. */
  readonly secureContext?: SecureContext
  /** Refuse logins that aren't encrypted. Default false. */
  readonly required?: boolean
}

/** Merges `given` into the defaults. @throws RangeError that names the limit and the value */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  const limits: Record<keyof Limits, number> = { ...defaultLimits }
  for (const [name, value] of Object.entries(given) as [keyof Limits, number | undefined][]) {
    if (value === undefined) continue
    if (!(name in defaultLimits)) throw new RangeError(`There is no limit "${name}"; there are ${limitNames()}`)
    if (!(value > 0)) throw new RangeError(`The limit ${name} is ${value}; it must be a number above 0`)
    limits[name] = value
  }
  return limits
}

function limitNames(): string {
  return Object.keys(defaultLimits).join(', ')
}
