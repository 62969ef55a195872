import { charsetSetBy, checkCharset } from './charset.ts'
import type { Client } from './client.ts'
import { Status } from './constants.ts'
import { MysqlError } from './errors.ts'
import type { ColumnDef, Result, Row, RowsResult, Value } from './handler.ts'
import type { PacketWriter } from './packet-writer.ts'
import { writeColumn, writeColumnCount, writeTextRow } from './results.ts'
import { RowSource } from './rows.ts'
import { splitStatements } from './sql-text.ts'
import { isPromise, type Steps } from './wire.ts'

const noParams: readonly Value[] = []

/** COM_QUERY: one statement, or several where the client may send that; an error ends the chain. */
export function* textQuery<Session>(client: Client<Session>, sql: string): Steps<void> {
  const statements = client.multiStatements ? splitStatements(sql) : [sql]
  if (statements.length === 0 || sql === '') throw new MysqlError('Query was empty', 1065, '42000')
  const [only] = statements
  if (only !== undefined && statements.length === 1 && isBegunAhead(client, only, noParams)) return
  for (const [index, statement] of statements.entries()) {
    const more = index < statements.length - 1 ? Status.MORE_RESULTS_EXIST : 0
    if (index > 0) yield* client.takeTurns()
    const result = yield* runStatement(client, statement, noParams)
    if ('columns' in result) yield* sendRows(client, result, writeTextRow, more)
    else client.ok(result, more)
  }
}

/** A command that stands for a statement with an OK answer, such as COM_INIT_DB. */
export function* okQuery<Session>(client: Client<Session>, sql: string): Steps<void> {
  const result = yield* runStatement(client, sql, noParams)
  if ('columns' in result) {
    new RowSource(result.rows, client.server.onError).close()
    client.ok()
  } else client.ok(result)
}

/** Begins a statement before those before it are answered, if the handler does that with this one; else false. */
export function isBegunAhead<Session>(client: Client<Session>, sql: string, params: readonly Value[]): boolean {
  const { server, deferred, wire, since } = client
  const result = server.handler.queryAhead?.(sql, params, client.session)
  if (result === undefined) return false
  server.countQuestion()
  if ('deferred' in result) deferred.add({ place: wire.place, sql, params, since }, result)
  else if (deferred.isEmpty) client.ok(result)
  else deferred.add({ place: wire.place, sql, params, since }, { deferred: Promise.resolve(() => result) })
  return true
}

/** Runs one statement, in its turn; throws what the handler throws. */
export function* runStatement<Session>(client: Client<Session>, sql: string, params: readonly Value[]): Steps<Result> {
  const charset = charsetSetBy(sql)
  if (charset !== undefined) checkCharset(charset)
  client.sql = sql
  if (!client.deferred.isEmpty) yield* client.deferred.settled()
  client.server.countQuestion()
  const answer = client.server.handler.query(sql, params, client.session)
  const result = isPromise(answer) ? ((yield answer) as Result) : answer
  if (charset !== undefined) client.useCharset(charset)
  return result
}

/** Writes one row, in the text or the binary form. */
export type WriteRow = (out: PacketWriter, columns: readonly ColumnDef[], row: Row) => void

/** Sends a whole result set. An error half-way through the rows takes the place of the next row. */
export function* sendRows<Session>(
  client: Client<Session>,
  result: RowsResult,
  writeRow: WriteRow,
  more: number,
): Steps<void> {
  const { columns } = result
  const rows = new RowSource(result.rows, client.server.onError)
  try {
    sendColumns(client, columns)
    client.endColumns(more)
    yield* rows.pull(Infinity, client.wire, (row) => {
      writeRow(client.out, columns, row)
    })
  } finally {
    rows.close()
  }
  client.endRows(more, result.warnings)
}

/** The head of a result set: how many columns, and which. */
export function sendColumns<Session>(client: Client<Session>, columns: readonly ColumnDef[]): void {
  writeColumnCount(client.out, columns.length)
  for (const column of columns) writeColumn(client.out, column)
}
