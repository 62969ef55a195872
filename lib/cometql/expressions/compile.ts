import { cometError } from '../../errors.ts'
import { aggregateNames, compileAggregate } from './aggregates.ts'
import { compileColumn, findColumn } from './columns.ts'
import type { Binary, Call, Case, Expression, Logical, Scalar, Subquery } from '../parse/ast.ts'
import type { SqlFunction } from '../functions/function.ts'
import { findFunction } from '../functions/index.ts'
import { arithmetic, comparison, negate } from './operators.ts'
import { compilePredicate, subqueryOf, truth, type Compiler } from './predicates.ts'
import { commonType, constant, type Compiled, type Env, type Scope } from './scope.ts'
import type { CometqlSession } from '../session.ts'
import { checkComparable, checkNumbers } from '../change/strict.ts'
import { systemVariable } from '../system/variables.ts'
import { checkTextLength, checkTextSize } from './text-size.ts'
import { inRange, ofType, toTruth } from './values.ts'

/**
 * Makes an expression ready for evaluation: names are looked up, functions found and their arguments counted.
 * @throws CometError COMET_ERR_COLUMNS, COMET_ERR_NOT_IMPLEMENTED, COMET_ERR_INVALID
 */
export function compile(expression: Expression, scope: Scope): Compiled {
  switch (expression.kind) {
    case 'literal':
      return constant(expression.value)
    case 'param':
      return constant(scope.params[expression.index] ?? null)
    case 'column':
      return compileColumn(expression, scope)
    case 'userVariable':
      return compileUserVariable(expression.name, scope)
    case 'systemVariable':
      return constant(systemVariable(expression.name, scope.session))
    case 'assignment':
      return compileAssignment(expression.name, compile(expression.value, scope), scope)
    case 'call':
      return compileCall(expression, scope)
    case 'binary':
      return compileBinary(expression, scope)
    case 'unary':
      return compileUnary(expression.operator, compile(expression.operand, scope))
    case 'logical':
      return compileLogical(expression, scope)
    case 'in':
    case 'like':
    case 'regexp':
    case 'between':
    case 'is':
      return compilePredicate(expression, scope, compiler)
    case 'case':
      return compileCase(expression, scope)
    case 'subquery':
      return compileSubquery(expression, scope)
    case 'collate':
      return { ...unbound(compile(expression.operand, scope)), isBinary: /_bin$/i.test(expression.collation) }
    case 'default':
      throw cometError('COMET_ERR_NOT_IMPLEMENTED', { what: 'DEFAULT as a part of an expression' })
  }
}

/** The same expression, no longer known as a column. */
function unbound({ type, isBinary, isConstant, evaluate }: Compiled): Compiled {
  return { type, isBinary, isConstant, evaluate }
}

/** A bare word that is no column is text where it is compared with a column: `WHERE name = p23`. */
function compileBeside(expression: Expression, other: Expression, scope: Scope): Compiled {
  const isText = expression.kind === 'column' && expression.isBareWord && other.kind === 'column'
  if (!isText || findColumn(expression, scope.sources) !== undefined) return compile(expression, scope)
  if (findColumn(other, scope.sources) === undefined) return compile(expression, scope)
  return constant(expression.name)
}

const compiler: Compiler = { compile, compileBeside }

/** Keeps the type that it had before the statement, whatever the statement assigns to it: the columns are told first. */
function compileUserVariable(name: string, { session }: Scope): Compiled {
  const { type } = constant(session.userVariables.get(name) ?? '')
  const evaluate = (): Scalar => ofType(session.userVariables.get(name) ?? null, type)
  return { type, isBinary: false, isConstant: false, evaluate }
}

function compileAssignment(name: string, value: Compiled, { session }: Scope): Compiled {
  return {
    ...unbound(value),
    isConstant: false,
    evaluate: (env) => {
      const result = value.evaluate(env)
      session.userVariables.set(name, result)
      return result
    },
  }
}

function compileCall(call: Call, scope: Scope): Compiled {
  if (aggregateNames.has(call.name)) return compileAggregate(call, scope, compile)
  if (call.name === 'IF') return compileIf(call, scope)
  if (call.name === 'VALUES') return compileInserted(call, scope)
  const found = findFunction(call)
  const args = call.args.map((arg) => compile(arg, scope))
  const types = args.map((arg) => arg.type)
  const type = typeof found.type === 'function' ? found.type(types, call) : found.type
  return {
    type,
    isBinary: type === 'text' && args.some(({ isBinary }) => isBinary),
    isConstant: args.every(({ isConstant }) => isConstant),
    evaluate: (env) => {
      const values = args.map((arg) => arg.evaluate(env))
      if (found.takesNull !== true && values.includes(null)) return null
      return applied(call.name, found, values, scope.session)
    },
  }
}

/** `VALUES(column)`: what ON DUPLICATE KEY UPDATE calls the value that is inserted. */
function compileInserted({ args }: Call, scope: Scope): Compiled {
  const [column] = args
  if (scope.inserted === undefined || column?.kind !== 'column') {
    throw cometError('COMET_ERR_NOT_IMPLEMENTED', { what: 'VALUES() but of a column in ON DUPLICATE KEY UPDATE' })
  }
  return compile({ ...column, table: scope.inserted, isBareWord: false }, scope)
}

function applied(name: string, found: SqlFunction, values: readonly Scalar[], session: CometqlSession): Scalar {
  const limit = session.environment.limits.maxPacketBytes
  session.budget.read(...values)
  if (found.length !== undefined) checkTextLength(`${name}()`, found.length(values), limit)
  const result = inRange(found.apply(values, session))
  if (typeof result === 'string') checkTextSize(`${name}()`, result, limit)
  session.budget.read(result, result, result, result) // making a text takes longer than reading one
  return result
}

/** Only the branch taken may be evaluated: it may assign a variable. */
function compileIf({ at, args }: Call, scope: Scope): Compiled {
  const [when, then, otherwise] = args
  if (when === undefined || then === undefined || args.length !== 3) {
    throw cometError('COMET_ERR_INVALID', { column: 'IF()', value: `${args.length} arguments`, rule: 'it takes 3' })
  }
  return compileCase({ kind: 'case', at, operand: undefined, branches: [{ when, then }], otherwise }, scope)
}

function compileBinary({ operator, left, right }: Binary, scope: Scope): Compiled {
  const a = compileBeside(left, right, scope)
  const b = compileBeside(right, left, scope)
  const isConstant = a.isConstant && b.isConstant
  const compareBy = comparison(operator, a.isBinary || b.isBinary)
  const check = scope.isStrict === true ? (compareBy === undefined ? checkNumbers : checkComparable) : undefined
  const column = (a.bound ?? b.bound)?.column.name
  const both = (env: Env): [Scalar, Scalar] => {
    const values: [Scalar, Scalar] = [a.evaluate(env), b.evaluate(env)]
    check?.(values, column)
    return values
  }
  if (compareBy !== undefined) {
    const { budget } = scope.session
    return truth(isConstant, (env) => {
      const values = both(env)
      budget.read(...values, ...values) // in small letters, and in capitals
      return compareBy(...values)
    })
  }
  const { type, apply } = arithmetic(operator, a.type, b.type)
  return { type, isBinary: false, isConstant, evaluate: (env) => apply(...both(env)) }
}

function compileUnary(operator: 'NOT' | '-' | '~' | 'BINARY', operand: Compiled): Compiled {
  if (operator === 'BINARY') return { ...unbound(operand), isBinary: true }
  if (operator === 'NOT') {
    return truth(operand.isConstant, (env) => {
      const value = toTruth(operand.evaluate(env))
      return value === null ? null : !value
    })
  }
  const { type, apply } = negate(operator, operand.type)
  return { type, isBinary: false, isConstant: operand.isConstant, evaluate: (env) => apply(operand.evaluate(env)) }
}

function compileLogical({ operator, operands }: Logical, scope: Scope): Compiled {
  const decisive = operator === 'OR'
  const compiled = operands.map((operand) => compile(operand, scope))
  const isConstant = compiled.every((operand) => operand.isConstant)
  return truth(isConstant, (env) => {
    let result: boolean | null = !decisive
    for (const operand of compiled) {
      const value = toTruth(operand.evaluate(env))
      if (value === decisive) return decisive
      if (value === null) result = null
    }
    return result
  })
}

function compileCase({ operand, branches, otherwise }: Case, scope: Scope): Compiled {
  const compiled = branches.map(({ when, then }) => ({
    when: compile(
      operand === undefined ? when : { kind: 'binary', at: when.at, operator: '=', left: operand, right: when },
      scope,
    ),
    then: compile(then, scope),
  }))
  const rest = otherwise === undefined ? constant(null) : compile(otherwise, scope)
  const results = [...compiled.map(({ then }) => then), ...(otherwise === undefined ? [] : [rest])]
  return {
    type: commonType(results.map(({ type }) => type)),
    isBinary: results.some(({ isBinary }) => isBinary),
    isConstant: [rest, ...compiled.flatMap(({ when, then }) => [when, then])].every(({ isConstant }) => isConstant),
    evaluate: (env) => {
      const taken = compiled.find(({ when }) => toTruth(when.evaluate(env)) === true)
      return (taken?.then ?? rest).evaluate(env)
    },
  }
}

function compileSubquery({ select, exists }: Subquery, scope: Scope): Compiled {
  const { type, rows } = subqueryOf(select, scope)
  if (exists) return constant(rows.length > 0 ? 1 : 0)
  if (rows.length > 1) {
    throw cometError('COMET_ERR_INVALID', { column: 'subquery', value: `${rows.length} rows`, rule: 'it may have 1' })
  }
  return { ...constant(rows[0]?.[0] ?? null), type }
}
