import type { DeferredResult, OkResult, Value } from '../../mysql-server-protocol-lite/index.ts'
import type { Expression, Insert } from '../parse/ast.ts'
import { contextOf, fail } from '../execute.ts'
import { insertRows, noteInserted } from './insert.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import { parse } from '../parse/parser.ts'
import type { SelectContext } from '../expressions/scope.ts'
import type { CometqlSession } from '../session.ts'

/**
 * Begins an INSERT of messages before those that were sent ahead of it are answered, so that they wait for the storage
 * together; undefined for every other statement. What the session notes of it, it notes in the order of the statements.
 * @throws CometError as `execute` does, where nothing was sent ahead
 */
export function executeAhead(
  sql: string,
  params: readonly Value[],
  session: CometqlSession,
): OkResult | DeferredResult | undefined {
  const insert = messagesOf(sql, session)
  if (insert === undefined) return undefined
  const outcome = begin(insert, contextOf(params, session))
  if (session.deferred === 0 && !(outcome instanceof Promise)) return outcome()
  session.deferred++
  const told = (tell: () => OkResult) => (): OkResult => {
    session.deferred--
    return tell()
  }
  return { deferred: Promise.resolve(outcome).then(told) }
}

/** Publishes at once; to be told is what became of that, be it a mistake. */
function begin(insert: Insert, context: SelectContext): MaybePromise<() => OkResult> {
  const { session } = context
  const refused = (error: unknown) => () => fail(error, session)
  try {
    const rows = insertRows(insert, context)
    if (!(rows instanceof Promise)) return () => noteInserted(rows, session)
    return rows.then((inserted) => () => noteInserted(inserted, session), refused)
  } catch (error) {
    return refused(error)
  }
}

/** For nearly all other statements this is all that they cost here. */
const beginsLikeInsert = /^\s*(?:insert|replace)\b/i

const messageTables = new Set(['pipes_messages', 'users_messages'])

/** The INSERT, if it depends on no statement before it: on no value of the session, and on no row. */
function messagesOf(sql: string, session: CometqlSession): Insert | undefined {
  if (session.inTransaction || !session.autocommit || !beginsLikeInsert.test(sql)) return undefined
  try {
    const statement = parse(sql, session.isAnsi)
    return statement.kind === 'insert' && isOfMessages(statement) ? statement : undefined
  } catch {
    return undefined // what is wrong with it, `execute` will say
  }
}

function isOfMessages({ table, rows, ignore, onDuplicate }: Insert): boolean {
  const isPlain = !ignore && onDuplicate.length === 0 && messageTables.has(table.name.toLowerCase())
  return isPlain && rows.every((row) => row.every(isWrittenOut))
}

function isWrittenOut({ kind }: Expression): boolean {
  return kind === 'literal' || kind === 'param' || kind === 'default'
}
