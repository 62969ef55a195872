import { cometError } from '../../errors.ts'
import type { Expression, Limit, OrderItem, Select, SelectCore, Star, TableName } from '../parse/ast.ts'
import { noCondition } from './from.ts'
import { all, andThen, type MaybePromise } from '../maybe-promise.ts'
import type { Scope, SelectContext, Source, SubqueryResult } from '../expressions/scope.ts'
import { runSelect } from './select.ts'
import { subqueriesIn } from './subqueries.ts'
import type { FoundTable } from '../system/catalog.ts'
import type { Row, Table } from '../table.ts'

/** What DELETE and UPDATE have in common: which rows of one table are meant. */
export interface Choice {
  readonly table: TableName
  readonly alias: string | undefined
  readonly where: Expression | undefined
  readonly orderBy: readonly OrderItem[]
  readonly limit: Limit | undefined
}

/** The table as a source of expressions. */
export function sourceOf({ table, schema }: FoundTable, alias: string | undefined): Source {
  return { alias: alias ?? table.name, table: table.name, schema, columns: table.columns, hidden: new Set() }
}

/**
 * The condition, which says something about the key. @throws CometError COMET_ERR_NO_CONDITION if there is none
 */
export function conditionOf({ where }: Choice, statement: string, table: Table): Expression {
  if (where === undefined) throw noCondition(statement, table)
  return where
}

/** Runs the subqueries of `expressions` first, and `next` with a scope that has their results. */
export function withSubqueries<T>(
  expressions: readonly Expression[],
  source: Source,
  context: SelectContext,
  next: (scope: Scope) => MaybePromise<T>,
): MaybePromise<T> {
  const inner = expressions.flatMap(subqueriesIn)
  const results = all(inner.map((select) => runSelect(select, context)))
  return andThen(results, (found) => {
    const subqueries = new Map<Select, SubqueryResult>(
      inner.map((select, index) => [select, { type: 'text', rows: found[index]?.rows ?? [] }]),
    )
    return next({ ...context, sources: [source], subqueries })
  })
}

/** The rows that are meant, in their order: what a SELECT of the same conditions finds. */
export async function findRows(choice: Choice, context: SelectContext): Promise<Row[]> {
  const { orderBy, limit } = choice
  const cores = [coreOf(choice)]
  const select: Select = { kind: 'select', at: 0, cores, unionDistinct: false, orderBy, limit, wait: undefined }
  const { columns, rows } = await runSelect(select, context)
  return rows.map((row): Row => Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])))
}

function coreOf({ table, alias, where }: Choice): SelectCore {
  const at = table.at
  const items: Star[] = [{ kind: 'star', at, table: undefined }]
  const source = { at, from: table, alias, join: 'CROSS', on: undefined, using: [] } as const
  return { at, distinct: false, wholeTable: false, items, sources: [source], where, groupBy: [], having: undefined }
}

/** The error for a table that has no such verb. */
export function readOnly(table: string, verb: string): Error {
  return cometError('COMET_ERR_READ_ONLY', { table, verb })
}
