import type { Scalar } from '../ast.ts'
import { compare, narrow, toNumber, toText } from '../values.ts'
import { widest, type Functions } from './function.ts'

/** Functions that choose among values or make other types of them. IF is an expression of its own: it is lazy. */
export const conversionFunctions: Functions = {
  IFNULL: { min: 2, type: widest, takesNull: true, apply: firstThatIs },
  NVL: { min: 2, type: widest, takesNull: true, apply: firstThatIs },
  COALESCE: { min: 1, max: Infinity, type: widest, takesNull: true, apply: firstThatIs },
  NULLIF: { min: 2, type: (args) => args[0] ?? 'text', takesNull: true, apply: ([a = null, b = null]) => nullIf(a, b) },
  ISNULL: { min: 1, type: 'int', takesNull: true, apply: ([value]) => (value === null ? 1 : 0) },
  // The type comes as a text; the parser takes it from CAST(x AS type).
  CAST: { min: 2, type: 'text', apply: ([value = null, type = null]) => cast(value, String(type)) },
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

const wholeTypes: ReadonlySet<string> = new Set(['SIGNED', 'UNSIGNED', 'INT', 'INTEGER', 'BIGINT'])

function cast(value: Scalar, type: string): Scalar {
  if (value === null) return null
  const number = toNumber(value)
  if (wholeTypes.has(type)) return typeof number === 'bigint' ? number : Math.round(number)
  if (type === 'DECIMAL' || type === 'DOUBLE' || type === 'FLOAT' || type === 'REAL') return number
  return toText(value)
}

function hex(value: Scalar): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex').toUpperCase()
  return BigInt.asUintN(64, BigInt(Math.trunc(Number(value))))
    .toString(16)
    .toUpperCase()
}

function unhex(digits: string): Scalar {
  const even = digits.length % 2 === 0 ? digits : `0${digits}`
  return /^[0-9a-f]*$/i.test(even) ? Buffer.from(even, 'hex').toString('utf8') : null
}

function convert(digits: string, from: number, to: number): Scalar {
  const value = Number.parseInt(digits, Math.abs(from))
  return Number.isNaN(value) ? '0' : narrow(value).toString(Math.abs(to)).toUpperCase()
}

/** The most that Intl takes in Node 20; MySQL takes 30. */
const maxFractionDigits = 20

function format(value: Scalar, digits: number): Scalar {
  if (value === null) return null
  const fraction = Math.min(maxFractionDigits, Math.max(0, Math.round(digits)))
  const options = { minimumFractionDigits: fraction, maximumFractionDigits: fraction }
  return new Intl.NumberFormat('en-US', options).format(toNumber(value))
}
