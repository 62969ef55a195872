import type { ScenarioResult } from '../results.ts'

const width = 760
const labelWidth = 250
const valueWidth = 90
const barHeight = 18
const rowHeight = 26
const panelGap = 34
const top = 16

/** A figure of the picture: bars for the servers, the longest for the largest value. */
interface Panel {
  readonly title: string
  readonly scenario: string
  readonly value: string
}

const panels: readonly Panel[] = [
  {
    title: 'Deliveries a second of CPU, bursts of 10 to 1000 subscribers',
    scenario: 'fan-out-1000-bursts',
    value: 'perCpuSecond',
  },
  {
    title: 'Deliveries a second of CPU, one message at a time',
    scenario: 'fan-out-1000-single',
    value: 'perCpuSecond',
  },
  { title: 'Memory of an idle connection, of 10,000 (less is better)', scenario: 'idle-10000', value: 'memory' },
]

const style = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  .value { fill: #57606a }
  .bar { fill: #afb8c1 }
  .own { fill: #2da44e }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .value { fill: #8d96a0 }
    .bar { fill: #484f58 }
    .own { fill: #3fb950 }
  }`

/** The most telling figures as an SVG that can be read on light and on dark pages. */
export function picture(all: readonly ScenarioResult[]): string {
  const drawn: string[] = []
  let y = top
  for (const panel of panels) {
    const result = all.find(({ scenario }) => scenario.name === panel.scenario)
    if (result === undefined) continue
    drawn.push(`<text class="title" x="0" y="${y}">${escaped(panel.title)}</text>`, ...bars(result, panel, y + 10))
    y += result.results.length * rowHeight + panelGap
  }
  const size = `width="${width}" height="${y - top}" viewBox="0 0 ${width} ${y - top}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">\n<title>star-comet beside other push servers</title>\n<style>${style}\n</style>\n${drawn.join('\n')}\n</svg>\n`
}

function bars({ scenario, results }: ScenarioResult, { value }: Panel, top: number): string[] {
  const column = scenario.columns.find(({ name }) => name === value)
  const largest = Math.max(...results.map(({ values }) => values[value] ?? 0))
  return results.flatMap(({ subject, title, values }, index) => {
    const figure = values[value] ?? 0
    const length = Math.max(1, Math.round((figure / largest) * (width - labelWidth - valueWidth)))
    const y = top + index * rowHeight
    const kind = subject === 'star-comet' ? 'bar own' : 'bar'
    return [
      `<text x="0" y="${y + 14}">${escaped(title.replaceAll(/[*`]/g, ''))}</text>`,
      `<rect class="${kind}" x="${labelWidth}" y="${y}" width="${length}" height="${barHeight}" rx="3"/>`,
      `<text class="value" x="${labelWidth + length + 8}" y="${y + 14}">${column?.show(figure) ?? ''}</text>`,
    ]
  })
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
