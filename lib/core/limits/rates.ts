import type { Rate } from './allowance.ts'
import type { Limits } from '../host.ts'

/** What is bounded by how often it happens. */
export interface Rates {
  /** Commands of one session. */
  readonly commands: Rate
  /** Connections from one address. */
  readonly connects: Rate
  /** Failed logins from one address. */
  readonly failedLogins: Rate
}

/** So many seconds' worth may come at once: everybody comes back when a server was restarted. */
const burstSeconds = 10

/** The rates that the limits say. */
export function ratesOf({ maxCommandsPerSecond, maxConnectsPerSecond, maxFailedLogins }: Limits): Rates {
  return {
    commands: rate(maxCommandsPerSecond, maxCommandsPerSecond * burstSeconds),
    connects: rate(maxConnectsPerSecond, maxConnectsPerSecond * burstSeconds),
    failedLogins: rate(maxFailedLogins / 60, maxFailedLogins),
  }
}

/** However seldom it may happen, the first time is free. */
function rate(perSecond: number, burst: number): Rate {
  return { perSecond, burst: Math.max(1, burst) }
}
