import type { OkResult } from '../../mysql-server-protocol-lite/index.ts'
import type { Published } from '../../core/tenant.ts'
import { CometError, cometError } from '../../errors.ts'
import type { Expression, Insert, Scalar, Select } from '../parse/ast.ts'
import { compile } from '../expressions/compile.ts'
import { insertRow, type Insertable } from './insert-row.ts'
import { all, andThen, type MaybePromise } from '../maybe-promise.ts'
import { insertUnlessThere } from './on-duplicate.ts'
import { noRows, type Scope, type SelectContext, type SubqueryResult } from '../expressions/scope.ts'
import { runSelect } from '../select/select.ts'
import type { CometqlSession, Warning } from '../session.ts'
import { subqueriesIn } from '../select/subqueries.ts'
import { findTable } from '../system/catalog.ts'
import type { Column, Inserted, Row, Table } from '../table.ts'
import type { TenantView } from '../tenant-view.ts'
import { Transaction } from './transaction.ts'

/**
 * Runs an INSERT or REPLACE. Several rows are all inserted or none of them; with IGNORE those with mistakes are left out
 * and become warnings.
 * @throws CometError as the rows' mistakes demand
 */
export function runInsert(insert: Insert, context: SelectContext): MaybePromise<OkResult> {
  return andThen(insertRows(insert, context), (inserted) => noteInserted(inserted, context.session))
}

/** What became of an INSERT. */
export interface InsertedRows {
  readonly result: OkResult & { readonly insertId: number }
  readonly warnings: readonly Warning[]
}

/** What later statements of the session ask about: LAST_INSERT_ID(), ROW_COUNT(), SHOW WARNINGS. */
export function noteInserted({ result, warnings }: InsertedRows, session: CometqlSession): OkResult {
  if (result.insertId !== 0) session.lastInsertId = result.insertId // it stays until there is another one
  session.rowCount = result.affectedRows
  session.warnings = warnings
  return result
}

/**
 * Inserts, and has the session note nothing of it. Rows that are written out are on their way when it returns, so INSERTs
 * that are begun one after the other keep their order.
 * @throws like `runInsert`
 */
export function insertRows(insert: Insert, context: SelectContext): MaybePromise<InsertedRows> {
  const table = findInsertable(insert, context)
  const columns = columnsOf(insert, table.columns, table.name)
  const inner = subqueriesOf(insert)
  const { session, params } = context
  if (inner.length === 0) return insertAll(insert, columns, table, { session, params, subqueries: noSubqueries })
  const results = all(inner.map((select) => runSelect(select, context)))
  return andThen(results, (found) => {
    const subqueries = new Map<Select, SubqueryResult>(
      inner.map((select, index) => [select, { type: 'text', rows: found[index]?.rows ?? [] }]),
    )
    return insertAll(insert, columns, table, { session, params, subqueries })
  })
}

/** What the values are made from. */
type InsertContext = Pick<Scope, 'session' | 'params' | 'subqueries'>

const noWarnings: readonly Warning[] = []
const noSubqueries: Scope['subqueries'] = new Map()

/** Nearly all values are literals or `?`, which have none. */
function subqueriesOf({ rows, onDuplicate }: Insert): Select[] {
  const inner = onDuplicate.flatMap(({ value }) => subqueriesIn(value))
  for (const row of rows) {
    for (const value of row) {
      if (value.kind !== 'literal' && value.kind !== 'param') inner.push(...subqueriesIn(value))
    }
  }
  return inner
}

function insertAll(
  insert: Insert,
  columns: readonly Column[],
  table: Insertable,
  context: InsertContext,
): MaybePromise<InsertedRows> {
  const [first] = insert.rows
  if (first !== undefined && insert.rows.length === 1 && !insert.ignore) {
    const row = rowOf(first, columns, table, context)
    return andThen(insertOne(row, insert, table, context.session.view, context), ({ insertId, affectedRows }) => ({
      result: { affectedRows, insertId },
      warnings: noWarnings,
    }))
  }
  const rows = insert.rows.map((values) => rowOf(values, columns, table, context))
  return insertMany(rows, insert, table, context)
}

function insertOne(
  row: Row,
  insert: Insert,
  table: Insertable,
  view: TenantView,
  context: InsertContext,
): MaybePromise<Inserted> {
  if (insert.onDuplicate.length === 0 && !insert.ignore) return insertRow(row, table, view, context.session.environment)
  return insertUnlessThere(row, insert, table, view, context)
}

function findInsertable(insert: Insert, { session }: SelectContext): Insertable {
  const { kind, table } = findTable(insert.table, session)
  if (kind === 'comet' && table.insert !== undefined) return table as Insertable
  throw cometError('COMET_ERR_READ_ONLY', { table: table.name, verb: 'INSERT' })
}

/** The columns that the values are for, in their order. */
function columnsOf({ columns, rows }: Insert, all: readonly Column[], table: string): readonly Column[] {
  // `INSERT INTO t () VALUES ()` has no values: the required ones are missed later, by their names.
  if (columns === undefined || (columns.length === 0 && rows[0]?.length !== 0)) return all
  const found: Column[] = []
  for (const { name } of columns) {
    const column = all.find((candidate) => candidate.name === name) ?? findFolded(name, all)
    if (column === undefined) throw columnError(`There is no column "${name}"`, table, all)
    if (found.includes(column)) throw columnError(`The column "${name}" is there twice`, table, all)
    found.push(column)
  }
  return found
}

function findFolded(name: string, columns: readonly Column[]): Column | undefined {
  const folded = name.toLowerCase()
  return columns.find((column) => column.name === folded)
}

function columnError(problem: string, table: string, columns: readonly Column[]): CometError {
  return cometError('COMET_ERR_COLUMNS', { problem, table, columns: columns.map(({ name }) => name).join(', ') })
}

function rowOf(values: readonly Expression[], columns: readonly Column[], table: Table, context: InsertContext): Row {
  if (values.length !== columns.length) {
    const problem = `The values (${values.length}) are not as many as the columns (${columns.length})`
    throw columnError(problem, table.name, table.columns)
  }
  const row: Record<string, Scalar> = {}
  let index = 0
  for (const { name } of columns) {
    const value = values[index++]
    if (value !== undefined && value.kind !== 'default') row[name] = valueOf(value, context)
  }
  return row
}

/** Nearly all values are literals or `?`, which need no compiling. */
function valueOf(expression: Expression, context: InsertContext): Scalar {
  if (expression.kind === 'literal') return expression.value
  if (expression.kind === 'param') return context.params[expression.index] ?? null
  const scope: Scope = { ...context, sources: [], wordsAreText: true }
  return compile(expression, scope).evaluate(noRows)
}

/** Collects all rows before the first one takes effect, so that a mistake in the last one leaves nothing behind. */
async function insertMany(
  rows: readonly Row[],
  insert: Insert,
  table: Insertable,
  context: InsertContext,
): Promise<InsertedRows> {
  const { session } = context
  const statement = new Transaction(session.view, session.environment)
  const warnings: Warning[] = []
  const inserted: Inserted[] = []
  for (const row of rows) {
    try {
      const outcome = insertOne(row, insert, table, statement, context)
      inserted.push(outcome instanceof Promise ? await outcome : outcome) // see insertRows
    } catch (error) {
      if (!insert.ignore || !(error instanceof CometError)) throw error
      warnings.push({ level: 'Warning', error })
    }
  }
  const committed = await statement.commit()
  const known = inserted.filter(({ affectedRows }) => affectedRows === 0).length
  const duplicates = known + committed.filter((done) => publishedOf(done).isDuplicate === true).length
  const info = `Records: ${rows.length}  Duplicates: ${duplicates}  Warnings: ${warnings.length}`
  const { insertId: first = 0 } = inserted[0] ?? {}
  const insertId = first === 0 ? (publishedOf(committed[0]).offset ?? 0) : first
  const affectedRows = inserted.length - duplicates
  return { result: { affectedRows, insertId, info, warnings: warnings.length }, warnings }
}

/** Of a message, what became of it; nothing of other rows. */
function publishedOf(done: unknown): Partial<Published> {
  return typeof done === 'object' && done !== null ? done : {}
}
