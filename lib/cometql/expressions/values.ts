import { cometError, type CometError } from '../../errors.ts'
import type { Scalar } from '../parse/ast.ts'
import type { Column } from '../table.ts'

/** The number at the start of a text; 0 if there is none (MySQL Reference: "Type Conversion in Expression Evaluation"). */
export function toNumber(value: string | number | bigint): number | bigint {
  return typeof value === 'string' ? leadingNumber(value) : value
}

function leadingNumber(text: string): number {
  const parsed = Number.parseFloat(text) // stops at what is no part of a decimal number
  return Number.isFinite(parsed) ? parsed : 0
}

const minBigint = -(2n ** 63n)
const maxBigint = 2n ** 64n - 1n

/**
 * A result as it is, if a client can be given it.
 * @throws CometError COMET_ERR_INVALID for infinity, and for whole numbers of more than 64 bits
 */
export function inRange(value: Scalar): Scalar {
  if (typeof value === 'number' && !Number.isFinite(value)) throw outOfRange(value, 'DOUBLE')
  if (typeof value === 'bigint' && (value < minBigint || value > maxBigint)) throw outOfRange(value, 'BIGINT')
  return value
}

function outOfRange(value: number | bigint, type: string): CometError {
  const rule = `the result is out of the range of ${type}`
  return cometError('COMET_ERR_INVALID', { column: 'number', value: String(value), rule })
}

/** A value as text, as MySQL prints it. */
export function toText(value: string | number | bigint): string {
  return typeof value === 'string' ? value : String(value)
}

/** Three-valued logic: NULL is neither true nor false. */
export function toTruth(value: Scalar): boolean | null {
  if (value === null) return null
  const number = toNumber(value)
  return number !== 0 && number !== 0n
}

/** 1, 0 or NULL. */
export function fromTruth(truth: boolean | null): Scalar {
  return truth === null ? null : truth ? 1 : 0
}

/**
 * Below 0, 0 or above 0. Two texts compare as texts, anything else as numbers. `isBinary`: capitals and small letters
 * differ.
 */
export function compare(a: string | number | bigint, b: string | number | bigint, isBinary: boolean): number {
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b, isBinary)
  const left = toNumber(a)
  const right = toNumber(b)
  return left < right ? -1 : left > right ? 1 : 0
}

function compareTexts(a: string, b: string, isBinary: boolean): number {
  if (a === b) return 0
  if (isBinary) return order(a, b)
  const left = fold(a)
  const right = fold(b)
  if (left === right) return 0
  // By capitals, as utf8mb4_general_ci does: `_` comes after letters.
  return order(left.toUpperCase(), right.toUpperCase()) || order(left, right)
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The whole number that is next, as a bigint; 0 for infinity. */
export function toBigInt(value: number | bigint): bigint {
  return typeof value === 'bigint' ? value : Number.isFinite(value) ? BigInt(roundHalfAway(value)) : 0n
}

/** The whole number that is next, halves away from 0. */
export function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value))
}

/** What texts that differ in capitals only have in common. */
export function fold(text: string): string {
  return text.toLowerCase()
}

/** Where NULLs come in an order: before all else. */
export function compareForOrder(a: Scalar, b: Scalar, isBinary: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1
  return compare(a, b, isBinary)
}

/** `value` as a column of `type` holds it. */
export function ofType(value: Scalar, type: Column['type']): Scalar {
  if (value === null) return value
  if (type === 'text') return toText(value)
  const number = toNumber(value)
  return type === 'double' ? Number(number) : narrow(toBigInt(number))
}

/** A number where it is exact, else as it is. */
export function narrow(value: number | bigint): number | bigint {
  if (typeof value === 'number') return value
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}
