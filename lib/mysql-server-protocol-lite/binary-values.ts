import { isUtf8 } from 'node:buffer'
import { decodeUtf8, type Decode } from './charset.ts'
import { FieldType } from './constants.ts'
import { malformedPacket } from './errors.ts'
import type { ColumnDef, Row, Value } from './handler.ts'
import type { PacketWriter } from './packet-writer.ts'
import type { PayloadReader } from './payload-reader.ts'
import { checkRow } from './results.ts'
import type { ParameterType } from './statements.ts'
import { readDate, readTime, writeDate, writeTime } from './temporal-values.ts'

/** Reads one parameter of COM_STMT_EXECUTE (MySQL internals: "Binary Protocol Value"). @throws MysqlError 1835 */
export function readParameter(fields: PayloadReader, { code, unsigned }: ParameterType, decode: Decode): Value {
  switch (code) {
    case FieldType.NULL:
      return null
    case FieldType.TINY:
      return unsigned ? fields.uint8() : fields.int8()
    case FieldType.SHORT:
    case FieldType.YEAR:
      return unsigned ? fields.uint16() : fields.int16()
    case FieldType.LONG:
    case FieldType.INT24:
      return unsigned ? fields.uint32() : fields.int32()
    case FieldType.LONGLONG:
      return narrow(unsigned ? fields.uint64() : fields.int64())
    case FieldType.FLOAT:
      return fields.float()
    case FieldType.DOUBLE:
      return fields.double()
    case FieldType.DATE:
    case FieldType.DATETIME:
    case FieldType.TIMESTAMP:
      return readDate(fields, code === FieldType.DATE)
    case FieldType.TIME:
      return readTime(fields)
    default:
      return bytesValue(code, fields.lengthEncodedBytes(), decode)
  }
}

/**
 * A parameter that is a string of bytes: text, but a Buffer if it was bound as a BLOB, or if it isn't text at all (drivers
 * bind bytes as strings too).
 * @throws MysqlError 1835 for a type that does not exist
 */
export function bytesValue(code: number, bytes: Buffer, decode: Decode): Value {
  if (!isStringType(code)) throw malformedPacket(`${code} is not a type of parameters`)
  const isBlob = code >= FieldType.TINY_BLOB && code <= FieldType.BLOB
  // A copy: a slice would hold on to all that arrived with it.
  if (isBlob || (decode === decodeUtf8 && !isUtf8(bytes))) return Buffer.from(bytes)
  return decode(bytes)
}

function isStringType(code: number): boolean {
  return code >= FieldType.JSON || code === FieldType.VARCHAR || code === FieldType.DECIMAL || code === FieldType.BIT
}

/** 64 bits as a number where it holds them exactly, else as a bigint. */
function narrow(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Writes one row of a prepared statement's result (MySQL internals: "Binary Protocol Resultset Row"). */
export function writeBinaryRow(out: PacketWriter, columns: readonly ColumnDef[], row: Row): void {
  checkRow(columns, row)
  out.begin()
  out.uint8(0)
  writeNullBitmap(out, row)
  for (const [index, column] of columns.entries()) {
    const value = row[index] ?? null
    if (value !== null) writeBinaryValue(out, column, value)
  }
  out.end()
}

/** The first two bits are unused. */
const nullBitmapOffset = 2

function writeNullBitmap(out: PacketWriter, row: Row): void {
  let bits = 0
  let bit = nullBitmapOffset
  for (const value of row) {
    if (value === null) bits |= 1 << bit
    if (++bit < 8) continue
    out.uint8(bits)
    bits = 0
    bit = 0
  }
  if (bit > 0) out.uint8(bits)
}

function writeBinaryValue(out: PacketWriter, column: ColumnDef, value: NonNullable<Value>): void {
  switch (column.type) {
    case 'int':
      out.uint32(checkedInt(column, Number(value)))
      break
    case 'bigint':
      out.uint64(BigInt(typeof value === 'object' ? value.toString() : value))
      break
    case 'double':
      out.double(Number(value))
      break
    case 'date':
    case 'datetime':
      writeDate(out, String(value))
      break
    case 'time':
      writeTime(out, String(value))
      break
    default:
      writeString(out, value)
  }
}

function writeString(out: PacketWriter, value: NonNullable<Value>): void {
  if (typeof value === 'object') out.lengthEncodedBytes(value)
  else out.lengthEncodedText(String(value))
}

const int32Min = -(2 ** 31)
const uint32Max = 2 ** 32 - 1

/** A number that does not fit would arrive as another number. */
function checkedInt({ name }: ColumnDef, value: number): number {
  if (Number.isInteger(value) && value >= int32Min && value <= uint32Max) return value
  throw new RangeError(`Column ${name} is of type int, and ${value} is no integer of 32 bits`)
}
