import type { Budget } from './budget.ts'
import { widthAt } from './code-points.ts'
import { Searcher } from './searcher.ts'

/**
 * Whether `text` matches the LIKE pattern: `%` is any text, `_` any one character, `escape` takes the meaning from the
 * character after it. No regular expression; what takes too long is refused.
 * @throws CometError COMET_ERR_TOO_MUCH_WORK
 */
export function matchesLike(text: string, pattern: string, escape: string, isBinary: boolean, budget: Budget): boolean {
  return likeTest(pattern, escape, isBinary, budget)(text)
}

/** The same for many texts: the pattern is made ready once. */
export function likeTest(
  pattern: string,
  escape: string,
  isBinary: boolean,
  budget: Budget,
): (text: string) => boolean {
  budget.work(pattern.length, 'LIKE', 'use a shorter pattern')
  const parts = compilePattern(isBinary ? pattern : pattern.toLowerCase(), isBinary ? escape : escape.toLowerCase())
  return (text) => {
    budget.read(text)
    return new Matcher(isBinary ? text : text.toLowerCase(), parts, budget).matches()
  }
}

const anyText = Symbol('%')
const anyCharacter = Symbol('_')
/** A text stands for itself. */
type Part = string | typeof anyText | typeof anyCharacter

function compilePattern(pattern: string, escape: string): Part[] {
  const parts: Part[] = []
  let literal = ''
  const add = (part: Part): void => {
    if (literal !== '') parts.push(literal)
    literal = ''
    if (part !== '') parts.push(part)
  }
  const characters = Array.from(pattern)
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? ''
    const escaped = characters[at + 1]
    if (character === escape && escaped !== undefined) {
      literal += escaped
      at++
    } else if (character === '%') add(anyText)
    else if (character === '_') add(anyCharacter)
    else literal += character
  }
  add('')
  return parts
}

/** A search takes less than our own steps. */
const searchedPerStep = 16

/** Where a part does not match, the last `%` takes more and all after it is tried again; earlier ones need not. */
class Matcher {
  readonly #text: string
  readonly #parts: readonly Part[]
  readonly #budget: Budget
  readonly #searchers = new Map<string, Searcher>()
  #at = 0
  #part = 0
  #lastAny = -1
  #resume = 0

  constructor(text: string, parts: readonly Part[], budget: Budget) {
    this.#text = text
    this.#parts = parts
    this.#budget = budget
  }

  matches(): boolean {
    for (;;) {
      this.#work(1)
      const wanted = this.#parts[this.#part]
      if (wanted === undefined && this.#at === this.#text.length) return true
      if (wanted === anyText) {
        this.#lastAny = this.#part++
        this.#resume = this.#at
        if (this.#part === this.#parts.length) return true
      } else if (!this.#takes(wanted) && !this.#retry()) return false
    }
  }

  #takes(wanted: Exclude<Part, typeof anyText> | undefined): boolean {
    if (wanted === undefined) return false
    if (wanted === anyCharacter) {
      if (this.#at >= this.#text.length) return false
      this.#at += widthAt(this.#text, this.#at)
    } else {
      this.#work(wanted.length / searchedPerStep)
      if (!this.#text.startsWith(wanted, this.#at)) return false
      this.#at += wanted.length
    }
    this.#part++
    return true
  }

  #retry(): boolean {
    if (this.#lastAny === -1 || this.#resume >= this.#text.length) return false
    this.#resume += widthAt(this.#text, this.#resume)
    this.#part = this.#lastAny + 1
    const wanted = this.#parts[this.#part]
    if (typeof wanted === 'string') this.#resume = this.#search(wanted)
    this.#at = this.#resume
    return this.#resume !== -1
  }

  #search(wanted: string): number {
    const searcher = this.#searchers.get(wanted) ?? new Searcher(wanted)
    this.#searchers.set(wanted, searcher)
    const found = searcher.indexIn(this.#text, this.#resume)
    this.#work(((found === -1 ? this.#text.length : found) - this.#resume) / searchedPerStep)
    return found
  }

  #work(steps: number): void {
    this.#budget.work(steps, 'LIKE', 'use a pattern with fewer % and _, or shorter texts')
  }
}
