import { cometError, type CometError } from '../../errors.ts'
import type { TableName } from './ast.ts'
import { Kind, tokenize, type Token } from './lexer.ts'
import { syntaxError } from './syntax-error.ts'

/** Nested parentheses and operators chained beyond this would exhaust the stack. */
const maxDepth = 200
const maxOperators = 2000

/** The tokens of one statement and the place where the parser is. */
export class TokenCursor {
  readonly sql: string
  readonly #tokens: readonly Token[]
  #at = 0
  #params = 0
  #depth = 0
  #operators = 0

  constructor(sql: string, ansiQuotes: boolean) {
    this.sql = sql
    this.#tokens = tokenize(sql, ansiQuotes)
  }

  /** The token that is looked at, or one further on. Beyond the last one it is the last one, of kind `end`. */
  peek(ahead = 0): Token {
    const token = this.#tokens[this.#at + ahead] ?? this.#tokens.at(-1)
    if (token === undefined) throw new RangeError('The lexer ends every statement with a token')
    return token
  }

  next(): Token {
    const token = this.peek()
    if (token.kind !== Kind.end) this.#at++
    return token
  }

  /** Where the last token taken ended: the end of the text of what was just parsed. */
  get lastEnd(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0
  }

  /** `keyword` in capitals. */
  isWord(keyword: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === Kind.word && token.upper === keyword
  }

  isOneOf(keywords: ReadonlySet<string>, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === Kind.word && keywords.has(token.upper)
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === Kind.symbol && token.text === symbol
  }

  takeWord(keyword: string): boolean {
    const found = this.isWord(keyword)
    if (found) this.#at++
    return found
  }

  /** Takes all of `keywords` that come next, in whatever order. */
  takeWords(keywords: ReadonlySet<string>): void {
    while (this.isOneOf(keywords)) this.#at++
  }

  takeSymbol(symbol: string): boolean {
    const found = this.isSymbol(symbol)
    if (found) this.#at++
    return found
  }

  expectWord(keyword: string): void {
    if (!this.takeWord(keyword)) throw this.fail(keyword)
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.fail(symbol)
  }

  /** A name, in whatever quotes: `what` says of what, for the error. */
  name(what: string): string {
    const { kind, text, isDoubleQuoted } = this.peek()
    if (kind !== Kind.word && kind !== Kind.name && !isDoubleQuoted) throw this.fail(what)
    this.#at++
    return text
  }

  /** `name` or `schema.name` */
  tableName(): TableName {
    const at = this.peek().start
    const first = this.name('the name of a table')
    if (!this.takeSymbol('.')) return { at, schema: undefined, name: first }
    return { at, schema: first, name: this.name('the name of a table') }
  }

  text(what: string): string {
    const token = this.peek()
    if (token.kind !== Kind.text) throw this.fail(what)
    this.#at++
    return token.text
  }

  /** The index, from 0, of the `?` that was just taken. */
  param(): number {
    return this.#params++
  }

  /** One operator more: an endless chain of them is refused. */
  countOperator(): void {
    if (++this.#operators <= maxOperators) return
    throw cometError('COMET_ERR_TOO_MANY_CONDITIONS', { count: `more than ${maxOperators}`, limit: maxOperators })
  }

  /** Runs `parse` one level deeper. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > maxDepth) throw this.fail(`at most ${maxDepth} levels of nesting`)
    const result = parse()
    this.#depth--
    return result
  }

  /** The error for the token that is looked at. */
  fail(expected: string): CometError {
    return syntaxError(this.sql, this.peek().start, expected)
  }
}
