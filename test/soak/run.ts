// npm run soak [-- --minutes 60 --sessions 300 --rate 200 --rounds 6 --seed 1 --json --svg soak.svg]
// Everything that breaks servers in the long run, for an hour; ends with code 1 where this one does not endure it.
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { chart } from './chart.ts'
import { soak, type Sample, type SoakReport } from './soak.ts'
import { judge, median, type Verdict } from './verdict.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    sessions: { type: 'string', default: '300' },
    rate: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    svg: { type: 'string' },
  },
})

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`
const percent = (part: number): string => `${part < 0 ? '' : '+'}${(part * 100).toFixed(1)} %`

const report = await soak(
  {
    seconds: Number(values.minutes) * 60,
    sessions: Number(values.sessions),
    messagesPerSecond: Number(values.rate),
    rounds: Number(values.rounds),
    sampleMs: 1000,
    collectEvery: 10,
    seed: Number(values.seed),
    patienceMs: 60_000, // clients of ours come back within 30 s
    pollTimeoutMs: 30_000,
  },
  values.json ? undefined : progress(),
)
const verdict = judge(report)
if (values.svg !== undefined) writeFileSync(values.svg, chart(report, verdict))
if (values.json) say(JSON.stringify({ verdict, report }))
else for (const line of summary(report, verdict)) say(line)
process.exitCode = verdict.problems.length === 0 ? 0 : 1

/** One line whenever the abuse changes. */
function progress(): (sample: Sample) => void {
  let phase = ''
  return (sample) => {
    if (sample.phase === phase) return
    phase = sample.phase
    const { at, rss, sessions, latencyP99 = NaN } = sample
    say(
      `${at.toFixed(0).padStart(5)} s  ${phase.padEnd(14)} ${megabytes(rss)}, ${sessions} sessions, p99 ${latencyP99.toFixed(1)} ms`,
    )
  }
}

function summary(report: SoakReport, { heap, rss, latency, problems }: Verdict): string[] {
  const { task, samples, watchers, steps } = report
  const { staying, returning, users, cuts } = watchers
  const deliveries = staying.expected + returning.expected + users.expected
  const most = (pick: (sample: Sample) => number): number => Math.max(...samples.map(pick))
  return [
    `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}; ${(task.seconds / 60).toFixed(1)} minutes`,
    `load      ${steps} visits and misdeeds, at most ${most(({ sessions }) => sessions)} sessions and ${most(({ pipes }) => pipes)} pipes`,
    `messages  ${deliveries} for those who behave, ${cuts} of their connections cut`,
    `busy      server ${median(samples.map(({ cpu }) => cpu.busy)).toFixed(2)}, at most ${most(({ cpu }) => cpu.busy).toFixed(2)} of a processor`,
    ...(['heap', 'rss'] as const).map((name) => {
      const trend = name === 'heap' ? heap : rss
      return trend === undefined
        ? `${name.padEnd(9)} too few samples`
        : `${name.padEnd(9)} ${megabytes(trend.start)}, ${percent(trend.growth)} (± ${percent(trend.error)}) over the second half`
    }),
    `p99       ${latency.calm.toFixed(1)} ms calm, ${latency.abuse.toFixed(1)} ms under abuse (minutes: ${latency.minutes.map((ms) => ms.toFixed(1)).join(' ')})`,
    `          in the ${Math.round(latency.free * 100)} % of the seconds in which the processors were free${latency.isJudged ? '' : ': too few, NOT JUDGED'}`,
    ...(problems.length === 0 ? ['endured'] : problems.map(({ sentence }) => `NOT ENDURED: ${sentence}`)),
  ]
}
