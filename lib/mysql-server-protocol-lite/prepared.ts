import { bytesValue, readParameter, writeBinaryRow } from './binary-values.ts'
import type { Client } from './client.ts'
import { Status } from './constants.ts'
import { MysqlError } from './errors.ts'
import type { ColumnDef, RowsResult, Value } from './handler.ts'
import { PayloadReader } from './payload-reader.ts'
import { isBegunAhead, runStatement, sendColumns, sendRows } from './queries.ts'
import { writeColumn, writeParameter } from './results.ts'
import { RowSource } from './rows.ts'
import type { ParameterType, Statement } from './statements.ts'
import { settled, type Steps } from './wire.ts'

const noColumns: readonly ColumnDef[] = []

/** COM_STMT_PREPARE. */
export function* prepare<Session>(client: Client<Session>, sql: string): Steps<void> {
  client.statements.forgetLast()
  const { handler } = client.server
  const columns = (yield* settled(handler.describe?.(sql, client.session))) ?? noColumns
  const statement = client.statements.prepare(sql)
  writePrepared(client, statement, columns)
}

/** MySQL internals: COM_STMT_PREPARE_OK, with the definitions of the parameters and of the columns. */
function writePrepared<Session>(client: Client<Session>, statement: Statement, columns: readonly ColumnDef[]): void {
  const { out } = client
  const { id, parameterCount } = statement
  out.begin()
  out.uint8(0)
  out.uint32(id)
  out.uint16(columns.length)
  out.uint16(parameterCount)
  out.uint8(0)
  out.uint16(0)
  out.end()
  for (let index = 0; index < parameterCount; index++) writeParameter(out)
  if (parameterCount > 0) client.endColumns()
  for (const column of columns) writeColumn(out, column)
  if (columns.length > 0) client.endColumns()
}

/** COM_STMT_EXECUTE. */
export function* execute<Session>(client: Client<Session>, payload: Buffer): Steps<void> {
  const { statements } = client
  const fields = new PayloadReader(payload, 1)
  const statement = statements.get(fields.uint32(), 'COM_STMT_EXECUTE')
  const wantsCursor = fields.uint8() === 1
  fields.uint32() // the iteration count, always 1
  statements.closeCursor(statement)
  const params = takeParameters(client, statement, fields)
  if (isBegunAhead(client, statement.sql, params)) return
  const result = yield* runStatement(client, statement.sql, params)
  if (!('columns' in result)) client.ok(result)
  else if (wantsCursor) openCursor(client, statement, result)
  else yield* sendRows(client, result, writeBinaryRow, 0)
}

/** Reads the values; those sent ahead are used up, whatever happens. */
function takeParameters<Session>(client: Client<Session>, statement: Statement, fields: PayloadReader): Value[] {
  try {
    if (statement.longDataError !== undefined) throw statement.longDataError
    return readParameters(statement, fields, client)
  } finally {
    client.statements.clearLongData(statement)
  }
}

function readParameters<Session>(statement: Statement, fields: PayloadReader, client: Client<Session>): Value[] {
  const { parameterCount, longData } = statement
  if (parameterCount === 0) return []
  const nulls = fields.bytes((parameterCount + 7) >> 3)
  if (fields.uint8() === 1) statement.types = readTypes(fields, parameterCount)
  if (statement.types.length === 0) {
    throw new MysqlError('The first execution of a statement must tell the types of its parameters', 1210, 'HY000')
  }
  return statement.types.map((type, index) => {
    const sentAhead = longData.get(index)
    if (sentAhead !== undefined) return bytesValue(type.code, sentAhead.take(0, sentAhead.length), client.decode)
    const isNull = ((nulls[index >> 3] ?? 0) >> (index & 7)) & 1
    return isNull === 1 ? null : readParameter(fields, type, client.decode)
  })
}

const unsignedFlag = 0x80

function readTypes(fields: PayloadReader, count: number): ParameterType[] {
  return Array.from({ length: count }, () => ({
    code: fields.uint8(),
    unsigned: (fields.uint8() & unsignedFlag) !== 0,
  }))
}

/** Keeps the rows for COM_STMT_FETCH. The columns end with an EOF in either mode: it says that there is a cursor. */
function openCursor<Session>(client: Client<Session>, statement: Statement, result: RowsResult): void {
  statement.cursor = { columns: result.columns, rows: new RowSource(result.rows, client.server.onError) }
  sendColumns(client, result.columns)
  client.endRows(Status.CURSOR_EXISTS, result.warnings)
}

/** COM_STMT_FETCH: the next rows of a cursor. */
export function* fetchRows<Session>(client: Client<Session>, payload: Buffer): Steps<void> {
  const fields = new PayloadReader(payload, 1)
  const statement = client.statements.get(fields.uint32(), 'COM_STMT_FETCH')
  const count = fields.uint32()
  const { cursor } = statement
  if (cursor === undefined) {
    throw new MysqlError(`Statement ${statement.id} has no open cursor: execute it with one first`, 1421, 'HY000')
  }
  const more = yield* cursor.rows.pull(count, client.wire, (row) => {
    writeBinaryRow(client.out, cursor.columns, row)
  })
  if (!more) client.statements.closeCursor(statement)
  client.endRows(more ? Status.CURSOR_EXISTS : Status.LAST_ROW_SENT)
}

/** COM_STMT_SEND_LONG_DATA: a part of a value, sent ahead. No reply, not even of errors. */
export function sendLongData<Session>({ statements }: Client<Session>, payload: Buffer): void {
  if (payload.length < 7) return
  const fields = new PayloadReader(payload, 1)
  const statement = statements.find(fields.uint32())
  if (statement !== undefined) statements.addLongData(statement, fields.uint16(), fields.rest())
}

/** COM_STMT_RESET: forgets what was sent ahead, and the cursor. */
export function resetStatement<Session>(client: Client<Session>, payload: Buffer): void {
  const { statements } = client
  const statement = statements.get(new PayloadReader(payload, 1).uint32(), 'COM_STMT_RESET')
  statements.clearLongData(statement)
  statements.closeCursor(statement)
  client.ok()
}

/** COM_STMT_CLOSE: no reply. */
export function closeStatement<Session>({ statements }: Client<Session>, payload: Buffer): void {
  if (payload.length >= 5) statements.close(new PayloadReader(payload, 1).uint32())
}
