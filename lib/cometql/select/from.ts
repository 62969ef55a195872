import { cometError } from '../../errors.ts'
import type { Select, SelectCore, Source as SourceNode } from '../parse/ast.ts'
import { equalitiesOf, equalTo, type Equality } from './equalities.ts'
import { join } from './join.ts'
import { all, andThen, type MaybePromise } from '../maybe-promise.ts'
import type { Env, Scope, Source } from '../expressions/scope.ts'
import type { CometqlSession } from '../session.ts'
import { findTable, type FoundTable } from '../system/catalog.ts'
import type { Row, Table } from '../table.ts'
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

/** The rows of each source; undefined where they have not been read. */
type Read = readonly (readonly Row[] | undefined)[]

/** Reads the rows of all sources that can matter, and joins them. `mayList`: whole tables may be read. */
export function readSources(
  core: SelectCore,
  sources: readonly BoundSource[],
  scope: Scope,
  mayList: boolean,
): MaybePromise<Env['rows'][]> {
  if (sources.length === 0) return [[]]
  const equalities = equalitiesOf(core, sources)

  /** Those whose keys are known; with what they have, the keys of others are. */
  function readOn(read: Read): MaybePromise<readonly (readonly Row[])[]> {
    const results = all(sources.map((source, index) => read[index] ?? readByKeys(source, index, read)))
    return andThen(results, (now) => {
      if (isComplete(now)) return now
      return now.some((rows, index) => rows !== read[index]) ? readOn(now) : listOne(now)
    })
  }

  function readByKeys(source: BoundSource, index: number, read: Read): MaybePromise<readonly Row[] | undefined> {
    const { found } = source
    if ('rows' in found) return found.rows
    if (found.kind === 'virtual') return found.table.rows(scope.session)
    const keys = ownKeys(core, source, found.table, scope) ?? carriedKeys(index, found.table, read, equalities)
    return keys && readTable(found.table, keys, scope)
  }

  /** None of those that are left has keys: one of them is read as a whole, from which others may get theirs. */
  function listOne(read: Read): MaybePromise<readonly (readonly Row[])[]> {
    const left = sources.flatMap(({ found }, index) =>
      read[index] !== undefined || 'rows' in found || found.kind === 'virtual' ? [] : [{ index, table: found.table }],
    )
    const listed = left.find(({ table }) => table.listing === 'always' || (mayList && table.listing === 'limited'))
    const [first] = left
    if (listed === undefined)
      throw first === undefined ? new RangeError('All sources are read') : noCondition('SELECT', first.table)
    return andThen(readTable(listed.table, undefined, scope), (rows) => readOn(read.with(listed.index, rows)))
  }

  return andThen(readOn(sources.map(() => undefined)), (tables) => join(sources, tables, equalities, scope))
}

function isComplete(read: Read): read is readonly (readonly Row[])[] {
  return !read.includes(undefined)
}

/** The keys that the conditions name. */
function ownKeys(core: SelectCore, source: BoundSource, { key }: Table, scope: Scope): readonly string[] | undefined {
  const { on, join: kind } = source.node
  return keysOf(core.where, key, source, scope) ?? (kind === 'LEFT' ? keysOf(on, key, source, scope) : undefined)
}

/** The values of a column that the key must equal, if its rows have been read. */
function carriedKeys(
  index: number,
  { key }: Table,
  read: Read,
  equalities: readonly Equality[],
): readonly string[] | undefined {
  for (const { own, other } of equalTo(index, equalities)) {
    const rows = own.name === key ? read[other.index] : undefined
    if (rows === undefined || (own.type === 'text') !== (other.column.type === 'text')) continue
    const keys = new Set(rows.map((row) => row[other.column.name] ?? null))
    keys.delete(null)
    // In `name = name` of texts whose capitals make no difference the keys are not known.
    if (own.type !== 'text' || own.isBinary) return Array.from(keys, String)
  }
  return undefined
}

function readTable(table: Table, keys: readonly string[] | undefined, scope: Scope): MaybePromise<readonly Row[]> {
  scope.reads?.push({ table: table.name, keys: keys && new Set(keys) })
  return table.select(scope.view ?? scope.session.view, keys)
}

/** The error for a statement that would mean a whole table. */
export function noCondition(statement: string, { name, key, columns }: Table): Error {
  const isText = columns.find((column) => column.name === key)?.type === 'text'
  return cometError('COMET_ERR_NO_CONDITION', { statement, table: name, key, example: isText ? "'news'" : 7 })
}
