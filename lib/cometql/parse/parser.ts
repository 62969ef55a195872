import { cometError } from '../../errors.ts'
import type { ColumnName, Delete, Expression, Insert, Simple, Statement } from './ast.ts'
import { Kind } from './lexer.ts'
import { parseDescribe, parseShow } from './parse-show.ts'
import { expressionsOf, parseAlias, parseLimit, parseOrderBy, parseSelect } from './parse-select.ts'
import { parseSet } from './parse-set.ts'
import { columnName, parseAssignments, parseUpdate, priorities } from './parse-update.ts'
import { TokenCursor } from './token-cursor.ts'
import { reservedWords } from './vocabulary.ts'

/** Far above what anybody writes; they keep a single statement from taking the process's memory. */
const maxValues = 100_000
const maxColumns = 1_000

/**
 * Parses one statement; a `;` may end it. A statement of nothing but comments does nothing.
 * `ansiQuotes`: double quotes are for names, as SQL's standard (and sql_mode ANSI) says.
 * @throws CometError COMET_ERR_SYNTAX, COMET_ERR_NOT_IMPLEMENTED, COMET_ERR_TOO_MANY_CONDITIONS, COMET_ERR_TOO_MANY_VALUES
 */
export function parse(sql: string, ansiQuotes = false): Statement {
  const cursor = new TokenCursor(sql, ansiQuotes)
  const statement = parseStatement(cursor)
  while (cursor.takeSymbol(';'));
  if (cursor.peek().kind !== Kind.end) throw cursor.fail('the end of the statement')
  return statement
}

function parseStatement(cursor: TokenCursor): Statement {
  const { kind, upper } = cursor.peek()
  if (kind === Kind.end || cursor.isSymbol(';')) return simple('nothing')
  if (cursor.isSymbol('(')) return parseSelect(cursor)
  const parseRest = kind === Kind.word ? statements.get(upper) : undefined
  if (parseRest === undefined) {
    if (kind === Kind.word && unsupported.has(upper)) throw notImplemented(upper)
    throw cursor.fail('a statement, for example INSERT, SELECT, DELETE or SHOW')
  }
  if (upper !== 'SELECT') cursor.next()
  return parseRest(cursor)
}

const statements: ReadonlyMap<string, (cursor: TokenCursor) => Statement> = new Map<
  string,
  (cursor: TokenCursor) => Statement
>([
  ['INSERT', parseInsert],
  ['REPLACE', parseInsert],
  ['SELECT', parseSelect],
  ['UPDATE', parseUpdate],
  ['DELETE', parseDelete],
  ['SHOW', parseShow],
  ['DESCRIBE', parseExplain],
  ['DESC', parseExplain],
  ['EXPLAIN', parseExplain],
  ['SET', (cursor) => parseSet(cursor, parseStatement)],
  ['USE', (cursor) => simple('use', cursor.name('the name of a database'))],
  ['BEGIN', (cursor) => ignoringRest(cursor, simple('begin'))],
  ['START', parseStart],
  ['COMMIT', (cursor) => ignoringRest(cursor, simple('commit'))],
  ['ROLLBACK', parseRollback],
  ['SAVEPOINT', (cursor) => simple('savepoint', cursor.name('the name of a savepoint'))],
  ['RELEASE', parseRelease],
  ['KILL', parseKill],
  ...['FLUSH', 'ANALYZE', 'OPTIMIZE', 'CHECK', 'LOCK', 'UNLOCK', 'DO'].map(
    (word) => [word, (cursor: TokenCursor) => ignoringRest(cursor, simple('nothing', word))] as const,
  ),
])

/** What MySQL has, so that the error can name it instead of calling it a mistake. */
const unsupported: ReadonlySet<string> = new Set(
  'ALTER CALL CREATE DEALLOCATE DROP EXECUTE GRANT HANDLER LOAD PREPARE RENAME REPAIR REVOKE TRUNCATE WITH XA'.split(
    ' ',
  ),
)

function notImplemented(keyword: string): Error {
  const hints: Readonly<Record<string, string>> = {
    TRUNCATE: 'TRUNCATE (DELETE with a condition on the key is)',
  }
  return cometError('COMET_ERR_NOT_IMPLEMENTED', { what: hints[keyword] ?? keyword })
}

function simple(kind: Simple['kind'], name = ''): Simple {
  return { kind, name }
}

/** `BEGIN WORK`, `COMMIT AND NO CHAIN`, `FLUSH TABLES`: what follows makes no difference. */
function ignoringRest(cursor: TokenCursor, statement: Simple): Simple {
  while (cursor.peek().kind !== Kind.end && !cursor.isSymbol(';')) cursor.next()
  return statement
}

/** What follows DESCRIBE, DESC and EXPLAIN, which mean the same: a table, or a statement. */
function parseExplain(cursor: TokenCursor): Statement {
  cursor.takeWords(explainWords)
  let isJson = false
  if (cursor.isWord('FORMAT') && cursor.isSymbol('=', 1)) {
    cursor.next()
    cursor.next()
    isJson = /^json$/i.test(cursor.name('a format, for example JSON'))
  }
  if (!cursor.isSymbol('(') && !cursor.isOneOf(explained)) return parseDescribe(cursor)
  const statement = parseStatement(cursor)
  const { kind } = statement
  if (kind === 'select' || kind === 'insert' || kind === 'update' || kind === 'delete') {
    return { kind: 'explain', statement, isJson }
  }
  throw cursor.fail('SELECT, INSERT, UPDATE or DELETE')
}

const explainWords: ReadonlySet<string> = new Set(['EXTENDED', 'PARTITIONS', 'ANALYZE'])
const explained: ReadonlySet<string> = new Set(['SELECT', 'INSERT', 'REPLACE', 'UPDATE', 'DELETE'])

/** `START TRANSACTION [WITH CONSISTENT SNAPSHOT]` */
function parseStart(cursor: TokenCursor): Simple {
  cursor.expectWord('TRANSACTION')
  return ignoringRest(cursor, simple('begin'))
}

/** `ROLLBACK [WORK] [TO [SAVEPOINT] name]` */
function parseRollback(cursor: TokenCursor): Simple {
  cursor.takeWord('WORK')
  if (!cursor.takeWord('TO')) return ignoringRest(cursor, simple('rollback'))
  cursor.takeWord('SAVEPOINT')
  return simple('rollbackTo', cursor.name('the name of a savepoint'))
}

function parseRelease(cursor: TokenCursor): Simple {
  cursor.expectWord('SAVEPOINT')
  return simple('release', cursor.name('the name of a savepoint'))
}

function parseKill(cursor: TokenCursor): Statement {
  const onlyQuery = cursor.takeWord('QUERY')
  if (!onlyQuery) cursor.takeWord('CONNECTION')
  return { kind: 'kill', onlyQuery, id: expressionsOf(cursor).parse() }
}

/** What follows the word INSERT or REPLACE: both replace the row of the same key. */
function parseInsert(cursor: TokenCursor): Insert {
  cursor.takeWords(priorities)
  const ignore = cursor.takeWord('IGNORE')
  cursor.takeWord('INTO')
  const table = cursor.tableName()
  const { columns, rows } = cursor.takeWord('SET') ? parseSetRow(cursor) : parseRows(cursor)
  const { onDuplicate, rowAlias } = parseOnDuplicate(cursor)
  return { kind: 'insert', table, columns, rows, ignore, onDuplicate, rowAlias }
}

/** `SET a = 1, b = 2` */
function parseSetRow(cursor: TokenCursor): Pick<Insert, 'columns' | 'rows'> {
  const columns: ColumnName[] = []
  const row: Expression[] = []
  do {
    columns.push(columnName(cursor))
    cursor.expectSymbol('=')
    row.push(parseValue(cursor))
  } while (cursor.takeSymbol(','))
  return { columns, rows: [row] }
}

/** `[(a, b)] VALUES (1, 2), (3, 4)` */
function parseRows(cursor: TokenCursor): Pick<Insert, 'columns' | 'rows'> {
  const columns = cursor.takeSymbol('(') ? parseColumns(cursor) : undefined
  if (cursor.isWord('SELECT')) throw cometError('COMET_ERR_NOT_IMPLEMENTED', { what: 'INSERT … SELECT' })
  if (!cursor.takeWord('VALUES') && !cursor.takeWord('VALUE')) throw cursor.fail('VALUES')
  const rows: Expression[][] = []
  let count = 0
  do {
    cursor.expectSymbol('(')
    const row = parseRow(cursor)
    count += row.length
    if (count > maxValues) throw cometError('COMET_ERR_TOO_MANY_VALUES', { count, limit: maxValues })
    rows.push(row)
  } while (cursor.takeSymbol(','))
  return { columns, rows }
}

function parseColumns(cursor: TokenCursor): ColumnName[] {
  const columns: ColumnName[] = []
  if (cursor.takeSymbol(')')) return columns
  do columns.push(columnName(cursor))
  while (cursor.takeSymbol(','))
  cursor.expectSymbol(')')
  if (columns.length > maxColumns) {
    throw cometError('COMET_ERR_TOO_MANY_COLUMNS', { count: columns.length, limit: maxColumns })
  }
  return columns
}

function parseRow(cursor: TokenCursor): Expression[] {
  const row: Expression[] = []
  if (cursor.takeSymbol(')')) return row
  do row.push(parseValue(cursor))
  while (cursor.takeSymbol(','))
  cursor.expectSymbol(')')
  return row
}

/** A value of an INSERT. Texts, numbers and `?`, nearly all there are, need no expression parser. */
function parseValue(cursor: TokenCursor): Expression {
  const token = cursor.peek()
  if (cursor.isSymbol(',', 1) || cursor.isSymbol(')', 1)) {
    const at = token.start
    if (token.kind === Kind.text) return { kind: 'literal', at, value: cursor.next().text }
    // A reserved word between commas can only be meant as text: an event may be called `end`.
    if (token.kind === Kind.word && reservedWords.has(token.upper))
      return { kind: 'literal', at, value: cursor.next().text }
    if (token.kind === Kind.number) return { kind: 'literal', at, value: cursor.next().number ?? 0 }
    if (token.kind === Kind.param) {
      cursor.next()
      return { kind: 'param', at, index: cursor.param() }
    }
  }
  return expressionsOf(cursor).parse()
}

/** `[AS alias] [ON DUPLICATE KEY UPDATE a = VALUES(a)]` */
function parseOnDuplicate(cursor: TokenCursor): Pick<Insert, 'onDuplicate' | 'rowAlias'> {
  const rowAlias = cursor.takeWord('AS') ? cursor.name('an alias') : undefined
  if (!cursor.takeWord('ON')) return { onDuplicate: [], rowAlias }
  for (const word of ['DUPLICATE', 'KEY', 'UPDATE']) cursor.expectWord(word)
  return { onDuplicate: parseAssignments(cursor), rowAlias }
}

/** What follows the word DELETE. */
function parseDelete(cursor: TokenCursor): Delete {
  cursor.takeWords(priorities)
  cursor.takeWord('IGNORE')
  cursor.expectWord('FROM')
  const table = cursor.tableName()
  const alias = parseAlias(cursor)
  const where = cursor.takeWord('WHERE') ? expressionsOf(cursor).parse() : undefined
  return { kind: 'delete', table, alias, where, orderBy: parseOrderBy(cursor), limit: parseLimit(cursor) }
}
