import type { Scenario } from '../scenario.ts'
import { brokers } from './brokers.ts'
import { cometql } from './cometql.ts'
import { fanOuts } from './fan-out.ts'
import { growth } from './growth.ts'
import { idle } from './idle.ts'
import { inProcess } from './in-process.ts'
import { node } from './node.ts'
import { manyPipes, privateMessages } from './pipes.ts'
import { presence } from './presence.ts'
import { rateSweeps } from './rates.ts'
import { storages } from './storages.ts'

export const scenarios: readonly Scenario[] = [
  ...fanOuts,
  ...rateSweeps,
  ...node,
  manyPipes,
  privateMessages,
  presence,
  ...idle,
  cometql,
  inProcess,
  storages,
  brokers,
  ...growth,
]

/**
 * The scenario of each name, or those that begin with it; without names all but those of growth.
 * @throws Error for a name with which none begins
 */
export function chosenScenarios(names: readonly string[]): readonly Scenario[] {
  if (names.length === 0) return scenarios.filter(({ isGrowth }) => isGrowth !== true)
  const chosen = new Set(names.flatMap(scenariosOf))
  return scenarios.filter((scenario) => chosen.has(scenario))
}

function scenariosOf(name: string): readonly Scenario[] {
  const exact = scenarios.filter((scenario) => scenario.name === name)
  const found = exact.length > 0 ? exact : scenarios.filter((scenario) => scenario.name.startsWith(name))
  if (found.length > 0) return found
  throw new Error(`No scenario begins with "${name}"; there are ${scenarios.map((one) => one.name).join(', ')}`)
}
