import type { ColumnDef, OkResult, Result, Value } from '../mysql-server-protocol-lite/index.ts'
import { CometError, cometError } from '../errors.ts'
import type { Kill, Scalar, Select, Simple, Statement } from './parse/ast.ts'
import { compile } from './expressions/compile.ts'
import { runDelete } from './change/delete.ts'
import { explainColumns, runExplain } from './select/explain.ts'
import { runInsert } from './change/insert.ts'
import { andThen, type MaybePromise } from './maybe-promise.ts'
import { openRows } from './open-rows.ts'
import { parse } from './parse/parser.ts'
import { noRows, type SelectContext } from './expressions/scope.ts'
import { withSelectLimit } from './select/select-limit.ts'
import type { SelectResult } from './select/result.ts'
import { runSelect, selectColumns } from './select/select.ts'
import type { CometqlSession } from './session.ts'
import { runSet } from './set.ts'
import { runShow, showColumns } from './show.ts'
import { runUpdate } from './change/update.ts'
import { toNumber } from './expressions/values.ts'
import { runWaiting } from './select/wait.ts'

const done: OkResult = { affectedRows: 0 }

/**
 * Runs one statement; `params` are the values of its `?`. An INSERT into a pipe without history, for one, is answered
 * at once, without a promise.
 * @throws CometError for a mistake in the statement; other errors as they come
 */
export function execute(sql: string, params: readonly Value[], session: CometqlSession): MaybePromise<Result> {
  const context = contextOf(params, session)
  try {
    const result = run(parse(sql, session.isAnsi), context)
    return result instanceof Promise ? result.catch((error: unknown) => fail(error, session)) : result
  } catch (error) {
    return fail(error, session)
  }
}

/** The columns of the result that a statement would have; undefined for one without rows. Nothing is read. */
export function describe(sql: string, session: CometqlSession): readonly ColumnDef[] | undefined {
  const statement = parse(sql, session.isAnsi)
  if (statement.kind === 'select') return selectColumns(statement, session)
  if (statement.kind === 'explain') return explainColumns(statement)
  return statement.kind === 'show' ? showColumns(statement, session) : undefined
}

/** Counts a statement, and makes ready what it runs with. */
export function contextOf(params: readonly Value[], session: CometqlSession): SelectContext {
  session.questions++
  session.environment.counters.add(session.identity.devId, 'questions')
  session.budget.restart()
  return { session, params: params.map(scalarOf) }
}

/** SHOW WARNINGS will tell, too. */
export function fail(error: unknown, session: CometqlSession): never {
  if (error instanceof CometError) session.warnings = [{ level: 'Error', error }]
  session.rowCount = -1
  throw error
}

/** Bytes that a driver binds are text in UTF-8. */
function scalarOf(value: Value): Scalar {
  return typeof value === 'object' && value !== null ? value.toString('utf8') : value
}

function run(statement: Statement, context: SelectContext): MaybePromise<Result> {
  const { session } = context
  if (session.warnings.length > 0 && !isDiagnostic(statement)) session.warnings = []
  switch (statement.kind) {
    case 'insert':
      return runInsert(statement, context)
    case 'select':
      return andThen(selected(statement, context), ({ columns, rows }) => {
        session.rowCount = -1
        return { columns, rows: openRows(rows, session.budget.keep()) }
      })
    case 'delete':
      return runDelete(statement, context)
    case 'update':
      return runUpdate(statement, context)
    case 'show':
      return runShow(statement, context)
    case 'explain':
      return runExplain(statement, context)
    case 'set':
      return andThen(runSet(statement, context), () => done)
    case 'kill':
      return runKill(statement, context)
    default:
      return andThen(runSimple(statement, session), () => done)
  }
}

function selected(written: Select, context: SelectContext): MaybePromise<SelectResult> {
  const select = withSelectLimit(written, context.session)
  return select.wait === undefined ? runSelect(select, context) : runWaiting(select, select.wait, context)
}

/** Statements that ask about the one before them, and so must not forget it. */
function isDiagnostic(statement: Statement): boolean {
  return statement.kind === 'show' || (statement.kind === 'select' && statement.cores[0]?.sources.length === 0)
}

function runSimple({ kind, name }: Simple, session: CometqlSession): MaybePromise<void> {
  switch (kind) {
    case 'begin':
      return andThen(session.commit(), () => {
        session.begin()
      })
    case 'commit':
      return session.commit()
    case 'rollback':
      session.rollback()
      return undefined
    case 'savepoint':
      session.openTransaction?.savepoint(name)
      return undefined
    case 'rollbackTo':
      mustExist(session.openTransaction?.rollbackTo(name), name)
      return undefined
    case 'release':
      mustExist(session.openTransaction?.release(name), name)
      return undefined
    case 'use':
      return session.use(name)
    case 'nothing':
      return undefined
  }
}

function mustExist(isThere: boolean | undefined, savepoint: string): void {
  if (isThere === true) return
  throw cometError('COMET_ERR_INVALID', { column: 'savepoint', value: savepoint, rule: 'there is none of this name' })
}

/** A connection may be closed by the same tenant's others; KILL QUERY only ends what it waits for. */
function runKill({ id, onlyQuery }: Kill, { session, params }: SelectContext): OkResult {
  const value = compile(id, { session, params, sources: [], subqueries: new Map() }).evaluate(noRows)
  const number = value === null ? NaN : Number(toNumber(value))
  const { environment, tenant } = session
  const isThere = [...environment.processes(tenant.devId)].some((process) => process.id === number)
  const stop = onlyQuery ? environment.interrupt : environment.kill
  if (!isThere || !stop(number, tenant.devId)) {
    throw cometError('COMET_ERR_INVALID', { column: 'id', value: String(value), rule: 'there is no such connection' })
  }
  return done
}
