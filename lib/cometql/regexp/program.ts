import { cometError } from '../../errors.ts'
import type { CharacterTest, PatternNode } from './pattern.ts'

/** A step of a pattern: what must come, and the steps after it. */
export type Step =
  | { readonly kind: 'character'; readonly test: CharacterTest; readonly cost: number; next: number }
  | { readonly kind: 'split'; next: number; other: number }
  | { readonly kind: 'start' | 'end' | 'boundary' | 'noBoundary'; next: number }
  | { readonly kind: 'match' }

/** As many steps as one pattern may have. */
const maxSteps = 5000
const maxAdded = 50_000

/**
 * The steps of a pattern, of which the first is where it begins: a nondeterministic automaton as Ken Thompson builds it.
 * @throws CometError COMET_ERR_INVALID for a pattern with too many
 */
export function programOf(pattern: PatternNode): readonly Step[] {
  const program = new Program()
  program.add(pattern)
  program.push({ kind: 'match' })
  return program.steps
}

class Program {
  readonly steps: Step[] = []
  #added = 0

  /** Appends `step`. Returns its place. */
  push(step: Step): number {
    if (this.steps.length >= maxSteps) throw tooLong()
    return this.steps.push(step) - 1
  }

  /** Appends the steps of `node`, which go on to the step after them. */
  add(node: PatternNode): void {
    if (++this.#added > maxAdded) throw tooLong() // repetitions of nothing have no steps
    switch (node.kind) {
      case 'empty':
        break
      case 'character':
        this.push({ kind: 'character', test: node.test, cost: node.cost, next: this.steps.length + 1 })
        break
      case 'sequence':
        for (const part of node.parts) this.add(part)
        break
      case 'choice':
        this.#addChoice(node.parts)
        break
      case 'repeat':
        this.#addRepeat(node.part, node.min, node.max)
        break
      default:
        this.push({ kind: node.kind, next: this.steps.length + 1 })
    }
  }

  #addChoice([first, ...others]: readonly PatternNode[]): void {
    if (first === undefined) return
    if (others.length === 0) {
      this.add(first)
      return
    }
    const split = { kind: 'split', next: this.steps.length + 1, other: 0 } as const satisfies Step
    const at = this.push({ ...split })
    this.add(first)
    const jump = this.push({ kind: 'split', next: 0, other: 0 })
    this.steps[at] = { ...split, other: this.steps.length }
    this.#addChoice(others)
    this.steps[jump] = { kind: 'split', next: this.steps.length, other: this.steps.length }
  }

  #addRepeat(part: PatternNode, min: number, max: number): void {
    for (let count = 0; count < min; count++) this.add(part)
    if (max === Infinity) this.#addLoop(part)
    else this.#addSkippable(part, max - min)
  }

  #addLoop(part: PatternNode): void {
    const at = this.push({ kind: 'split', next: 0, other: 0 })
    this.add(part)
    this.push({ kind: 'split', next: at, other: at })
    this.steps[at] = { kind: 'split', next: at + 1, other: this.steps.length }
  }

  /** `part` up to `times` times; from before each of them it goes on behind the last, too. */
  #addSkippable(part: PatternNode, times: number): void {
    const skips: number[] = []
    for (let count = 0; count < times; count++) {
      skips.push(this.push({ kind: 'split', next: 0, other: 0 }))
      this.add(part)
    }
    for (const at of skips) this.steps[at] = { kind: 'split', next: at + 1, other: this.steps.length }
  }
}

function tooLong(): Error {
  const rule = `with its repetitions written out it has more than ${maxSteps} steps`
  return cometError('COMET_ERR_INVALID', { column: 'REGEXP', value: 'the pattern', rule })
}
