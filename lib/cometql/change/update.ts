import type { OkResult } from '../../mysql-server-protocol-lite/index.ts'
import { cometError } from '../../errors.ts'
import type { ColumnAssignment, Update } from '../parse/ast.ts'
import { findTableColumn } from '../expressions/columns.ts'
import { compile } from '../expressions/compile.ts'
import { conditionOf, findRows, readOnly, sourceOf, withSubqueries } from '../select/find-rows.ts'
import { noCondition } from '../select/from.ts'
import { insertRow, type Insertable } from './insert-row.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { Compiled, Scope, SelectContext } from '../expressions/scope.ts'
import { findTable, type FoundTable } from '../system/catalog.ts'
import { isReplaceable, type Row, type Table } from '../table.ts'
import { Transaction } from './transaction.ts'
import { keysOf } from '../select/where.ts'

/**
 * Runs an UPDATE of a table whose INSERT replaces the row of the same key: all rows or, if one of them has a mistake, none.
 * @throws CometError as the mistakes demand
 */
export function runUpdate(statement: Update, { session, params }: SelectContext): MaybePromise<OkResult> {
  const found = findTable(statement.table, session)
  const table = replaceable(found)
  const source = sourceOf(found, statement.alias)
  const where = conditionOf(statement, 'UPDATE', table)
  const context: SelectContext = { session, params, isStrict: true }
  const values = statement.assignments.map(({ value }) => value)
  return withSubqueries([where, ...values], source, context, async (scope) => {
    if (keysOf(where, table.key, source, scope) === undefined && table.listing !== 'always') {
      throw noCondition('UPDATE', table)
    }
    const change = compileAssignments(statement.assignments, table, scope)
    const rows = await findRows(statement, context)
    return await replaceRows(rows, change, table, context)
  })
}

function replaceable({ kind, table }: FoundTable): Insertable {
  if (kind === 'virtual' || table.insert === undefined) throw readOnly(table.name, 'UPDATE')
  if (isReplaceable(table)) return table as Insertable
  const what = `UPDATE of ${table.name} (a message that was sent stays as it is)`
  throw cometError('COMET_ERR_NOT_IMPLEMENTED', { what })
}

/** A row as it is after the assignments; `others` are rows of further sources of the scope. */
export type Change = (row: Row, ...others: readonly Row[]) => Row

/** Makes `a = 1, b = a + 1` ready; each assignment sees what those before it did, as in MySQL. */
export function compileAssignments(assignments: readonly ColumnAssignment[], table: Table, scope: Scope): Change {
  const source = sourceOf({ kind: 'comet', schema: '', table }, undefined)
  const steps = assignments.map(({ column, value }): [name: string, value: Compiled] => [
    findTableColumn(column, source).name,
    compile(value, scope),
  ])
  return (row, ...others) => {
    const changed: Record<string, Row[string]> = { ...row }
    for (const [name, value] of steps) changed[name] = value.evaluate({ rows: [changed, ...others], aggregates: [] })
    checkKey(row, changed, table)
    return changed
  }
}

function checkKey(before: Row, after: Row, { name, key }: Table): void {
  if (isSame(before, after, key)) return
  throw cometError('COMET_ERR_NOT_IMPLEMENTED', { what: `Changing ${key}, the key of ${name} (INSERT and DELETE are)` })
}

/** Whether the rows have the same value; numbers may be written as texts. */
function isSame(before: Row, after: Row, column: string): boolean {
  return String(before[column] ?? null) === String(after[column] ?? null)
}

/** Whether an assignment made any difference. */
export function differs(before: Row, after: Row): boolean {
  return Object.keys(after).some((column) => !isSame(before, after, column))
}

async function replaceRows(
  rows: readonly Row[],
  change: Change,
  table: Insertable,
  { session }: SelectContext,
): Promise<OkResult> {
  const statement = new Transaction(session.view, session.environment)
  let changed = 0
  for (const row of rows) {
    const after = change(row)
    if (!differs(row, after)) continue
    changed++
    await insertRow(after, table, statement, session.environment)
  }
  await statement.commit()
  const affectedRows = session.identity.countsFoundRows ? rows.length : changed
  session.rowCount = affectedRows
  return { affectedRows, info: `Rows matched: ${rows.length}  Changed: ${changed}  Warnings: 0` }
}
