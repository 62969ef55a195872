import type { OkResult } from '../../mysql-server-protocol-lite/index.ts'
import { cometError } from '../../errors.ts'
import type { Delete, Expression } from '../parse/ast.ts'
import { conditionOf, findRows, readOnly, sourceOf, withSubqueries } from '../select/find-rows.ts'
import { noCondition } from '../select/from.ts'
import { andThen, type MaybePromise } from '../maybe-promise.ts'
import type { Scope, SelectContext, Source } from '../expressions/scope.ts'
import { findTable, type FoundTable } from '../system/catalog.ts'
import type { Row, Table } from '../table.ts'
import { isOnlyAboutKey, keysOf } from '../select/where.ts'

type Deletable = Table & { readonly delete: NonNullable<Table['delete']> }

/**
 * Runs a DELETE. One that names keys only is the table's own affair; for other conditions the rows are looked at first.
 * @throws CometError COMET_ERR_NO_CONDITION, COMET_ERR_READ_ONLY, COMET_ERR_NO_TABLE, COMET_ERR_COLUMNS, COMET_ERR_INVALID
 */
export function runDelete(statement: Delete, { session, params }: SelectContext): MaybePromise<OkResult> {
  const found = findTable(statement.table, session)
  const table = deletable(found)
  const source = sourceOf(found, statement.alias)
  const where = conditionOf(statement, 'DELETE', table)
  return withSubqueries([where], source, { session, params, isStrict: true }, (scope) =>
    andThen(deleteWhere(statement, where, table, source, scope), (affectedRows) => {
      session.rowCount = affectedRows
      return { affectedRows }
    }),
  )
}

function deletable({ kind, table }: FoundTable): Deletable {
  if (kind === 'virtual' || table.delete === undefined) throw readOnly(table.name, 'DELETE')
  return table as Deletable
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
  return await removeFound(await findRows(statement, { session, params, isStrict: true }), table, scope)
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
