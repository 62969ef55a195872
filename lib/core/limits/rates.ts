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
    commands: { perSecond: maxCommandsPerSecond, burst: maxCommandsPerSecond * burstSeconds },
    connects: { perSecond: maxConnectsPerSecond, burst: maxConnectsPerSecond * burstSeconds },
    failedLogins: { perSecond: maxFailedLogins / 60, burst: maxFailedLogins },
  }
}
