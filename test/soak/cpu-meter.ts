/** How much of a processor this process takes. */
export class CpuMeter {
  #usage = process.cpuUsage()
  #at = performance.now()

  /** Since it was asked the last time: 1 is all of one processor. */
  since(): number {
    const [now, { user, system }] = [performance.now(), process.cpuUsage(this.#usage)]
    const busy = (user + system) / 1000 / Math.max(1, now - this.#at)
    this.#usage = process.cpuUsage()
    this.#at = now
    return busy
  }
}
