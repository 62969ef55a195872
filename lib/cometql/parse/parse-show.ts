import { cometError } from '../../errors.ts'
import type { Show, TableName } from './ast.ts'
import { Kind } from './lexer.ts'
import { expressionsOf, parseLimit } from './parse-select.ts'
import type { TokenCursor } from './token-cursor.ts'

/** The words after SHOW, and the one name under which the catalogue of SHOW has what they mean. */
const forms: readonly (readonly [words: string, what: string])[] = [
  ['TABLES', 'TABLES'],
  ['TABLE STATUS', 'TABLE STATUS'],
  ['OPEN TABLES', 'OPEN TABLES'],
  ['DATABASES', 'DATABASES'],
  ['SCHEMAS', 'DATABASES'],
  ['COLUMNS', 'COLUMNS'],
  ['FIELDS', 'COLUMNS'],
  ['INDEX', 'INDEX'],
  ['INDEXES', 'INDEX'],
  ['KEYS', 'INDEX'],
  ['CREATE TABLE', 'CREATE TABLE'],
  ['CREATE DATABASE', 'CREATE DATABASE'],
  ['CREATE SCHEMA', 'CREATE DATABASE'],
  ['VARIABLES', 'VARIABLES'],
  ['STATUS', 'STATUS'],
  ['PROCESSLIST', 'PROCESSLIST'],
  ['WARNINGS', 'WARNINGS'],
  ['ERRORS', 'ERRORS'],
  ['ENGINES', 'ENGINES'],
  ['COLLATION', 'COLLATION'],
  ['CHARACTER SET', 'CHARACTER SET'],
  ['CHARSET', 'CHARACTER SET'],
  ['GRANTS', 'GRANTS'],
  ['PRIVILEGES', 'PRIVILEGES'],
  ['PLUGINS', 'PLUGINS'],
  ['TRIGGERS', 'TRIGGERS'],
  ['EVENTS', 'EVENTS'],
  ['PROCEDURE STATUS', 'PROCEDURE STATUS'],
  ['FUNCTION STATUS', 'FUNCTION STATUS'],
  ['MASTER STATUS', 'MASTER STATUS'],
  ['MASTER LOGS', 'MASTER LOGS'],
  ['BINARY LOGS', 'MASTER LOGS'],
  ['SLAVE STATUS', 'SLAVE STATUS'],
  ['SLAVES STATUS', 'SLAVE STATUS'],
  ['REPLICA STATUS', 'SLAVE STATUS'],
  ['SLAVE HOSTS', 'SLAVE HOSTS'],
  ['REPLICAS', 'SLAVE HOSTS'],
]

const scopes: ReadonlySet<string> = new Set(['FULL', 'EXTENDED', 'GLOBAL', 'SESSION', 'LOCAL', 'STORAGE', 'ALL'])
const withTable: ReadonlySet<string> = new Set(['COLUMNS', 'INDEX'])

/** Parses what follows the word SHOW. */
export function parseShow(cursor: TokenCursor): Show {
  let full = false
  let global = false
  for (; cursor.isOneOf(scopes); cursor.next()) {
    full ||= cursor.isWord('FULL')
    global ||= cursor.isWord('GLOBAL')
  }
  const what = parseWhat(cursor)
  const show = { ...emptyShow, what, full, global }
  if (what === 'CREATE TABLE') return { ...show, table: cursor.tableName() }
  if (what === 'CREATE DATABASE') return { ...show, schema: parseDatabase(cursor) }
  if (what === 'GRANTS') return parseGrants(cursor, show)
  const from = withTable.has(what) ? parseTableAndSchema(cursor) : parseSchema(cursor)
  return { ...show, ...from, ...parseFilter(cursor) }
}

/** Parses what follows the word DESCRIBE: `t`, `t column`, `t 'pattern'`. */
export function parseDescribe(cursor: TokenCursor): Show {
  const table = cursor.tableName()
  const hasColumn = cursor.peek().kind !== Kind.end && !cursor.isSymbol(';')
  const like = hasColumn ? cursor.next().text : undefined
  return { ...emptyShow, what: 'COLUMNS', table, like }
}

const emptyShow: Show = {
  kind: 'show',
  what: '',
  full: false,
  global: false,
  table: undefined,
  schema: undefined,
  like: undefined,
  where: undefined,
  limit: undefined,
}

function parseWhat(cursor: TokenCursor): string {
  const counted = parseCount(cursor)
  if (counted !== undefined) return counted
  for (const [words, what] of forms) {
    const [first = '', second] = words.split(' ')
    if (!cursor.isWord(first) || (second !== undefined && !cursor.isWord(second, 1))) continue
    cursor.next()
    if (second !== undefined) cursor.next()
    return what
  }
  if (cursor.peek().kind !== Kind.word) throw cursor.fail('what to show, for example TABLES')
  throw cometError('COMET_ERR_NOT_IMPLEMENTED', { what: `SHOW ${cursor.peek().upper}` })
}

/** `COUNT(*) WARNINGS | ERRORS` */
function parseCount(cursor: TokenCursor): string | undefined {
  if (!cursor.takeWord('COUNT')) return undefined
  for (const symbol of ['(', '*', ')']) cursor.expectSymbol(symbol)
  if (cursor.takeWord('ERRORS')) return 'COUNT ERRORS'
  cursor.expectWord('WARNINGS')
  return 'COUNT WARNINGS'
}

function parseDatabase(cursor: TokenCursor): string {
  cursor.takeWords(ifNotExists)
  return cursor.name('the name of a database')
}

const ifNotExists: ReadonlySet<string> = new Set(['IF', 'NOT', 'EXISTS'])

/** `GRANTS FOR somebody`: all that there is to see are one's own. */
function parseGrants(cursor: TokenCursor, show: Show): Show {
  if (cursor.takeWord('FOR')) while (cursor.peek().kind !== Kind.end && !cursor.isSymbol(';')) cursor.next()
  return show
}

function parseTableAndSchema(cursor: TokenCursor): Pick<Show, 'table' | 'schema'> {
  if (!takeFrom(cursor)) throw cursor.fail('FROM and the name of a table')
  const table: TableName = cursor.tableName()
  const schema = takeFrom(cursor) ? cursor.name('the name of a database') : undefined
  return { table: schema === undefined ? table : { ...table, schema }, schema }
}

function parseSchema(cursor: TokenCursor): Pick<Show, 'schema'> {
  return { schema: takeFrom(cursor) ? cursor.name('the name of a database') : undefined }
}

function takeFrom(cursor: TokenCursor): boolean {
  return cursor.takeWord('FROM') || cursor.takeWord('IN')
}

function parseFilter(cursor: TokenCursor): Pick<Show, 'like' | 'where' | 'limit'> {
  const like = cursor.takeWord('LIKE') ? cursor.text('the pattern, a text') : undefined
  const where = cursor.takeWord('WHERE') ? expressionsOf(cursor).parse() : undefined
  return { like, where, limit: parseLimit(cursor) }
}
