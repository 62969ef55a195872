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
  const steps: Step[] = []
  const push = (step: Step): number => {
    if (steps.length >= maxSteps) throw tooLong()
    return steps.push(step) - 1
  }

  let added = 0

  /** Appends the steps of `node`, which go on to the step after them. */
  function add(node: PatternNode): void {
    if (++added > maxAdded) throw tooLong() // repetitions of nothing have no steps
    switch (node.kind) {
      case 'empty':
        break
      case 'character':
        push({ kind: 'character', test: node.test, cost: node.cost, next: steps.length + 1 })
        break
      case 'sequence':
        for (const part of node.parts) add(part)
        break
      case 'choice':
        addChoice(node.parts)
        break
      case 'repeat':
        addRepeat(node.part, node.min, node.max)
        break
      default:
        push({ kind: node.kind, next: steps.length + 1 })
    }
  }

  function addChoice([first, ...others]: readonly PatternNode[]): void {
    if (first === undefined) return
    if (others.length === 0) {
      add(first)
      return
    }
    const split = { kind: 'split', next: steps.length + 1, other: 0 } as const satisfies Step
    const at = push({ ...split })
    add(first)
    const jump = push({ kind: 'split', next: 0, other: 0 })
    steps[at] = { ...split, other: steps.length }
    addChoice(others)
    steps[jump] = { kind: 'split', next: steps.length, other: steps.length }
  }

  function addRepeat(part: PatternNode, min: number, max: number): void {
    for (let count = 0; count < min; count++) add(part)
    if (max === Infinity) {
      const at = push({ kind: 'split', next: 0, other: 0 })
      add(part)
      push({ kind: 'split', next: at, other: at })
      steps[at] = { kind: 'split', next: at + 1, other: steps.length }
      return
    }
    const skips: number[] = []
    for (let count = min; count < max; count++) {
      skips.push(push({ kind: 'split', next: 0, other: 0 }))
      add(part)
    }
    for (const at of skips) steps[at] = { kind: 'split', next: at + 1, other: steps.length }
  }

  add(pattern)
  push({ kind: 'match' })
  return steps
}

function tooLong(): Error {
  const rule = `with its repetitions written out it has more than ${maxSteps} steps`
  return cometError('COMET_ERR_INVALID', { column: 'REGEXP', value: 'the pattern', rule })
}
