import type { ColumnDef } from '../../mysql-server-protocol-lite/index.ts'
import { cometError } from '../../errors.ts'
import { commonType, type SelectContext } from '../expressions/scope.ts'
import { toText } from '../expressions/values.ts'
import type { Expression, Select } from '../parse/ast.ts'
import { distinct } from './group.ts'
import { positionOf, sort, type Candidate, type OrderKey } from './order.ts'
import { finish, scalarType, type SelectResult } from './result.ts'
import { cut, type Window } from './window.ts'

/**
 * The rows of several SELECTs below each other; the first one names the columns.
 * @throws CometError COMET_ERR_INVALID, COMET_ERR_COLUMNS
 */
export function union(
  parts: readonly SelectResult[],
  select: Select,
  window: Window,
  context: SelectContext,
): SelectResult {
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
