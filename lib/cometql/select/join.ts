import { cometError } from '../../errors.ts'
import type { Expression, Scalar } from '../parse/ast.ts'
import { compile } from '../expressions/compile.ts'
import { equalTo, type Equality } from './equalities.ts'
import type { BoundSource } from './from.ts'
import type { Env, Scope, Source } from '../expressions/scope.ts'
import type { Column, Row } from '../table.ts'
import { fold, toTruth } from '../expressions/values.ts'

/** More rows than this no join makes: it would take the process's memory, and hold all others up. */
const maxJoinedRows = 100_000

/** Every row of the sources with every row of the others, as far as ON, USING and `equalities` allow. */
export function join(
  sources: readonly BoundSource[],
  tables: readonly (readonly Row[])[],
  equalities: readonly Equality[],
  scope: Scope,
): Env['rows'][] {
  let joined: Env['rows'][] = [[]]
  for (const [index, source] of sources.entries()) {
    const rows = tables[index] ?? []
    const matches = joinCondition(source, sources.slice(0, index + 1), scope)
    const candidatesOf = lookUp(index, source, rows, equalities)
    const next: Env['rows'][] = []
    for (const left of joined) {
      const before = next.length
      const candidates = candidatesOf(left)
      if (index > 0) scope.session.budget.work(candidates.length * stepsOfRow, 'The join', workHint)
      for (const row of candidates) {
        const candidate = [...left, row]
        if (matches === undefined || matches(candidate)) next.push(candidate)
      }
      if (next.length === before && source.node.join === 'LEFT') next.push([...left, undefined])
      if (index > 0) checkSize(next.length) // one table is as large as it is
    }
    joined = next
  }
  return joined
}

/** Looking at a row takes longer than at a character of a text. */
const stepsOfRow = 10
const workHint = 'compare columns of its tables with =, or name fewer keys'

function checkSize(rows: number): void {
  if (rows <= maxJoinedRows) return
  throw cometError('COMET_ERR_INVALID', {
    column: 'FROM',
    value: `${rows} rows or more`,
    rule: `a join may give ${maxJoinedRows} rows; name fewer keys, or say more in ON`,
  })
}

/** The rows of a source that can match those joined before it: all, unless a column must equal one of these. */
function lookUp(
  index: number,
  { node }: BoundSource,
  rows: readonly Row[],
  equalities: readonly Equality[],
): (left: Env['rows']) => readonly Row[] {
  // What WHERE says is looked at after a LEFT JOIN, not by it.
  const usable = node.join === 'LEFT' ? equalities.filter(({ onlyFor }) => onlyFor === index) : equalities
  for (const { own, other } of equalTo(index, usable)) {
    const keyOf = other.index < index ? keyFunction(own, other.column) : undefined
    const byKey = keyOf && group(rows, own.name, keyOf)
    if (keyOf === undefined || byKey === undefined) continue
    return (left) => {
      const value = left[other.index]?.[other.column.name] ?? null
      if (value === null) return []
      const key = keyOf(value)
      return key === undefined ? rows : (byKey.get(key) ?? [])
    }
  }
  return () => rows
}

/** A text that is the same for equal values; undefined for a value whose type is not that of the column. */
type KeyOf = (value: Exclude<Scalar, null>) => string | undefined

/** Undefined where the types of the columns differ, so that values compare in a way of their own. */
function keyFunction(a: Column, b: Column): KeyOf | undefined {
  if ((a.type === 'text') !== (b.type === 'text')) return undefined
  if (a.type !== 'text') return (value) => (typeof value === 'string' ? undefined : String(value))
  const isBinary = a.isBinary || b.isBinary
  return (value) => (typeof value !== 'string' ? undefined : isBinary ? value : fold(value))
}

/** The rows by their keys; NULL equals nothing. Undefined if one of them has a value of another type. */
function group(rows: readonly Row[], column: string, keyOf: KeyOf): ReadonlyMap<string, Row[]> | undefined {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const value = row[column] ?? null
    if (value === null) continue
    const key = keyOf(value)
    if (key === undefined) return undefined
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [row])
    else known.push(row)
  }
  return groups
}

/** ON and USING as a test of joined rows; undefined where there is neither. */
function joinCondition(
  { node, alias }: BoundSource,
  sources: readonly Source[],
  scope: Scope,
): ((rows: Env['rows']) => boolean) | undefined {
  const { at, on, using } = node
  const conditions = using.map((name): Expression => {
    const right: Expression = { kind: 'column', at, table: alias, name, isBareWord: false }
    const left: Expression = { kind: 'column', at, table: undefined, name, isBareWord: false }
    return { kind: 'binary', at, operator: '=', left, right }
  })
  if (on !== undefined) conditions.push(on)
  if (conditions.length === 0) return undefined
  const tests = conditions.map((condition) => compile(condition, { ...scope, sources }))
  return (rows) => tests.every((test) => toTruth(test.evaluate({ rows, aggregates: [] })) === true)
}
