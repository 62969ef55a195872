import type { OkResult } from '../mysql-server-protocol-lite/index.ts'
import { cometError } from '../errors.ts'
import type { Delete, Expression, SelectCore, SelectItem } from './ast.ts'
import { noCondition } from './from.ts'
import { all, andThen, type MaybePromise } from './maybe-promise.ts'
import type { Scope, SelectContext, Source, SubqueryResult } from './scope.ts'
import { runSelect, type SelectResult } from './select.ts'
import { subqueriesIn } from './subqueries.ts'
import { findTable } from './system/catalog.ts'
import type { Row, Table } from './table.ts'
import { isOnlyAboutKey, keysOf } from './where.ts'

type Deletable = Table & { readonly delete: NonNullable<Table['delete']> }

/**
 * Runs a DELETE. One that names keys only is the table's own affair; for other conditions the rows are looked at first.
 * @throws CometError COMET_ERR_NO_CONDITION, COMET_ERR_READ_ONLY, COMET_ERR_NO_TABLE, COMET_ERR_COLUMNS
 */
export function runDelete(statement: Delete, context: SelectContext): MaybePromise<OkResult> {
  const { table, source } = findDeletable(statement, context)
  const { where } = statement
  if (where === undefined) throw noCondition('DELETE', table)
  const inner = subqueriesIn(where)
  const results = all(inner.map((select) => runSelect(select, context)))
  return andThen(results, (found) => {
    const subqueries = new Map(inner.map((select, index) => [select, subqueryResult(found[index])]))
    const scope: Scope = { ...context, sources: [source], subqueries }
    const count = deleteWhere(statement, where, table, source, scope)
    return andThen(count, (affectedRows) => {
      context.session.rowCount = affectedRows
      return { affectedRows }
    })
  })
}

function subqueryResult(result: SelectResult | undefined): SubqueryResult {
  return { type: 'text', rows: result?.rows ?? [] }
}

function findDeletable(
  { table: name, alias }: Delete,
  { session }: SelectContext,
): { table: Deletable; source: Source } {
  const { kind, table, schema } = findTable(name, session)
  if (kind === 'virtual' || table.delete === undefined) {
    throw cometError('COMET_ERR_READ_ONLY', { table: table.name, verb: 'DELETE' })
  }
  const source: Source = {
    alias: alias ?? table.name,
    table: table.name,
    schema,
    columns: table.columns,
    hidden: new Set(),
  }
  return { table: table as Deletable, source }
}

function deleteWhere(
  statement: Delete,
  where: Expression,
  table: Deletable,
  source: Source,
  scope: Scope,
): MaybePromise<number> {
  const { view } = scope.session
  const isPlain = statement.limit === undefined
  const keys = keysOf(where, table.key, source, scope)
  if (keys !== undefined && isPlain && isOnlyAboutKey(where, table.key, source, scope)) return table.delete(view, keys)
  if (keys === undefined) {
    const byId = deleteById(where, table, source, scope)
    if (byId !== undefined && isPlain) return byId
    if (table.listing !== 'always') throw noCondition('DELETE', table)
  }
  return deleteRows(statement, table, scope)
}

/** Messages of a pipe can also be deleted by their ids alone. */
function deleteById(where: Expression, table: Deletable, source: Source, scope: Scope): Promise<number> | undefined {
  const { primaryKey } = table
  if (table.deleteRow === undefined || primaryKey === undefined) return undefined
  const ids = keysOf(where, primaryKey, source, scope)
  if (ids === undefined || !isOnlyAboutKey(where, primaryKey, source, scope)) return undefined
  return sum(ids.map((id) => async () => (await table.deleteRow?.(scope.session.view, { [primaryKey]: id })) ?? 0))
}

/** Looks for the rows with a SELECT of the same conditions, and removes them one by one. */
async function deleteRows(statement: Delete, table: Deletable, scope: Scope): Promise<number> {
  const { session, params } = scope
  const { where, orderBy, limit } = statement
  const select = {
    kind: 'select',
    at: 0,
    cores: [coreOf(statement, where)],
    unionDistinct: false,
    orderBy,
    limit,
    wait: undefined,
  } as const
  const { columns, rows } = await runSelect(select, { session, params })
  const found = rows.map((row): Row => Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])))
  return await removeFound(found, table, scope)
}

function coreOf({ table, alias }: Delete, where: Expression | undefined): SelectCore {
  const at = table.at
  const items: (SelectItem | { kind: 'star'; at: number; table: undefined })[] = [
    { kind: 'star', at, table: undefined },
  ]
  const source = { at, from: table, alias, join: 'CROSS', on: undefined, using: [] } as const
  return { at, distinct: false, wholeTable: false, items, sources: [source], where, groupBy: [], having: undefined }
}

async function removeFound(found: readonly Row[], table: Deletable, { session }: Scope): Promise<number> {
  const { view } = session
  const { key } = table
  if (table.deleteRow !== undefined) {
    return await sum(found.map((row) => async () => (await table.deleteRow?.(view, row)) ?? 0))
  }
  const keys = [...new Set(found.map((row) => String(row[key])))]
  if (table.primaryKey === undefined && (await table.select(view, keys)).length !== found.length) {
    throw cometError('COMET_ERR_NOT_IMPLEMENTED', { what: `Deleting some of the ${table.name} of one ${key}` })
  }
  return keys.length === 0 ? 0 : await table.delete(view, keys)
}

async function sum(counts: readonly (() => Promise<number>)[]): Promise<number> {
  let total = 0
  for (const count of counts) total += await count()
  return total
}
