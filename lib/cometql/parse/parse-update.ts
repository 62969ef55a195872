import type { ColumnAssignment, ColumnName, Update } from './ast.ts'
import { expressionsOf, parseAlias, parseLimit, parseOrderBy } from './parse-select.ts'
import type { TokenCursor } from './token-cursor.ts'

/** Words before the table that say how urgent a statement is. */
export const priorities: ReadonlySet<string> = new Set(['LOW_PRIORITY', 'DELAYED', 'HIGH_PRIORITY', 'QUICK'])

/** What follows the word UPDATE: `t SET a = 1, b = 2 WHERE …`. */
export function parseUpdate(cursor: TokenCursor): Update {
  cursor.takeWords(priorities)
  cursor.takeWord('IGNORE')
  const table = cursor.tableName()
  const alias = parseAlias(cursor)
  cursor.expectWord('SET')
  const assignments = parseAssignments(cursor)
  const where = cursor.takeWord('WHERE') ? expressionsOf(cursor).parse() : undefined
  return { kind: 'update', table, alias, assignments, where, orderBy: parseOrderBy(cursor), limit: parseLimit(cursor) }
}

/** `a = 1, b = a + 1` */
export function parseAssignments(cursor: TokenCursor): ColumnAssignment[] {
  const expressions = expressionsOf(cursor)
  const assignments: ColumnAssignment[] = []
  do {
    const column = columnName(cursor)
    cursor.expectSymbol('=')
    assignments.push({ column, value: expressions.parse() })
  } while (cursor.takeSymbol(','))
  return assignments
}

/** `column` or `table.column` */
export function columnName(cursor: TokenCursor): ColumnName {
  const at = cursor.peek().start
  let name = cursor.name('the name of a column')
  while (cursor.takeSymbol('.')) name = cursor.name('the name of a column')
  return { at, name }
}
