import { compile } from '../expressions/compile.ts'
import { constant, noRows, type Aggregate, type Env, type Scope } from '../expressions/scope.ts'
import type { Expression, Scalar } from '../parse/ast.ts'
import { positionOf, type Candidate } from './order.ts'

/** Puts rows of the same GROUP BY values together. Without GROUP BY all of them are one group, even if there are none. */
export function group(
  envs: readonly Env[],
  groupBy: readonly Expression[],
  aggregates: readonly Aggregate[],
  outer: Scope,
): Env[] {
  const keys = groupBy.map((expression) => groupKey(expression, outer))
  const groups = new Map<string, { readonly first: Env; readonly accumulators: ReturnType<Aggregate['start']>[] }>()
  const open = (key: string, first: Env) => {
    const opened = { first, accumulators: aggregates.map((aggregate) => aggregate.start()) }
    groups.set(key, opened)
    return opened
  }
  if (groupBy.length === 0) open('', envs[0] ?? noRows)
  for (const env of envs) {
    const key = groupBy.length === 0 ? '' : identity(keys.map((each) => each(env)))
    const { accumulators } = groups.get(key) ?? open(key, env)
    for (const accumulator of accumulators) accumulator.add(env)
  }
  return Array.from(groups.values(), ({ first, accumulators }) => ({
    rows: first.rows,
    aggregates: accumulators.map((accumulator) => accumulator.result()),
  }))
}

/** GROUP BY prefers columns to aliases. Texts that differ in capitals only are one group, unless the column says no. */
function groupKey(expression: Expression, outer: Scope): (env: Env) => Scalar {
  const scope: Scope = { ...outer, aggregates: undefined, aliasesFirst: false }
  const position = positionOf(expression)
  const aliases = [...(outer.aliases?.values() ?? [])]
  const compiled = position === undefined ? compile(expression, scope) : (aliases[position - 1] ?? constant(null))
  return (env) => {
    const value = compiled.evaluate(env)
    return typeof value === 'string' && !compiled.isBinary ? value.toLowerCase() : value
  }
}

/** Of rows with the same values only one. */
export function distinct(candidates: readonly Candidate[]): Candidate[] {
  return [...new Map(candidates.map((candidate) => [identity(candidate.values), candidate])).values()]
}

/** A text that is the same for the same values only. */
function identity(values: readonly Scalar[]): string {
  return JSON.stringify(values.map((value) => (value === null ? null : String(value))))
}
