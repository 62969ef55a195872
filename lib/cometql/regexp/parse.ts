import { cometError } from '../../errors.ts'
import { characterClass, classNames, escapedClass } from './character-sets.ts'
import type { CharacterTest, PatternNode } from './pattern.ts'

const maxRepetitions = 1000
const maxDepth = 100
/** Of a pattern, in characters: as it is read, it takes a hundred times its size in memory. */
const maxLength = 10_000

/**
 * Parses a regular expression: literals, `.`, sets, `\d \w \s \b`, groups, `|`, `* + ? {n,m}` (greedy or not makes no
 * difference to whether something matches), `^` and `$`. `fold`: capitals and small letters are the same.
 * @throws CometError COMET_ERR_INVALID, and COMET_ERR_NOT_IMPLEMENTED for back references and assertions
 */
export function parsePattern(pattern: string, fold: boolean): PatternNode {
  return new PatternParser(pattern, fold).parse()
}

class PatternParser {
  readonly #pattern: string
  readonly #characters: readonly string[]
  readonly #fold: boolean
  #at = 0
  #depth = 0

  constructor(pattern: string, fold: boolean) {
    if (pattern.length > maxLength) throw tooLong(pattern.length)
    this.#pattern = pattern
    this.#characters = Array.from(pattern)
    this.#fold = fold
  }

  parse(): PatternNode {
    const node = this.#choice()
    if (this.#at < this.#characters.length) throw this.#wrong('a ")" that nothing opens')
    return node
  }

  #peek(ahead = 0): string {
    return this.#characters[this.#at + ahead] ?? ''
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false
    this.#at++
    return true
  }

  #next(): string {
    const character = this.#peek()
    if (character === '') throw this.#wrong('it ends too early')
    this.#at++
    return character
  }

  #choice(): PatternNode {
    if (++this.#depth > maxDepth) throw this.#wrong(`more than ${maxDepth} groups within each other`)
    const parts = [this.#sequence()]
    while (this.#take('|')) parts.push(this.#sequence())
    this.#depth--
    return { kind: 'choice', parts }
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = []
    while (this.#peek() !== '' && this.#peek() !== '|' && this.#peek() !== ')') parts.push(this.#repeated())
    return { kind: 'sequence', parts }
  }

  #repeated(): PatternNode {
    let part = this.#atom()
    for (let depth = this.#depth; ; depth++) {
      const range = this.#repetition()
      if (range === undefined) return part
      if (depth > maxDepth) throw this.#wrong(`more than ${maxDepth} repetitions of one another`)
      if (!this.#take('?')) this.#take('+') // lazy, possessive
      part = { kind: 'repeat', part, min: range[0], max: range[1] }
    }
  }

  #repetition(): readonly [min: number, max: number] | undefined {
    if (this.#take('*')) return [0, Infinity]
    if (this.#take('+')) return [1, Infinity]
    if (this.#take('?')) return [0, 1]
    if (this.#peek() !== '{' || !/\d/.test(this.#peek(1))) return undefined
    this.#at++
    const min = this.#number()
    const max = this.#take(',') ? (this.#peek() === '}' ? Infinity : this.#number()) : min
    if (!this.#take('}') || max < min) throw this.#wrong('braces that are not {n}, {n,} or {n,m}')
    return [min, max]
  }

  #number(): number {
    let digits = ''
    while (/\d/.test(this.#peek())) digits += this.#next()
    const number = Number(digits)
    if (digits === '' || number > maxRepetitions) throw this.#wrong(`braces hold numbers up to ${maxRepetitions}`)
    return number
  }

  #atom(): PatternNode {
    const character = this.#next()
    switch (character) {
      case '(':
        return this.#group()
      case '[':
        return this.#set()
      case '.':
        return oneOf((codePoint) => codePoint !== newline)
      case '^':
        return { kind: 'start' }
      case '$':
        return { kind: 'end' }
      case '\\':
        return this.#escape()
      case '*':
      case '+':
      case '?':
        throw this.#wrong(`a "${character}" with nothing before it`)
      default:
        return this.#literal(character)
    }
  }

  #group(): PatternNode {
    if (this.#take('?') && !this.#take(':')) throw this.#missing(`(?${this.#peek()}`)
    const inner = this.#choice()
    if (!this.#take(')')) throw this.#wrong('a "(" that nothing closes')
    return inner
  }

  #escape(): PatternNode {
    const letter = this.#next()
    const test = escapedClass(letter)
    if (test !== undefined) return oneOf(test)
    if (letter === 'b') return { kind: 'boundary' }
    if (letter === 'B') return { kind: 'noBoundary' }
    if (letter === 'A') return { kind: 'start' }
    if (letter === 'z' || letter === 'Z') return { kind: 'end' }
    return this.#literal(this.#escaped(letter))
  }

  /** The character that a letter after a backslash stands for. */
  #escaped(letter: string): string {
    const control = controls.get(letter)
    if (control !== undefined) return control
    if (/[0-9A-Za-z]/.test(letter)) throw this.#missing(`\\${letter}`)
    return letter
  }

  #literal(character: string): PatternNode {
    const codes = this.#codesOf(character)
    return oneOf((codePoint) => codes.includes(codePoint))
  }

  /** The character itself and, where capitals make no difference, its other form. */
  #codesOf(character: string): readonly number[] {
    const forms = this.#fold ? [character, character.toLowerCase(), character.toUpperCase()] : [character]
    return forms.filter((form) => Array.from(form).length === 1).map((form) => form.codePointAt(0) ?? 0)
  }

  /** What is between `[` and `]`. */
  #set(): PatternNode {
    const negated = this.#take('^')
    const tests: CharacterTest[] = []
    do tests.push(this.#setItem())
    while (!this.#take(']'))
    return oneOf((codePoint) => tests.some((test) => test(codePoint)) !== negated, tests.length)
  }

  #setItem(): CharacterTest {
    if (this.#peek() === '[' && this.#peek(1) === ':') return this.#namedClass()
    if (this.#peek() === '[' && /[.=]/.test(this.#peek(1))) throw this.#missing(`[${this.#peek(1)}`)
    const isEscaped = this.#peek() === '\\'
    const test = isEscaped ? escapedClass(this.#peek(1)) : undefined
    if (test !== undefined) {
      this.#at += 2
      return test
    }
    const low = this.#setCharacter()
    const isRange = this.#peek() === '-' && this.#peek(1) !== ']' && this.#peek(1) !== ''
    if (!isRange) return this.#range(low, low)
    this.#at++
    return this.#range(low, this.#setCharacter())
  }

  #setCharacter(): string {
    return this.#take('\\') ? this.#escaped(this.#next()) : this.#next()
  }

  #range(low: string, high: string): CharacterTest {
    const from = low.codePointAt(0) ?? 0
    const to = high.codePointAt(0) ?? 0
    if (to < from) throw this.#wrong(`the range ${low}-${high} is the wrong way round`)
    const isWithin: CharacterTest = (codePoint) => codePoint >= from && codePoint <= to
    if (!this.#fold) return isWithin
    return (codePoint) => this.#codesOf(String.fromCodePoint(codePoint)).some(isWithin)
  }

  #namedClass(): CharacterTest {
    const end = this.#characters.indexOf(':', this.#at + 2)
    const name = this.#characters.slice(this.#at + 2, end).join('')
    const test = characterClass(this.#fold && (name === 'upper' || name === 'lower') ? 'alpha' : name)
    if (end === -1 || test === undefined || this.#characters[end + 1] !== ']') {
      throw this.#wrong(`the classes are ${classNames.map((known) => `[:${known}:]`).join(' ')}`)
    }
    this.#at = end + 2
    return test
  }

  #wrong(rule: string): Error {
    return cometError('COMET_ERR_INVALID', { column: 'REGEXP', value: this.#pattern, rule })
  }

  #missing(what: string): Error {
    return cometError('COMET_ERR_NOT_IMPLEMENTED', { what: `${what} in REGEXP` })
  }
}

const newline = 10

function oneOf(test: CharacterTest, cost = 1): PatternNode {
  return { kind: 'character', test, cost }
}

function tooLong(size: number): Error {
  return cometError('COMET_ERR_TOO_LONG', {
    column: 'The pattern of REGEXP',
    size,
    unit: 'characters',
    limit: maxLength,
  })
}

const controls: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['f', '\f'],
  ['e', '\x1b'],
  ['a', '\x07'],
  ['0', '\0'],
])
