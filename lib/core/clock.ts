/** Where time comes from. Tests pass one that they move by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Calls `run` once, `ms` milliseconds from now. The process MAY exit before: timers never keep it alive. */
  setTimeout(run: () => void, ms: number): Timer
  clearTimeout(timer: Timer): void
}

/** What `setTimeout` returned; only to be handed back to `clearTimeout`. */
export type Timer = object

/** The real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms).unref(),
  clearTimeout: (timer) => {
    clearTimeout(timer as NodeJS.Timeout)
  },
}
