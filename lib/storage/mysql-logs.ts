import { BoundedLog } from './bounded-log.ts'
import { textOf, type MysqlRow, type MysqlSession, type MysqlValue } from './mysql-driver.ts'
import { placeOf } from './mysql-places.ts'
import type { CallOf } from './mysql-plan.ts'
import { logTables, type LogTable } from './mysql-schema.ts'
import { chunks, groups, marks, rowMarks, sizeOf } from './mysql-statements.ts'
import type { LogName, StoredEntry, StoredLog } from './storage.ts'

/** Rows, logs or reads of one statement. */
const most = 500
const mostReads = 50

/** A row of star_comet_logs. */
interface LogRow {
  readonly id: number
  /** The last one given out. */
  readonly seq: number
  /** How many entries there are. */
  readonly kept: number
  /** No entry has a lower seq; where there is none, the next seq. */
  readonly first: number
}

/** A log that gets entries. */
interface Growing {
  readonly place: LogPlace
  readonly row: LogRow
  readonly log: BoundedLog
}

/** Where a call's log is. */
interface LogPlace {
  readonly log: LogName
  readonly devId: number
  readonly key: string
}

const nameOf = ({ log, devId, key }: LogPlace): string => `${devId} ${log} ${key}`

/** The seq of each new entry. The rows of the logs are locked until the transaction ends, so that numbers are given out once. */
export async function appendEntries(session: MysqlSession, calls: readonly CallOf<'append'>[]): Promise<number[]> {
  const rows = await lockLogs(session, calls, true)
  const growing = new Map<string, Growing>()
  const seqs = calls.map((call) => {
    const name = nameOf(call)
    let found = growing.get(name)
    if (found === undefined) {
      const row = rowOf(rows, name)
      found = { place: call, row, log: new BoundedLog(row.seq, row.kept) }
      growing.set(name, found)
    }
    return found.log.append(call.entry, call.keep, call.dropped)
  })
  for (const together of groups([...growing.values()], ({ place }) => place.log).values()) {
    const table = logTables[together[0].place.log]
    const firsts = await cut(session, table, together)
    await insert(session, table, together)
    await updateLogs(
      session,
      together.map(({ row: { id }, log: { seq, kept } }, index) => ({ id, seq, kept, first: firsts[index] ?? 1 })),
    )
  }
  return seqs
}

/** What is in each log, and how far it got: both from one statement, so that they fit together. */
export async function readLogs(
  session: MysqlSession,
  calls: readonly CallOf<'read'>[],
  epoch: string,
): Promise<StoredLog[]> {
  const logs: StoredLog[] = []
  for (const some of chunks(calls, mostReads)) {
    const found = await session.rows(
      some.map(({ log, limit }, index) => `(${selectLog(logTables[log], index, limit)})`).join(' UNION ALL '),
      some.flatMap(valuesOf),
    )
    const rows = groups(found, ({ n }) => String(Number(n)))
    for (const index of some.keys()) {
      const ofLog = rows.get(String(index)) ?? []
      const entries = ofLog.filter(({ seq }) => seq !== null).map(entryOf)
      entries.sort((a, b) => a.seq - b.seq)
      logs.push({ epoch, lastSeq: Number(ofLog[0]?.last_seq ?? 0), entries })
    }
  }
  return logs
}

/** How many entries each call removed. */
export async function removeEntries(session: MysqlSession, calls: readonly CallOf<'remove'>[]): Promise<number[]> {
  const rows = await lockLogs(session, calls, false)
  const changed: LogRow[] = []
  const counts = await Promise.all(
    calls.map(async (call) => {
      const row = rows.get(nameOf(call))
      if (row === undefined || row.kept === 0) return 0
      const through = Math.min(call.through, row.seq)
      const sql = `DELETE FROM ${logTables[call.log].name} WHERE log_id = ? AND seq BETWEEN ? AND ?`
      const count = await session.change(sql, [row.id, call.from, through])
      const first = call.from <= row.first && through >= row.first ? through + 1 : row.first
      if (count > 0) changed.push({ ...row, kept: row.kept - count, first })
      return count
    }),
  )
  await updateLogs(session, changed)
  return counts
}

/** Locks the rows of the logs; with `add` those that are missing are made. */
async function lockLogs(
  session: MysqlSession,
  places: readonly LogPlace[],
  add: boolean,
): Promise<Map<string, LogRow>> {
  const wanted = new Map(places.map((place) => [nameOf(place), place]))
  const found = new Map<string, LogRow>()
  await findLogs(session, wanted, found)
  const missing = [...wanted].filter(([name]) => !found.has(name)).map(([, place]) => place)
  if (!add || missing.length === 0) return found
  for (const some of chunks(missing, most)) {
    await session.change(
      `INSERT IGNORE INTO star_comet_logs (place, name, dev_id, key_text) VALUES ${rowMarks(some.length, 4)}`,
      some.flatMap(({ log, devId, key }) => [placeOf(log, devId, key), log, devId, key]),
    )
  }
  await findLogs(session, new Map(missing.map((place) => [nameOf(place), place])), found)
  return found
}

async function findLogs(
  session: MysqlSession,
  wanted: ReadonlyMap<string, LogPlace>,
  found: Map<string, LogRow>,
): Promise<void> {
  const names = new Map(
    [...wanted].map(([name, { log, devId, key }]) => [placeOf(log, devId, key).toString('hex'), name]),
  )
  // In one order for all processes, so that none waits for another that waits for it.
  for (const some of chunks([...names.keys()].sort(), most)) {
    const rows = await session.rows(
      `SELECT HEX(place) AS place, id, seq, kept, first FROM star_comet_logs WHERE place IN (${marks(some.length)})
       ORDER BY place FOR UPDATE`,
      some.map((place) => Buffer.from(place, 'hex')),
    )
    for (const { place, id, seq, kept, first } of rows) {
      const name = names.get(textOf(place).toLowerCase()) ?? ''
      found.set(name, { id: Number(id), seq: Number(seq), kept: Number(kept), first: Number(first) })
    }
  }
}

function rowOf(rows: ReadonlyMap<string, LogRow>, name: string): LogRow {
  const row = rows.get(name)
  if (row === undefined)
    throw new Error(`The row of the log "${name}" is not in star_comet_logs, into which it was put`)
  return row
}

/** Removes the stored entries that the appends cut off; resolves to what is the lowest seq of each log then. */
async function cut(session: MysqlSession, { name }: LogTable, logs: readonly Growing[]): Promise<number[]> {
  const throughs = await Promise.all(logs.map((one) => cutThrough(session, name, one)))
  const ranges = logs.flatMap(({ row, log }, index) => (log.cut > 0 ? [[row.id, throughs[index] ?? 0]] : []))
  for (const some of chunks(ranges, most)) {
    const conditions = some.map(() => '(log_id = ? AND seq <= ?)').join(' OR ')
    await session.change(`DELETE FROM ${name} WHERE ${conditions}`, some.flat())
  }
  return logs.map(({ row, log: { added, cut: count, seq, stored } }, index) => {
    if (count === stored) return added[0]?.seq ?? seq + 1
    return count === 0 ? row.first : (throughs[index] ?? 0) + 1
  })
}

/** The highest seq of the stored entries that go. */
async function cutThrough(session: MysqlSession, name: string, { row, log }: Growing): Promise<number> {
  if (log.cut === log.stored) return row.seq
  if (row.kept === row.seq - row.first + 1) return row.first + log.cut - 1
  // Some are missing in between: only the database knows.
  const sql = `SELECT seq FROM ${name} WHERE log_id = ? ORDER BY seq LIMIT 1 OFFSET ${Math.max(log.cut - 1, 0)}`
  const [found] = await session.rows(sql, [row.id])
  if (found !== undefined) return Number(found.seq)
  log.cut = log.stored // somebody else has deleted some: fewer are left than were to go
  return row.seq
}

async function insert(
  session: MysqlSession,
  { name, keyColumn, senderColumn, keyValue }: LogTable,
  logs: readonly Growing[],
): Promise<void> {
  const rows = logs.flatMap(({ place: { devId, key }, row, log }) =>
    log.added.map(({ seq, id, time, event, message, userId, json }): MysqlValue[] => [
      ...[row.id, seq, id, time, devId, keyValue(key), event, message, userId, Number(json)],
    ]),
  )
  for (const some of chunks(rows, most, sizeOf)) {
    await session.change(
      `INSERT INTO ${name} (log_id, seq, id, time, dev_id, ${keyColumn}, event, message, ${senderColumn}, is_json)
       VALUES ${rowMarks(some.length, 10)}`,
      some.flat(),
    )
  }
}

async function updateLogs(session: MysqlSession, rows: readonly LogRow[]): Promise<void> {
  for (const some of chunks(rows, most)) {
    const [, ...others] = some.map(() => 'SELECT ?, ?, ?, ?')
    const changes = ['SELECT ? AS id, ? AS new_seq, ? AS new_kept, ? AS new_first', ...others].join(' UNION ALL ')
    await session.change(
      `UPDATE star_comet_logs JOIN (${changes}) AS changed USING (id) SET seq = new_seq, kept = new_kept, first = new_first`,
      some.flatMap(({ id, seq, kept, first }) => [id, seq, kept, first]),
    )
  }
}

function selectLog({ name, senderColumn }: LogTable, index: number, limit: number | undefined): string {
  return `SELECT ${index} AS n, logs.seq AS last_seq, entry.seq, entry.id, entry.time, entry.event, entry.message,
    entry.${senderColumn} AS sender, entry.is_json
    FROM star_comet_logs AS logs LEFT JOIN ${selectEntries(name, limit)} WHERE logs.place = ?`
}

/** With a limit within a query of its own: around the join the database would fetch and sort all that is behind it, too. */
function selectEntries(name: string, limit: number | undefined): string {
  if (limit === undefined) return `${name} AS entry ON entry.log_id = logs.id AND entry.seq > ?`
  return `(SELECT * FROM ${name} WHERE log_id = (SELECT id FROM star_comet_logs WHERE place = ?) AND seq > ?
    ORDER BY seq LIMIT ${limit}) AS entry ON entry.log_id = logs.id`
}

/** In the order of the marks in `selectLog`. */
function valuesOf({ log, devId, key, after, limit }: CallOf<'read'>): MysqlValue[] {
  const place = placeOf(log, devId, key)
  return limit === undefined ? [after, place] : [place, after, place]
}

function entryOf({ seq, id, time, event, message, sender, is_json: isJson }: MysqlRow): StoredEntry {
  return {
    seq: Number(seq),
    id: textOf(id),
    time: Number(time),
    event: textOf(event),
    message: textOf(message),
    userId: Number(sender),
    json: Number(isJson) !== 0,
  }
}
