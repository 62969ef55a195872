import { cometError } from '../../errors.ts'
import type { ColumnAssignment, Expression, Insert } from '../parse/ast.ts'
import { insertRow, type Insertable } from './insert-row.ts'
import type { Scope, SelectContext, Source } from '../expressions/scope.ts'
import { isReplaceable, type Inserted, type Row } from '../table.ts'
import type { TenantView } from '../tenant-view.ts'
import { compileAssignments, differs } from './update.ts'

/**
 * What an INSERT does where there is a row of the same key: it replaces that (which is what an INSERT does), keeps it, or
 * changes it.
 */
export type OnDuplicate = 'replace' | 'keep' | 'update'

/** IGNORE and `id = id` keep the row, `hash = VALUES(hash)` replaces it. */
function ruleOf({ ignore, onDuplicate, rowAlias }: Insert): OnDuplicate {
  if (onDuplicate.length === 0) return ignore ? 'keep' : 'replace'
  if (onDuplicate.every((assignment) => isInsertedValue(assignment, rowAlias))) return 'replace'
  return onDuplicate.every((assignment) => isOwnValue(assignment, rowAlias)) ? 'keep' : 'update'
}

/** `column = VALUES(column)` or, of the alias, `column = new.column`. */
function isInsertedValue({ column, value }: ColumnAssignment, rowAlias: string | undefined): boolean {
  if (value.kind === 'call' && value.name === 'VALUES') return isColumn(value.args[0], column.name)
  return isColumn(value, column.name) && value.kind === 'column' && isAlias(value.table, rowAlias)
}

/** `column = column`, or `column = LAST_INSERT_ID(column)`, with which programs learn the id of the row. */
function isOwnValue({ column, value }: ColumnAssignment, rowAlias: string | undefined): boolean {
  const own = value.kind === 'call' && value.name === 'LAST_INSERT_ID' ? value.args[0] : value
  return isColumn(own, column.name) && own?.kind === 'column' && !isAlias(own.table, rowAlias)
}

function isColumn(expression: Expression | undefined, name: string): boolean {
  return expression?.kind === 'column' && expression.name.toLowerCase() === name.toLowerCase()
}

function isAlias(table: string | undefined, rowAlias: string | undefined): boolean {
  return table !== undefined && table.toLowerCase() === rowAlias?.toLowerCase()
}

/** Inserts a row, or does what the INSERT says where there is one of its key already. */
export async function insertUnlessThere(
  row: Row,
  insert: Insert,
  table: Insertable,
  view: TenantView,
  context: SelectContext & Pick<Scope, 'subqueries'>,
): Promise<Inserted> {
  const { environment } = context.session
  const rule = ruleOf(insert)
  const { name, primaryKey } = table
  if (!isReplaceable(table)) {
    // Of messages the tables themselves keep those that are there, and which there can be twice are never duplicates.
    if (rule === 'update' && primaryKey !== undefined) throw notUpdated(name)
    return await insertRow(row, table, view, environment)
  }
  const key = row[table.key] ?? null
  const existing = key === null ? undefined : (await table.select(view, [String(key)]))[0]
  if (existing === undefined) return await insertRow(row, table, view, environment)
  if (rule === 'keep') return { insertId: Number(existing.id ?? 0), affectedRows: 0 }
  const after = changeOf(insert, table, context)(existing, row)
  if (!differs(existing, after)) return { insertId: Number(existing.id ?? 0), affectedRows: 0 }
  return await insertRow(after, table, view, environment)
}

function notUpdated(name: string): Error {
  const what = `ON DUPLICATE KEY UPDATE of ${name} (a message that was sent stays as it is: id = id says so)`
  return cometError('COMET_ERR_NOT_IMPLEMENTED', { what })
}

/** The values inserted are a source of their own, named by the alias or, for VALUES(), in a way that nobody can write. */
function changeOf(
  { onDuplicate, rowAlias = '' }: Insert,
  table: Insertable,
  context: SelectContext & Pick<Scope, 'subqueries'>,
) {
  const { name, columns } = table
  const source: Source = { alias: name, table: name, schema: '', columns, hidden: new Set() }
  const hidden = new Set(columns.map((column) => column.name.toLowerCase()))
  const sources = [source, { ...source, alias: rowAlias, hidden }]
  const scope: Scope = { ...context, sources, inserted: rowAlias, isStrict: true }
  return compileAssignments(onDuplicate, table, scope)
}
