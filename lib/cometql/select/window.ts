import { cometError } from '../../errors.ts'
import { compile } from '../expressions/compile.ts'
import { noRows, type SelectContext } from '../expressions/scope.ts'
import { toNumber } from '../expressions/values.ts'
import type { Expression, Limit, Scalar } from '../parse/ast.ts'
import type { Candidate } from './order.ts'

/** Which of the ordered rows are wanted. */
export interface Window {
  readonly offset: number
  readonly count: number
  readonly isLimited: boolean
}

export const everything: Window = { offset: 0, count: Infinity, isLimited: false }

/** The rows that a LIMIT leaves. @throws CometError COMET_ERR_INVALID */
export function windowOf(limit: Limit | undefined, context: SelectContext): Window {
  if (limit === undefined) return everything
  const offset = limit.offset === undefined ? 0 : limitNumber(limit.offset, context)
  return { offset, count: limitNumber(limit.count, context), isLimited: true }
}

function limitNumber(expression: Expression, { session, params }: SelectContext): number {
  const value = compile(expression, { session, params, sources: [], subqueries: new Map() }).evaluate(noRows)
  const number = value === null ? NaN : Number(toNumber(value))
  if (number >= 0 && Number.isInteger(number)) return number
  throw cometError('COMET_ERR_INVALID', { column: 'LIMIT', value: String(value), rule: 'a whole number from 0' })
}

/** The values of the rows that are wanted. */
export function cut(candidates: readonly Candidate[], { offset, count }: Window): readonly (readonly Scalar[])[] {
  return candidates.slice(offset, offset + count).map(({ values }) => values)
}
