import { numbered } from './numbered.ts'
import type { Dropped, Entry, StoredEntry } from './storage.ts'

/** What becomes of a stored log by many appends: they are counted here, and written together. */
export class BoundedLog {
  readonly #lastStored: number
  /** How many entries are stored. */
  readonly stored: number
  /** The new entries that stay. */
  readonly added: StoredEntry[] = []
  /** How many of the stored entries go, the oldest first. */
  cut = 0
  /** The last one given out. */
  seq: number

  constructor(seq: number, stored: number) {
    this.#lastStored = seq
    this.seq = seq
    this.stored = stored
  }

  /** Whether there is something to write: also without entries, the number counts. */
  get isChanged(): boolean {
    return this.seq !== this.#lastStored
  }

  /** How many entries there are in the end. */
  get kept(): number {
    return this.stored - this.cut + this.added.length
  }

  /** Appends, and cuts to the last `keep`; returns the entry's seq. */
  append(entry: Entry, keep: number, dropped?: Dropped): number {
    this.seq++
    this.added.push(numbered(entry, this.seq))
    const surplus = this.kept - keep
    if (surplus > 0) {
      const ofStored = Math.min(surplus, this.stored - this.cut)
      this.cut += ofStored
      this.added.splice(0, surplus - ofStored)
      dropped?.(surplus)
    }
    return this.seq
  }
}
