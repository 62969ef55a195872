import { cometError } from '../../errors.ts'
import { compile } from '../expressions/compile.ts'
import type { Env, Scope, SelectContext } from '../expressions/scope.ts'
import { compareForOrder } from '../expressions/values.ts'
import type { Expression, OrderItem, Scalar } from '../parse/ast.ts'
import type { Projection } from './projection.ts'

/** One row of the result, and by what it is ordered. */
export interface Candidate {
  readonly values: readonly Scalar[]
  readonly order: readonly Scalar[]
}

/** What a row is ordered by, and how two of them are compared. */
export interface OrderKey {
  (env: Env, values: readonly Scalar[]): Scalar
  readonly isBinary?: boolean
}

/** `ORDER BY 2` means the second column. @throws CometError COMET_ERR_INVALID, or what `compile` throws */
export function orderKey(expression: Expression, { items }: Projection, outer: Scope): OrderKey {
  const position = positionOf(expression)
  if (position === undefined) {
    const compiled = compile(expression, outer)
    return Object.assign((env: Env) => compiled.evaluate(env), { isBinary: compiled.isBinary })
  }
  const item = items[position - 1]
  if (item === undefined) {
    throw cometError('COMET_ERR_INVALID', { column: 'ORDER BY', value: String(position), rule: `1 to ${items.length}` })
  }
  return Object.assign((_: Env, values: readonly Scalar[]) => values[position - 1] ?? null, { isBinary: item.isBinary })
}

/** The number of a column, which `ORDER BY 2` and `GROUP BY 2` mean; undefined for other expressions. */
export function positionOf(expression: Expression): number | undefined {
  return expression.kind === 'literal' && typeof expression.value === 'number' ? expression.value : undefined
}

/** The rows in order. Without ORDER BY they stay as they are. */
export function sort(
  candidates: readonly Candidate[],
  orderBy: readonly OrderItem[],
  order: readonly OrderKey[],
  { session }: SelectContext,
): readonly Candidate[] {
  if (orderBy.length === 0) return candidates
  return candidates.toSorted((a, b) => {
    for (const [index, { descending }] of orderBy.entries()) {
      const isBinary = order[index]?.isBinary ?? false
      const [left = null, right = null] = [a.order[index], b.order[index]]
      if (!isBinary) session.budget.read(left, right)
      const difference = compareForOrder(left, right, isBinary)
      if (difference !== 0) return descending ? -difference : difference
    }
    return 0
  })
}
