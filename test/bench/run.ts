// npm run bench [-- name… --rounds 3 --seconds 2 --only server,… --divisor 1 --json file --svg file --readme | --page]
// Measures star-comet beside other push servers, in turn and in one run. A name chooses the scenarios that begin with it;
// `growth` is measured only when it is named: `growth --page` writes GROWTH.md. `--readme` writes the README's figures and
// picture (about fifteen minutes).
// BENCH_PROFILE=folder profiles the servers.
// The machine may be shared with whatever else runs: compare the ratios, not the figures.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { canPin, loadCpu } from './processes.ts'
import { conditions, conditionsText } from './report/conditions.ts'
import { growthPage } from './report/growth-page.ts'
import { picture } from './report/picture.ts'
import { readmeRounds, readmeScenarios, verdictList, writeReadme } from './report/readme.ts'
import { scenarioTable } from './report/table.ts'
import { measure, type ScenarioResult } from './results.ts'
import type { Scenario } from './scenario.ts'
import { chosenScenarios } from './scenarios/index.ts'
import { verdicts } from './targets.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    divisor: { type: 'string', default: '1' },
    json: { type: 'string' },
    svg: { type: 'string' },
    readme: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
  },
})
const [rounds, seconds, divisor] = [Number(values.rounds), Number(values.seconds), Number(values.divisor)]
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const say = (text: string): void => void process.stdout.write(`${text}\n`)

if (values.page && (values.readme || positionals.join() !== 'growth')) {
  process.stderr.write('--page writes all of growth, and nothing else: npm run bench -- growth --page\n')
  process.exit(1)
}
const scenarios = chosenScenarios(values.readme ? readmeScenarios : positionals)
const on = conditions()
const roundsOf = ({ name }: Scenario): number =>
  Math.min(rounds, (values.readme ? readmeRounds[name] : undefined) ?? rounds)
const intro = conditionsText(on, scenarios.map(roundsOf), seconds, divisor)
if (canPin) execFileSync('taskset', ['-cp', String(loadCpu), String(process.pid)])
say(`${intro}\n`)

const all: ScenarioResult[] = []
for (const scenario of scenarios) {
  const only = values.only.split(',').filter((name) => name !== '')
  const result = await measure(scenario, { ms: seconds * 1000, divisor }, roundsOf(scenario), only)
  all.push(result)
  say(scenarioTable(result))
}
const judged = verdicts(all)
say(verdictList(judged))
const isBroken = all.some(({ results }) => results.some(({ problems }) => problems.length > 0))
process.exitCode = isBroken ? 1 : 0 // targets that are not met are a figure, lost messages are a fault

if (values.json !== undefined)
  writeFileSync(values.json, JSON.stringify({ conditions: on, rounds, seconds, all, judged }, null, 2))
if (values.svg !== undefined) writeFileSync(values.svg, picture(all))
if (values.page) writeFileSync(here('GROWTH.md'), growthPage(intro, all))
if (values.readme) {
  writeFileSync(here('bench.svg'), picture(all))
  writeReadme(here('../../README.md'), intro, all, judged)
}
