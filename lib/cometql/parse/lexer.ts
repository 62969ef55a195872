import { cometError, type CometError } from '../../errors.ts'
import { Char, isBlank, isDigit, isIdentifierPart, isIdentifierStart } from './characters.ts'
import { readEscapedText } from './string-literal.ts'
import { syntaxError } from './syntax-error.ts'

/** What kinds of tokens there are. */
export const Kind = {
  /** A bare word: keyword, name or, in CometQL, text. */
  word: 1,
  /** A name in backticks (or in double quotes under ANSI_QUOTES): never a keyword. */
  name: 2,
  /** Text in quotes, or hexadecimal. */
  text: 3,
  number: 4,
  /** `?` of a prepared statement. */
  param: 5,
  /** `@name`; `value` without the `@`. */
  userVariable: 6,
  /** `@@name` or `@@session.name`; `value` without the `@@`. */
  systemVariable: 7,
  /** An operator or a mark of punctuation. */
  symbol: 8,
  end: 9,
} as const

export type Kind = (typeof Kind)[keyof typeof Kind]

export interface Token {
  readonly kind: Kind
  /** Where it stands in the statement: offset of its first character, and of the one after its last. */
  readonly start: number
  readonly end: number
  /** The text as meant: unquoted, unescaped; of a word as it was written. */
  readonly text: string
  /** Of a bare word, in capitals: what keywords are compared with. Else the same as `text`. */
  readonly upper: string
  /** Of a number. */
  readonly number: number | bigint | undefined
  /** Text that was in double quotes: where a name is expected, it is one. */
  readonly isDoubleQuoted: boolean
}

// Executable comments name the version that they need; 5.7.99 is what the greeting says.
const mysqlVersion = 50799
// Those with an M are MariaDB's: harmless session settings of its tools.
const mariadbVersion = 101199

/**
 * Cuts a statement into tokens, the last of kind `end`. Comments are skipped, what stands in executable ones isn't.
 * Strings are decoded here, once.
 * @throws CometError COMET_ERR_SYNTAX, COMET_ERR_TOO_MANY_VALUES
 */
export function tokenize(sql: string, ansiQuotes = false): Token[] {
  return new Lexer(sql, ansiQuotes).run()
}

/** A packet full of commas would take a hundred times its size in memory. */
const maxTokens = 1_000_000

function tooMany(): CometError {
  return cometError('COMET_ERR_TOO_MANY_VALUES', { count: `more than ${maxTokens} words`, limit: maxTokens })
}

class Lexer {
  readonly #sql: string
  readonly #ansiQuotes: boolean
  readonly #tokens: Token[] = []
  #at = 0
  /** How many executable comments are open. */
  #depth = 0

  constructor(sql: string, ansiQuotes: boolean) {
    this.#sql = sql
    this.#ansiQuotes = ansiQuotes
  }

  run(): Token[] {
    while (this.#skipBlanks()) {
      this.#token()
      if (this.#tokens.length > maxTokens) throw tooMany()
    }
    this.#push(Kind.end, this.#sql.length, '')
    return this.#tokens
  }

  /** Steps over blanks and comments; false at the end of the statement. */
  #skipBlanks(): boolean {
    const sql = this.#sql
    for (; this.#at < sql.length;) {
      const code = sql.charCodeAt(this.#at)
      if (isBlank(code)) this.#at++
      else if (!this.#skipComment(code)) return true
    }
    return false
  }

  #skipComment(code: number): boolean {
    const next = this.#sql.charCodeAt(this.#at + 1)
    if (code === Char.hash) return this.#skipTo('\n')
    if (code === Char.dash && next === Char.dash && this.#isCommentDash()) return this.#skipTo('\n')
    if (code === Char.slash && next === Char.star) return this.#skipBlockComment()
    if (code === Char.star && next === Char.slash && this.#depth > 0) {
      this.#depth--
      this.#at += 2
      return true
    }
    return false
  }

  /** `--` is a comment only before a blank or at the end: `5--1` is 6. */
  #isCommentDash(): boolean {
    return this.#at + 2 >= this.#sql.length || isBlank(this.#sql.charCodeAt(this.#at + 2))
  }

  #skipBlockComment(): boolean {
    const sql = this.#sql
    const isMariadb = sql.startsWith('M!', this.#at + 2)
    if (!isMariadb && sql.charCodeAt(this.#at + 2) !== Char.bang) return this.#skipTo('*/')
    let end = this.#at + (isMariadb ? 4 : 3)
    const digits = end
    while (end - digits < 6 && isDigit(sql.charCodeAt(end))) end++
    const wanted = end === digits ? 0 : Number(sql.slice(digits, end))
    if (wanted > (isMariadb ? mariadbVersion : mysqlVersion)) return this.#skipTo('*/')
    this.#at = end
    this.#depth++
    return true
  }

  #skipTo(terminator: string): true {
    const found = this.#sql.indexOf(terminator, this.#at)
    if (found === -1 && terminator === '*/') throw syntaxError(this.#sql, this.#at, 'the end of the comment, */')
    this.#at = found === -1 ? this.#sql.length : found + terminator.length
    return true
  }

  #token(): void {
    const code = this.#sql.charCodeAt(this.#at)
    if (isIdentifierStart(code)) this.#word()
    else if (code === Char.quote) this.#quoted(Char.quote)
    else if (code === Char.doubleQuote) this.#quoted(Char.doubleQuote)
    else if (isDigit(code) || (code === Char.dot && isDigit(this.#sql.charCodeAt(this.#at + 1)))) this.#number()
    else if (code === Char.backtick) this.#push(Kind.name, this.#at, this.#name(this.#at))
    else if (code === Char.at) this.#variable()
    else if (code === Char.question) this.#push(Kind.param, this.#at, '?', this.#at + 1)
    else this.#symbol()
  }

  #word(): void {
    const start = this.#at
    const end = this.#identifierEnd(start)
    if (end === start + 1 && this.#sql.charCodeAt(end) === Char.quote && this.#prefixed(start)) return
    this.#at = end
    const text = this.#sql.slice(start, end)
    this.#push(Kind.word, start, text, end, text.toUpperCase())
  }

  /** `X'4142'` is bytes, `B'01'` a number, `N'…'` text like any other. */
  #prefixed(start: number): boolean {
    const prefix = this.#sql.charCodeAt(start) | 0x20
    if (prefix !== Char.x && prefix !== Char.b && prefix !== Char.n) return false
    const { text, end } = readEscapedText(this.#sql, start + 1)
    if (prefix === Char.n) this.#push(Kind.text, start, text, end)
    else if (prefix === Char.x) this.#push(Kind.text, start, this.#hexText(text, start), end)
    else this.#pushNumber(start, end, this.#binary(text, start))
    return true
  }

  #hexText(digits: string, start: number): string {
    const bytes = Buffer.from(digits, 'hex')
    if (bytes.length * 2 !== digits.length) throw syntaxError(this.#sql, start, 'an even number of hexadecimal digits')
    return bytes.toString('utf8')
  }

  #binary(digits: string, start: number): number | bigint {
    for (const digit of digits) if (digit !== '0' && digit !== '1') throw syntaxError(this.#sql, start, 'binary digits')
    return digits === '' ? 0 : narrow(BigInt(`0b${digits}`))
  }

  #quoted(quote: number): void {
    const start = this.#at
    const { text, end } = readEscapedText(this.#sql, start)
    this.#at = end
    const isDoubleQuoted = quote === Char.doubleQuote
    const kind = isDoubleQuoted && this.#ansiQuotes ? Kind.name : Kind.text
    this.#push(kind, start, text, end, text, undefined, isDoubleQuoted)
  }

  /** A name in backticks that starts at `start`; a doubled backtick is one. */
  #name(start: number): string {
    let end = start
    do {
      end = this.#sql.indexOf('`', end + 1)
      if (end === -1) throw syntaxError(this.#sql, start, 'the closing ` of the name')
      if (this.#sql.charCodeAt(end + 1) !== Char.backtick) break
      end++
    } while (true)
    this.#at = end + 1
    return this.#sql.slice(start + 1, end).replaceAll('``', '`')
  }

  #number(): void {
    const sql = this.#sql
    const start = this.#at
    if (sql.charCodeAt(start) === Char.zero && (sql.charCodeAt(start + 1) | 0x20) === Char.x) {
      this.#hexNumber(start)
      return
    }
    let end = this.#digitsEnd(start)
    const isWhole = sql.charCodeAt(end) !== Char.dot
    if (!isWhole) end = this.#digitsEnd(end + 1)
    const exponentEnd = this.#exponentEnd(end)
    if (exponentEnd === end && isWhole && isIdentifierPart(sql.charCodeAt(end))) {
      // MySQL's names may begin with digits, and so may CometQL's bare words.
      this.#word()
      return
    }
    const text = sql.slice(start, exponentEnd)
    this.#pushNumber(start, exponentEnd, isWhole && exponentEnd === end ? whole(text) : Number(text))
  }

  #hexNumber(start: number): void {
    const end = this.#identifierEnd(start)
    const digits = this.#sql.slice(start + 2, end)
    this.#push(Kind.text, start, this.#hexText(digits.length % 2 === 1 ? `0${digits}` : digits, start), end)
  }

  #exponentEnd(from: number): number {
    if ((this.#sql.charCodeAt(from) | 0x20) !== Char.e) return from
    const sign = this.#sql.charCodeAt(from + 1)
    const digits = sign === Char.plus || sign === Char.dash ? from + 2 : from + 1
    const end = this.#digitsEnd(digits)
    return end === digits || isIdentifierPart(this.#sql.charCodeAt(end)) ? from : end
  }

  #variable(): void {
    const start = this.#at
    const isSystem = this.#sql.charCodeAt(start + 1) === Char.at
    this.#at += isSystem ? 2 : 1
    let name = this.#variablePart()
    while (isSystem && this.#sql.charCodeAt(this.#at) === Char.dot) {
      this.#at++
      name += `.${this.#variablePart()}`
    }
    if (isSystem && name === '') throw syntaxError(this.#sql, start, 'the name of a system variable after @@')
    this.#push(isSystem ? Kind.systemVariable : Kind.userVariable, start, name)
  }

  #variablePart(): string {
    const start = this.#at
    const code = this.#sql.charCodeAt(start)
    if (code === Char.backtick) return this.#name(start)
    if (code === Char.quote || code === Char.doubleQuote) {
      const { text, end } = readEscapedText(this.#sql, start)
      this.#at = end
      return text
    }
    this.#at = this.#identifierEnd(start)
    return this.#sql.slice(start, this.#at)
  }

  #symbol(): void {
    const start = this.#at
    const sql = this.#sql
    const code = sql.charCodeAt(start)
    if (code === Char.comma || code === Char.open || code === Char.close) {
      this.#push(Kind.symbol, start, sql.charAt(start), start + 1) // most there are, and never part of a longer one
      return
    }
    const three = sql.slice(start, start + 3)
    const length = three === '<=>' ? 3 : twoCharacterSymbols.has(three.slice(0, 2)) ? 2 : 1
    if (length === 1 && !oneCharacterSymbols.includes(sql.charAt(start))) {
      throw syntaxError(sql, start, 'a word, a value or an operator')
    }
    this.#push(Kind.symbol, start, sql.slice(start, start + length), start + length)
  }

  #identifierEnd(from: number): number {
    let end = from
    while (isIdentifierPart(this.#sql.charCodeAt(end))) end++
    return end
  }

  #digitsEnd(from: number): number {
    let end = from
    while (isDigit(this.#sql.charCodeAt(end))) end++
    return end
  }

  /** All tokens have the same shape: the parser looks at many of them. */
  #push(
    kind: Kind,
    start: number,
    text: string,
    end = this.#at,
    upper = text,
    number?: number | bigint,
    isDoubleQuoted = false,
  ): void {
    this.#at = end
    this.#tokens.push({ kind, start, end, text, upper, number, isDoubleQuoted })
  }

  #pushNumber(start: number, end: number, number: number | bigint): void {
    if (number === Infinity) throw syntaxError(this.#sql, start, 'a number below 1.8e308')
    const text = this.#sql.slice(start, end)
    this.#push(Kind.number, start, text, end, text, number)
  }
}

const twoCharacterSymbols: ReadonlySet<string> = new Set(['<=', '>=', '<>', '!=', ':=', '||', '&&', '<<', '>>'])
const oneCharacterSymbols = '()+-*/%=<>!,.;~&|^{}'

/** The value of decimal digits. Up to fifteen are exact as a number. */
function whole(digits: string): number | bigint {
  return digits.length <= 15 ? Number(digits) : narrow(BigInt(digits))
}

const maxBigint = 2n ** 64n - 1n

/** A number where it is exact, or where it has more than 64 bits, else a bigint. */
function narrow(value: bigint): number | bigint {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) || value > maxBigint ? Number(value) : value
}
