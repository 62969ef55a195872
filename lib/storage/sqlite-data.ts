import { randomUUID } from 'node:crypto'
import { BoundedLog } from './bounded-log.ts'
import type { Dropped, Entry, LogName, StoredEntry, StoredLog, TableName } from './storage.ts'
import type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-driver.ts'

const schema = `
CREATE TABLE IF NOT EXISTS star_comet_meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS star_comet_rows (
  name TEXT NOT NULL,
  dev_id INTEGER NOT NULL,
  key NOT NULL,
  value NOT NULL,
  PRIMARY KEY (name, dev_id, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS star_comet_logs (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  dev_id INTEGER NOT NULL,
  key NOT NULL,
  seq INTEGER NOT NULL, -- the last one given out
  kept INTEGER NOT NULL, -- how many entries there are
  UNIQUE (name, dev_id, key)
);
CREATE TABLE IF NOT EXISTS star_comet_entries (
  log INTEGER NOT NULL REFERENCES star_comet_logs (id),
  seq INTEGER NOT NULL,
  id NOT NULL,
  time INTEGER NOT NULL,
  event NOT NULL,
  message NOT NULL,
  user_id INTEGER NOT NULL,
  json INTEGER NOT NULL,
  PRIMARY KEY (log, seq)
) WITHOUT ROWID;`

const statements = {
  getOne: 'SELECT value FROM star_comet_rows WHERE name = ? AND dev_id = ? AND key = ?',
  getAll: 'SELECT key, value FROM star_comet_rows WHERE name = ? AND dev_id = ?',
  set: 'INSERT INTO star_comet_rows VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  delete: 'DELETE FROM star_comet_rows WHERE name = ? AND dev_id = ? AND key = ?',
  findLog: 'SELECT id, seq, kept FROM star_comet_logs WHERE name = ? AND dev_id = ? AND key = ?',
  addLog: 'INSERT INTO star_comet_logs (name, dev_id, key, seq, kept) VALUES (?, ?, ?, 0, 0)',
  updateLog: 'UPDATE star_comet_logs SET seq = ?, kept = ? WHERE id = ?',
  insert: 'INSERT INTO star_comet_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  cut: 'DELETE FROM star_comet_entries WHERE log = ? AND seq IN (SELECT seq FROM star_comet_entries WHERE log = ? ORDER BY seq LIMIT ?)',
  read: 'SELECT seq, id, time, event, message, user_id, json FROM star_comet_entries WHERE log = ? AND seq > ? ORDER BY seq LIMIT ?',
  remove: 'DELETE FROM star_comet_entries WHERE log = ? AND seq BETWEEN ? AND ?',
  epoch: "SELECT value FROM star_comet_meta WHERE name = 'epoch'",
  setEpoch: "INSERT OR IGNORE INTO star_comet_meta VALUES ('epoch', ?)",
} as const

/** To SQLite a negative LIMIT is none. */
const noLimit = -1

/** What was bound as bytes comes back as bytes; libsql sometimes leaves them without a view. */
type StoredText = string | Uint8Array | ArrayBuffer

/** A log in the running transaction. */
interface OpenLog {
  readonly id: number
  /** What is not written yet. */
  changes: BoundedLog
}

interface LogRow {
  readonly id: number
  readonly seq: number
  readonly kept: number
}

interface EntryRow {
  readonly seq: number
  readonly id: StoredText
  readonly time: number
  readonly event: StoredText
  readonly message: StoredText
  readonly user_id: number
  readonly json: number
}

/** Tables and logs in SQLite. Every call belongs between `begin` and `commit` or `rollback`. */
export class SqliteData {
  readonly #database: SqliteDatabase
  readonly #prepared: Readonly<Record<keyof typeof statements, SqliteStatement>>
  readonly #epoch: string
  /** The logs that the transaction read. */
  readonly #logs = new Map<string, OpenLog>()

  /** Makes what is missing. */
  constructor(database: SqliteDatabase) {
    this.#database = database
    database.exec(schema)
    this.#prepared = Object.fromEntries(
      Object.entries(statements).map(([name, sql]) => [name, database.prepare(sql)]),
    ) as Record<keyof typeof statements, SqliteStatement>
    this.#prepared.setEpoch.run(randomUUID())
    this.#epoch = textOf((this.#prepared.epoch.get() as { value: StoredText }).value)
  }

  begin(isWrite: boolean): void {
    this.#database.exec(isWrite ? 'BEGIN IMMEDIATE' : 'BEGIN')
  }

  commit(): void {
    for (const log of this.#logs.values()) this.#write(log)
    this.#database.exec('COMMIT')
    this.#logs.clear()
  }

  rollback(): void {
    this.#logs.clear()
    try {
      this.#database.exec('ROLLBACK')
    } catch {
      // After some errors, of the disk for example, SQLite has rolled back by itself (https://sqlite.org/lang_transaction.html).
    }
  }

  get(table: TableName, devId: number, keys: readonly string[] | undefined): Map<string, string> {
    const found = new Map<string, string>()
    if (keys === undefined) {
      const rows = this.#prepared.getAll.all(table, devId) as { key: StoredText; value: StoredText }[]
      for (const { key, value } of rows) found.set(textOf(key), textOf(value))
      return found
    }
    for (const key of keys) {
      const row = this.#prepared.getOne.get(table, devId, bound(key)) as { value: StoredText } | undefined
      if (row !== undefined) found.set(key, textOf(row.value))
    }
    return found
  }

  set(table: TableName, devId: number, key: string, value: string): void {
    this.#prepared.set.run(table, devId, bound(key), bound(value))
  }

  delete(table: TableName, devId: number, keys: readonly string[]): number {
    return keys.reduce((count, key) => count + this.#change('delete', table, devId, bound(key)), 0)
  }

  append(name: LogName, devId: number, key: string, entry: Entry, keep: number, dropped?: Dropped): number {
    const log = this.#log(name, devId, key) ?? this.#addLog(name, devId, key)
    return log.changes.append(entry, keep, dropped)
  }

  read(name: LogName, devId: number, key: string, after: number, limit = noLimit): StoredLog {
    const log = this.#log(name, devId, key)
    if (log === undefined) return { epoch: this.#epoch, lastSeq: 0, entries: [] }
    this.#write(log)
    const rows = this.#prepared.read.all(log.id, after, limit) as EntryRow[]
    return { epoch: this.#epoch, lastSeq: log.changes.seq, entries: rows.map(entryOf) }
  }

  remove(name: LogName, devId: number, key: string, from: number, through: number): number {
    const log = this.#log(name, devId, key)
    if (log === undefined) return 0
    this.#write(log)
    const { seq, kept } = log.changes
    const count = this.#change('remove', log.id, from, Math.min(through, seq))
    log.changes = new BoundedLog(seq, kept - count)
    if (count > 0) this.#prepared.updateLog.run(seq, kept - count, log.id)
    return count
  }

  #log(name: LogName, devId: number, key: string): OpenLog | undefined {
    const place = `${devId} ${name} ${key}`
    const known = this.#logs.get(place)
    if (known !== undefined) return known
    const row = this.#prepared.findLog.get(name, devId, bound(key)) as LogRow | undefined
    if (row === undefined) return undefined
    const log = { id: row.id, changes: new BoundedLog(row.seq, row.kept) }
    this.#logs.set(place, log)
    return log
  }

  #addLog(name: LogName, devId: number, key: string): OpenLog {
    this.#prepared.addLog.run(name, devId, bound(key))
    const log = this.#log(name, devId, key)
    if (log === undefined) throw new Error(`The row of ${name} that was just added is not there`)
    return log
  }

  /** Writes what was appended: before others look, and at the end. */
  #write(log: OpenLog): void {
    const { added, cut, isChanged, kept, seq } = log.changes
    if (!isChanged) return
    if (cut > 0) this.#prepared.cut.run(log.id, log.id, cut)
    for (const { seq: at, id, time, event, message, userId, json } of added) {
      this.#prepared.insert.run(log.id, at, bound(id), time, bound(event), bound(message), userId, Number(json))
    }
    this.#prepared.updateLog.run(seq, kept, log.id)
    log.changes = new BoundedLog(seq, kept)
  }

  /** Runs a statement; returns how many rows it changed. */
  #change(name: keyof typeof statements, ...values: SqliteValue[]): number {
    return Number((this.#prepared[name].run(...values) as { readonly changes: number | bigint }).changes)
  }
}

/**
 * A text as it is bound. Drivers read the type TEXT up to the first NUL only, and one writes half of a surrogate pair as
 * no UTF-8: such texts are BLOBs.
 */
function bound(text: string): SqliteValue {
  return /[\0\ud800-\udfff]/u.test(text) ? Buffer.from(text) : text // of surrogates `u` finds those without their other half
}

function textOf(value: StoredText): string {
  return typeof value === 'string' ? value : Buffer.from(value as ArrayBuffer).toString()
}

function entryOf(row: EntryRow): StoredEntry {
  return {
    seq: row.seq,
    id: textOf(row.id),
    time: row.time,
    event: textOf(row.event),
    message: textOf(row.message),
    userId: row.user_id,
    json: row.json !== 0,
  }
}
