import type { Budget } from '../expressions/budget.ts'
import { isWordCharacter } from './character-sets.ts'
import { parsePattern } from './parse.ts'
import { programOf, type Step } from './program.ts'

/** A step takes that much longer than one of LIKE. */
const stepCost = 4

/**
 * A regular expression that looks at each character of a text once, whatever the pattern is: all steps at which it could
 * be are followed at the same time, so there is nothing to go back to.
 */
export class Regexp {
  readonly #steps: readonly Step[]
  readonly #budget: Budget
  /** The steps at which the pattern could be, without those that only lead on; and the same, to look up. */
  #current: number[] = []
  readonly #marks: Uint32Array
  #mark = 0

  /**
   * `fold`: capitals and small letters are the same.
   * @throws CometError COMET_ERR_INVALID, COMET_ERR_NOT_IMPLEMENTED
   */
  constructor(pattern: string, fold: boolean, budget: Budget) {
    this.#steps = programOf(parsePattern(pattern, fold))
    this.#marks = new Uint32Array(this.#steps.length)
    this.#budget = budget
    this.#work(pattern.length)
  }

  /** Whether the pattern matches anywhere in `text`. @throws CometError COMET_ERR_TOO_MUCH_WORK */
  matches(text: string): boolean {
    this.#current = []
    let before: number | undefined
    for (let at = 0; ;) {
      const after = at < text.length ? text.codePointAt(at) : undefined
      if (this.#begin(this.#current, before, after)) return true
      if (after === undefined) return false
      const next = this.#advance(after)
      at += after > 0xffff ? 2 : 1
      before = after
      this.#current = next
    }
  }

  /** Lets the pattern also begin here, and follows what takes no character. Returns whether it is at its end. */
  #begin(reached: readonly number[], before: number | undefined, after: number | undefined): boolean {
    this.#mark++
    const waiting: number[] = []
    const open = [0, ...reached]
    let count = 0
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (this.#marks[at] === this.#mark) continue
      this.#marks[at] = this.#mark
      count++
      const step = this.#steps[at]
      if (step === undefined || step.kind === 'match') return true
      if (step.kind === 'character') waiting.push(at)
      else if (step.kind === 'split') open.push(step.other, step.next)
      else if (holds(step.kind, before, after)) open.push(step.next)
    }
    this.#work(count)
    this.#current = waiting
    return false
  }

  #work(steps: number): void {
    this.#budget.work(steps * stepCost, 'REGEXP', 'use a simpler pattern, or shorter texts')
  }

  /** The steps behind those that take this character. */
  #advance(codePoint: number): number[] {
    const next: number[] = []
    let count = 0
    for (const at of this.#current) {
      const step = this.#steps[at]
      if (step?.kind !== 'character') continue
      count += step.cost - 1 // one is counted where the step is reached
      if (step.test(codePoint)) next.push(step.next)
    }
    this.#work(count)
    return next
  }
}

function holds(
  kind: 'start' | 'end' | 'boundary' | 'noBoundary',
  before: number | undefined,
  after: number | undefined,
): boolean {
  if (kind === 'start') return before === undefined
  if (kind === 'end') return after === undefined
  return (isWord(before) !== isWord(after)) === (kind === 'boundary')
}

function isWord(codePoint: number | undefined): boolean {
  return codePoint !== undefined && isWordCharacter(codePoint)
}
