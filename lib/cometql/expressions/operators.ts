import type { BinaryOperator, Scalar } from '../parse/ast.ts'
import type { Column } from '../table.ts'
import { compare, inRange, narrow, toBigInt, toNumber, toTruth } from './values.ts'

type ValueType = Column['type']

/** How `operator` compares; undefined if it is none that does. `isBinary`: capitals and small letters differ. */
export function comparison(
  operator: BinaryOperator,
  isBinary: boolean,
): ((a: Scalar, b: Scalar) => boolean | null) | undefined {
  if (operator === '<=>') return (a, b) => (a === null || b === null ? a === b : compare(a, b, isBinary) === 0)
  if (operator === 'XOR') return exclusiveOr
  const holds = comparisons[operator]
  if (holds === undefined) return undefined
  return (a, b) => (a === null || b === null ? null : holds(compare(a, b, isBinary)))
}

const comparisons: Partial<Record<BinaryOperator, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

function exclusiveOr(a: Scalar, b: Scalar): boolean | null {
  const left = toTruth(a)
  const right = toTruth(b)
  return left === null || right === null ? null : left !== right
}

interface Operation {
  readonly type: ValueType
  readonly apply: (a: Scalar, b: Scalar) => Scalar
}

/** How `operator` calculates with values of these types. NULL makes NULL, and so does dividing by 0. */
export function arithmetic(operator: BinaryOperator, a: ValueType, b: ValueType): Operation {
  const calculate = calculations[operator] ?? calculations['+']
  const isWhole = operator === 'DIV' || bitwise.has(operator)
  const isDouble = !isWhole && (operator === '/' || [a, b].some((type) => type === 'double' || type === 'text'))
  const type = isDouble
    ? 'double'
    : bitwise.has(operator)
      ? 'bigint'
      : a === 'bigint' || b === 'bigint'
        ? 'bigint'
        : 'int'
  return {
    type,
    apply: (left, right) =>
      left === null || right === null ? null : inRange(calculate?.(toNumber(left), toNumber(right)) ?? null),
  }
}

/** Unary minus, and `~`. */
export function negate(operator: '-' | '~', type: ValueType): { type: ValueType; apply: (value: Scalar) => Scalar } {
  if (operator === '~') {
    return { type: 'bigint', apply: (value) => (value === null ? null : unsigned(~toBigInt(toNumber(value)))) }
  }
  return {
    type: type === 'text' ? 'double' : type,
    apply: (value) => (value === null ? null : inRange(narrow(-toNumber(value)))),
  }
}

type Numeric = number | bigint
type Calculation = (a: Numeric, b: Numeric) => Scalar

const bitwise: ReadonlySet<BinaryOperator> = new Set<BinaryOperator>(['&', '|', '^', '<<', '>>'])

const calculations: Partial<Record<BinaryOperator, Calculation>> = {
  '+': exactly(
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  '-': exactly(
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  '*': exactly(
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  '/': (a, b) => (Number(b) === 0 ? null : Number(a) / Number(b)),
  '%': (a, b) => (Number(b) === 0 ? null : Number(a) % Number(b)),
  DIV: (a, b) => (Number(b) === 0 ? null : Math.trunc(Number(a) / Number(b))),
  '&': (a, b) => unsigned(toBigInt(a) & toBigInt(b)),
  '|': (a, b) => unsigned(toBigInt(a) | toBigInt(b)),
  '^': (a, b) => unsigned(toBigInt(a) ^ toBigInt(b)),
  '<<': (a, b) => (isBeyondBits(b) ? 0 : unsigned(toBigInt(a) << toBigInt(b))),
  '>>': (a, b) => (isBeyondBits(b) ? 0 : unsigned(BigInt.asUintN(64, toBigInt(a)) >> toBigInt(b))),
}

/** Whole numbers beyond 2^53 are calculated as bigints. */
function exactly(numbers: (a: number, b: number) => number, bigints: (a: bigint, b: bigint) => bigint): Calculation {
  return (a, b) => {
    const result = numbers(Number(a), Number(b))
    if (Number.isSafeInteger(result) || !isWhole(a) || !isWhole(b)) return result
    return narrow(bigints(BigInt(a), BigInt(b)))
  }
}

function isWhole(value: Numeric): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value)
}

/** How far bits are shifted has no sign either: -1 is very far. */
function isBeyondBits(places: Numeric): boolean {
  return Number(places) > 63 || Number(places) <= -1
}

/** Bits are of 64-bit numbers without a sign. */
function unsigned(value: bigint): Numeric {
  return narrow(BigInt.asUintN(64, value))
}
