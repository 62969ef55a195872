import { cometError } from '../../errors.ts'
import type { Call, Expression, OrderItem, Scalar } from '../parse/ast.ts'
import type { Accumulator, Compiled, Scope } from './scope.ts'
import type { CometqlSession } from '../session.ts'
import { checkTextLength } from './text-size.ts'
import { compareForOrder, inRange, narrow, toNumber, toText } from './values.ts'

/** The functions that make one value of many rows. */
export const aggregateNames: ReadonlySet<string> = new Set(['COUNT', 'SUM', 'AVG', 'MIN', 'MAX', 'GROUP_CONCAT'])

/** Compiles a call of an aggregate, and puts what it has to do for each group on the scope's list. */
export function compileAggregate(
  call: Call,
  scope: Scope,
  compile: (expression: Expression, scope: Scope) => Compiled,
): Compiled {
  const { aggregates } = scope
  if (aggregates === undefined) {
    throw cometError('COMET_ERR_NOT_IMPLEMENTED', { what: `${call.name}() in WHERE, in ON or within an aggregate` })
  }
  const inner: Scope = { ...scope, aggregates: undefined }
  const args = call.args.map((arg) => compile(arg, inner))
  const isBinary = args.some((arg) => arg.isBinary)
  const index = aggregates.length
  const order = (call.orderBy ?? []).map((item) => orderOf(item, args, (expression) => compile(expression, inner)))
  aggregates.push({ start: () => accumulator(call, args, { isBinary, order, session: scope.session }) })
  const type = typeOf(call.name, args[0]?.type ?? 'int')
  return { type, isBinary, isConstant: false, evaluate: ({ aggregates: values }) => values[index] ?? null }
}

function typeOf(name: string, operand: Compiled['type']): Compiled['type'] {
  if (name === 'COUNT') return 'bigint'
  if (name === 'GROUP_CONCAT') return 'text'
  if (name === 'AVG') return 'double'
  if (name === 'SUM') return operand === 'int' || operand === 'bigint' ? 'bigint' : 'double'
  return operand
}

/** By what the values of GROUP_CONCAT are ordered. */
interface Order {
  readonly by: Compiled
  readonly descending: boolean
}

/** `ORDER BY 1` means the first argument. */
function orderOf(
  { expression, descending }: OrderItem,
  args: readonly Compiled[],
  compile: (expression: Expression) => Compiled,
): Order {
  const position = expression.kind === 'literal' && typeof expression.value === 'number' ? expression.value : undefined
  const by = position === undefined ? compile(expression) : args[position - 1]
  if (by !== undefined) return { by, descending }
  throw cometError('COMET_ERR_INVALID', { column: 'ORDER BY', value: String(position), rule: `1 to ${args.length}` })
}

/** Puts values into the order of their keys. */
function inOrder(
  values: Values,
  keys: readonly (readonly Scalar[])[],
  order: readonly Order[],
  { budget }: CometqlSession,
): Values {
  if (order.length === 0) return values
  const sorted = Array.from(values, (row, index) => ({ row, key: keys[index] ?? [] }))
  sorted.sort((a, b) => {
    for (const [index, { by, descending }] of order.entries()) {
      const [left = null, right = null] = [a.key[index], b.key[index]]
      if (!by.isBinary) budget.read(left, right)
      const difference = compareForOrder(left, right, by.isBinary)
      if (difference !== 0) return descending ? -difference : difference
    }
    return 0
  })
  return sorted.map(({ row }) => row)
}

/** NULLs don't count; DISTINCT counts each value once. */
function accumulator(
  { name, distinct, separator = ',' }: Call,
  args: readonly Compiled[],
  { isBinary, order, session }: { isBinary: boolean; order: readonly Order[]; session: CometqlSession },
): Accumulator {
  const values: Exclude<Scalar, null>[][] = []
  const keys: Scalar[][] = []
  const seen = new Set<string>()
  return {
    add(env) {
      const row = args.map((arg) => arg.evaluate(env))
      if (!isComplete(row)) return
      if (distinct) {
        const key = JSON.stringify(row.map(String))
        if (seen.has(key)) return
        seen.add(key)
      }
      // Values of columns are there anyway.
      for (const [index, { bound }] of args.entries()) if (bound === undefined) session.budget.hold(row[index] ?? null)
      values.push(row)
      if (order.length > 0) keys.push(order.map(({ by }) => by.evaluate(env)))
    },
    result() {
      const ordered = inOrder(values, keys, order, session)
      if (name === 'GROUP_CONCAT') {
        const { maxPacketBytes } = session.environment.limits
        checkTextLength('GROUP_CONCAT()', joinedLength(ordered, separator), maxPacketBytes)
      }
      return inRange(results[name]?.(ordered, isBinary, separator) ?? null)
    },
  }
}

function isComplete(row: readonly Scalar[]): row is Exclude<Scalar, null>[] {
  return !row.includes(null)
}

type Values = readonly (readonly Exclude<Scalar, null>[])[]

const results: Readonly<Record<string, (values: Values, isBinary: boolean, separator: string) => Scalar>> = {
  COUNT: (values) => values.length,
  SUM: (values) => (values.length === 0 ? null : sum(values)),
  AVG: (values) => (values.length === 0 ? null : Number(sum(values)) / values.length),
  MIN: (values, isBinary) => extreme(values, isBinary, -1),
  MAX: (values, isBinary) => extreme(values, isBinary, 1),
  GROUP_CONCAT: (values, _, separator) =>
    values.length === 0 ? null : values.map((row) => row.map(toText).join('')).join(separator),
}

/** How long GROUP_CONCAT will be: looked at before, because it could be too long to be made at all. */
function joinedLength(values: Values, separator: string): number {
  return values.reduce(
    (sum, row) => row.reduce<number>((length, value) => length + toText(value).length, sum),
    separator.length * Math.max(0, values.length - 1),
  )
}

function sum(values: Values): number | bigint {
  let total: number | bigint = 0
  for (const [value = 0] of values) {
    const number = toNumber(value)
    const next: number | bigint = Number(total) + Number(number)
    const isExact: boolean = Number.isSafeInteger(next) || !isWhole(total) || !isWhole(number)
    total = isExact ? next : narrow(BigInt(total) + BigInt(number))
  }
  return total
}

/** Larger ones than the safe ones are not exact in any case. */
function isWhole(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value)
}

function extreme(values: Values, isBinary: boolean, sign: 1 | -1): Scalar {
  let best: Scalar = null
  for (const [value = null] of values) {
    if (best === null || compareForOrder(value, best, isBinary) * sign > 0) best = value
  }
  return best
}
