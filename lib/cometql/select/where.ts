import { cometError } from '../../errors.ts'
import type { ColumnRef, Expression } from '../parse/ast.ts'
import { findColumn } from '../expressions/columns.ts'
import { compile } from '../expressions/compile.ts'
import { noRows, type Scope, type Source } from '../expressions/scope.ts'
import { checkNumbers } from '../change/strict.ts'
import { toNumber, toText, toTruth } from '../expressions/values.ts'

/** As many names or ids may be asked for in one statement. */
const maxKeys = 100_000

/**
 * The values of `column` of `source` outside of which no row can fulfil `condition`; undefined if it does not limit them.
 * Understands `=` and IN with values, comparisons of values that are never true, and AND and OR of such conditions.
 * @throws CometError COMET_ERR_TOO_MANY_NAMES
 */
export function keysOf(
  condition: Expression | undefined,
  column: string,
  source: Source,
  scope: Scope,
): readonly string[] | undefined {
  const keys = condition && keySet(condition, column, source, scope)
  if (keys !== undefined && keys.size > maxKeys) {
    throw cometError('COMET_ERR_TOO_MANY_NAMES', { count: keys.size, limit: maxKeys })
  }
  return keys && [...keys]
}

/** Whether `condition` says nothing but which keys are meant. */
export function isOnlyAboutKey(condition: Expression, column: string, source: Source, scope: Scope): boolean {
  if (condition.kind === 'logical') {
    return condition.operands.every((operand) => isOnlyAboutKey(operand, column, source, scope))
  }
  return keySet(condition, column, source, scope) !== undefined
}

type KeySet = ReadonlySet<string> | undefined

function keySet(condition: Expression, column: string, source: Source, scope: Scope): KeySet {
  if (condition.kind === 'logical') {
    const sets = condition.operands.map((operand) => keySet(operand, column, source, scope))
    return condition.operator === 'AND' ? sets.reduce(intersection, undefined) : union(sets)
  }
  if (condition.kind === 'binary' && condition.operator === '=') {
    const { left, right } = condition
    if (isKey(left, column, source, scope)) return valueSet(left, [right], source, scope)
    if (isKey(right, column, source, scope)) return valueSet(right, [left], source, scope)
  }
  if (condition.kind === 'in' && !condition.negated && isKey(condition.operand, column, source, scope)) {
    const { list, operand } = condition
    if (!('cores' in list)) return valueSet(operand, list, source, scope)
    const rows = scope.subqueries.get(list)?.rows ?? []
    return new Set(rows.flatMap(([value = null]) => (value === null ? [] : [keyText(value, operand, source, scope)])))
  }
  return isNeverTrue(condition, scope) ? new Set() : undefined
}

/** Such as `0 = 1`: with it, ORMs ask which columns a table has. */
function isNeverTrue(condition: Expression, scope: Scope): boolean {
  const parts = condition.kind === 'binary' ? [condition.left, condition.right] : [condition]
  if (!parts.every(({ kind }) => kind === 'literal' || kind === 'param')) return false
  return toTruth(compile(condition, scope).evaluate(noRows)) !== true
}

function intersection(a: KeySet, b: KeySet): KeySet {
  if (a === undefined || b === undefined) return a ?? b
  return new Set([...a].filter((key) => b.has(key)))
}

function union(sets: readonly KeySet[]): KeySet {
  const known = sets.filter((set) => set !== undefined)
  return known.length === sets.length ? new Set(known.flatMap((set) => [...set])) : undefined
}

function isKey(expression: Expression, column: string, source: Source, scope: Scope): expression is ColumnRef {
  if (expression.kind !== 'column') return false
  const found = findColumn(expression, scope.sources)
  return found?.source === source && found.column.name === column
}

/** The values as keys; undefined if one of them is different from row to row. NULL equals nothing. */
function valueSet(key: ColumnRef, values: readonly Expression[], source: Source, scope: Scope): KeySet {
  const keys = new Set<string>()
  for (const expression of values) {
    const value = constantValue(expression, scope)
    if (value === undefined) return undefined
    if (value !== null) keys.add(keyText(value, key, source, scope))
  }
  return keys
}

function constantValue(expression: Expression, scope: Scope): string | number | bigint | null | undefined {
  if (expression.kind === 'literal') return expression.value
  if (expression.kind === 'param') return scope.params[expression.index] ?? null
  if (expression.kind === 'column' && findColumn(expression, scope.sources) !== undefined) return undefined
  const compiled = compile(expression, { ...scope, wordsAreText: true })
  return compiled.isConstant ? compiled.evaluate(noRows) : undefined
}

/** `2`, `2.0` and `'2'` are the same id. */
function keyText(value: string | number | bigint, key: ColumnRef, source: Source, { isStrict }: Scope): string {
  const column = source.columns.find(({ name }) => name.toLowerCase() === key.name.toLowerCase())
  if (column?.type === 'text') return toText(value)
  if (isStrict === true) checkNumbers([value], key.name)
  return String(toNumber(value))
}
