import type { Call, Expression, OrderItem, Select } from './ast.ts'
import { Kind } from './lexer.ts'
import type { TokenCursor } from './token-cursor.ts'

/** What the arguments of a function are parsed with. */
export interface Expressions {
  parse(): Expression
  /** An expression without comparisons, IN or LIKE. */
  operand(): Expression
  /** Expressions separated by commas. */
  list(): Expression[]
  /** The SELECT of a subquery; the parenthesis after it is left to the caller. */
  select(): Select
}

/** Parses `NAME(…)`, with the syntax that some functions have of their own. */
export function parseCall(cursor: TokenCursor, expressions: Expressions): Expression {
  const at = cursor.peek().start
  const name = cursor.next().upper
  cursor.next() // the parenthesis, which told that this is a call
  if (name === 'EXISTS') return exists(cursor, expressions, at)
  const call = { kind: 'call', at, name, distinct: false, ...argumentsOf(name, cursor, expressions) } as const
  cursor.expectSymbol(')')
  return call
}

type Arguments = Pick<Call, 'args'> & Partial<Pick<Call, 'distinct' | 'orderBy' | 'separator' | 'name'>>

function argumentsOf(name: string, cursor: TokenCursor, expressions: Expressions): Arguments {
  switch (name) {
    case 'CAST':
      return cast(cursor, expressions)
    case 'CONVERT':
      return convert(cursor, expressions)
    case 'TRIM':
      return trim(cursor, expressions)
    case 'SUBSTRING':
    case 'SUBSTR':
    case 'MID':
      return substring(cursor, expressions)
    case 'POSITION':
      return position(cursor, expressions)
    case 'COUNT':
    case 'GROUP_CONCAT':
    case 'MIN':
    case 'MAX':
    case 'SUM':
    case 'AVG':
      return aggregate(name, cursor, expressions)
    default:
      return { args: cursor.isSymbol(')') ? [] : expressions.list() }
  }
}

function exists(cursor: TokenCursor, expressions: Expressions, at: number): Expression {
  const select = expressions.select()
  cursor.expectSymbol(')')
  return { kind: 'subquery', at, exists: true, select }
}

/** `COUNT(*)` counts like `COUNT(1)`. */
function aggregate(name: string, cursor: TokenCursor, expressions: Expressions): Arguments {
  const at = cursor.peek().start
  if (name === 'COUNT' && cursor.takeSymbol('*')) return { args: [{ kind: 'literal', at, value: 1 }] }
  const distinct = cursor.takeWord('DISTINCT')
  const takesSeveral = name === 'GROUP_CONCAT' || (name === 'COUNT' && distinct)
  const args = takesSeveral ? expressions.list() : [expressions.parse()]
  if (name !== 'GROUP_CONCAT') return { args, distinct }
  const orderBy = cursor.takeWord('ORDER') ? parseOrderItems(cursor, expressions) : []
  const separator = cursor.takeWord('SEPARATOR') ? cursor.text('the separator, a text') : ','
  return { args, distinct, orderBy, separator }
}

/** What comes after ORDER: `BY a [ASC | DESC], b`. */
export function parseOrderItems(cursor: TokenCursor, expressions: Expressions): OrderItem[] {
  cursor.expectWord('BY')
  const items: OrderItem[] = []
  do {
    const expression = expressions.parse()
    const descending = cursor.takeWord('DESC')
    if (!descending) cursor.takeWord('ASC')
    items.push({ expression, descending })
  } while (cursor.takeSymbol(','))
  return items
}

/** `CAST(x AS CHAR(10))` */
function cast(cursor: TokenCursor, expressions: Expressions): Arguments {
  const operand = expressions.parse()
  cursor.expectWord('AS')
  return { args: [operand, ...typeName(cursor)] }
}

/** `CONVERT(x, CHAR)` is a CAST; `CONVERT(x USING utf8)` is x. */
function convert(cursor: TokenCursor, expressions: Expressions): Arguments {
  const operand = expressions.parse()
  const at = cursor.peek().start
  if (cursor.takeWord('USING')) {
    cursor.name('the name of a character set')
    return { name: 'CAST', args: [operand, { kind: 'literal', at, value: 'CHAR' }] }
  }
  cursor.expectSymbol(',')
  return { name: 'CAST', args: [operand, ...typeName(cursor)] }
}

/** The type, as a text, and its sizes; character sets and SIGNED INTEGER's second word make no difference. */
function typeName(cursor: TokenCursor): Expression[] {
  const { start: at, upper } = cursor.peek()
  cursor.name('the name of a type')
  const sizes: Expression[] = []
  if (cursor.takeSymbol('(')) {
    do sizes.push(size(cursor))
    while (sizes.length < 2 && cursor.takeSymbol(','))
    cursor.expectSymbol(')')
  }
  while (cursor.peek().kind === Kind.word) cursor.next()
  return [{ kind: 'literal', at, value: upper }, ...sizes]
}

function size(cursor: TokenCursor): Expression {
  const { kind, number = 0, start: at } = cursor.peek()
  if (kind !== Kind.number) throw cursor.fail('a number')
  cursor.next()
  return { kind: 'literal', at, value: number }
}

/** `TRIM([BOTH | LEADING | TRAILING] [x] FROM y)`: the arguments are text, what to cut off, where. */
function trim(cursor: TokenCursor, expressions: Expressions): Arguments {
  const at = cursor.peek().start
  const side = cursor.peek().upper
  const hasSide = cursor.isOneOf(sides) && !cursor.isSymbol(')', 1)
  if (hasSide) cursor.next()
  const sideLiteral = { kind: 'literal', at, value: hasSide ? side : 'BOTH' } as const
  const blank = { kind: 'literal', at, value: ' ' } as const
  if (cursor.takeWord('FROM')) return { args: [expressions.parse(), blank, sideLiteral] }
  const first = expressions.parse()
  if (!cursor.takeWord('FROM')) return { args: [first, blank, sideLiteral] }
  return { args: [expressions.parse(), first, sideLiteral] }
}

const sides: ReadonlySet<string> = new Set(['BOTH', 'LEADING', 'TRAILING'])

/** `SUBSTRING(x, 2, 3)` or `SUBSTRING(x FROM 2 FOR 3)` */
function substring(cursor: TokenCursor, expressions: Expressions): Arguments {
  const text = expressions.parse()
  if (!cursor.takeWord('FROM')) {
    cursor.expectSymbol(',')
    return { args: [text, ...expressions.list()] }
  }
  const from = expressions.parse()
  return { args: cursor.takeWord('FOR') ? [text, from, expressions.parse()] : [text, from] }
}

/** `POSITION(x IN y)`: IN is no operator here, so x is read by what stands before it. */
function position(cursor: TokenCursor, expressions: Expressions): Arguments {
  const needle = expressions.operand()
  cursor.expectWord('IN')
  return { name: 'LOCATE', args: [needle, expressions.parse()] }
}
