import type { ScenarioResult } from '../results.ts'
import { scenarioTable, wrapped } from './table.ts'

const purpose =
  'What one of many costs as they become more. `npm run bench -- growth --page` measures it and writes this page. ' +
  'Times are those of the processor, memory is that of the heap after collecting garbage, without sockets.'

const reading =
  'How to read a slope: with slope 0 each costs the same however many there are, with 1 each costs twice as much when ' +
  'there are twice as many, and below 0 each gets cheaper.'

/** The page of what things cost as they become more: how it was measured, and a table with its slope for each. */
export function growthPage(conditions: string, all: readonly ScenarioResult[]): string {
  const tables = all.map((result) => scenarioTable(result).replace(/^### /, '## ').trimEnd())
  return `${['# Cost as it grows', wrapped(purpose), wrapped(conditions), wrapped(reading), ...tables].join('\n\n')}\n`
}
