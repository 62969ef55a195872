import type { Sample, SoakReport } from './soak.ts'

/** Something that the server did not endure. */
export interface Problem {
  readonly kind: 'heap' | 'rss' | 'latency' | 'messages' | 'remains' | 'errors' | 'exit'
  readonly sentence: string
}

/** A straight line through measurements. */
export interface Trend {
  /** What it is where the line begins. */
  readonly start: number
  /** How much more it is where it ends, as a part of the start. */
  readonly growth: number
  /** The standard error of `growth`. */
  readonly error: number
}

export interface Verdict {
  readonly problems: readonly Problem[]
  readonly heap: Trend | undefined
  readonly rss: Trend | undefined
  /** In milliseconds, see `latencies`. */
  readonly latency: Latencies
}

/**
 * p99 of the time from the INSERT to those who stay connected, in milliseconds: of seconds in which the processors were
 * free for the server and the watchers, else it tells of what else the machine does.
 */
export interface Latencies {
  /** The median of the seconds that were calm; they are spread over the run. */
  readonly calm: number
  /** The median of the seconds of each minute of abuse. */
  readonly minutes: readonly number[]
  /** Their median: what one minute has, the next one has not. */
  readonly abuse: number
  /** The part of all seconds in which the processors were free. */
  readonly free: number
  /** Whether these are enough, of the calm ones and of the others. */
  readonly isJudged: boolean
}

/** What grows by less, over half of the run, does not grow. */
const maxGrowth = 0.05
/** A trend that is not more than so many standard errors may be none. */
const errorsOfTrend = 2
const maxLatencyRatio = 2
/** A process that waits for a processor for more than this part of a second is not free. */
const maxWaiting = 0.1
/** Of the seconds, calm or not, at least this part must be free. */
const minFree = 0.25
/** Timers and processes that wait for their turn on a processor make as much of a difference, in milliseconds. */
const latencyNoiseMs = 5

/** What was not endured, and the figures behind that. */
export function judge(report: SoakReport): Verdict {
  const later = secondHalf(report.samples)
  const heap = trendOf(later.flatMap(({ at, heap }) => (heap === undefined ? [] : [[at, heap] as const])))
  const rss = trendOf(later.map(({ at, rss }) => [at, rss] as const))
  const latency = latenciesOf(report.samples)
  const problems = [
    ...growing('heap', heap),
    ...growing('rss', rss),
    ...slow(latency),
    ...wrongMessages(report),
    ...remaining(report),
    ...faults(report),
  ]
  return { problems, heap, rss, latency }
}

/** Least squares; undefined for fewer than three points, which no error can be told of. */
export function trendOf(points: readonly (readonly [at: number, value: number])[]): Trend | undefined {
  const count = points.length
  const [first] = points[0] ?? [0]
  const [last] = points.at(-1) ?? [0]
  if (count < 3 || last === first) return undefined
  const meanAt = mean(points.map(([at]) => at))
  const meanValue = mean(points.map(([, value]) => value))
  const spread = sum(points.map(([at]) => (at - meanAt) ** 2))
  const slope = sum(points.map(([at, value]) => (at - meanAt) * (value - meanValue))) / spread
  const residues = points.map(([at, value]) => value - meanValue - slope * (at - meanAt))
  const slopeError = Math.sqrt(sum(residues.map((residue) => residue ** 2)) / (count - 2) / spread)
  const start = meanValue + slope * (first - meanAt)
  return { start, growth: (slope * (last - first)) / start, error: (slopeError * (last - first)) / start }
}

/** Whole rounds, so that the kinds of abuse in them weigh the same from begin to end. */
function secondHalf(samples: readonly Sample[]): readonly Sample[] {
  const rounds = (samples.at(-1)?.round ?? 0) + 1
  if (rounds > 1) return samples.filter(({ round }) => round !== undefined && round >= Math.floor(rounds / 2))
  return samples.slice(Math.floor(samples.length / 2))
}

function latenciesOf(samples: readonly Sample[]): Latencies {
  const [calm, abuse] = [true, false].map((isCalm) => samples.filter(({ phase }) => (phase === 'calm') === isCalm))
  const freeCalm = (calm ?? []).filter(isFree)
  const freeAbuse = (abuse ?? []).filter(isFree)
  const minutes = [...new Set(freeAbuse.map(minuteOf))]
  const medians = minutes.map((minute) => medianLatency(freeAbuse.filter((sample) => minuteOf(sample) === minute)))
  return {
    calm: medianLatency(freeCalm),
    minutes: medians,
    abuse: median(medians),
    free: (freeCalm.length + freeAbuse.length) / samples.length,
    isJudged: isEnough(freeCalm, calm) && isEnough(freeAbuse, abuse),
  }
}

function minuteOf({ at }: Sample): number {
  return Math.floor(at / 60)
}

function isFree({ cpu, watchersCpu }: Sample): boolean {
  return cpu.waiting <= maxWaiting && watchersCpu.waiting <= maxWaiting
}

function isEnough(free: readonly Sample[], all: readonly Sample[] = []): boolean {
  return free.length >= Math.max(1, minFree * all.length)
}

function medianLatency(samples: readonly Sample[]): number {
  return median(samples.flatMap(({ latencyP99 }) => latencyP99 ?? []))
}

function growing(kind: 'heap' | 'rss', trend: Trend | undefined): Problem[] {
  if (trend === undefined || trend.growth <= maxGrowth || trend.growth <= errorsOfTrend * trend.error) return []
  const { growth, error, start } = trend
  const sentence = `${kind} grows: ${percent(growth)} (± ${percent(error)}) over the second half, from ${megabytes(start)}; at most ${percent(maxGrowth)} is allowed`
  return [{ kind, sentence }]
}

function slow({ calm, abuse, isJudged }: Latencies): Problem[] {
  const limit = Math.max(maxLatencyRatio * calm, calm + latencyNoiseMs)
  if (!isJudged || abuse <= limit) return [] // where nothing came they are no numbers, and not below anything
  const sentence = `p99 of the latency is ${abuse.toFixed(1)} ms under abuse, ${calm.toFixed(1)} ms when calm; at most ${limit.toFixed(1)} ms is allowed`
  return [{ kind: 'latency', sentence }]
}

function wrongMessages({ watchers }: SoakReport): Problem[] {
  const { staying, returning, users, told, strange } = watchers
  const wrong = Object.entries({ staying, returning, users }).flatMap(
    ([who, { expected, lost, doubled, disordered }]) => {
      if (expected === 0) return [`${who}: no message was published, so nothing is shown`]
      if (lost + doubled + disordered === 0) return []
      return [`${who}: of ${expected} messages ${lost} are lost, ${doubled} came twice, ${disordered} out of order`]
    },
  )
  if (told > 0) wrong.push(`clients were told ${told} times that messages are lost`)
  if (strange > 0) wrong.push(`${strange} messages came that nobody published`)
  return wrong.map((sentence) => ({ kind: 'messages', sentence }))
}

function remaining({ remains }: SoakReport): Problem[] {
  const { sessions, pipes, handles, tenants } = remains
  const counts = Object.entries({ sessions, pipes, tenants, ...handles })
  const left = counts.filter(([, count]) => count !== 0).map(([what, count]) => `${count} ${what}`)
  return left.length === 0 ? [] : [{ kind: 'remains', sentence: `When all have left, this stays: ${left.join(', ')}` }]
}

function faults({ errors, hasExited }: SoakReport): Problem[] {
  const problems: Problem[] = []
  const [error] = errors
  if (error !== undefined)
    problems.push({ kind: 'errors', sentence: `The server logged ${errors.length} errors, the first: ${error}` })
  if (!hasExited) problems.push({ kind: 'exit', sentence: 'After close() the process did not end by itself' })
  return problems
}

export function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

function sum(list: readonly number[]): number {
  return list.reduce((total, one) => total + one, 0)
}

function mean(list: readonly number[]): number {
  return sum(list) / list.length
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`
}
