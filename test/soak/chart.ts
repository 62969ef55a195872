import type { Sample, SoakReport } from './soak.ts'
import { median, type Verdict } from './verdict.ts'

interface Line {
  readonly name: string
  /** A class of the style sheet below. */
  readonly style: string
  readonly value: (sample: Sample) => number | undefined
}

interface Panel {
  readonly title: string
  readonly lines: readonly Line[]
  readonly isLogarithmic?: boolean
  /** Values with a line of their own across the panel; what is not finite has none. */
  readonly marks?: readonly number[]
}

interface Scale {
  readonly ticks: readonly number[]
  readonly of: (value: number) => number
}

const width = 960
const left = 64
const right = 24
const top = 88
const panelHeight = 150
const gap = 54
const plotWidth = width - left - right
/** More points than that cannot be seen. */
const maxPoints = 480

const style = `
  :root { color-scheme: light dark }
  text { font: 13px system-ui, sans-serif; fill: #333 }
  .title { font-weight: 600; font-size: 15px }
  .small { font-size: 11px; fill: #666 }
  .back { fill: #fff } .grid { stroke: #ddd } .mark { stroke: #888; stroke-dasharray: 4 4 }
  polyline { fill: none; stroke-width: 1.6; stroke-linejoin: round }
  .a { stroke: #0b62c4 } .b { stroke: #c2410c } .c { stroke: #15803d }
  text.a { fill: #0b62c4; stroke: none } text.b { fill: #c2410c; stroke: none } text.c { fill: #15803d; stroke: none }
  .calm { fill: #f1f1f1 } .p0 { fill: #94a3b8 } .p1 { fill: #f59e0b } .p2 { fill: #0d9488 } .p3 { fill: #db2777 } .p4 { fill: #7c3aed } .p5 { fill: #111827 }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd } .small { fill: #aaa }
    .back { fill: #15181d } .grid { stroke: #333941 } .mark { stroke: #9aa }
    .a { stroke: #6cb2ff } .b { stroke: #ff9d6b } .c { stroke: #5fd38a }
    text.a { fill: #6cb2ff } text.b { fill: #ff9d6b } text.c { fill: #5fd38a }
    .calm { fill: #1f242b } .p5 { fill: #e5e7eb }
  }`

/** An SVG of memory, sessions and latency over time. */
export function chart({ task, samples }: SoakReport, { latency, problems }: Verdict): string {
  const panels = panelsOf(latency)
  const names = [...new Set(samples.map(({ phase }) => phase))].filter((name) => name !== 'calm')
  const height = top + panels.length * (panelHeight + gap)
  const verdict = problems.length === 0 ? 'endured' : problems.map(({ kind }) => kind).join(', ')
  const notJudged = latency.isJudged ? '' : '; latency not judged, busy machine'
  const minutes = (task.seconds / 60).toFixed(task.seconds < 600 ? 1 : 0)
  const title = `Soak of ${minutes} minutes, ${task.messagesPerSecond} messages a second: ${verdict}${notJudged}`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}">`,
    `<style>${style}</style><rect class="back" width="${width}" height="${height}"/>`,
    `<text class="title" x="${left}" y="28">${title}</text>`,
    ...legend(names),
    ...panels.flatMap((panel, index) =>
      drawPanel(panel, samples, names, task.seconds, top + index * (panelHeight + gap)),
    ),
    `</svg>\n`,
  ].join('\n')
}

function panelsOf(latency: Verdict['latency']): readonly Panel[] {
  return [
    {
      title: 'Memory, MB',
      lines: [
        { name: 'RSS', style: 'a', value: ({ rss }) => rss / 2 ** 20 },
        {
          name: 'heap after collection',
          style: 'b',
          value: ({ heap }) => (heap === undefined ? undefined : heap / 2 ** 20),
        },
      ],
    },
    {
      title: 'Open in the server',
      lines: [
        { name: 'sessions', style: 'a', value: ({ sessions }) => sessions },
        { name: 'pipes', style: 'b', value: ({ pipes }) => pipes },
        { name: 'handles', style: 'c', value: ({ handles }) => handles },
      ],
    },
    {
      title: `Latency of those who behave, ms; dashed: p99 calm ${text(latency.calm)}, under abuse ${text(latency.abuse)}`,
      isLogarithmic: true,
      lines: [
        { name: 'p99 of each second', style: 'a', value: ({ latencyP99 }) => latencyP99 },
        { name: 'median', style: 'c', value: ({ latencyP50 }) => latencyP50 },
      ],
      marks: [latency.calm, latency.abuse],
    },
  ]
}

function text(latency: number): string {
  return Number.isFinite(latency) ? latency.toFixed(1) : 'unknown'
}

/** What the strips below the panels mean. */
function legend(names: readonly string[]): string[] {
  let x = left
  return ['calm', ...names].map((name, index) => {
    const item = `<rect class="${index === 0 ? 'calm' : `p${index - 1}`}" x="${x}" y="42" width="12" height="12"/><text class="small" x="${x + 17}" y="52">${name}</text>`
    x += 36 + name.length * 6.5
    return item
  })
}

function drawPanel(
  panel: Panel,
  samples: readonly Sample[],
  names: readonly string[],
  seconds: number,
  y: number,
): string[] {
  const values = panel.lines.flatMap(({ value }) => samples.flatMap((sample) => value(sample) ?? []))
  const scale = scaleOf(values, panel.isLogarithmic ?? false, y)
  const xOf = (at: number): number => round(left + (Math.min(at, seconds) / seconds) * plotWidth)
  let labelX = width - right
  return [
    ...bands(samples, names, xOf, y),
    ...scale.ticks.map(
      (tick) =>
        `<line class="grid" x1="${left}" x2="${width - right}" y1="${scale.of(tick)}" y2="${scale.of(tick)}"/><text class="small" text-anchor="end" x="${left - 8}" y="${scale.of(tick) + 4}">${tick}</text>`,
    ),
    ...minuteTicks(seconds).map(
      (minute) =>
        `<text class="small" text-anchor="middle" x="${xOf(minute * 60)}" y="${y + panelHeight + 22}">${minute} min</text>`,
    ),
    `<text x="${left}" y="${y - 8}">${panel.title}</text>`,
    ...[...panel.lines].reverse().map(({ name, style }) => {
      const label = `<text class="${style}" text-anchor="end" x="${labelX}" y="${y - 8}">${name}</text>`
      labelX -= name.length * 7 + 20
      return label
    }),
    ...panel.lines.map(
      (line) => `<polyline class="${line.style}" points="${pointsOf(line, samples, xOf, scale.of)}"/>`,
    ),
    ...(panel.marks ?? [])
      .filter((value) => Number.isFinite(value))
      .map(
        (value) =>
          `<line class="mark" x1="${left}" x2="${width - right}" y1="${scale.of(value)}" y2="${scale.of(value)}"/>`,
      ),
  ]
}

/** Where it was calm the ground is grey; else a strip below says what was done. */
function bands(samples: readonly Sample[], names: readonly string[], xOf: (at: number) => number, y: number): string[] {
  const drawn: string[] = []
  let from = 0
  samples.forEach(({ phase, at }, index) => {
    if (samples[index + 1]?.phase === phase) return
    const [x, wide] = [xOf(from), round(xOf(at) - xOf(from))]
    from = at
    drawn.push(
      phase === 'calm'
        ? `<rect class="calm" x="${x}" y="${y}" width="${wide}" height="${panelHeight}"/>`
        : `<rect class="p${names.indexOf(phase)}" x="${x}" y="${y + panelHeight + 2}" width="${wide}" height="6"/>`,
    )
  })
  return drawn
}

function scaleOf(values: readonly number[], isLogarithmic: boolean, y: number): Scale {
  const most = Math.max(1, ...values)
  if (!isLogarithmic) {
    const step = niceStep(most / 4)
    const highest = Math.ceil(most / step) * step
    const ticks = Array.from({ length: Math.round(highest / step) + 1 }, (_, n) => n * step)
    return { ticks, of: (value) => round(y + panelHeight * (1 - value / highest)) }
  }
  const lowest = Math.floor(Math.log10(Math.max(0.01, Math.min(...values, 1))))
  const highest = Math.ceil(Math.log10(most))
  const ticks = Array.from({ length: highest - lowest + 1 }, (_, n) => Number((10 ** (lowest + n)).toPrecision(1)))
  const part = (value: number): number =>
    (Math.log10(Math.max(value, 10 ** lowest)) - lowest) / Math.max(1, highest - lowest)
  return { ticks, of: (value) => round(y + panelHeight * (1 - part(value))) }
}

/** Of several samples in one place, their median. */
function pointsOf(
  { value }: Line,
  samples: readonly Sample[],
  xOf: (at: number) => number,
  yOf: (value: number) => number,
): string {
  const known = samples.flatMap((sample) => {
    const found = value(sample)
    return found === undefined ? [] : [[sample.at, found] as const]
  })
  const size = Math.ceil(known.length / maxPoints)
  const places = Array.from({ length: Math.ceil(known.length / size) }, (_, n) => known.slice(n * size, (n + 1) * size))
  return places.map((place) => `${xOf(place[0]?.[0] ?? 0)},${yOf(median(place.map(([, one]) => one)))}`).join(' ')
}

function minuteTicks(seconds: number): number[] {
  const minutes = seconds / 60
  const step = Math.max(niceStep(minutes / 8), 0.1)
  return Array.from({ length: Math.floor(minutes / step) + 1 }, (_, n) => Number((n * step).toFixed(1)))
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1e-3)))
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
