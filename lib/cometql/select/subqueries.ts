import type { Expression, Select, SelectCore } from '../parse/ast.ts'

/** The subqueries of a SELECT that stand in its expressions, outermost first; those in FROM are not among them. */
export function subqueriesOf({ items, sources, where, groupBy, having }: SelectCore): Select[] {
  const found: Select[] = []
  const look = (expression: Expression | undefined): void => {
    if (expression !== undefined) found.push(...subqueriesIn(expression))
  }
  for (const item of items) if (item.kind === 'item') look(item.expression)
  for (const { on } of sources) look(on)
  look(where)
  look(having)
  for (const expression of groupBy) look(expression)
  return found
}

/** The subqueries of one expression. */
export function subqueriesIn(expression: Expression): Select[] {
  if (expression.kind === 'subquery') return [expression.select]
  const own = expression.kind === 'in' && 'cores' in expression.list ? [expression.list] : []
  return [...own, ...childrenOf(expression).flatMap(subqueriesIn)]
}

/** The expressions that an expression consists of. */
function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'assignment':
      return [expression.value]
    case 'call':
      return [...expression.args, ...(expression.orderBy ?? []).map((item) => item.expression)]
    case 'binary':
      return [expression.left, expression.right]
    case 'unary':
    case 'is':
    case 'collate':
      return [expression.operand]
    case 'logical':
      return expression.operands
    case 'in':
      return 'cores' in expression.list ? [expression.operand] : [expression.operand, ...expression.list]
    case 'like':
      return [expression.operand, expression.pattern, ...(expression.escape === undefined ? [] : [expression.escape])]
    case 'regexp':
      return [expression.operand, expression.pattern]
    case 'between':
      return [expression.operand, expression.low, expression.high]
    case 'case': {
      const { operand, branches, otherwise } = expression
      return [operand, ...branches.flatMap(({ when, then }) => [when, then]), otherwise].filter(
        (part) => part !== undefined,
      )
    }
    default:
      return []
  }
}
