import { randomUUID } from 'node:crypto'
import { numbered } from './numbered.ts'
import type { Dropped, Entry, LogName, Storage, StoredEntry, TableName } from './storage.ts'

const nothing: Readonly<Log> = { seq: 0, entries: [] }

interface Log {
  /** The last number given out: it stays when entries go, so that none is used twice. */
  seq: number
  entries: StoredEntry[]
}

/** Keeps everything in the memory of this process: as fast as it gets, and gone with the process. */
export function memoryStorage(): Storage {
  const epoch = randomUUID() // what is in memory is gone with the process, and numbers begin anew
  const tables = new Map<string, Map<string, string>>()
  const logs = new Map<string, Map<string, Log>>()

  // Reading makes nothing: visitors choose the dev_id that they ask for.
  const tableOf = (table: TableName, devId: number) => tables.get(`${devId} ${table}`)
  const logOf = (log: LogName, devId: number, key: string) => logs.get(`${devId} ${log}`)?.get(key)

  return {
    open: () => Promise.resolve(),

    close() {
      tables.clear()
      logs.clear()
      return Promise.resolve()
    },

    get(table, devId, keys) {
      const rows = tableOf(table, devId) ?? new Map<string, string>()
      return Promise.resolve(keys === undefined ? new Map(rows) : pick(rows, keys))
    },

    set(table, devId, key, value) {
      inner(tables, `${devId} ${table}`).set(key, value)
      return Promise.resolve()
    },

    delete(table, devId, keys) {
      const rows = tableOf(table, devId)
      return Promise.resolve(keys.filter((key) => rows?.delete(key) === true).length)
    },

    append(log, devId, key, entry, keep, dropped) {
      return Promise.resolve(append(inner(logs, `${devId} ${log}`), key, entry, keep, dropped))
    },

    read(log, devId, key, after = 0, limit) {
      const { seq: lastSeq, entries } = logOf(log, devId, key) ?? nothing
      return Promise.resolve({ epoch, lastSeq, entries: entries.filter(({ seq }) => seq > after).slice(0, limit) })
    },

    remove(log, devId, key, from, through) {
      const found = logOf(log, devId, key)
      if (found === undefined) return Promise.resolve(0)
      const before = found.entries.length
      found.entries = found.entries.filter(({ seq }) => seq < from || seq > through)
      return Promise.resolve(before - found.entries.length)
    },
  }
}

function append(logs: Map<string, Log>, key: string, entry: Entry, keep: number, dropped?: Dropped): number {
  let log = logs.get(key)
  if (log === undefined) {
    log = { seq: 0, entries: [] }
    logs.set(key, log)
  }
  log.seq++
  log.entries.push(numbered(entry, log.seq))
  const surplus = log.entries.length - keep
  if (surplus > 0) {
    log.entries.splice(0, surplus)
    dropped?.(surplus)
  }
  return log.seq
}

function inner<Value>(maps: Map<string, Map<string, Value>>, name: string): Map<string, Value> {
  let map = maps.get(name)
  if (map === undefined) {
    map = new Map()
    maps.set(name, map)
  }
  return map
}

function pick(rows: ReadonlyMap<string, string>, keys: readonly string[]): Map<string, string> {
  const picked = new Map<string, string>()
  for (const key of keys) {
    const value = rows.get(key)
    if (value !== undefined) picked.set(key, value)
  }
  return picked
}
