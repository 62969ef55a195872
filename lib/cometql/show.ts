import type { ColumnDef, RowsResult } from '../mysql-server-protocol-lite/index.ts'
import type { Show } from './parse/ast.ts'
import { compile } from './expressions/compile.ts'
import { matchesLike } from './expressions/like.ts'
import type { Env, Scope, SelectContext } from './expressions/scope.ts'
import { windowOf } from './select/window.ts'
import type { CometqlSession } from './session.ts'
import { shownTable } from './system/show.ts'
import type { Row } from './table.ts'
import { toText, toTruth } from './expressions/values.ts'

/** Runs a SHOW: what it shows is a table, its LIKE about the first column. */
export function runShow(show: Show, context: SelectContext): RowsResult {
  const { columns, rows } = shownTable(show, context.session)
  const source = { alias: 'SHOW', table: 'SHOW', schema: '', columns, hidden: new Set<string>() }
  const scope: Scope = { ...context, sources: [source], subqueries: new Map() }
  const where = show.where && compile(show.where, scope)
  const first = columns[0]?.name ?? ''
  const isWanted = (row: Row): boolean => {
    const env: Env = { rows: [row], aggregates: [] }
    const isLike =
      show.like === undefined || matchesLike(toText(row[first] ?? ''), show.like, '\\', false, context.session.budget)
    return isLike && (where === undefined || toTruth(where.evaluate(env)) === true)
  }
  const { offset, count } = windowOf(show.limit, context)
  const found = rows(context.session)
    .filter(isWanted)
    .slice(offset, offset + count)
  return {
    columns: columns.map(({ name, type }) => ({ name, type })),
    rows: found.map((row) => columns.map(({ name }) => row[name] ?? null)),
  }
}

/** The columns that a SHOW will have. */
export function showColumns(show: Show, session: CometqlSession): readonly ColumnDef[] {
  return shownTable(show, session).columns.map(({ name, type }) => ({ name, type }))
}
