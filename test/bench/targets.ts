import type { ScenarioResult } from './results.ts'

/** What the product promises itself. Ratios within one run stay true on another machine, and on a busy one. */
interface Target {
  readonly text: string
  readonly scenario: string
  /** Default: star-comet. */
  readonly subject?: string
  readonly value: string
  /** The subject to which the ratio is taken; without it the figure itself counts. */
  readonly to?: string
  readonly least?: number
  readonly most?: number
}

const deliveries = 'perCpuSecond'

const targets: readonly Target[] = [
  {
    text: '1000 subscribers, bursts of 10: 10 × `ws`',
    scenario: 'fan-out-1000-bursts',
    value: deliveries,
    to: 'ws',
    least: 10,
  },
  {
    text: '1000 subscribers, bursts of 10: 0.75 × uWebSockets',
    scenario: 'fan-out-1000-bursts',
    value: deliveries,
    to: 'uws',
    least: 0.75,
  },
  {
    text: '10,000 subscribers, bursts of 10: 8 × `ws`',
    scenario: 'fan-out-10000-bursts',
    value: deliveries,
    to: 'ws',
    least: 8,
  },
  {
    text: '1000 subscribers, one at a time: 1.3 × `ws`',
    scenario: 'fan-out-1000-single',
    value: deliveries,
    to: 'ws',
    least: 1.3,
  },
  {
    text: '1000 subscribers, one at a time: 1 × uWebSockets',
    scenario: 'fan-out-1000-single',
    value: deliveries,
    to: 'uws',
    least: 1,
  },
  {
    text: '1000 subscribers, flooded: 3 M deliveries/s',
    scenario: 'fan-out-1000-flood',
    value: 'perSecond',
    least: 3e6,
  },
  { text: '1000 subscribers, flooded: p99 below 100 ms', scenario: 'fan-out-1000-flood', value: 'p99', most: 100 },
  // No worse, but for the noise of a shared machine.
  { text: '20 messages/s: p50 at most 1.1 × `ws`', scenario: 'rate-20', value: 'p50', to: 'ws', most: 1.1 },
  { text: '20 messages/s: p99 at most 1.1 × `ws`', scenario: 'rate-20', value: 'p99', to: 'ws', most: 1.1 },
  { text: '1000 pipes: 1.6 × `ws`', scenario: 'pipes-1000', value: deliveries, to: 'ws', least: 1.6 },
  {
    text: '10,000 sessions, 1000 messages/s to the same 1 %: 60 % of a core',
    scenario: 'node-same',
    value: 'cpu',
    most: 60,
  },
  {
    text: '10,000 sessions, 1000 messages/s to another 1 % each time: 60 % of a core',
    scenario: 'node-others',
    value: 'cpu',
    most: 60,
  },
  {
    text: '10,000 sessions, 1000 messages/s to 1 %: 150 MB',
    scenario: 'node-others',
    value: 'memory',
    most: 150e6,
  },
  { text: 'an idle connection of 10,000: 6 KB', scenario: 'idle-10000', value: 'memory', most: 6 * 1024 },
  { text: 'INSERTs, one by one: 12,000/s', scenario: 'cometql', subject: 'one', value: 'perSecond', least: 12_000 },
  {
    text: 'INSERTs, pipelined: 60,000/s',
    scenario: 'cometql',
    subject: 'pipelined',
    value: 'perSecond',
    least: 60_000,
  },
  { text: 'publishing in process: 2 µs', scenario: 'in-process', subject: 'publish', value: 'time', most: 2 },
]

/** A target and what was measured; `isMet` is undefined where it was not measured. */
export interface Verdict {
  readonly text: string
  /** NaN where messages were lost or broken: then the figure is worth nothing. */
  readonly measured: number | undefined
  readonly isMet: boolean | undefined
}

export function verdicts(all: readonly ScenarioResult[]): Verdict[] {
  return targets.map((target) => {
    const measured = figure(all, target)
    const { text, least = -Infinity, most = Infinity } = target
    return { text, measured, isMet: measured === undefined ? undefined : measured >= least && measured <= most }
  })
}

function figure(all: readonly ScenarioResult[], target: Target): number | undefined {
  const results = all.find(({ scenario }) => scenario.name === target.scenario)?.results
  const valueOf = (subject: string): number | undefined => {
    const result = results?.find((one) => one.subject === subject)
    return result !== undefined && result.problems.length > 0 ? NaN : result?.values[target.value]
  }
  const own = valueOf(target.subject ?? 'star-comet')
  if (target.to === undefined || own === undefined) return own
  const other = valueOf(target.to)
  return other === undefined ? undefined : own / other
}
