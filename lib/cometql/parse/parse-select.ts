import { cometError } from '../../errors.ts'
import type { Expression, Limit, OrderItem, Select, SelectCore, SelectItem, Source, Star } from './ast.ts'
import { Kind } from './lexer.ts'
import { parseOrderItems } from './parse-call.ts'
import { ExpressionParser } from './parse-expression.ts'
import type { TokenCursor } from './token-cursor.ts'
import { reservedWords } from './vocabulary.ts'

/** Parses a SELECT or a UNION of them, with ORDER BY, LIMIT and WAIT. */
export function parseSelect(cursor: TokenCursor): Select {
  return cursor.nested(() => {
    const at = cursor.peek().start
    const cores = [parseCoreInParentheses(cursor)]
    let unionDistinct = false
    while (cursor.takeWord('UNION')) {
      if (!cursor.takeWord('ALL')) {
        cursor.takeWord('DISTINCT')
        unionDistinct = true
      }
      cores.push(parseCoreInParentheses(cursor))
    }
    const orderBy = parseOrderBy(cursor)
    const limit = parseLimit(cursor)
    skipLocking(cursor)
    const wait = cursor.takeWord('WAIT') ? limitNumber(cursor) : undefined
    return { kind: 'select', at, cores, unionDistinct, orderBy, limit, wait }
  })
}

/** The expressions of `cursor`'s statement. */
export function expressionsOf(cursor: TokenCursor): ExpressionParser {
  return new ExpressionParser(cursor, parseInner)
}

/** `ORDER BY a [ASC | DESC], b`, or nothing. */
export function parseOrderBy(cursor: TokenCursor): OrderItem[] {
  return cursor.takeWord('ORDER') ? parseOrderItems(cursor, expressionsOf(cursor)) : []
}

/** `LIMIT count`, `LIMIT offset, count`, `LIMIT count OFFSET offset`, or nothing. */
export function parseLimit(cursor: TokenCursor): Limit | undefined {
  if (!cursor.takeWord('LIMIT')) return undefined
  const first = limitNumber(cursor)
  if (cursor.takeSymbol(',')) return { offset: first, count: limitNumber(cursor) }
  return { count: first, offset: cursor.takeWord('OFFSET') ? limitNumber(cursor) : undefined }
}

function limitNumber(cursor: TokenCursor): Expression {
  const { kind } = cursor.peek()
  if (kind !== Kind.number && kind !== Kind.param) throw cursor.fail('a number')
  return expressionsOf(cursor).operand()
}

/** `FOR UPDATE`, `LOCK IN SHARE MODE`: nobody needs locks here. */
function skipLocking(cursor: TokenCursor): void {
  if (cursor.isWord('FOR') && (cursor.isWord('UPDATE', 1) || cursor.isWord('SHARE', 1))) {
    cursor.next()
    cursor.next()
    cursor.takeWords(lockOptions)
  }
  if (cursor.isWord('LOCK') && cursor.isWord('IN', 1)) cursor.takeWords(lockInShareMode)
}

const lockOptions: ReadonlySet<string> = new Set(['NOWAIT', 'SKIP', 'LOCKED'])
const lockInShareMode: ReadonlySet<string> = new Set(['LOCK', 'IN', 'SHARE', 'MODE'])

function parseCoreInParentheses(cursor: TokenCursor): SelectCore {
  if (!cursor.takeSymbol('(')) return parseCore(cursor)
  const core = parseCore(cursor)
  cursor.expectSymbol(')')
  return core
}

function parseCore(cursor: TokenCursor): SelectCore {
  const at = cursor.peek().start
  cursor.expectWord('SELECT')
  const options = selectOptions(cursor)
  const items = [parseItem(cursor)]
  while (cursor.takeSymbol(',')) items.push(parseItem(cursor))
  const sources = parseFrom(cursor)
  const expressions = expressionsOf(cursor)
  const where = cursor.takeWord('WHERE') ? expressions.parse() : undefined
  const groupBy = parseGroupBy(cursor)
  const having = cursor.takeWord('HAVING') ? expressions.parse() : undefined
  return { at, ...options, items, sources, where, groupBy, having }
}

function selectOptions(cursor: TokenCursor): Pick<SelectCore, 'distinct' | 'wholeTable'> {
  let distinct = false
  let wholeTable = false
  for (; cursor.isOneOf(modifiers); cursor.next()) {
    distinct ||= cursor.isWord('DISTINCT') || cursor.isWord('DISTINCTROW')
    wholeTable ||= cursor.isWord('SQL_NO_CACHE')
  }
  return { distinct, wholeTable }
}

const modifiers: ReadonlySet<string> = new Set(
  (
    'ALL DISTINCT DISTINCTROW HIGH_PRIORITY STRAIGHT_JOIN SQL_SMALL_RESULT SQL_BIG_RESULT SQL_BUFFER_RESULT SQL_CACHE ' +
    'SQL_NO_CACHE SQL_CALC_FOUND_ROWS'
  ).split(' '),
)

function parseItem(cursor: TokenCursor): Star | SelectItem {
  const at = cursor.peek().start
  if (cursor.takeSymbol('*')) return { kind: 'star', at, table: undefined }
  const star = parseQualifiedStar(cursor)
  if (star !== undefined) return star
  const expression = expressionsOf(cursor).parse()
  const end = cursor.lastEnd
  const alias = parseAlias(cursor)
  const name = alias ?? itemName(expression, cursor.sql.slice(at, end))
  return { kind: 'item', at, expression, name, isAliased: alias !== undefined }
}

/** `t.*` or `schema.t.*` */
function parseQualifiedStar(cursor: TokenCursor): Star | undefined {
  const at = cursor.peek().start
  const depth = [1, 3].find((dot) => cursor.isSymbol('.', dot) && cursor.isSymbol('*', dot + 1))
  if (depth === undefined || (depth === 3 && !cursor.isSymbol('.', 1))) return undefined
  let table = ''
  for (let taken = 0; taken < depth; taken++) table = cursor.next().text
  cursor.next()
  cursor.next()
  return { kind: 'star', at, table }
}

/** MySQL calls a column by its name alone and a text by itself, everything else as it is written. */
function itemName(expression: Expression, written: string): string {
  if (expression.kind === 'column') return expression.name
  if (expression.kind === 'literal' && typeof expression.value === 'string') return expression.value
  return written
}

/** `[AS] alias`, in whatever quotes, or nothing. */
export function parseAlias(cursor: TokenCursor): string | undefined {
  if (cursor.takeWord('AS')) return cursor.peek().kind === Kind.text ? cursor.next().text : cursor.name('an alias')
  const { kind, upper, text } = cursor.peek()
  const isAlias = kind === Kind.name || kind === Kind.text || (kind === Kind.word && !notAliases.has(upper))
  if (!isAlias) return undefined
  cursor.next()
  return text
}

const notAliases: ReadonlySet<string> = new Set([
  ...reservedWords,
  ...['LEFT', 'RIGHT', 'SET', 'VALUES', 'LOCK', 'PROCEDURE', 'USE', 'FORCE', 'IGNORE', 'WINDOW', 'COLLATE'],
])

function parseFrom(cursor: TokenCursor): Source[] {
  return !cursor.takeWord('FROM') || cursor.takeWord('DUAL') ? [] : parseJoins(cursor)
}

/** Tables with commas or joins between them; each join applies to what is left of it. */
function parseJoins(cursor: TokenCursor): Source[] {
  const sources = parseTables(cursor, 'CROSS')
  for (;;) {
    const join = cursor.takeSymbol(',') ? 'CROSS' : parseJoin(cursor)
    if (join === undefined) return sources
    sources.push(...parseTables(cursor, join))
  }
}

/** The words of a join, if one comes next. */
function parseJoin(cursor: TokenCursor): Source['join'] | undefined {
  if (cursor.isWord('RIGHT') || cursor.isWord('NATURAL')) throw cursor.fail('LEFT JOIN or JOIN')
  const isLeft = cursor.takeWord('LEFT')
  if (isLeft) cursor.takeWord('OUTER')
  else if (cursor.isWord('JOIN', 1)) cursor.takeWords(innerWords)
  if (!cursor.takeWord('JOIN') && !cursor.takeWord('STRAIGHT_JOIN')) return undefined
  return isLeft ? 'LEFT' : 'INNER'
}

const innerWords: ReadonlySet<string> = new Set(['INNER', 'CROSS'])

/** One table, or several in parentheses. */
function parseTables(cursor: TokenCursor, join: Source['join']): Source[] {
  const at = cursor.peek().start
  if (cursor.isSymbol('(') && !cursor.isWord('SELECT', 1) && !cursor.isSymbol('(', 1)) {
    cursor.next()
    const [first, ...rest] = parseJoins(cursor)
    cursor.expectSymbol(')')
    return first === undefined ? [] : [{ ...first, join, ...parseOn(cursor) }, ...rest]
  }
  const from = cursor.takeSymbol('(') ? parseDerived(cursor) : cursor.tableName()
  const alias = parseAlias(cursor)
  skipIndexHint(cursor)
  return [{ at, from, alias, join, ...parseOn(cursor) }]
}

/** A SELECT within a statement: only the whole of one can wait. */
function parseInner(cursor: TokenCursor): Select {
  const select = parseSelect(cursor)
  if (select.wait !== undefined) throw cometError('COMET_ERR_NOT_IMPLEMENTED', { what: 'WAIT in a subquery' })
  return select
}

function parseDerived(cursor: TokenCursor): Select {
  const select = parseInner(cursor)
  cursor.expectSymbol(')')
  return select
}

function parseOn(cursor: TokenCursor): Pick<Source, 'on' | 'using'> {
  if (cursor.takeWord('ON')) return { on: expressionsOf(cursor).parse(), using: [] }
  if (!cursor.takeWord('USING')) return { on: undefined, using: [] }
  cursor.expectSymbol('(')
  const using = [cursor.name('the name of a column')]
  while (cursor.takeSymbol(',')) using.push(cursor.name('the name of a column'))
  cursor.expectSymbol(')')
  return { on: undefined, using }
}

/** `USE | FORCE | IGNORE INDEX (…)` */
function skipIndexHint(cursor: TokenCursor): void {
  if (!cursor.isOneOf(indexHints) || !cursor.isOneOf(indexWords, 1)) return
  cursor.next()
  cursor.next()
  cursor.expectSymbol('(')
  while (!cursor.takeSymbol(')')) {
    if (cursor.next().kind === Kind.end) throw cursor.fail(')')
  }
}

const indexHints: ReadonlySet<string> = new Set(['USE', 'FORCE', 'IGNORE'])
const indexWords: ReadonlySet<string> = new Set(['INDEX', 'KEY'])

function parseGroupBy(cursor: TokenCursor): Expression[] {
  if (!cursor.takeWord('GROUP')) return []
  cursor.expectWord('BY')
  const expressions = expressionsOf(cursor).list()
  cursor.takeWords(directions)
  return expressions
}

const directions: ReadonlySet<string> = new Set(['ASC', 'DESC'])
