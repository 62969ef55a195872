/** The keyed tables. A value is text; what it means is the core's business. */
export type TableName = 'users_auth' | 'users_time' | 'users_data' | 'pipes_settings' | 'revoked_tokens'

/** The bounded logs: history by pipe name, waiting private messages by user id. */
export type LogName = 'pipes_messages' | 'users_messages'

/** One message as it is kept. */
export interface Entry {
  /** Up to 36 characters, unique within the log. */
  readonly id: string
  /** Unix seconds. */
  readonly time: number
  /** Up to 64 characters. */
  readonly event: string
  /** The text exactly as published. */
  readonly message: string
  /** The sender; 0 for back-ends and anonymous visitors. */
  readonly userId: number
  /** True when `message` is JSON text (browsers publish JSON), so a number or string in it is one for receivers too. */
  readonly json: boolean
}

/** An entry with its place in the log. */
export interface StoredEntry extends Entry {
  /** Growing by 1 from 1 within one log and key; never used twice, also after removing. */
  readonly seq: number
}

/** What is in a log, and how far it got. */
export interface StoredLog {
  /**
   * Names the numbering. MUST stay the same as long as no `seq` is given out twice, across restarts, too; MUST change when
   * that could happen, because the engine lost what it had.
   */
  readonly epoch: string
  /** The last `seq` given out, also if its entry is gone; 0 before the first. */
  readonly lastSeq: number
  readonly entries: StoredEntry[]
}

/** Hears how many entries an append cut off. */
export type Dropped = (count: number) => void

/**
 * Where star-comet keeps what must outlive a message's way: two shapes, a keyed table and a bounded log.
 *
 * Every method MAY be called many times at once. Calls for one table or log and one key MUST take effect in the order
 * in which they were made. A method MUST NOT resolve before its effect is as durable as the adapter promises.
 *
 * Several processes MAY have storages on the same data at once, where the adapter says so: all MUSTs hold for them together.
 *
 * Keys and texts MUST come back exactly as they were: empty ones, with NUL, with emoji. Half of a surrogate pair MAY
 * become U+FFFD. Keys have up to 4096 characters. ADAPTERS.md tells how to write and test an adapter.
 */
export interface Storage {
  /** Called once, before anything else. MUST reject with a sentence that says what is wrong and what to do. */
  open(): Promise<void>
  /** MUST finish what was begun, then free everything that `open` took. What the user passed in is the user's. */
  close(): Promise<void>

  /** The values of `keys`, absent ones left out; without `keys` all of the table. */
  get(table: TableName, devId: number, keys?: readonly string[]): Promise<Map<string, string>>
  /** Sets one value; replaces the former one. */
  set(table: TableName, devId: number, key: string, value: string): Promise<void>
  /** Removes `keys`; resolves to how many were there. */
  delete(table: TableName, devId: number, keys: readonly string[]): Promise<number>

  /**
   * Appends and cuts the log to its last `keep` entries, atomically; resolves to the entry's `seq`. Appends for one key
   * MUST resolve in `seq` order: what is stored first is delivered first. Where entries were cut off, `dropped` MUST be called
   * with how many, before it resolves.
   */
  append(log: LogName, devId: number, key: string, entry: Entry, keep: number, dropped?: Dropped): Promise<number>
  /**
   * The log, of its entries those with a `seq` above `after` (default 0: all). They MUST be in `seq` order. With `limit`, a
   * whole number from 1, they MUST be so many of them at most, the first ones; `lastSeq` is that of the log all the same.
   */
  read(log: LogName, devId: number, key: string, after?: number, limit?: number): Promise<StoredLog>
  /** Removes the entries with `from` <= `seq` <= `through`; resolves to how many were there. */
  remove(log: LogName, devId: number, key: string, from: number, through: number): Promise<number>
}
