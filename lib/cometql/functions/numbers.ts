import type { Scalar } from '../parse/ast.ts'
import { compare, narrow, roundHalfAway, toBigInt, toNumber } from '../expressions/values.ts'
import { widest, type Functions } from './function.ts'

function numberAt(args: readonly Scalar[], index: number): number {
  const value = args[index]
  return value === undefined || value === null ? 0 : Number(toNumber(value))
}

/** Functions of numbers. */
export const numberFunctions: Functions = {
  ABS: {
    min: 1,
    type: (args) => (args[0] === 'text' ? 'double' : (args[0] ?? 'int')),
    apply: (args) => Math.abs(numberAt(args, 0)),
  },
  SIGN: { min: 1, type: 'int', apply: (args) => Math.sign(numberAt(args, 0)) },
  FLOOR: { min: 1, type: 'int', apply: (args) => Math.floor(numberAt(args, 0)) },
  CEIL: { min: 1, type: 'int', apply: (args) => Math.ceil(numberAt(args, 0)) },
  CEILING: { min: 1, type: 'int', apply: (args) => Math.ceil(numberAt(args, 0)) },
  ROUND: { min: 1, max: 2, type: 'double', apply: (args) => round(numberAt(args, 0), numberAt(args, 1)) },
  TRUNCATE: { min: 2, type: 'double', apply: (args) => truncate(numberAt(args, 0), numberAt(args, 1)) },
  MOD: {
    min: 2,
    type: (args) => (args.includes('text') ? 'double' : widest(args)),
    apply: (args) => (numberAt(args, 1) === 0 ? null : numberAt(args, 0) % numberAt(args, 1)),
  },
  POW: { min: 2, type: 'double', apply: (args) => numberAt(args, 0) ** numberAt(args, 1) },
  POWER: { min: 2, type: 'double', apply: (args) => numberAt(args, 0) ** numberAt(args, 1) },
  PI: { min: 0, type: 'double', apply: () => Math.PI },
  RAND: { min: 0, max: 1, type: 'double', apply: () => Math.random() },
  GREATEST: { min: 2, max: Infinity, type: widest, apply: (args) => extreme(args, 1) },
  LEAST: { min: 2, max: Infinity, type: widest, apply: (args) => extreme(args, -1) },
  BIT_COUNT: {
    min: 1,
    type: 'int',
    apply: (args) =>
      BigInt.asUintN(64, toBigInt(numberAt(args, 0)))
        .toString(2)
        .replaceAll('0', '').length,
  },
}

/** Halves away from 0, as MySQL does. */
function round(value: number, digits: number): number {
  return withPointMoved(value, digits, roundHalfAway)
}

function truncate(value: number, digits: number): number {
  return withPointMoved(value, digits, Math.trunc)
}

const mostDigits = 30

/** Cuts digits off, behind the point or before it. Where that would leave the range of whole numbers, there are none. */
function withPointMoved(value: number, digits: number, cut: (moved: number) => number): number {
  const factor = 10 ** Math.max(-mostDigits, Math.min(mostDigits, Math.trunc(digits)))
  const moved = value * factor
  return Math.abs(moved) <= Number.MAX_SAFE_INTEGER ? cut(moved) / factor : value
}

function extreme(args: readonly Scalar[], sign: 1 | -1): Scalar {
  let best: Scalar = null
  for (const arg of args) if (arg !== null && (best === null || compare(arg, best, false) * sign > 0)) best = arg
  return typeof best === 'bigint' ? narrow(best) : best
}
