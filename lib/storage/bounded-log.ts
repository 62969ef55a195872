import type { Entry, StoredEntry } from './storage.ts'

/** A log as the database has it. */
export interface LogRow {
  readonly id: number
  /** The last one given out. */
  readonly seq: number
  /** How many entries there are. */
  readonly kept: number
  /** No entry has a lower seq; where there is none, the next seq. */
  readonly first: number
}

/** What becomes of a log by many appends: they are counted here, and written together. */
export class BoundedLog {
  readonly row: LogRow
  /** The new entries that stay. */
  readonly added: StoredEntry[] = []
  /** How many of the stored entries go, the oldest first. */
  cut = 0
  seq: number

  constructor(row: LogRow) {
    this.row = row
    this.seq = row.seq
  }

  /** Appends, and cuts to the last `keep`; returns the entry's seq. */
  append(entry: Entry, keep: number): number {
    this.seq++
    this.added.push({ ...entry, seq: this.seq })
    const surplus = this.kept - keep
    if (surplus <= 0) return this.seq
    const ofStored = Math.min(surplus, this.row.kept - this.cut)
    this.cut += ofStored
    this.added.splice(0, surplus - ofStored)
    return this.seq
  }

  get kept(): number {
    return this.row.kept - this.cut + this.added.length
  }

  /** The highest seq of the stored entries that go; undefined where only the database can tell, because some are missing. */
  get cutThrough(): number | undefined {
    const { seq, kept, first } = this.row
    if (this.cut === kept) return seq
    return kept === seq - first + 1 ? first + this.cut - 1 : undefined
  }
}
