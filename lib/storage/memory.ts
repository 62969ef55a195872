import { randomUUID } from 'node:crypto'
import { numbered } from './numbered.ts'
import { pickRows } from './pick-rows.ts'
import type { Dropped, Entry, LogName, Storage, StoredEntry, StoredLog, TableName } from './storage.ts'

/** Keeps everything in the memory of this process: as fast as it gets, and gone with the process. */
export function memoryStorage(): Storage {
  const tables = new MemoryTables()
  const logs = new MemoryLogs()
  return {
    open: () => Promise.resolve(),

    close() {
      tables.clear()
      logs.clear()
      return Promise.resolve()
    },

    get: (table, devId, keys) => Promise.resolve(tables.get(table, devId, keys)),

    set(table, devId, key, value) {
      tables.set(table, devId, key, value)
      return Promise.resolve()
    },

    delete: (table, devId, keys) => Promise.resolve(tables.delete(table, devId, keys)),

    append: (log, devId, key, entry, keep, dropped) =>
      Promise.resolve(logs.append(log, devId, key, entry, keep, dropped)),
    read: (log, devId, key, after = 0, limit) => Promise.resolve(logs.read(log, devId, key, after, limit)),
    remove: (log, devId, key, from, through) => Promise.resolve(logs.remove(log, devId, key, from, through)),
  }
}

/** Reading makes no table: visitors choose the dev_id that they ask for. */
class MemoryTables {
  readonly #tables = new Map<string, Map<string, string>>()

  get(table: TableName, devId: number, keys?: readonly string[]): Map<string, string> {
    const rows = this.#tables.get(`${devId} ${table}`) ?? new Map<string, string>()
    return keys === undefined ? new Map(rows) : pickRows(rows, keys)
  }

  set(table: TableName, devId: number, key: string, value: string): void {
    inner(this.#tables, `${devId} ${table}`).set(key, value)
  }

  delete(table: TableName, devId: number, keys: readonly string[]): number {
    const rows = this.#tables.get(`${devId} ${table}`)
    return keys.filter((key) => rows?.delete(key) === true).length
  }

  clear(): void {
    this.#tables.clear()
  }
}

interface Log {
  /** The last number given out: it stays when entries go, so that none is used twice. */
  seq: number
  entries: StoredEntry[]
}

const nothing: Readonly<Log> = { seq: 0, entries: [] }

/** Reading makes no log, either. */
class MemoryLogs {
  /** What is in memory is gone with the process, and numbers begin anew. */
  readonly #epoch = randomUUID()
  readonly #logs = new Map<string, Map<string, Log>>()

  append(log: LogName, devId: number, key: string, entry: Entry, keep: number, dropped?: Dropped): number {
    const logs = inner(this.#logs, `${devId} ${log}`)
    let found = logs.get(key)
    if (found === undefined) {
      found = { seq: 0, entries: [] }
      logs.set(key, found)
    }
    found.seq++
    found.entries.push(numbered(entry, found.seq))
    const surplus = found.entries.length - keep
    if (surplus > 0) {
      found.entries.splice(0, surplus)
      dropped?.(surplus)
    }
    return found.seq
  }

  read(log: LogName, devId: number, key: string, after: number, limit?: number): StoredLog {
    const { seq: lastSeq, entries } = this.#find(log, devId, key) ?? nothing
    return { epoch: this.#epoch, lastSeq, entries: entries.filter(({ seq }) => seq > after).slice(0, limit) }
  }

  remove(log: LogName, devId: number, key: string, from: number, through: number): number {
    const found = this.#find(log, devId, key)
    if (found === undefined) return 0
    const before = found.entries.length
    found.entries = found.entries.filter(({ seq }) => seq < from || seq > through)
    return before - found.entries.length
  }

  clear(): void {
    this.#logs.clear()
  }

  #find(log: LogName, devId: number, key: string): Log | undefined {
    return this.#logs.get(`${devId} ${log}`)?.get(key)
  }
}

function inner<Value>(maps: Map<string, Map<string, Value>>, name: string): Map<string, Value> {
  let map = maps.get(name)
  if (map === undefined) {
    map = new Map()
    maps.set(name, map)
  }
  return map
}
