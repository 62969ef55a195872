import { cometError } from '../../errors.ts'
import type { Call } from '../parse/ast.ts'
import { conversionFunctions } from './conversion.ts'
import type { SqlFunction } from './function.ts'
import { numberFunctions } from './numbers.ts'
import { sessionFunctions } from './session.ts'
import { textFunctions } from './texts.ts'
import { timeFunctions } from './time.ts'

const functions: ReadonlyMap<string, SqlFunction> = new Map(
  [sessionFunctions, textFunctions, numberFunctions, timeFunctions, conversionFunctions].flatMap((group) =>
    Object.entries(group),
  ),
)

/**
 * The function that `call` means.
 * @throws CometError COMET_ERR_NOT_IMPLEMENTED, COMET_ERR_INVALID for a wrong number of arguments
 */
export function findFunction({ name, args }: Call): SqlFunction {
  const found = functions.get(name)
  if (found === undefined) throw cometError('COMET_ERR_NOT_IMPLEMENTED', { what: `The function ${name}()` })
  const { min, max = min } = found
  if (args.length < min || args.length > max) {
    const wanted = min === max ? String(min) : max === Infinity ? `at least ${min}` : `${min} to ${max}`
    throw cometError('COMET_ERR_INVALID', {
      column: `${name}()`,
      value: `${args.length} arguments`,
      rule: `it takes ${wanted}`,
    })
  }
  return found
}
