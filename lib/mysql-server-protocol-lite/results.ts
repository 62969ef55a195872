import { Collation, FieldFlag, FieldType } from './constants.ts'
import type { ClientError } from './errors.ts'
import type { ColumnDef, ColumnType, OkResult, Row, Value } from './handler.ts'
import type { PacketWriter } from './packet-writer.ts'

/** Writes an OK packet (MySQL internals: OK_Packet). `status`: the flags of constants.Status. */
export function writeOk(out: PacketWriter, result: OkResult, status: number): void {
  out.begin()
  out.uint8(0)
  out.lengthEncoded(result.affectedRows)
  out.lengthEncoded(result.insertId ?? 0)
  out.uint16(status)
  out.uint16(result.warnings ?? 0)
  if (result.info !== undefined && result.info !== '') out.lengthEncodedText(result.info)
  out.end()
}

/** Writes an ERR packet (MySQL internals: ERR_Packet); a half-written packet before it is forgotten. */
export function writeError(out: PacketWriter, { number, sqlState, message }: ClientError): void {
  out.abort()
  out.begin()
  out.uint8(0xff)
  out.uint16(number)
  out.text(`#${/^[0-9A-Z]{5}$/.test(sqlState) ? sqlState : 'HY000'}`)
  out.text(message)
  out.end()
}

/** Writes an EOF packet (MySQL internals: EOF_Packet). */
export function writeEof(out: PacketWriter, status: number, warnings = 0): void {
  out.begin()
  out.uint8(0xfe)
  out.uint16(warnings)
  out.uint16(status)
  out.end()
}

/** Ends the rows for a client that deprecates EOF packets: an OK packet that begins like one. */
export function writeOkAsEof(out: PacketWriter, status: number, warnings = 0): void {
  out.begin()
  out.uint8(0xfe)
  out.uint16(0) // no affected rows, no insert id
  out.uint16(status)
  out.uint16(warnings)
  out.end()
}

/** Writes how many column definitions follow (MySQL internals: Text Resultset). */
export function writeColumnCount(out: PacketWriter, count: number): void {
  out.begin()
  out.lengthEncoded(count)
  out.end()
}

interface WireType {
  readonly code: number
  readonly flags: number
  /** The longest value in bytes; clients size buffers and print tables by it. */
  readonly length: number
  readonly decimals: number
}

const floatingDecimals = 31

/** The most bytes that a character has in utf8mb4. */
const charBytes = 4

const maxVarcharLength = 0xffff

const wireTypes: Readonly<Record<ColumnType, WireType>> = {
  int: { code: FieldType.LONG, flags: FieldFlag.BINARY, length: 11, decimals: 0 },
  bigint: { code: FieldType.LONGLONG, flags: FieldFlag.BINARY, length: 20, decimals: 0 },
  double: { code: FieldType.DOUBLE, flags: FieldFlag.BINARY, length: 22, decimals: floatingDecimals },
  decimal: { code: FieldType.NEWDECIMAL, flags: FieldFlag.BINARY, length: 67, decimals: 0 },
  // Text is never of the binary collation or flag: clients would hand out bytes.
  text: { code: FieldType.VAR_STRING, flags: 0, length: maxVarcharLength * charBytes, decimals: 0 },
  blob: { code: FieldType.BLOB, flags: FieldFlag.BLOB | FieldFlag.BINARY, length: 0xffff, decimals: 0 },
  date: { code: FieldType.DATE, flags: FieldFlag.BINARY, length: 10, decimals: 0 },
  datetime: { code: FieldType.DATETIME, flags: FieldFlag.BINARY, length: 26, decimals: 0 },
  time: { code: FieldType.TIME, flags: FieldFlag.BINARY, length: 17, decimals: 0 },
}

/** How MySQL describes a VARCHAR or, longer than that can be, a TEXT. */
function wireTypeOf({ type, length }: ColumnDef): WireType {
  const wireType = wireTypes[type]
  if (type !== 'text' || length === undefined) return wireType
  const bytes = Math.min(length * charBytes, 0xffffffff)
  if (length <= maxVarcharLength) return { ...wireType, length: bytes }
  return { code: FieldType.BLOB, flags: FieldFlag.BLOB, length: bytes, decimals: 0 }
}

/** Writes a column definition (MySQL internals: Protocol::ColumnDefinition41). */
export function writeColumn(out: PacketWriter, column: ColumnDef): void {
  out.begin()
  columnFields(out, column)
  out.end()
}

/** The same for COM_FIELD_LIST, where the column's default value follows: NULL, the server knows of none. */
export function writeListedField(out: PacketWriter, column: ColumnDef): void {
  out.begin()
  columnFields(out, column)
  out.uint8(0xfb)
  out.end()
}

/** Writes the definition of a parameter of a prepared statement, of which nothing is known. */
export function writeParameter(out: PacketWriter): void {
  writeColumn(out, { name: '?', type: 'text' })
}

function columnFields(out: PacketWriter, column: ColumnDef): void {
  const type = wireTypeOf(column)
  const table = column.table ?? ''
  out.lengthEncodedText('def')
  out.lengthEncodedText(column.schema ?? '')
  out.lengthEncodedText(table)
  out.lengthEncodedText(column.orgTable ?? table)
  out.lengthEncodedText(column.name)
  out.lengthEncodedText(column.orgName ?? column.name)
  out.uint8(0x0c)
  out.uint16(column.type === 'text' ? Collation.UTF8MB4 : Collation.BINARY)
  out.uint32(type.length)
  out.uint8(type.code)
  out.uint16(type.flags | ownFlags(column))
  out.uint8(type.decimals)
  out.uint16(0)
}

function ownFlags({ unsigned, primaryKey, notNull }: ColumnDef): number {
  return (
    (unsigned === true ? FieldFlag.UNSIGNED : 0) |
    (primaryKey === true ? FieldFlag.PRI_KEY : 0) |
    (notNull === true ? FieldFlag.NOT_NULL : 0)
  )
}

/** Writes one row, whatever the columns' types are, as text (MySQL internals: Text Resultset Row). */
export function writeTextRow(out: PacketWriter, columns: readonly ColumnDef[], row: Row): void {
  checkRow(columns, row)
  out.begin()
  for (const value of row) writeTextValue(out, value)
  out.end()
}

/** @throws TypeError if a row has not as many values as there are columns: the client would misread all that follows. */
export function checkRow(columns: readonly ColumnDef[], row: Row): void {
  if (row.length === columns.length) return
  throw new TypeError(`A row has ${row.length} values for ${columns.length} columns`)
}

function writeTextValue(out: PacketWriter, value: Value): void {
  if (value === null) out.uint8(0xfb)
  else if (typeof value === 'string') out.lengthEncodedText(value)
  else if (typeof value === 'object') out.lengthEncodedBytes(value)
  else out.lengthEncodedText(String(value))
}
