import { cometError } from '../../errors.ts'
import type { BinaryOperator, Expression, Is, Select } from './ast.ts'
import { Kind, type Token } from './lexer.ts'
import { parseCall, type Expressions } from './parse-call.ts'
import type { TokenCursor } from './token-cursor.ts'
import {
  arithmetics,
  callsWithoutParentheses,
  comparisons,
  constants,
  isOperands,
  negatable,
  reservedCalls,
  reservedWords,
  unarySymbols,
} from './vocabulary.ts'

/** How a SELECT in parentheses is parsed; handed in, because expressions and SELECTs contain each other. */
export type ParseSelect = (cursor: TokenCursor) => Select

/** Parses an expression, from the loosest operators down (MySQL Reference: "Operator Precedence"). */
export class ExpressionParser implements Expressions {
  readonly #cursor: TokenCursor
  readonly #parseSelect: ParseSelect

  constructor(cursor: TokenCursor, parseSelect: ParseSelect) {
    this.#cursor = cursor
    this.#parseSelect = parseSelect
  }

  parse(): Expression {
    return this.#cursor.nested(() => this.#or())
  }

  /** An expression without comparisons, IN or LIKE. */
  operand(): Expression {
    return this.#cursor.nested(() => this.#arithmetic(0))
  }

  /** Expressions separated by commas. */
  list(): Expression[] {
    const expressions = [this.parse()]
    while (this.#cursor.takeSymbol(',')) expressions.push(this.parse())
    return expressions
  }

  /** The SELECT of a subquery; the parenthesis after it is left to the caller. */
  select(): Select {
    return this.#parseSelect(this.#cursor)
  }

  #or(): Expression {
    return this.#logical('OR', () => this.#xor())
  }

  #xor(): Expression {
    let left = this.#and()
    while (this.#cursor.takeWord('XOR')) left = this.#binary('XOR', left, this.#and())
    return left
  }

  #and(): Expression {
    return this.#logical('AND', () => this.#not())
  }

  #logical(operator: 'AND' | 'OR', operand: () => Expression): Expression {
    const first = operand()
    if (!this.#isLogical(operator)) return first
    const operands = [first]
    while (this.#isLogical(operator)) {
      this.#cursor.next()
      this.#cursor.countOperator()
      operands.push(operand())
    }
    return { kind: 'logical', at: first.at, operator, operands }
  }

  #isLogical(operator: 'AND' | 'OR'): boolean {
    if (this.#cursor.isWord(operator)) return true
    return this.#cursor.isSymbol(operator === 'AND' ? '&&' : '||')
  }

  #not(): Expression {
    const { start } = this.#cursor.peek()
    if (!this.#cursor.takeWord('NOT')) return this.#comparison()
    return { kind: 'unary', at: start, operator: 'NOT', operand: this.#cursor.nested(() => this.#not()) }
  }

  #comparison(): Expression {
    const cursor = this.#cursor
    let left = this.#predicate()
    for (;;) {
      const { kind, text } = cursor.peek()
      const operator = kind === Kind.symbol ? comparisons.get(text) : undefined
      if (operator !== undefined) {
        cursor.next()
        left = this.#binary(operator, left, this.#predicate())
      } else if (cursor.takeWord('IS')) {
        cursor.countOperator()
        left = this.#is(left)
      } else return left
    }
  }

  /** `[NOT] IN | LIKE | BETWEEN` bind tighter than comparisons: `1 = 2 IN (0)` is `1 = (2 IN (0))`. */
  #predicate(): Expression {
    let operand = this.#arithmetic(0)
    for (;;) {
      const predicate = this.#predicateOf(operand)
      if (predicate === undefined) return operand
      this.#cursor.countOperator()
      operand = predicate
    }
  }

  #predicateOf(operand: Expression): Expression | undefined {
    const cursor = this.#cursor
    const negated = cursor.isWord('NOT') && cursor.isOneOf(negatable, 1)
    if (negated) cursor.next()
    if (cursor.takeWord('IN')) return this.#in(operand, negated)
    if (cursor.takeWord('LIKE')) return this.#like(operand, negated)
    if (cursor.takeWord('BETWEEN')) return this.#between(operand, negated)
    if (cursor.takeWord('REGEXP') || cursor.takeWord('RLIKE')) {
      return { kind: 'regexp', at: operand.at, negated, operand, pattern: this.#arithmetic(0) }
    }
    return undefined
  }

  #is(operand: Expression): Is {
    const cursor = this.#cursor
    const negated = cursor.takeWord('NOT')
    const { upper } = cursor.peek()
    const what = isOperands.get(upper)
    if (what === undefined) throw cursor.fail('NULL, TRUE or FALSE')
    cursor.next()
    return { kind: 'is', at: operand.at, negated, operand, what }
  }

  #in(operand: Expression, negated: boolean): Expression {
    this.#cursor.expectSymbol('(')
    const list = this.#cursor.isWord('SELECT') ? this.select() : this.list()
    this.#cursor.expectSymbol(')')
    return { kind: 'in', at: operand.at, negated, operand, list }
  }

  #like(operand: Expression, negated: boolean): Expression {
    const pattern = this.#arithmetic(0)
    const escape = this.#cursor.takeWord('ESCAPE') ? this.#arithmetic(0) : undefined
    return { kind: 'like', at: operand.at, negated, operand, pattern, escape }
  }

  #between(operand: Expression, negated: boolean): Expression {
    const low = this.#arithmetic(0)
    this.#cursor.expectWord('AND')
    return { kind: 'between', at: operand.at, negated, operand, low, high: this.#arithmetic(0) }
  }

  /** `level` counts from the loosest of the arithmetic operators to the tightest. */
  #arithmetic(level: number): Expression {
    const operators = arithmetics[level]
    if (operators === undefined) return this.#unary()
    let left = this.#arithmetic(level + 1)
    for (;;) {
      const { kind, upper } = this.#cursor.peek()
      const operator = kind === Kind.symbol || kind === Kind.word ? operators.get(upper) : undefined
      if (operator === undefined) return left
      this.#cursor.next()
      left = this.#binary(operator, left, this.#arithmetic(level + 1))
    }
  }

  #binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
    this.#cursor.countOperator()
    return { kind: 'binary', at: left.at, operator, left, right }
  }

  #unary(): Expression {
    const cursor = this.#cursor
    const { start: at, kind, text, upper } = cursor.peek()
    if (kind === Kind.symbol && unarySymbols.has(text)) {
      cursor.next()
      const operand = cursor.nested(() => this.#unary())
      if (text === '+') return operand
      return { kind: 'unary', at, operator: text === '!' ? 'NOT' : text === '~' ? '~' : '-', operand }
    }
    if (kind === Kind.word && upper === 'BINARY' && startsValue(cursor.peek(1))) {
      cursor.next()
      return { kind: 'unary', at, operator: 'BINARY', operand: cursor.nested(() => this.#unary()) }
    }
    const operand = this.#primary()
    if (!cursor.takeWord('COLLATE')) return operand
    return { kind: 'collate', at, operand, collation: cursor.name('the name of a collation') }
  }

  #primary(): Expression {
    const token = this.#cursor.peek()
    const at = token.start
    switch (token.kind) {
      case Kind.text:
        return { kind: 'literal', at, value: this.#texts() }
      case Kind.number:
        this.#cursor.next()
        return { kind: 'literal', at, value: token.number ?? 0 }
      case Kind.param:
        this.#cursor.next()
        return { kind: 'param', at, index: this.#cursor.param() }
      case Kind.systemVariable:
        this.#cursor.next()
        return { kind: 'systemVariable', at, name: variableName(token.text) }
      case Kind.userVariable:
        return this.#userVariable(token)
      case Kind.name:
        return this.#column()
      case Kind.word:
        return this.#wordOrCall(token)
      default:
        return this.#parenthesis()
    }
  }

  /** `'a' 'b'` is 'ab'. */
  #texts(): string {
    let text = this.#cursor.next().text
    while (this.#cursor.peek().kind === Kind.text) text += this.#cursor.next().text
    return text
  }

  #userVariable({ start: at, text }: Token): Expression {
    this.#cursor.next()
    const name = text.toLowerCase()
    if (!this.#cursor.takeSymbol(':=')) return { kind: 'userVariable', at, name }
    return { kind: 'assignment', at, name, value: this.parse() }
  }

  #wordOrCall(token: Token): Expression {
    const cursor = this.#cursor
    const at = token.start
    if (cursor.isSymbol('(', 1) && !reservedCalls.has(token.upper)) return parseCall(cursor, this)
    const constant = constants.get(token.upper)
    if (constant !== undefined && !cursor.isSymbol('.', 1)) {
      cursor.next()
      return { kind: 'literal', at, value: constant }
    }
    if (token.upper === 'CASE') return this.#case()
    if (token.upper === 'DEFAULT') {
      cursor.next()
      return { kind: 'default', at }
    }
    if (callsWithoutParentheses.has(token.upper)) {
      cursor.next()
      return { kind: 'call', at, name: token.upper, args: [], distinct: false }
    }
    if (token.text.startsWith('_') && cursor.peek(1).kind === Kind.text) {
      cursor.next() // the character set of the text that follows: it's UTF-8, whatever is said
      return { kind: 'literal', at, value: this.#texts() }
    }
    if (token.upper === 'INTERVAL') throw cometError('COMET_ERR_NOT_IMPLEMENTED', { what: 'INTERVAL' })
    if (reservedWords.has(token.upper) && !cursor.isSymbol('.', 1)) throw cursor.fail('a value or a column')
    return this.#column()
  }

  /** `column`, `table.column` or `schema.table.column` */
  #column(): Expression {
    const cursor = this.#cursor
    const { start: at, kind } = cursor.peek()
    const parts = [cursor.next().text]
    while (parts.length < 3 && cursor.takeSymbol('.')) parts.push(cursor.name('the name of a column'))
    const name = parts.at(-1) ?? ''
    return { kind: 'column', at, table: parts.at(-2), name, isBareWord: kind === Kind.word && parts.length === 1 }
  }

  #case(): Expression {
    const cursor = this.#cursor
    const at = cursor.next().start
    const operand = cursor.isWord('WHEN') ? undefined : this.parse()
    const branches = []
    while (cursor.takeWord('WHEN')) {
      const when = this.parse()
      cursor.expectWord('THEN')
      branches.push({ when, then: this.parse() })
    }
    if (branches.length === 0) throw cursor.fail('WHEN')
    const otherwise = cursor.takeWord('ELSE') ? this.parse() : undefined
    cursor.expectWord('END')
    return { kind: 'case', at, operand, branches, otherwise }
  }

  #parenthesis(): Expression {
    const cursor = this.#cursor
    const at = cursor.peek().start
    if (cursor.takeSymbol('{')) return this.#odbcEscape()
    if (!cursor.takeSymbol('(')) throw cursor.fail('a value or a column')
    const inner: Expression = cursor.isWord('SELECT')
      ? { kind: 'subquery', at, exists: false, select: this.select() }
      : this.parse()
    cursor.expectSymbol(')')
    return inner
  }

  /** `{fn NOW()}`, `{d '2001-01-01'}`: what is inside counts. */
  #odbcEscape(): Expression {
    this.#cursor.name('fn, d, t or ts')
    const inner = this.parse()
    this.#cursor.expectSymbol('}')
    return inner
  }
}

/** The name of a system variable without its scope. */
export function variableName(written: string): string {
  const name = written.toLowerCase()
  const scope = name.indexOf('.')
  return scope !== -1 && scopes.has(name.slice(0, scope)) ? name.slice(scope + 1) : name
}

const scopes: ReadonlySet<string> = new Set(['global', 'session', 'local', 'persist', 'persist_only'])

function startsValue({ kind, text }: Token): boolean {
  return kind !== Kind.end && (kind !== Kind.symbol || text === '(')
}
