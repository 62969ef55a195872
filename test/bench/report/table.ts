import type { Result, ScenarioResult } from '../results.ts'
import type { Scenario } from '../scenario.ts'
import { slopeOf } from './slope.ts'

/** Above this share of a processor the load process was the bottleneck. */
const busyLimit = 0.9

/** A scenario as a Markdown table with medians, the spread of the first column, and its ratio to the base. */
export function scenarioTable({ scenario, results, missing }: ScenarioResult): string {
  const { columns, base } = scenario
  const [main] = columns
  const baseValue = results.find(({ subject }) => subject === base)?.values[main?.name ?? '']
  const hasSpread = results.some(({ rounds }) => rounds > 1)
  const head = ['', ...columns.map(({ title }) => title)]
  if (hasSpread) head.push(`spread of ${main?.title ?? ''}`)
  if (baseValue !== undefined) head.push(`× ${base ?? ''}`)
  const rows = results.map(({ title, values, spreads }) => {
    const cells = columns.map(({ name, show }) => shown(show, values[name]))
    const spread = spreads[main?.name ?? '']?.map((value) => shown(main?.show, value)).join(' to ') ?? ''
    const ratio = (values[main?.name ?? ''] ?? NaN) / (baseValue ?? NaN)
    return [title, ...cells, ...(hasSpread ? [spread] : []), ...(baseValue === undefined ? [] : [ratio.toFixed(2)])]
  })
  const notes = [
    ...growthNotes(scenario, results),
    ...results.flatMap(notesOn),
    ...missing.map((one) => `left out: ${one}`),
  ]
  return [`### ${scenario.title}`, '', table([head, ...rows]), ...notes.map((note) => `\n${note}`), ''].join('\n')
}

/** Rows, the first of which is the head, as a Markdown table whose columns are aligned. */
export function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => pad(row[column] ?? '', width, column)).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(head), rule, ...body.map(line)].join('\n')
}

/** In lines of up to 120 characters. */
export function wrapped(text: string): string {
  return text.replace(/(.{1,119})(\s+|$)/g, '$1\n').trimEnd()
}

function pad(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width)
}

function shown(show: ((value: number) => string) | undefined, value: number | undefined): string {
  return value === undefined || Number.isNaN(value) || show === undefined ? '' : show(value)
}

/** How the first figure grows with the sizes. */
function growthNotes({ columns: [main], isGrowth }: Scenario, results: readonly Result[]): string[] {
  if (isGrowth !== true || main === undefined || results.length < 2) return []
  const points = results.map(({ subject, values }) => [Number(subject), values[main.name] ?? NaN] as const)
  const [first = [NaN, NaN], last = [NaN, NaN]] = [points[0], points.at(-1)]
  const times = (last[0] / first[0]).toLocaleString('en')
  const grown = (last[1] / first[1]).toFixed(2)
  return [`Slope ${slopeOf(points).toFixed(2)}: ${times} times as many, and each costs ${grown} times as much.`]
}

/** What makes the figures worth less, or nothing. */
function notesOn({ subject, problems, busy }: Result): string[] {
  const notes = problems.map((problem) => `LOST OR BROKEN, ${subject}: ${problem}`)
  if (isLoadLimited({ busy })) notes.push(`${subject}: the load process was the bottleneck, the server can do more`)
  return notes
}

/** Whether the load process was the bottleneck, not the server. */
export function isLoadLimited({ busy }: Pick<Result, 'busy'>): boolean {
  return busy > busyLimit
}
