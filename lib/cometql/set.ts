import { CometError } from '../errors.ts'
import type { Scalar, SetItem, SetVariables } from './parse/ast.ts'
import { compile } from './expressions/compile.ts'
import { all, andThen, type MaybePromise } from './maybe-promise.ts'
import { noRows, type Scope, type SelectContext } from './expressions/scope.ts'
import { runSelect } from './select/select.ts'
import { subqueriesIn } from './select/subqueries.ts'
import { defaultVariable, setSystemVariable } from './system/variables.ts'
import { toTruth } from './expressions/values.ts'

/** Runs a SET. Drivers send many, and few of them take a no: what has no meaning here is remembered and changes nothing. */
export function runSet({ items }: SetVariables, context: SelectContext): MaybePromise<void> {
  const inner = items.flatMap(({ value }) => subqueriesIn(value))
  const results = all(inner.map((select) => runSelect(select, context)))
  return andThen(results, (found) => {
    const subqueries = new Map(
      inner.map((select, index) => [select, { type: 'text', rows: found[index]?.rows ?? [] } as const]),
    )
    const scope: Scope = { ...context, sources: [], subqueries, wordsAreText: true }
    return setAll(items, scope)
  })
}

function setAll(items: readonly SetItem[], scope: Scope): MaybePromise<void> {
  const { session } = scope
  let committed: MaybePromise<void> = undefined
  for (const item of items) {
    const value = valueOf(item, scope)
    if (value === undefined) continue
    if (item.target === 'user') session.userVariables.set(item.name, value)
    else if (item.name === 'autocommit') committed = setAutocommit(value, scope)
    else setSystemVariable(item.name, value, session)
  }
  return committed
}

/**
 * Undefined for what cannot be calculated.
 * @throws CometError COMET_ERR_TOO_LONG: what drivers send by themselves is never that
 */
function valueOf({ name, value }: SetItem, scope: Scope): Scalar | undefined {
  if (value.kind === 'default') return name === 'autocommit' ? 1 : defaultVariable(name, scope.session)
  try {
    return compile(value, scope).evaluate(noRows)
  } catch (error) {
    if (error instanceof CometError && error.code !== 'COMET_ERR_TOO_LONG') return undefined
    throw error
  }
}

/** Switching it on ends the transaction that is open (MySQL Reference: "autocommit, Commit, and Rollback"). */
function setAutocommit(value: Scalar, { session }: Scope): MaybePromise<void> {
  const isOn = typeof value === 'string' && /^(on|true)$/i.test(value) ? true : toTruth(value) === true
  if (session.autocommit === isOn) return undefined
  session.autocommit = isOn
  return isOn && session.inTransaction ? session.commit() : undefined
}
