/** How often each latency came: in steps of 10 µs up to 10 s. */
export class Histogram {
  readonly #counts = new Uint32Array(1_000_000)
  #total = 0

  /** `latency` in microseconds. */
  add(latency: number): void {
    const step = Math.min(Math.max(Math.floor(latency / 10), 0), this.#counts.length - 1)
    this.#counts[step] = (this.#counts[step] ?? 0) + 1
    this.#total++
  }

  clear(): void {
    this.#counts.fill(0)
    this.#total = 0
  }

  /** The latency that this share (0 to 1) of all stays below, in milliseconds; NaN where there is none. */
  quantile(share: number): number {
    let left = this.#total * share
    if (left === 0) return NaN
    const step = this.#counts.findIndex((count) => (left -= count) <= 0)
    return (step + 1) / 100
  }
}
