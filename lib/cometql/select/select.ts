import type { ColumnDef } from '../../mysql-server-protocol-lite/index.ts'
import { cometError } from '../../errors.ts'
import type { Expression, Limit, OrderItem, Scalar, Select, SelectCore } from '../parse/ast.ts'
import { compile } from '../expressions/compile.ts'
import { bindSources, readSources, type BoundSource, type Derived } from './from.ts'
import { all, andThen, type MaybePromise } from '../maybe-promise.ts'
import { projectionOf, type Projection } from './projection.ts'
import {
  commonType,
  constant,
  noRows,
  type Aggregate,
  type Compiled,
  type Env,
  type Scope,
  type SelectContext,
  type SubqueryResult,
} from '../expressions/scope.ts'
import type { CometqlSession } from '../session.ts'
import { subqueriesIn, subqueriesOf } from './subqueries.ts'
import { compareForOrder, toNumber, toText, toTruth } from '../expressions/values.ts'

/** What a SELECT gives. */
export interface SelectResult {
  readonly columns: readonly ColumnDef[]
  readonly rows: readonly (readonly Scalar[])[]
}

/**
 * Runs a SELECT. Nothing is waited for where all tables answer at once.
 * @throws CometError as the statement's mistakes demand
 */
export function runSelect(select: Select, context: SelectContext): MaybePromise<SelectResult> {
  const window = windowOf(select.limit, context)
  const [core, ...others] = select.cores
  if (core === undefined) return { columns: [], rows: [] }
  if (others.length === 0) return runCore(core, select.orderBy, window, context)
  const results = all(select.cores.map((each) => runCore(each, [], everything, context)))
  return andThen(results, (parts) => union(parts, select, window, context))
}

/** The columns that a SELECT will have. Nothing is read. */
export function selectColumns(select: Select, session: CometqlSession): readonly ColumnDef[] {
  const [core] = select.cores
  if (core === undefined) return []
  const derived = new Map(derivedSelects(core).map((inner) => [inner, asTable(selectColumns(inner, session), [])]))
  const sources = bindSources(core.sources, derived, session)
  const scope: Scope = { session, params: [], sources, subqueries: new Map(), aggregates: [] }
  return projectionOf(core.items, sources, scope).columns
}

/** Which of the ordered rows are wanted. */
export interface Window {
  readonly offset: number
  readonly count: number
  readonly isLimited: boolean
}

const everything: Window = { offset: 0, count: Infinity, isLimited: false }

/** The rows that a LIMIT leaves. */
export function windowOf(limit: Limit | undefined, context: SelectContext): Window {
  if (limit === undefined) return everything
  const offset = limit.offset === undefined ? 0 : limitNumber(limit.offset, context)
  return { offset, count: limitNumber(limit.count, context), isLimited: true }
}

function limitNumber(expression: Expression, { session, params }: SelectContext): number {
  const value = compile(expression, { session, params, sources: [], subqueries: new Map() }).evaluate(noRows)
  const number = value === null ? NaN : Number(toNumber(value))
  if (number >= 0 && Number.isInteger(number)) return number
  throw cometError('COMET_ERR_INVALID', { column: 'LIMIT', value: String(value), rule: 'a whole number from 0' })
}

function derivedSelects(core: SelectCore): Select[] {
  return core.sources.flatMap(({ from }) => ('cores' in from ? [from] : []))
}

/** Runs what stands in parentheses first: then nothing within an expression has to be waited for. */
function runCore(
  core: SelectCore,
  orderBy: readonly OrderItem[],
  window: Window,
  context: SelectContext,
): MaybePromise<SelectResult> {
  const ordering = orderBy.flatMap(({ expression }) => subqueriesIn(expression))
  const inner = [...derivedSelects(core), ...subqueriesOf(core), ...ordering]
  const results = all(inner.map((select) => runSelect(select, context)))
  return andThen(results, (found) => {
    const derived = new Map<Select, Derived>()
    const subqueries = new Map<Select, SubqueryResult>()
    for (const [index, select] of inner.entries()) {
      const { columns, rows } = found[index] ?? { columns: [], rows: [] }
      derived.set(select, asTable(columns, rows))
      subqueries.set(select, { type: scalarType(columns[0]), rows })
    }
    const sources = bindSources(core.sources, derived, context.session)
    // Copies of it have other values, but no further members: adding one to a copy takes Node 20 up to 3 µs.
    const scope = { sources, subqueries, aliases: undefined, aliasesFirst: false, aggregates: undefined, ...context }
    return runBound(core, sources, orderBy, window, scope)
  })
}

/** The result of a SELECT as a table of another one. */
function asTable(columns: readonly ColumnDef[], rows: SelectResult['rows']): Derived {
  return {
    columns: columns.map((column) => ({
      name: column.name,
      type: scalarType(column),
      sqlType: column.type,
      isBinary: false,
      isNullable: true,
    })),
    rows: rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null]))),
  }
}

function scalarType(column: ColumnDef | undefined): Compiled['type'] {
  const type = column?.type
  return type === 'int' || type === 'bigint' || type === 'double' ? type : 'text'
}

/** One row of the result, and by what it is ordered. */
interface Candidate {
  readonly values: readonly Scalar[]
  readonly order: readonly Scalar[]
}

function runBound(
  core: SelectCore,
  sources: readonly BoundSource[],
  orderBy: readonly OrderItem[],
  window: Window,
  scope: Scope,
): MaybePromise<SelectResult> {
  const aggregates: Aggregate[] = []
  const projection = projectionOf(core.items, sources, { ...scope, aggregates })
  const outer: Scope = { ...scope, aggregates, aliases: projection.aliases, aliasesFirst: true }
  const having = core.having && compile(core.having, outer)
  const order = orderBy.map(({ expression }) => orderKey(expression, projection, outer))
  const where = core.where && compile(core.where, scope)
  const isOneRow = core.groupBy.length === 0 && aggregates.length > 0
  const mayList = window.isLimited || core.wholeTable || isOneRow
  if (window.count === 0) return { columns: projection.columns, rows: [] }
  return andThen(readSources(core, sources, scope, mayList), (joined) => {
    const envs = filter(joined, where)
    const groups = isOneRow || core.groupBy.length > 0 ? group(envs, core.groupBy, aggregates, outer) : envs
    const kept = having === undefined ? groups : groups.filter((env) => toTruth(having.evaluate(env)) === true)
    const candidates = kept.map((env): Candidate => {
      const values = projection.items.map((item) => item.evaluate(env))
      holdValues(values, projection, false, scope)
      return { values, order: order.map((key) => key(env, values)) }
    })
    const unique = core.distinct ? distinct(candidates) : candidates
    const sorted = sort(unique, orderBy, order, scope)
    scope.session.foundRows = sorted.length
    const rows = cut(sorted, window)
    for (const row of rows) holdValues(row, projection, true, scope)
    return finish(projection.columns, rows)
  })
}

/**
 * Counts the values of a row. Those that columns have (`ofColumns`) take no memory until they are sent, so they count
 * only in rows that are; values that were calculated do in any case.
 */
function holdValues(row: readonly Scalar[], { items }: Projection, ofColumns: boolean, { session }: Scope): void {
  for (const [index, { bound }] of items.entries()) {
    if ((bound !== undefined) === ofColumns) session.budget.hold(row[index] ?? null)
  }
}

function filter(rows: readonly Env['rows'][], where: Compiled | undefined): Env[] {
  const envs: Env[] = []
  for (const row of rows) {
    const env = { rows: row, aggregates: [] }
    if (where === undefined || toTruth(where.evaluate(env)) === true) envs.push(env)
  }
  return envs
}

/** Puts rows of the same GROUP BY values together. Without GROUP BY all of them are one group, even if there are none. */
function group(
  envs: readonly Env[],
  groupBy: readonly Expression[],
  aggregates: readonly Aggregate[],
  outer: Scope,
): Env[] {
  const keys = groupBy.map((expression) => groupKey(expression, outer))
  const groups = new Map<string, { readonly first: Env; readonly accumulators: ReturnType<Aggregate['start']>[] }>()
  const open = (key: string, first: Env) => {
    const opened = { first, accumulators: aggregates.map((aggregate) => aggregate.start()) }
    groups.set(key, opened)
    return opened
  }
  if (groupBy.length === 0) open('', envs[0] ?? noRows)
  for (const env of envs) {
    const key = groupBy.length === 0 ? '' : identity(keys.map((each) => each(env)))
    const { accumulators } = groups.get(key) ?? open(key, env)
    for (const accumulator of accumulators) accumulator.add(env)
  }
  return Array.from(groups.values(), ({ first, accumulators }) => ({
    rows: first.rows,
    aggregates: accumulators.map((accumulator) => accumulator.result()),
  }))
}

/** GROUP BY prefers columns to aliases. Texts that differ in capitals only are one group, unless the column says no. */
function groupKey(expression: Expression, outer: Scope): (env: Env) => Scalar {
  const scope: Scope = { ...outer, aggregates: undefined, aliasesFirst: false }
  const position = positionOf(expression)
  const aliases = [...(outer.aliases?.values() ?? [])]
  const compiled = position === undefined ? compile(expression, scope) : (aliases[position - 1] ?? constant(null))
  return (env) => {
    const value = compiled.evaluate(env)
    return typeof value === 'string' && !compiled.isBinary ? value.toLowerCase() : value
  }
}

/** A text that is the same for the same values only. */
function identity(values: readonly Scalar[]): string {
  return JSON.stringify(values.map((value) => (value === null ? null : String(value))))
}

interface OrderKey {
  (env: Env, values: readonly Scalar[]): Scalar
  readonly isBinary?: boolean
}

/** `ORDER BY 2` means the second column. */
function orderKey(expression: Expression, { items }: Projection, outer: Scope): OrderKey {
  const position = positionOf(expression)
  if (position === undefined) {
    const compiled = compile(expression, outer)
    return Object.assign((env: Env) => compiled.evaluate(env), { isBinary: compiled.isBinary })
  }
  const item = items[position - 1]
  if (item === undefined) {
    throw cometError('COMET_ERR_INVALID', { column: 'ORDER BY', value: String(position), rule: `1 to ${items.length}` })
  }
  return Object.assign((_: Env, values: readonly Scalar[]) => values[position - 1] ?? null, { isBinary: item.isBinary })
}

function positionOf(expression: Expression): number | undefined {
  return expression.kind === 'literal' && typeof expression.value === 'number' ? expression.value : undefined
}

function distinct(candidates: readonly Candidate[]): Candidate[] {
  return [...new Map(candidates.map((candidate) => [identity(candidate.values), candidate])).values()]
}

function sort(
  candidates: readonly Candidate[],
  orderBy: readonly OrderItem[],
  order: readonly OrderKey[],
  { session }: SelectContext,
): readonly Candidate[] {
  if (orderBy.length === 0) return candidates
  return candidates.toSorted((a, b) => {
    for (const [index, { descending }] of orderBy.entries()) {
      const isBinary = order[index]?.isBinary ?? false
      const [left = null, right = null] = [a.order[index], b.order[index]]
      if (!isBinary) session.budget.read(left, right)
      const difference = compareForOrder(left, right, isBinary)
      if (difference !== 0) return descending ? -difference : difference
    }
    return 0
  })
}

function cut(candidates: readonly Candidate[], { offset, count }: Window): readonly (readonly Scalar[])[] {
  return candidates.slice(offset, offset + count).map(({ values }) => values)
}

/** The rows of several SELECTs below each other; the first one names the columns. */
function union(parts: readonly SelectResult[], select: Select, window: Window, context: SelectContext): SelectResult {
  const [first] = parts
  const count = first?.columns.length ?? 0
  if (parts.some(({ columns }) => columns.length !== count)) {
    throw cometError('COMET_ERR_INVALID', {
      column: 'UNION',
      value: 'a SELECT',
      rule: `all must have ${count} columns`,
    })
  }
  const columns = (first?.columns ?? []).map((column, index) => ({
    ...column,
    type: commonType(parts.map((part) => scalarType(part.columns[index]))),
  }))
  const order = select.orderBy.map(({ expression }) => unionOrder(expression, columns))
  const candidates = parts.flatMap(({ rows }) =>
    rows.map((row): Candidate => {
      const values = row.map((value, index) =>
        value === null || columns[index]?.type !== 'text' ? value : toText(value),
      )
      return { values, order: order.map((index) => values[index] ?? null) }
    }),
  )
  const unique = select.unionDistinct ? distinct(candidates) : candidates
  const keys = order.map((): OrderKey => () => null)
  const sorted = sort(unique, select.orderBy, keys, context)
  context.session.foundRows = sorted.length
  return finish(columns, cut(sorted, window))
}

/** A UNION can be ordered by columns of its result only. */
function unionOrder(expression: Expression, columns: readonly ColumnDef[]): number {
  const name = expression.kind === 'column' ? expression.name.toLowerCase() : undefined
  const position = positionOf(expression)
  const index =
    position === undefined ? columns.findIndex((column) => column.name.toLowerCase() === name) : position - 1
  if (columns[index] !== undefined) return index
  throw cometError('COMET_ERR_COLUMNS', {
    problem: `A UNION cannot be ordered by "${name ?? position ?? 'an expression'}"`,
    table: 'its result',
    columns: columns.map((column) => column.name).join(', '),
  })
}

const maxInt = 0x7fffffff

/** Numbers that do not fit into 32 bits make their column a bigint: a client would cut them off. */
function finish(columns: readonly ColumnDef[], rows: SelectResult['rows']): SelectResult {
  const isWide = (index: number): boolean =>
    rows.some((row) => {
      const value = row[index]
      return typeof value === 'bigint' || (typeof value === 'number' && Math.abs(value) > maxInt)
    })
  return {
    columns: columns.map((column, index) =>
      column.type === 'int' && isWide(index) ? { ...column, type: 'bigint' } : column,
    ),
    rows,
  }
}
