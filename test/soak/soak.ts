import { setTimeout as wait } from 'node:timers/promises'
import type { AbuseName, CrowdDuties, CrowdTask } from './crowd.ts'
import { Part } from './part.ts'
import type { Remains, ServerDuties, ServerSample, ServerTask } from './server.ts'
import type { WatchersDuties, WatchersReport, WatchersSample, WatchersTask } from './watchers.ts'

/** What is to be endured. */
export interface SoakTask {
  /** How long, in seconds: the first tenth is calm, and a part of each round. */
  readonly seconds: number
  /** About how many sessions come and go. */
  readonly sessions: number
  readonly messagesPerSecond: number
  /** How often all kinds of abuse come in turn. */
  readonly rounds: number
  readonly sampleMs: number
  /** Before one of so many samples the garbage is collected, so that the heap says something. */
  readonly collectEvery: number
  readonly seed: number
  /** How long the clients that were cut last may take to come back and get everything, in milliseconds. */
  readonly patienceMs: number
  /** How long a browser may go without a poll, in milliseconds. */
  readonly pollTimeoutMs: number
  /** See `ServerTask`: for tests of the soak itself. */
  readonly faults?: ServerTask['faults']
}

/** Everything at one moment. */
export interface Sample extends ServerSample, WatchersSample {
  /** Seconds since the begin. */
  readonly at: number
  readonly phase: string
  /** All kinds of abuse in turn are one, counted from 0; undefined in the calm before the first. */
  readonly round: number | undefined
}

export interface SoakReport {
  readonly task: SoakTask
  readonly samples: readonly Sample[]
  readonly watchers: WatchersReport
  readonly remains: Remains
  /** What the server told its logger as errors. */
  readonly errors: readonly string[]
  /** Whether the server's process ended by itself after `close()`. */
  readonly hasExited: boolean
  /** How often somebody of the crowd did something. */
  readonly steps: number
}

interface Phase {
  readonly name: string
  readonly abuses: readonly AbuseName[]
}

const calm: Phase = { name: 'calm', abuses: [] }

/**
 * In turn, and in each round. It is calm in between, too: what else the machine does changes over an hour, and the calm
 * figures are to be from the same time as the others.
 */
const phases: readonly Phase[] = [
  calm,
  { name: 'churn', abuses: ['churn'] },
  { name: 'storms', abuses: ['churn', 'storms'] },
  { name: 'slow readers', abuses: ['churn', 'slowReaders'] },
  { name: 'broken frames', abuses: ['churn', 'brokenFrames', 'httpCuts'] },
  { name: 'back-ends', abuses: ['churn', 'backEnds'] },
  { name: 'all', abuses: ['churn', 'storms', 'slowReaders', 'brokenFrames', 'httpCuts', 'backEnds'] },
]

const password = 'soak'
/** More than what waits longest in the server: for the next poll. */
const settleMs = 10_000
const exitMs = 10_000

/** Runs it in three processes: the server, those who behave, and the crowd. `watch` gets each sample as it is taken. */
export async function soak(task: SoakTask, watch: (sample: Sample) => void = () => undefined): Promise<SoakReport> {
  const serverTask: ServerTask = { password, faults: task.faults ?? [], pollTimeoutMs: task.pollTimeoutMs }
  const server = new Part<ServerDuties>('server.ts', serverTask, ['--expose-gc'])
  const parts: { kill(): void }[] = [server]
  try {
    const ports = await server.ask('start')
    const { messagesPerSecond, sessions, seed } = task
    const watchersTask: WatchersTask = { ...ports, password, messagesPerSecond }
    const watchers = new Part<WatchersDuties>('watchers.ts', watchersTask)
    const crowdTask: CrowdTask = { ...ports, password, sessions, seed }
    const crowd = new Part<CrowdDuties>('crowd.ts', crowdTask)
    parts.push(watchers, crowd)
    await watchers.ask('start')
    await crowd.ask('start')
    const samples = await run(task, server, watchers, crowd, watch)
    const steps = await crowd.ask('leave')
    const report = await watchers.ask('finish', { ms: task.patienceMs })
    await watchers.ask('leave')
    const remains = await server.ask('settle', { ms: task.pollTimeoutMs + settleMs })
    const errors = await server.ask('errors')
    await server.ask('close')
    const hasExited = await server.endsWithin(exitMs)
    return { task, samples, watchers: report, remains, errors, hasExited, steps }
  } finally {
    for (const part of parts) part.kill()
  }
}

async function run(
  task: SoakTask,
  server: Part<ServerDuties>,
  watchers: Part<WatchersDuties>,
  crowd: Part<CrowdDuties>,
  watch: (sample: Sample) => void,
): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  const start = performance.now()
  let now = calm
  for (let n = 1; ; n++) {
    await wait(Math.max(0, start + n * task.sampleMs - performance.now()))
    const at = (performance.now() - start) / 1000
    const collect = n % task.collectEvery === 0
    const [ofServer, ofWatchers] = await Promise.all([server.ask('sample', { collect }), watchers.ask('sample')])
    const sample = { at, phase: now.name, round: roundAt(task, at), ...ofServer, ...ofWatchers }
    samples.push(sample)
    watch(sample)
    if (at >= task.seconds) return samples
    const next = phaseAt(task, at)
    if (next === now) continue
    now = next
    await crowd.ask('abuse', { names: now.abuses })
    await watchers.ask('storm', { isOn: now.abuses.includes('storms') })
  }
}

function phaseAt(task: SoakTask, at: number): Phase {
  const round = roundPosition(task, at)
  return round < 0 ? calm : (phases[Math.floor((round % 1) * phases.length)] ?? calm)
}

function roundAt(task: SoakTask, at: number): number | undefined {
  const round = Math.floor(roundPosition(task, at))
  return round < 0 ? undefined : Math.min(round, task.rounds - 1)
}

/** How many rounds have gone; below 0 while it is calm. */
function roundPosition({ seconds, rounds }: SoakTask, at: number): number {
  const calmSeconds = seconds / 10
  return ((at - calmSeconds) / (seconds - calmSeconds)) * rounds
}
