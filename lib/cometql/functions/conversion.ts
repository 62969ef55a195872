import type { Call, Scalar } from '../parse/ast.ts'
import { compare, narrow, roundHalfAway, toBigInt, toNumber, toText } from '../expressions/values.ts'
import { left } from './texts.ts'
import { widest, type Functions, type ValueType } from './function.ts'

/** Functions that choose among values or make other types of them. IF is an expression of its own: it is lazy. */
export const conversionFunctions: Functions = {
  IFNULL: { min: 2, type: widest, takesNull: true, apply: firstThatIs },
  NVL: { min: 2, type: widest, takesNull: true, apply: firstThatIs },
  COALESCE: { min: 1, max: Infinity, type: widest, takesNull: true, apply: firstThatIs },
  NULLIF: { min: 2, type: (args) => args[0] ?? 'text', takesNull: true, apply: ([a = null, b = null]) => nullIf(a, b) },
  ISNULL: { min: 1, type: 'int', takesNull: true, apply: ([value]) => (value === null ? 1 : 0) },
  // The type comes as a text, and what is in parentheses behind it as numbers; the parser takes them from CAST(x AS type).
  CAST: {
    min: 2,
    max: 4,
    type: castType,
    apply: ([value = null, type = null, ...sizes]) => cast(value, String(type), sizes.map(Number)),
  },
  HEX: { min: 1, type: 'text', apply: ([value = null]) => hex(value) },
  UNHEX: { min: 1, type: 'text', apply: ([value = null]) => unhex(String(value)) },
  CONV: {
    min: 3,
    type: 'text',
    apply: ([value = null, from = 10, to = 10]) => convert(String(value), Number(from), Number(to)),
  },
  FORMAT: {
    min: 2,
    max: 3,
    type: 'text',
    apply: ([value = null, digits = 0]) => format(value, Number(toNumber(digits ?? 0))),
  },
}

function firstThatIs(values: readonly Scalar[]): Scalar {
  return values.find((value) => value !== null) ?? null
}

function nullIf(a: Scalar, b: Scalar): Scalar {
  return a !== null && b !== null && compare(a, b, false) === 0 ? null : a
}

/** The most that Intl takes in Node 20; MySQL takes 30. */
const maxFractionDigits = 20

const wholeTypes: ReadonlySet<string> = new Set(['SIGNED', 'UNSIGNED', 'INT', 'INTEGER', 'BIGINT'])
const brokenTypes: ReadonlySet<string> = new Set(['DECIMAL', 'DOUBLE', 'FLOAT', 'REAL'])
const maxSigned = 2n ** 63n - 1n

function castType(_: readonly ValueType[], { args }: Call): ValueType {
  const type = args[1]?.kind === 'literal' ? String(args[1].value) : ''
  return wholeTypes.has(type) ? 'bigint' : brokenTypes.has(type) ? 'double' : 'text'
}

/** `sizes`: of CHAR how many characters are left, of DECIMAL how many digits there are, and how many after the point. */
function cast(value: Scalar, type: string, [size = Infinity, scale = 0]: readonly number[]): Scalar {
  if (value === null) return null
  if (wholeTypes.has(type)) return whole(toNumber(value), typeof value === 'string', type === 'UNSIGNED')
  if (type === 'DECIMAL') return Number(Number(toNumber(value)).toFixed(Math.min(scale, maxFractionDigits)))
  if (brokenTypes.has(type)) return toNumber(value)
  return left(toText(value), size)
}

/** A whole number of 64 bits. Texts are cut off at the point, numbers are rounded. */
export function whole(number: number | bigint, isText: boolean, isUnsigned: boolean): number | bigint {
  if (typeof number === 'bigint') return number
  const rounded = isText ? Math.trunc(number) : roundHalfAway(number)
  if (Math.abs(rounded) < 2 ** 63) return isUnsigned && rounded < 0 ? BigInt.asUintN(64, BigInt(rounded)) : rounded
  return rounded > 0 ? maxSigned : -maxSigned - 1n
}

function hex(value: Scalar): Scalar {
  if (value === null) return null
  if (typeof value === 'string') return Buffer.from(value).toString('hex').toUpperCase()
  return BigInt.asUintN(64, toBigInt(toNumber(value)))
    .toString(16)
    .toUpperCase()
}

function unhex(digits: string): Scalar {
  const even = digits.length % 2 === 0 ? digits : `0${digits}`
  return /^[0-9a-f]*$/i.test(even) ? Buffer.from(even, 'hex').toString('utf8') : null
}

function convert(digits: string, from: number, to: number): Scalar {
  if (!isRadix(from) || !isRadix(to)) return null
  const value = Number.parseInt(digits, Math.abs(from))
  return Number.isNaN(value) ? '0' : narrow(value).toString(Math.abs(to)).toUpperCase()
}

function isRadix(radix: number): boolean {
  return Math.abs(radix) >= 2 && Math.abs(radix) <= 36
}

function format(value: Scalar, digits: number): Scalar {
  if (value === null) return null
  const fraction = Math.min(maxFractionDigits, Math.max(0, Math.round(digits)))
  const options = { minimumFractionDigits: fraction, maximumFractionDigits: fraction }
  return new Intl.NumberFormat('en-US', options).format(toNumber(value))
}
