import { randomUUID } from 'node:crypto'
import type { Scalar } from '../parse/ast.ts'
import type { CometqlSession } from '../session.ts'
import { toNumber } from '../expressions/values.ts'
import type { Functions, SqlFunction } from './function.ts'

/** The server's time zone is UTC, as `@@time_zone` says. */
const now: SqlFunction = { min: 0, max: 1, type: 'text', apply: (_, session) => dateTime(session.environment.now()) }
const today: SqlFunction = {
  min: 0,
  type: 'text',
  apply: (_, session) => dateTime(session.environment.now()).slice(0, 10),
}
const timeOfDay: SqlFunction = {
  min: 0,
  max: 1,
  type: 'text',
  apply: (_, session) => dateTime(session.environment.now()).slice(11),
}

/** Functions of time. Dates are texts as MySQL prints them: `2026-01-31 23:59:59`. */
export const timeFunctions: Functions = {
  NOW: now,
  SYSDATE: now,
  CURRENT_TIMESTAMP: now,
  LOCALTIME: now,
  LOCALTIMESTAMP: now,
  UTC_TIMESTAMP: now,
  CURDATE: today,
  CURRENT_DATE: today,
  UTC_DATE: today,
  CURTIME: timeOfDay,
  CURRENT_TIME: timeOfDay,
  UTC_TIME: timeOfDay,
  UNIX_TIMESTAMP: { min: 0, max: 1, type: 'int', apply: ([date], session) => unixTimestamp(date, session) },
  FROM_UNIXTIME: { min: 1, type: 'text', apply: ([seconds = 0]) => fromUnixTime(seconds) },
  CONVERT_TZ: { min: 3, type: 'text', apply: ([date = null, from, to]) => convertZone(date, String(from), String(to)) },
  TIMEDIFF: { min: 2, type: 'text', apply: ([a = null, b = null]) => timeDifference(String(a), String(b)) },
  DATE: { min: 1, type: 'text', apply: ([date = null]) => datePart(String(date)) },
  YEAR: { min: 1, type: 'int', apply: ([date = null]) => yearOf(String(date)) },
  UUID: { min: 0, type: 'text', apply: () => randomUUID() },
}

/** `2026-01-31 23:59:59` of milliseconds since the epoch. */
export function dateTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')
}

function unixTimestamp(date: Scalar | undefined, { environment }: CometqlSession): Scalar {
  if (date === undefined) return Math.floor(environment.now() / 1000)
  const milliseconds = parseDate(String(date))
  return milliseconds === undefined ? 0 : Math.floor(milliseconds / 1000)
}

function fromUnixTime(seconds: Scalar): Scalar {
  const number = seconds === null ? NaN : Number(toNumber(seconds))
  return number >= 0 && number <= 32_536_771_199 ? dateTime(number * 1000) : null
}

function datePart(date: string): Scalar {
  const milliseconds = parseDate(date)
  return milliseconds === undefined ? null : dateTime(milliseconds).slice(0, 10)
}

function yearOf(date: string): Scalar {
  const year = Number.parseInt(date, 10)
  return Number.isNaN(year) ? null : year
}

/** How long it is from `b` to `a`: `-01:30:00`. A driver learns the server's zone from NOW() and UTC_TIMESTAMP(). */
function timeDifference(a: string, b: string): Scalar {
  const left = parseDate(a)
  const right = parseDate(b)
  if (left === undefined || right === undefined) return null
  const seconds = Math.abs(left - right) / 1000
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return (left < right ? '-' : '') + parts.map((part) => String(part).padStart(2, '0')).join(':')
}

/** Milliseconds since the epoch of a date as MySQL prints it; undefined for what is none. */
function parseDate(date: string): number | undefined {
  const parsed = Date.parse(`${date.trim().replace(' ', 'T')}${date.includes(':') ? 'Z' : ''}`)
  return Number.isNaN(parsed) ? undefined : parsed
}

/** Between UTC, the server's zone and offsets like `+02:00`; NULL for zones by name, as where MySQL has no zone tables. */
function convertZone(date: Scalar, from: string, to: string): Scalar {
  const milliseconds = parseDate(String(date))
  const left = offsetOf(from)
  const right = offsetOf(to)
  if (milliseconds === undefined || left === undefined || right === undefined) return null
  return dateTime(milliseconds + (right - left) * 60_000)
}

/** Minutes east of UTC. */
function offsetOf(zone: string): number | undefined {
  if (/^(utc|system|gmt)$/i.test(zone)) return 0
  const match = /^([+-])(\d{1,2}):(\d{2})$/.exec(zone)
  if (match === null) return undefined
  const minutes = Number(match[2]) * 60 + Number(match[3])
  return match[1] === '-' ? -minutes : minutes
}
