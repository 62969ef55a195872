import { readFileSync } from 'node:fs'

/** What a process had of the processors, as parts of the time: 1 is all of one processor. */
export interface CpuShare {
  /** How long it ran. */
  readonly busy: number
  /** How long its event loop could have run, but others did; 0 where the system does not tell. */
  readonly waiting: number
}

/** How much of the processors this process gets, and how much it does not get. */
export class CpuMeter {
  #usage = process.cpuUsage()
  #waited = waitedMs()
  #at = performance.now()

  /** Since it was asked the last time. */
  since(): CpuShare {
    const [now, waited, { user, system }] = [performance.now(), waitedMs(), process.cpuUsage(this.#usage)]
    const elapsed = Math.max(1, now - this.#at)
    const share = { busy: (user + system) / 1000 / elapsed, waiting: (waited - this.#waited) / elapsed }
    this.#usage = process.cpuUsage()
    this.#waited = waited
    this.#at = now
    return share
  }
}

/** Of the first thread, in milliseconds. Source: Linux, Documentation/scheduler/sched-stats.rst, /proc/<pid>/schedstat */
function waitedMs(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}
