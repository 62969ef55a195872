import { cometError } from '../errors.ts'
import type { Expression, Select, SelectCore, Source as SourceNode } from './ast.ts'
import { compile } from './compile.ts'
import { all, andThen, type MaybePromise } from './maybe-promise.ts'
import type { Env, Scope, Source } from './scope.ts'
import type { CometqlSession } from './session.ts'
import { findTable, type FoundTable } from './system/catalog.ts'
import type { Row, Table } from './table.ts'
import { toTruth } from './values.ts'
import { keysOf } from './where.ts'

/** What a SELECT in FROM gave. */
export interface Derived {
  readonly columns: Source['columns']
  readonly rows: readonly Row[]
}

/** A table of FROM, found and named. */
export interface BoundSource extends Source {
  readonly node: SourceNode
  readonly found: FoundTable | Derived
}

/**
 * Finds the tables of a FROM. `derived` has what the SELECTs among them gave.
 * @throws CometError COMET_ERR_NO_TABLE
 */
export function bindSources(
  nodes: readonly SourceNode[],
  derived: ReadonlyMap<Select, Derived>,
  session: CometqlSession,
): readonly BoundSource[] {
  return nodes.map((node) => {
    const hidden = new Set(node.using.map((column) => column.toLowerCase()))
    if ('cores' in node.from) {
      const found = derived.get(node.from) ?? { columns: [], rows: [] }
      const alias = node.alias ?? ''
      return { node, found, alias, table: alias, schema: '', columns: found.columns, hidden }
    }
    const found = findTable(node.from, session)
    const { name, columns } = found.table
    return { node, found, alias: node.alias ?? name, table: name, schema: found.schema, columns, hidden }
  })
}

/** Reads the rows of all sources that can matter, and joins them. `mayList`: whole tables may be read. */
export function readSources(
  core: SelectCore,
  sources: readonly BoundSource[],
  scope: Scope,
  mayList: boolean,
): MaybePromise<Env['rows'][]> {
  if (sources.length === 0) return [[]]
  const tables = all(sources.map((source) => readSource(core, source, scope, mayList)))
  return andThen(tables, (rows) => join(sources, rows, scope))
}

function readSource(
  core: SelectCore,
  source: BoundSource,
  scope: Scope,
  mayList: boolean,
): MaybePromise<readonly Row[]> {
  const { found, node } = source
  if ('rows' in found) return found.rows
  if (found.kind === 'virtual') return found.table.rows(scope.session)
  const { table } = found
  const keys =
    keysOf(core.where, table.key, source, scope) ??
    (node.join === 'LEFT' ? keysOf(node.on, table.key, source, scope) : undefined)
  if (keys === undefined && !(table.listing === 'always' || (mayList && table.listing === 'limited'))) {
    throw noCondition('SELECT', table)
  }
  scope.reads?.push({ table: table.name, keys: keys && new Set(keys) })
  return table.select(scope.view ?? scope.session.view, keys)
}

/** The error for a statement that would mean a whole table. */
export function noCondition(statement: string, { name, key, columns }: Table): Error {
  const isText = columns.find((column) => column.name === key)?.type === 'text'
  return cometError('COMET_ERR_NO_CONDITION', { statement, table: name, key, example: isText ? "'news'" : 7 })
}

/** More rows than this no join makes: it would take the process's memory, and hold all others up. */
const maxJoinedRows = 100_000

/** Nested loops: the tables are small, and those that are not come with their keys. */
function join(sources: readonly BoundSource[], tables: readonly (readonly Row[])[], scope: Scope): Env['rows'][] {
  let joined: Env['rows'][] = [[]]
  for (const [index, source] of sources.entries()) {
    const rows = tables[index] ?? []
    const matches = joinCondition(source, sources.slice(0, index + 1), scope)
    const next: Env['rows'][] = []
    for (const left of joined) {
      const before = next.length
      for (const row of rows) {
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

function checkSize(rows: number): void {
  if (rows <= maxJoinedRows) return
  throw cometError('COMET_ERR_INVALID', {
    column: 'FROM',
    value: `${rows} rows or more`,
    rule: `a join may give ${maxJoinedRows} rows; name fewer keys, or say more in ON`,
  })
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
