import type { Scenario } from '../scenario.ts'
import { cometql } from './cometql.ts'
import { fanOuts } from './fan-out.ts'
import { growth } from './growth.ts'
import { idle } from './idle.ts'
import { inProcess, kept } from './in-process.ts'
import { manyPipes, privateMessages } from './pipes.ts'
import { presence } from './presence.ts'
import { rateSweeps } from './rates.ts'

export const scenarios: readonly Scenario[] = [
  ...fanOuts,
  ...rateSweeps,
  manyPipes,
  privateMessages,
  presence,
  ...idle,
  cometql,
  inProcess,
  kept,
  ...growth,
]

/**
 * The scenarios whose names begin with one of `names`; without names all but those of growth.
 * @throws Error for a name with which none begins
 */
export function chosenScenarios(names: readonly string[]): readonly Scenario[] {
  if (names.length === 0) return scenarios.filter(({ isGrowth }) => isGrowth !== true)
  for (const name of names) {
    if (scenarios.some((scenario) => scenario.name.startsWith(name))) continue
    throw new Error(`No scenario begins with "${name}"; there are ${scenarios.map((one) => one.name).join(', ')}`)
  }
  return scenarios.filter((scenario) => names.some((name) => scenario.name.startsWith(name)))
}
