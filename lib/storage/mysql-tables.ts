import { textOf, type MysqlRow, type MysqlSession, type MysqlValue } from './mysql-driver.ts'
import { placeOf } from './mysql-places.ts'
import type { CallOf } from './mysql-plan.ts'
import { keyedTables, type KeyedTable } from './mysql-schema.ts'
import { chunks, groups, marks, rowMarks, sizeOf } from './mysql-statements.ts'
import { pickRows } from './pick-rows.ts'

/** Keys or rows of one statement. */
const most = 500

/** The rows that each call asks for. */
export async function getRows(session: MysqlSession, calls: readonly CallOf<'get'>[]): Promise<Map<string, string>[]> {
  const groupOf = ({ table, devId, keys }: CallOf<'get'>): string => `${table} ${devId} ${keys === undefined}`
  const found = new Map<string, Map<string, string>>()
  for (const [group, together] of groups(calls, groupOf)) {
    const [{ table, devId, keys }] = together
    const wanted = keys === undefined ? undefined : new Set(together.flatMap((call) => call.keys ?? []))
    found.set(group, await getTogether(session, keyedTables[table], devId, wanted))
  }
  return calls.map((call) => {
    const rows = found.get(groupOf(call)) ?? new Map<string, string>()
    return call.keys === undefined ? new Map(rows) : pickRows(rows, call.keys)
  })
}

/** Of several calls for one key the last counts. */
export async function setRows(session: MysqlSession, calls: readonly CallOf<'set'>[]): Promise<undefined[]> {
  for (const together of groups(calls, ({ table }) => table).values()) {
    const table = keyedTables[together[0].table]
    const last = new Map(together.map((call) => [`${call.devId} ${call.key}`, call]))
    // In one order for all processes, so that none waits for another that waits for it.
    const rows = [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, call]) => call)
    await setFitting(
      session,
      table,
      rows.filter(({ key }) => table.fitsKey(key)),
    )
    await setOthers(
      session,
      table,
      rows.filter(({ key }) => !table.fitsKey(key)),
    )
  }
  return calls.map(() => undefined)
}

/** How many rows each call removed. */
export async function deleteRows(session: MysqlSession, calls: readonly CallOf<'delete'>[]): Promise<number[]> {
  return await Promise.all(calls.map((call) => deleteOne(session, call)))
}

async function deleteOne(session: MysqlSession, { table, devId, keys }: CallOf<'delete'>): Promise<number> {
  const { name, keyColumn, keyValue, fitsKey } = keyedTables[table]
  const { fitting, others } = split(new Set(keys), fitsKey)
  let count = 0
  for (const some of chunks(fitting, most)) {
    const values = [devId, ...some.map(keyValue)]
    count += await session.change(
      `DELETE FROM ${name} WHERE dev_id = ? AND ${keyColumn} IN (${marks(some.length)})`,
      values,
    )
  }
  for (const some of chunks(others, most)) {
    const places = some.map((key) => placeOf(name, devId, key))
    count += await session.change(`DELETE FROM star_comet_rows WHERE place IN (${marks(some.length)})`, places)
  }
  return count
}

async function getTogether(
  session: MysqlSession,
  table: KeyedTable,
  devId: number,
  keys: ReadonlySet<string> | undefined,
): Promise<Map<string, string>> {
  const { name, keyColumn, keyValue, valueColumn } = table
  const inTable = `SELECT ${keyColumn} AS k, ${valueColumn} AS v, star_comet_value AS w FROM ${name} WHERE dev_id = ?`
  const beside = 'SELECT key_text AS k, value AS v, NULL AS w FROM star_comet_rows WHERE'
  if (keys === undefined) {
    const rows = await session.rows(inTable, [devId])
    return mapOf([...rows, ...(await session.rows(`${beside} name = ? AND dev_id = ?`, [name, devId]))])
  }
  const { fitting, others } = split(keys, table.fitsKey)
  const rows: MysqlRow[] = []
  for (const some of chunks(fitting, most)) {
    const sql = `${inTable} AND ${keyColumn} IN (${marks(some.length)})`
    rows.push(...(await session.rows(sql, [devId, ...some.map(keyValue)])))
  }
  for (const some of chunks(others, most)) {
    const places = some.map((key) => placeOf(name, devId, key))
    rows.push(...(await session.rows(`${beside} place IN (${marks(some.length)})`, places)))
  }
  return mapOf(rows)
}

async function setFitting(
  session: MysqlSession,
  { name, keyColumn, keyValue, valueColumn, fitsValue, instead }: KeyedTable,
  calls: readonly CallOf<'set'>[],
): Promise<void> {
  const rows = calls.map(({ devId, key, value }): MysqlValue[] =>
    fitsValue(value) ? [devId, keyValue(key), value, null] : [devId, keyValue(key), instead, value],
  )
  for (const some of chunks(rows, most, sizeOf)) {
    await session.change(
      `INSERT INTO ${name} (dev_id, ${keyColumn}, ${valueColumn}, star_comet_value) VALUES ${rowMarks(some.length, 4)}
       ON DUPLICATE KEY UPDATE ${valueColumn} = VALUES(${valueColumn}), star_comet_value = VALUES(star_comet_value)`,
      some.flat(),
    )
  }
}

async function setOthers(session: MysqlSession, { name }: KeyedTable, calls: readonly CallOf<'set'>[]): Promise<void> {
  const rows = calls.map(({ devId, key, value }) => [placeOf(name, devId, key), name, devId, key, value])
  for (const some of chunks(rows, most, sizeOf)) {
    await session.change(
      `INSERT INTO star_comet_rows (place, name, dev_id, key_text, value) VALUES ${rowMarks(some.length, 5)}
       ON DUPLICATE KEY UPDATE value = VALUES(value)`,
      some.flat(),
    )
  }
}

/** The keys that fit into the original's column, and the others. */
function split(
  keys: ReadonlySet<string>,
  fits: (key: string) => boolean,
): { readonly fitting: string[]; readonly others: string[] } {
  const list = [...keys]
  return { fitting: list.filter(fits), others: list.filter((key) => !fits(key)) }
}

function mapOf(rows: readonly MysqlRow[]): Map<string, string> {
  return new Map(rows.map(({ k, v, w }) => [textOf(k), textOf(w ?? v)]))
}
