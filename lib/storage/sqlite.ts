import { cometError } from '../errors.ts'
import { SqliteData } from './sqlite-data.ts'
import { openSqlite, type SqliteDatabase, type SqliteStatement, type SqliteValue } from './sqlite-driver.ts'
import { SqliteQueue } from './sqlite-queue.ts'
import { WalSync } from './sqlite-wal-sync.ts'
import type { Storage } from './storage.ts'
import { messageOf, unavailable } from './unavailable.ts'
import { checkWait } from './wait-option.ts'

export type { SqliteDatabase, SqliteStatement, SqliteValue }

/** Options of `sqliteStorage()`. */
export interface SqliteStorageOptions {
  /**
   * The file, made where it is missing, or an open database of node:sqlite, better-sqlite3 or libsql. An open one stays
   * yours: it is switched to write-ahead logging, but not closed; between two turns of the event loop it MUST have no
   * transaction of yours open.
   */
  readonly database: string | SqliteDatabase
  /**
   * How long a call waits for another process that has the database locked, in milliseconds. Default 5000. An open
   * database with a busy timeout of its own (better-sqlite3 has one of 5 s) waits that long first, and the event loop with
   * it: open it with a timeout of 0.
   */
  readonly waitMs?: number
}

interface Opened {
  readonly database: SqliteDatabase
  readonly queue: SqliteQueue
  readonly wal: WalSync | undefined
}

/**
 * Keeps everything in an SQLite file, beside tables of yours if you like (ours begin with `star_comet_`). The calls of one
 * event-loop turn are one transaction; they resolve when it is on the disk. So what was answered survives the end of the
 * process, by whatever signal, and the crash of the machine. There is no failover: it is one file, of which several
 * processes of one machine may make use at once. After restoring an older copy of the file run
 * `DELETE FROM star_comet_meta`, so that pages know that messages are numbered anew.
 *
 * Text is kept as UTF-8, so half of a surrogate pair comes back as U+FFFD.
 * @throws CometError COMET_ERR_OPTION
 */
export function sqliteStorage({ database: given, waitMs = 5000 }: SqliteStorageOptions): Storage {
  checkDatabase(given)
  checkWait('sqliteStorage.waitMs', waitMs)
  let opened: Opened | undefined

  const queue = (): SqliteQueue => {
    if (opened === undefined) throw cometError('COMET_ERR_CLOSED', {})
    return opened.queue
  }

  return {
    async open() {
      opened = await open(given, waitMs)
    },

    async close() {
      const closing = opened
      if (closing === undefined) return
      await closing.queue.drained()
      opened = undefined
      await closing.wal?.close()
      if (typeof given === 'string') closing.database.close()
    },

    get: async (table, devId, keys) => await queue().run(false, (data) => data.get(table, devId, keys)),
    set: async (table, devId, key, value) => {
      await queue().run(true, (data) => data.set(table, devId, key, value))
    },
    delete: async (table, devId, keys) => await queue().run(true, (data) => data.delete(table, devId, keys)),
    append: async (log, devId, key, entry, keep, dropped) =>
      await queue().run(true, (data) => data.append(log, devId, key, entry, keep, dropped)),
    read: async (log, devId, key, after = 0, limit) =>
      await queue().run(false, (data) => data.read(log, devId, key, after, limit)),
    remove: async (log, devId, key, from, through) =>
      await queue().run(true, (data) => data.remove(log, devId, key, from, through)),
  }
}

async function open(given: string | SqliteDatabase, waitMs: number): Promise<Opened> {
  const isOurs = typeof given === 'string'
  const database = isOurs ? await openSqlite(given) : given
  try {
    // While it opens, waiting may block; later a timer waits, and the process goes on.
    if (isOurs) database.exec(`PRAGMA busy_timeout = ${waitMs}`)
    const file = walFile(database, isOurs)
    const data = new SqliteData(database)
    if (isOurs) database.exec('PRAGMA busy_timeout = 0')
    const wal = file === undefined ? undefined : await WalSync.open(file)
    return { database, wal, queue: new SqliteQueue(data, wal, waitMs) }
  } catch (error) {
    if (isOurs) database.close()
    throw unavailable(`SQLite cannot use the database (${messageOf(error)}); it needs the right to write`)
  }
}

/** Switches to write-ahead logging; returns the file, or undefined where there is no log, as for a database in memory. */
function walFile(database: SqliteDatabase, isOurs: boolean): string | undefined {
  const { journal_mode: mode } = database.prepare('PRAGMA journal_mode = WAL').get() as { journal_mode: string }
  const isWal = mode === 'wal'
  if (isOurs) database.exec(`PRAGMA synchronous = ${isWal ? 'NORMAL' : 'FULL'}`) // NORMAL: see WalSync
  const names = database.prepare('PRAGMA database_list').all() as { name: string; file: string }[]
  return isWal ? names.find(({ name }) => name === 'main')?.file : undefined
}

function checkDatabase(database: unknown): void {
  const isFile = typeof database === 'string' && database !== ''
  if (isFile || (database !== null && typeof database === 'object' && 'prepare' in database)) return
  const rule = 'the name of a file, or an open database of node:sqlite, better-sqlite3 or libsql'
  throw cometError('COMET_ERR_OPTION', { option: 'sqliteStorage.database', value: `of type ${typeof database}`, rule })
}
