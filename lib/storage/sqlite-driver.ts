import { messageOf, unavailable } from './unavailable.ts'

/** What SQLite takes and gives. */
export type SqliteValue = string | number | bigint | Uint8Array | null

/** A prepared statement. */
export interface SqliteStatement {
  run(...values: SqliteValue[]): unknown
  get(...values: SqliteValue[]): unknown
  all(...values: SqliteValue[]): unknown[]
}

/** An open database: a `DatabaseSync` of node:sqlite, a `Database` of better-sqlite3 or of libsql. */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): SqliteStatement
  close(): unknown
}

type SqliteClass = new (file: string) => SqliteDatabase

/** The drivers in the order in which they are tried: what needs no installing comes first. */
const drivers: Readonly<Record<string, () => SqliteClass | Promise<SqliteClass>>> = {
  'node:sqlite': builtIn,
  'better-sqlite3': async () => (await import('better-sqlite3')).default as SqliteClass,
  libsql: async () => (await import('libsql')).default as SqliteClass,
}

/**
 * Opens a database file with the first driver that works.
 * @throws CometError COMET_ERR_STORAGE where none does, or where the file cannot be opened
 */
export async function openSqlite(file: string): Promise<SqliteDatabase> {
  const Database = await firstDriver()
  try {
    return new Database(file)
  } catch (error) {
    throw unavailable(`SQLite cannot open the file "${file}" (${messageOf(error)}); look at its path and rights`)
  }
}

/** Whether another connection has the lock that we need: each driver says it in its own way. */
export function isBusy(error: unknown): boolean {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown }
  // The low byte is the kind of the error, the rest says more about it (https://sqlite.org/rescode.html).
  return String(code).startsWith('SQLITE_BUSY') || (typeof errcode === 'number' && (errcode & 0xff) === sqliteBusy)
}

const sqliteBusy = 5

async function firstDriver(): Promise<SqliteClass> {
  const reasons: string[] = []
  for (const [name, load] of Object.entries(drivers)) {
    try {
      const Database = await load()
      new Database(':memory:').close() // finds out whether its binary is there, and one for this Node
      return Database
    } catch (error) {
      if (!isMissing(error)) reasons.push(`; ${name} does not work: ${messageOf(error)}`)
    }
  }
  const remedy = 'use Node 22.13 or later, or install better-sqlite3 or libsql'
  throw unavailable(`there is no driver for SQLite; ${remedy}${reasons.join('')}`)
}

/** Of Node 22.13 and later. Not an import, at which older versions and bundlers would stumble. */
function builtIn(): SqliteClass {
  const module = process.getBuiltinModule('node:sqlite') as { readonly DatabaseSync: SqliteClass } | undefined
  if (module === undefined) throw Object.assign(new Error('There is no node:sqlite'), { code: 'MODULE_NOT_FOUND' })
  return module.DatabaseSync
}

function isMissing(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown }
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
}
