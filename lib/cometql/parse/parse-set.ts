import { CometError } from '../../errors.ts'
import type { Expression, SetItem, SetVariables, Simple, Statement } from './ast.ts'
import { Kind } from './lexer.ts'
import { variableName } from './parse-expression.ts'
import { expressionsOf } from './parse-select.ts'
import type { TokenCursor } from './token-cursor.ts'

/**
 * Parses what follows the word SET. Half of the drivers there are give up where a SET is refused, so one that cannot be
 * understood is accepted and does nothing. `SET STATEMENT … FOR` hands over to `parseStatement`.
 */
export function parseSet(cursor: TokenCursor, parseStatement: (cursor: TokenCursor) => Statement): Statement {
  if (cursor.takeWord('STATEMENT')) return parseForStatement(cursor, parseStatement)
  try {
    return { kind: 'set', items: parseItems(cursor) }
  } catch (error) {
    if (!(error instanceof CometError)) throw error
    while (cursor.peek().kind !== Kind.end) cursor.next()
    return nothing
  }
}

const nothing: Simple = { kind: 'nothing', name: 'SET' }

/** `SET STATEMENT max_statement_time=2 FOR SELECT …` */
function parseForStatement(cursor: TokenCursor, parseStatement: (cursor: TokenCursor) => Statement): Statement {
  while (!cursor.takeWord('FOR')) {
    if (cursor.next().kind === Kind.end) throw cursor.fail('FOR and a statement')
  }
  return parseStatement(cursor)
}

function parseItems(cursor: TokenCursor): SetVariables['items'] {
  const items: SetItem[] = []
  do items.push(...parseItem(cursor))
  while (cursor.takeSymbol(','))
  if (cursor.peek().kind !== Kind.end && !cursor.isSymbol(';')) throw cursor.fail('the end of the statement')
  return items
}

function parseItem(cursor: TokenCursor): SetItem[] {
  if (cursor.takeWord('NAMES')) return parseNames(cursor)
  if (cursor.takeWord('CHARSET')) return characterSet(cursor, connectionCharacterSets)
  if (cursor.isWord('CHARACTER') && cursor.isWord('SET', 1)) {
    cursor.next()
    cursor.next()
    return characterSet(cursor, connectionCharacterSets)
  }
  if (!cursor.isSymbol('=', 1) && !cursor.isSymbol(':=', 1)) cursor.takeWords(scopes)
  if (cursor.takeWord('TRANSACTION')) return parseTransaction(cursor)
  return [parseAssignment(cursor)]
}

const scopes: ReadonlySet<string> = new Set(['GLOBAL', 'SESSION', 'LOCAL', 'PERSIST', 'PERSIST_ONLY'])
const connectionCharacterSets = ['character_set_client', 'character_set_connection', 'character_set_results']

function parseNames(cursor: TokenCursor): SetItem[] {
  const items = characterSet(cursor, connectionCharacterSets)
  if (cursor.takeWord('COLLATE')) items.push(systemItem('collation_connection', nameLiteral(cursor)))
  return items
}

function characterSet(cursor: TokenCursor, names: readonly string[]): SetItem[] {
  const value = nameLiteral(cursor)
  return names.map((name) => systemItem(name, value))
}

function systemItem(name: string, value: Expression): SetItem {
  return { target: 'system', name, value }
}

/** A character set or collation, quoted or not; `binary` and `default` too. */
function nameLiteral(cursor: TokenCursor): Expression {
  const { start: at, kind, text } = cursor.peek()
  if (kind !== Kind.word && kind !== Kind.text && kind !== Kind.name) throw cursor.fail('the name of a character set')
  cursor.next()
  return text.toLowerCase() === 'default' ? { kind: 'default', at } : { kind: 'literal', at, value: text }
}

/** `TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY` */
function parseTransaction(cursor: TokenCursor): SetItem[] {
  const items: SetItem[] = []
  do {
    const at = cursor.peek().start
    const isLevel = cursor.takeWord('ISOLATION')
    if (isLevel) cursor.expectWord('LEVEL')
    const words: string[] = []
    while (cursor.peek().kind === Kind.word) words.push(cursor.next().upper)
    if (isLevel) items.push(systemItem('transaction_isolation', { kind: 'literal', at, value: words.join('-') }))
  } while (cursor.takeSymbol(','))
  return items
}

function parseAssignment(cursor: TokenCursor): SetItem {
  const { kind, text } = cursor.peek()
  const target = kind === Kind.userVariable ? 'user' : 'system'
  if (kind === Kind.userVariable || kind === Kind.systemVariable) cursor.next()
  else cursor.name('the name of a variable')
  if (!cursor.takeSymbol('=')) cursor.expectSymbol(':=')
  const value = expressionsOf(cursor).parse()
  return { target, name: target === 'user' ? text.toLowerCase() : variableName(text), value }
}
