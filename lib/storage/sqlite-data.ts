import { randomUUID } from 'node:crypto'
import type { Entry, LogName, StoredEntry, StoredLog, TableName } from './storage.ts'
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
  read: 'SELECT seq, id, time, event, message, user_id, json FROM star_comet_entries WHERE log = ? AND seq > ? ORDER BY seq',
  remove: 'DELETE FROM star_comet_entries WHERE log = ? AND seq BETWEEN ? AND ?',
  epoch: "SELECT value FROM star_comet_meta WHERE name = 'epoch'",
  setEpoch: "INSERT OR IGNORE INTO star_comet_meta VALUES ('epoch', ?)",
} as const

/** What was bound as bytes comes back as bytes; libsql sometimes leaves them without a view. */
type StoredText = string | Uint8Array | ArrayBuffer

/** A log's row, as it is in the running transaction. */
interface LogRow {
  readonly id: number
  seq: number
  kept: number
  isChanged: boolean
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
  /** The logs that the transaction read; what changed of them is written once, at its end. */
  readonly #logs = new Map<string, LogRow>()

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
    for (const { id, seq, kept, isChanged } of this.#logs.values()) {
      if (isChanged) this.#prepared.updateLog.run(seq, kept, id)
    }
    this.#database.exec('COMMIT')
    this.#logs.clear()
  }

  rollback(): void {
    this.#logs.clear()
    this.#database.exec('ROLLBACK')
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

  append(name: LogName, devId: number, key: string, entry: Entry, keep: number): number {
    const log = this.#log(name, devId, key) ?? this.#addLog(name, devId, key)
    const { id, time, event, message, userId, json } = entry
    log.seq++
    log.kept++
    log.isChanged = true
    this.#prepared.insert.run(log.id, log.seq, bound(id), time, bound(event), bound(message), userId, Number(json))
    if (log.kept > keep) log.kept -= this.#change('cut', log.id, log.id, log.kept - keep)
    return log.seq
  }

  read(name: LogName, devId: number, key: string, after: number): StoredLog {
    const log = this.#log(name, devId, key)
    const rows = log === undefined ? [] : (this.#prepared.read.all(log.id, after) as EntryRow[])
    return { epoch: this.#epoch, lastSeq: log?.seq ?? 0, entries: rows.map(entryOf) }
  }

  remove(name: LogName, devId: number, key: string, from: number, through: number): number {
    const log = this.#log(name, devId, key)
    if (log === undefined) return 0
    const count = this.#change('remove', log.id, from, Math.min(through, Number.MAX_SAFE_INTEGER))
    log.kept -= count
    log.isChanged = true
    return count
  }

  #log(name: LogName, devId: number, key: string): LogRow | undefined {
    const place = `${devId} ${name} ${key}`
    const known = this.#logs.get(place)
    if (known !== undefined) return known
    const row = this.#prepared.findLog.get(name, devId, bound(key)) as LogRow | undefined
    if (row === undefined) return undefined
    const log = { id: row.id, seq: row.seq, kept: row.kept, isChanged: false }
    this.#logs.set(place, log)
    return log
  }

  #addLog(name: LogName, devId: number, key: string): LogRow {
    this.#prepared.addLog.run(name, devId, bound(key))
    const log = this.#log(name, devId, key)
    if (log === undefined) throw new Error(`The row of ${name} that was just added is not there`)
    return log
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
