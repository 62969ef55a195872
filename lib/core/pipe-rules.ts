import { pipeKind } from './names.ts'

/** What becomes of a session that reads a pipe too slowly. */
export type SlowConsumer = 'close' | 'newest'

/** What the application says of some pipes. */
export interface PipeRule {
  /**
   * `close` (the default): above `limits.maxBufferedBytes` the session is closed, comes back and recovers. `newest`: for
   * pipes whose messages replace one another, such as prices: a session that does not keep up gets, once it reads again,
   * only the last message of each event.
   */
  readonly slowConsumer?: SlowConsumer
}

/** Rules by the names of pipes; a `*` at the end stands for any characters. The first that fits a pipe counts. */
export type PipeRules = Readonly<Record<string, PipeRule>>

/** Whether slow readers of `pipe` get only what is newest. Who joins and leaves a track_ pipe is never left out. */
export function keepsNewestOnly(rules: PipeRules, pipe: string): boolean {
  if (pipeKind.isTracked(pipe)) return false
  const found = Object.entries(rules).find(([pattern]) => fits(pipe, pattern))
  return found?.[1].slowConsumer === 'newest'
}

function fits(pipe: string, pattern: string): boolean {
  return pattern.endsWith('*') ? pipe.startsWith(pattern.slice(0, -1)) : pipe === pattern
}
