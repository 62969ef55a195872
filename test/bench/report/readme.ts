import { readFileSync, writeFileSync } from 'node:fs'
import type { ScenarioResult } from '../results.ts'
import { bytes, milliseconds, percent, thousands } from '../scenario.ts'
import type { Verdict } from '../targets.ts'
import { isLoadLimited, scenarioTable, table, wrapped } from './table.ts'

const begin = '<!-- bench:begin -->'
const end = '<!-- bench:end -->'
const between = new RegExp(`(?<=${begin}\n)[^]*?(?=${end})`)

/** The figures that the README compares: one of several scenarios each. */
const compared = [
  { title: 'one at a time', scenario: 'fan-out-1000-single', value: 'perCpuSecond', show: thousands },
  { title: 'bursts of 10', scenario: 'fan-out-1000-bursts', value: 'perCpuSecond', show: thousands },
  { title: 'bursts, 10,000 subscribers', scenario: 'fan-out-10000-bursts', value: 'perCpuSecond', show: thousands },
  { title: '1000 pipes', scenario: 'pipes-1000', value: 'perCpuSecond', show: thousands },
  { title: 'CPU at 100 messages/s', scenario: 'rate-100', value: 'cpu', show: percent },
  { title: 'p99 at 100 messages/s', scenario: 'rate-100', value: 'p99', show: milliseconds },
  { title: 'idle connection', scenario: 'idle-10000', value: 'memory', show: bytes },
]

/** Scenarios that it shows as a whole. */
const shownScenarios = ['node-same', 'node-others', 'cometql']

/** The scenarios that the README needs. */
export const readmeScenarios = [
  ...compared.map(({ scenario }) => scenario),
  ...shownScenarios,
  'fan-out-1000-flood',
  'rate-20',
  'in-process',
]

/** As many rounds are enough for these, so that all of it takes about fifteen minutes. */
export const readmeRounds: Readonly<Record<string, number>> = {
  'fan-out-10000-bursts': 1,
  'rate-100': 2,
  'idle-10000': 2,
  'node-same': 2,
  'node-others': 2,
  'fan-out-1000-flood': 1,
  cometql: 1,
  'in-process': 1,
}

/**
 * Puts the figures between the two markers of a Markdown file.
 * @throws Error if the file has no markers
 */
export function writeReadme(
  file: string,
  intro: string,
  all: readonly ScenarioResult[],
  judged: readonly Verdict[],
): void {
  const text = readFileSync(file, 'utf8')
  if (!between.test(text)) throw new Error(`${file} has no lines "${begin}" and "${end}"`)
  const figures = [
    '',
    comparison(all),
    '',
    ...doubts(all),
    wrapped(intro),
    '',
    shownTables(all),
    verdictList(judged),
    '',
  ]
  writeFileSync(
    file,
    text.replace(between, () => figures.join('\n')),
  )
}

/** Each server's figures in a line. */
function comparison(all: readonly ScenarioResult[]): string {
  const servers = new Map(
    all.flatMap(({ scenario, results }) => (scenario.base === undefined ? [] : results)).map(idAndTitle),
  )
  const rows = [...servers].map(([subject, title]) => [
    title,
    ...compared.map(({ scenario, value, show }) => {
      const result = resultsOf(all, scenario).find((one) => one.subject === subject)
      const figure = result?.values[value]
      return result === undefined || figure === undefined ? '' : show(figure) + (isLoadLimited(result) ? ' *' : '')
    }),
  ])
  return table([['', ...compared.map(({ title }) => title)], ...rows])
}

/** What is to be known of the figures that are compared: a load that was the bottleneck, lost messages. */
function doubts(all: readonly ScenarioResult[]): string[] {
  const those = all.filter(({ scenario }) => compared.some((one) => one.scenario === scenario.name))
  const results = those.flatMap(({ scenario, results }) => results.map((result) => ({ scenario, result })))
  const star = results.some(({ result }) => isLoadLimited(result))
  const lost = results.flatMap(({ scenario, result }) =>
    result.problems.map((problem) => `- LOST OR BROKEN, ${scenario.name}, ${result.subject}: ${problem}`),
  )
  return [
    ...(star ? ['\\* The load process was the bottleneck: the server can do more.', ''] : []),
    ...(lost.length > 0 ? [...lost, ''] : []),
  ]
}

function idAndTitle({ subject, title }: { readonly subject: string; readonly title: string }): [string, string] {
  return [subject, title]
}

function shownTables(all: readonly ScenarioResult[]): string {
  return all
    .filter(({ scenario }) => shownScenarios.includes(scenario.name))
    .map(scenarioTable)
    .join('\n')
    .replace(/^### /gm, '')
}

/** What was promised and is not met, or that all is. */
export function verdictList(judged: readonly Verdict[]): string {
  const known = judged.filter(({ isMet }) => isMet !== undefined)
  const missed = known.filter(({ isMet }) => isMet === false)
  if (known.length === 0) return ''
  if (missed.length === 0) return `All targets are met (${known.map(({ text }) => text).join('; ')}).\n`
  const lines = missed.map(({ text, measured = NaN }) => {
    const was = Number.isNaN(measured)
      ? 'messages were lost or broken'
      : `measured ${Number(measured.toPrecision(3)).toLocaleString('en')}`
    return `- ${text}: ${was}`
  })
  return ['Targets that are not met:', '', ...lines, ''].join('\n')
}

function resultsOf(all: readonly ScenarioResult[], name: string): ScenarioResult['results'] {
  return all.find(({ scenario }) => scenario.name === name)?.results ?? []
}
