import type { Between, Expression, In, Is, Like, RegexpTest, Scalar, Select } from '../parse/ast.ts'
import { likeTest } from './like.ts'
import { Regexp } from '../regexp/regexp.ts'
import { constant, noRows, type Compiled, type Env, type Scope, type SubqueryResult, type ValueType } from './scope.ts'
import { checkComparable } from '../change/strict.ts'
import { compare, fold, fromTruth, toNumber, toText, toTruth } from './values.ts'

/** How the parts of a predicate are compiled; handed in, because expressions and predicates contain each other. */
export interface Compiler {
  readonly compile: (expression: Expression, scope: Scope) => Compiled
  /** The same where a bare word beside a column may be text. */
  readonly compileBeside: (expression: Expression, other: Expression, scope: Scope) => Compiled
}

/** An expression that is true, false or NULL. */
export function truth(isConstant: boolean, evaluate: (env: Env) => boolean | null): Compiled {
  return { type: 'int', isBinary: false, isConstant, evaluate: (env) => fromTruth(evaluate(env)) }
}

/** A test that is written in words. @throws CometError COMET_ERR_COLUMNS, COMET_ERR_INVALID */
export function compilePredicate(
  expression: In | Like | RegexpTest | Between | Is,
  scope: Scope,
  compiler: Compiler,
): Compiled {
  switch (expression.kind) {
    case 'in':
      return compileIn(expression, scope, compiler)
    case 'like':
      return compileLike(expression, scope, compiler)
    case 'regexp':
      return compileRegexp(expression, scope, compiler)
    case 'between':
      return compileBetween(expression, scope, compiler)
    case 'is':
      return compileIs(expression, compiler.compile(expression.operand, scope))
  }
}

function compileIn({ operand, list, negated }: In, scope: Scope, { compile, compileBeside }: Compiler): Compiled {
  const left = compile(operand, scope)
  const items =
    'cores' in list
      ? subqueryOf(list, scope).rows.map((row) => constant(row[0] ?? null))
      : list.map((item) => compileBeside(item, operand, scope))
  const isBinary = left.isBinary || items.some((item) => item.isBinary)
  const areConstant = items.every(({ isConstant }) => isConstant)
  const constants = areConstant ? items.map((item) => item.evaluate(noRows)) : undefined
  const column = left.bound?.column.name
  const lookUp = constants && lookUpIn(constants, left.type, isBinary)
  return truth(left.isConstant && areConstant, (env) => {
    const value = left.evaluate(env)
    scope.session.budget.read(value)
    if (scope.isStrict === true) {
      for (const item of constants ?? items.map((each) => each.evaluate(env))) checkComparable([value, item], column)
    }
    const found =
      lookUp === undefined
        ? isAmong(value, constants ?? items.map((item) => item.evaluate(env)), isBinary, scope)
        : value === null
          ? null
          : lookUp(value)
    return found === null ? null : found !== negated
  })
}

/** A quick test for lists of thousands; undefined where the types differ and each value must be compared for itself. */
function lookUpIn(
  values: readonly Scalar[],
  type: ValueType,
  isBinary: boolean,
): ((value: Exclude<Scalar, null>) => boolean) | undefined {
  if (values.length === 0 || values.includes(null)) return undefined
  if (type === 'int') {
    const numbers = new Set(values.map((value) => Number(toNumber(value ?? 0))))
    return (value) => numbers.has(Number(value))
  }
  if (type !== 'text' || values.some((value) => typeof value !== 'string')) return undefined
  const texts = new Set(values.map((value) => (isBinary ? String(value) : fold(String(value)))))
  return (value) => texts.has(isBinary ? String(value) : fold(String(value)))
}

/** NULL among the values means: not known, unless it is found. */
function isAmong(value: Scalar, values: readonly Scalar[], isBinary: boolean, { session }: Scope): boolean | null {
  if (value === null) return values.length === 0 ? false : null
  let result: boolean | null = false
  for (const candidate of values) {
    session.budget.read(value, candidate)
    if (candidate === null) result = null
    else if (compare(value, candidate, isBinary) === 0) return true
  }
  return result
}

/** The pattern is made ready once as long as it stays the same. */
function compileLike(
  { operand, pattern, escape, negated }: Like,
  scope: Scope,
  { compile, compileBeside }: Compiler,
): Compiled {
  const left = compile(operand, scope)
  const right = compileBeside(pattern, operand, scope)
  const escaping = escape === undefined ? constant('\\') : compile(escape, scope)
  const isBinary = left.isBinary || right.isBinary
  let ready:
    { readonly pattern: string; readonly escape: string; readonly matches: (text: string) => boolean } | undefined
  return truth(left.isConstant && right.isConstant, (env) => {
    const [value, wanted] = [left.evaluate(env), right.evaluate(env)]
    if (value === null || wanted === null) return null
    const [pattern, escape] = [toText(wanted), toText(escaping.evaluate(env) ?? '\\')]
    if (ready?.pattern !== pattern || ready.escape !== escape) {
      ready = { pattern, escape, matches: likeTest(pattern, escape, isBinary, scope.session.budget) }
    }
    return ready.matches(toText(value)) !== negated
  })
}

function compileRegexp(
  { operand, pattern, negated }: RegexpTest,
  scope: Scope,
  { compile, compileBeside }: Compiler,
): Compiled {
  const left = compile(operand, scope)
  const right = compileBeside(pattern, operand, scope)
  const isBinary = left.isBinary || right.isBinary
  let ready: { readonly pattern: string; readonly regexp: Regexp } | undefined
  return truth(left.isConstant && right.isConstant, (env) => {
    const value = left.evaluate(env)
    const wanted = right.evaluate(env)
    if (value === null || wanted === null) return null
    const written = toText(wanted)
    if (ready?.pattern !== written) {
      ready = { pattern: written, regexp: new Regexp(written, !isBinary, scope.session.budget) }
    }
    return ready.regexp.matches(toText(value)) !== negated
  })
}

function compileBetween(expression: Between, scope: Scope, { compile, compileBeside }: Compiler): Compiled {
  const { operand, negated } = expression
  const parts = [
    compile(operand, scope),
    compileBeside(expression.low, operand, scope),
    compileBeside(expression.high, operand, scope),
  ]
  const isBinary = parts.some((part) => part.isBinary)
  return truth(
    parts.every(({ isConstant }) => isConstant),
    (env) => {
      const values = parts.map((part) => part.evaluate(env))
      scope.session.budget.read(...values, ...values) // the first is compared with both
      if (scope.isStrict === true) checkComparable(values, parts[0]?.bound?.column.name)
      const [value = null, low = null, high = null] = alike(values)
      const isAbove = value === null || low === null ? null : compare(value, low, isBinary) >= 0
      const isBelow = value === null || high === null ? null : compare(value, high, isBinary) <= 0
      const both = isAbove === false || isBelow === false ? false : isAbove === null ? null : isBelow
      return both === null ? null : both !== negated
    },
  )
}

/** Where one of the values of BETWEEN is a number, all of them are compared as numbers. */
function alike(values: readonly Scalar[]): readonly Scalar[] {
  const hasNumber = values.some((value) => value !== null && typeof value !== 'string')
  return hasNumber ? values.map((value) => (value === null ? null : toNumber(value))) : values
}

function compileIs({ what, negated }: Is, operand: Compiled): Compiled {
  return truth(operand.isConstant, (env) => {
    const value = operand.evaluate(env)
    return (what === null ? value === null : toTruth(value) === what) !== negated
  })
}

/** Without a result while the columns of a statement are asked for that does not run. */
export function subqueryOf(select: Select, scope: Scope): SubqueryResult {
  return scope.subqueries.get(select) ?? { type: 'text', rows: [] }
}
