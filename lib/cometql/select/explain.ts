import type { ColumnDef, RowsResult, Value } from '../../mysql-server-protocol-lite/index.ts'
import type { Explain, Expression, Source as SourceNode, TableName } from '../parse/ast.ts'
import { bindSources, type BoundSource } from './from.ts'
import type { SelectContext } from '../expressions/scope.ts'
import { selectColumns } from './select.ts'
import type { CometqlSession } from '../session.ts'
import { keysOf } from './where.ts'

const columnsOfTable: readonly ColumnDef[] = [
  { name: 'id', type: 'bigint' },
  { name: 'select_type', type: 'text' },
  { name: 'table', type: 'text' },
  { name: 'type', type: 'text' },
  { name: 'possible_keys', type: 'text' },
  { name: 'key', type: 'text' },
  { name: 'key_len', type: 'text' },
  { name: 'ref', type: 'text' },
  { name: 'rows', type: 'bigint' },
  { name: 'Extra', type: 'text' },
]

const columnsOfJson: readonly ColumnDef[] = [{ name: 'EXPLAIN', type: 'text' }]

/** The columns that an EXPLAIN will have. */
export function explainColumns({ isJson }: Explain): readonly ColumnDef[] {
  return isJson ? columnsOfJson : columnsOfTable
}

/**
 * What EXPLAIN tells of a statement without running it: a row for each of its tables, with the key that it is read by.
 * @throws CometError as the statement's mistakes demand
 */
export function runExplain(explain: Explain, context: SelectContext): RowsResult {
  const tables = tablesOf(explain, context)
  const columns = explainColumns(explain)
  if (explain.isJson) return { columns, rows: [[JSON.stringify({ query_block: { select_id: 1, tables } }, null, 2)]] }
  const rows = tables.map((table) => columns.map(({ name }) => table[name] ?? null))
  const without: Value[] = columns.map(({ name }) =>
    name === 'id' ? 1 : name === 'select_type' ? 'SIMPLE' : name === 'Extra' ? 'No tables used' : null,
  )
  return { columns, rows: rows.length === 0 ? [without] : rows }
}

type Told = Readonly<Record<string, string | number | null>>

function tablesOf({ statement }: Explain, context: SelectContext): Told[] {
  const { session } = context
  if (statement.kind === 'insert') return told(sourcesOf(statement.table, undefined, session), undefined, context)
  if (statement.kind !== 'select') {
    return told(sourcesOf(statement.table, statement.alias, session), statement.where, context)
  }
  selectColumns(statement, session) // has the errors that the statement would have
  return statement.cores.flatMap(({ sources, where }) => {
    const derived = new Map(
      sources.flatMap(({ from }) => ('cores' in from ? [[from, { columns: [], rows: [] }] as const] : [])),
    )
    return told(bindSources(sources, derived, session), where, context)
  })
}

function sourcesOf(table: TableName, alias: string | undefined, session: CometqlSession): readonly BoundSource[] {
  const node: SourceNode = { at: 0, from: table, alias, join: 'CROSS', on: undefined, using: [] }
  return bindSources([node], new Map(), session)
}

function told(sources: readonly BoundSource[], where: Expression | undefined, context: SelectContext): Told[] {
  const scope = { ...context, sources, subqueries: new Map() }
  return sources.map((source) => {
    const table = 'table' in source.found && source.found.kind === 'comet' ? source.found.table : undefined
    const keys = table && keysOf(where, table.key, source, scope)
    const isUnique = table?.key === table?.primaryKey
    return {
      id: 1,
      select_type: 'SIMPLE',
      table: source.alias,
      type: keys === undefined ? 'ALL' : !isUnique ? 'ref' : keys.length > 1 ? 'range' : 'const',
      possible_keys: table === undefined ? null : keyName(table),
      key: keys === undefined || table === undefined ? null : keyName(table),
      ref: keys === undefined ? null : 'const',
      rows: keys?.length ?? null,
      Extra: where === undefined ? '' : 'Using where',
    }
  })
}

function keyName({ key, primaryKey }: { readonly key: string; readonly primaryKey?: string }): string {
  return key === primaryKey ? 'PRIMARY' : key
}
