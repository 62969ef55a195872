import type { Random } from '../../fuzz/random.ts'

/** Where the server is, and how much the crowd does. */
export interface Place {
  readonly port: number
  readonly cometqlPort: number
  readonly password: string
  /** About how many sessions are open at a time. */
  readonly sessions: number
  readonly random: Random
}

/** One way to be a burden. */
export interface Abuse {
  /** How often `step` is to be called. */
  readonly perSecond: number
  /** Does it once: what it opens ends by itself soon. MUST NOT throw, and not wait. */
  step(): void
  /** Ends all that it opened. */
  leave(): void
}
