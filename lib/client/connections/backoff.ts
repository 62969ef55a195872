const fastMs = 300
const baseMs = 1000
const maxMs = 30_000

/**
 * How long to wait before trying again, in milliseconds, after `failures` failures in a row (0 for a connection that
 * had been good). Full jitter: anything from 0 to a bound that doubles, so that the clients of a server that went down
 * do not come back at the same moment. See https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffDelay(failures: number, random: () => number): number {
  const bound = failures === 0 ? fastMs : Math.min(maxMs, baseMs * 2 ** failures)
  return Math.floor(random() * bound)
}
