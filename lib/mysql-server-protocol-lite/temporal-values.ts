import { malformedPacket } from './errors.ts'
import type { PacketWriter } from './packet-writer.ts'
import type { PayloadReader } from './payload-reader.ts'

/**
 * Reads a DATE, DATETIME or TIMESTAMP of the binary protocol as the string that MySQL prints: 4 bytes for a date, 7 with
 * the time, 11 with microseconds, 0 for "0000-00-00" (MySQL internals: "Binary Protocol Value").
 */
export function readDate(fields: PayloadReader, dateOnly: boolean): string {
  const length = readLength(fields, [0, 4, 7, 11])
  const date = length === 0 ? '0000-00-00' : `${pad(fields.uint16(), 4)}-${pad(fields.uint8())}-${pad(fields.uint8())}`
  const time = length >= 7 ? `${pad(fields.uint8())}:${pad(fields.uint8())}:${pad(fields.uint8())}` : '00:00:00'
  const fraction = length === 11 ? `.${pad(fields.uint32(), 6)}` : ''
  return dateOnly ? date : `${date} ${time}${fraction}`
}

/** Reads a TIME of the binary protocol: sign, days, hours, minutes, seconds and maybe microseconds; hours may exceed 24. */
export function readTime(fields: PayloadReader): string {
  const length = readLength(fields, [0, 8, 12])
  if (length === 0) return '00:00:00'
  const sign = fields.uint8() === 1 ? '-' : ''
  const hours = fields.uint32() * 24 + fields.uint8()
  const time = `${sign}${pad(hours)}:${pad(fields.uint8())}:${pad(fields.uint8())}`
  return length === 12 ? `${time}.${pad(fields.uint32(), 6)}` : time
}

function readLength(fields: PayloadReader, allowed: readonly number[]): number {
  const length = fields.uint8()
  if (!allowed.includes(length)) throw malformedPacket(`a date or time of ${length} bytes`)
  return length
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0')
}

const dateText = /^(\d{1,4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6}))?)?$/
const timeText = /^(-?)(\d+):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6}))?$/

/** Writes `2026-01-31`, with or without ` 23:59:59.000001`. @throws RangeError for other strings */
export function writeDate(out: PacketWriter, text: string): void {
  const parts = dateText.exec(text)
  if (parts === null) throw new RangeError(`"${text}" is no date like 2026-01-31 or 2026-01-31 23:59:59`)
  const [, year, month, day, hours, minutes, seconds, fraction] = parts
  out.uint8(fraction !== undefined ? 11 : hours !== undefined ? 7 : 4)
  out.uint16(Number(year))
  out.uint8(Number(month))
  out.uint8(Number(day))
  if (hours === undefined) return
  out.uint8(Number(hours))
  out.uint8(Number(minutes))
  out.uint8(Number(seconds))
  if (fraction !== undefined) out.uint32(Number(fraction.padEnd(6, '0')))
}

/** Writes `-838:59:59.000001` and the like. @throws RangeError for other strings */
export function writeTime(out: PacketWriter, text: string): void {
  const parts = timeText.exec(text)
  if (parts === null) throw new RangeError(`"${text}" is no time like 23:59:59`)
  const [, sign, hours, minutes, seconds, fraction] = parts
  out.uint8(fraction === undefined ? 8 : 12)
  out.uint8(sign === '-' ? 1 : 0)
  out.uint32(Math.floor(Number(hours) / 24))
  out.uint8(Number(hours) % 24)
  out.uint8(Number(minutes))
  out.uint8(Number(seconds))
  if (fraction !== undefined) out.uint32(Number(fraction.padEnd(6, '0')))
}
