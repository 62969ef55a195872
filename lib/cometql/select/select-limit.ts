import type { Select } from '../parse/ast.ts'
import type { CometqlSession } from '../session.ts'
import { toNumber } from '../expressions/values.ts'

/** SQL_SELECT_LIMIT unless it was SET: as many rows as there are. */
const unlimited = 2 ** 64

/**
 * The SELECT with the LIMIT that SQL_SELECT_LIMIT gives to those without one (MySQL Reference: "sql_select_limit").
 * JDBC's setMaxRows and `mysql --safe-updates` set it.
 */
export function withSelectLimit(select: Select, { variables }: CometqlSession): Select {
  const most = Number(toNumber(variables.get('sql_select_limit') ?? unlimited))
  if (select.limit !== undefined || !(most >= 0 && most < unlimited)) return select
  return { ...select, limit: { count: { kind: 'literal', at: 0, value: Math.trunc(most) }, offset: undefined } }
}
