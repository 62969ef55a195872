import type { StoredEntry, StoredLog } from '../../storage/storage.ts'

/** A portion ends with the message that takes it above this, in characters. */
const portionSize = 256 * 1024

/** How many entries are asked for as long as nothing is known of their size, and at most. */
const [firstCount, maxCount] = [16, 1000]

/** At most so many times as many as the time before: large messages may come behind small ones. */
const maxGrowth = 8

/** A part of a log. */
export interface Portion extends StoredLog {
  /** Nothing is behind it. */
  readonly isLast: boolean
}

/**
 * Reads a log portion by portion, each when the network has taken the one before. All at once, a thousand messages of 1 MiB
 * would be longer than a string can be, and would be in memory for as long as each slow reader likes. So whoever sends a
 * portion MUST NOT hold it while waiting for the network; parameters and variables of a function that awaits are held.
 */
export class PortionReader {
  readonly #read: (after: number, limit: number) => Promise<StoredLog>
  /** As many may be asked for next. */
  #mostCount = firstCount
  /** How long the last ones were on average, in characters. */
  #averageSize = 0

  constructor(read: (after: number, limit: number) => Promise<StoredLog>) {
    this.#read = read
  }

  /** The portion behind `after`, of the entries up to `through`. Without entries it is the last one. */
  async next(after = 0, through = Infinity): Promise<Portion> {
    let portion = await this.#some(after, through, portionSize)
    let room = portionSize - sizeOf(portion.entries)
    while (!portion.isLast && room > 0) {
      const more = await this.#some(portion.entries.at(-1)?.seq ?? after, through, room)
      if (more.epoch !== portion.epoch) break // numbered anew: who asks for what is behind this will see
      portion = { ...more, entries: [...portion.entries, ...more.entries] }
      room -= sizeOf(more.entries)
    }
    return portion
  }

  /** What one read gives, up to the entry that takes it above `room`. */
  async #some(after: number, through: number, room: number): Promise<Portion> {
    const fitting = Math.min(Math.ceil(room / this.#averageSize), this.#mostCount)
    const count = Math.max(1, Math.min(fitting, through - after))
    const log = await this.#read(after, count)
    this.#learn(log.entries, count)
    const wanted = log.entries.filter(({ seq }) => seq <= through)
    const entries = firstOf(wanted, room)
    const isEnd = wanted.length < count || wanted.at(-1)?.seq === Math.min(through, log.lastSeq)
    return { ...log, entries, isLast: isEnd && entries.length === wanted.length }
  }

  #learn(entries: readonly StoredEntry[], count: number): void {
    if (entries.length === 0) return
    this.#averageSize = sizeOf(entries) / entries.length
    this.#mostCount = Math.min(Math.max(count, firstCount) * maxGrowth, maxCount)
  }
}

/** What is behind them is read again: it takes less to read it twice than to keep it for a slow reader. */
function firstOf(entries: StoredEntry[], room: number): StoredEntry[] {
  let size = 0
  const last = entries.findIndex(({ message }) => (size += message.length) >= room)
  return last === -1 ? entries : entries.slice(0, last + 1)
}

function sizeOf(entries: readonly StoredEntry[]): number {
  return entries.reduce((size, { message }) => size + message.length, 0)
}
