// Fuzzes CometQL and the MySQL protocol:
//     npm run fuzz -- [--seconds 60] [--cases N] [--seed N] [--jobs 1]
//     npm run fuzz -- --replay test/fuzz/failures/seed-1-case-2.json
// Ends with code 1 if a case failed; the case is then in test/fuzz/failures.
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { readFailure, writeFailure } from './case-file.ts'
import { Fuzzer, type Case } from './fuzzer.ts'
import { SharedCase } from './shared-case.ts'
import type { Report, Task } from './worker.ts'

/** A case that takes longer hangs. */
const patienceMs = 20_000
const reportMs = 5000
/** The memory of V8 that a worker may use; beyond that the case that runs is to blame. */
const maxHeapMb = 1024

/** Workers know nothing of TypeScript until tsx is registered in them. */
const startWorker = `
  import('tsx/esm/api').then(({ register }) => {
    register()
    return import(${JSON.stringify(new URL('worker.ts', import.meta.url).href)})
  })
`

interface Run {
  readonly seed: number
  readonly shared: SharedCase
  readonly ended: Promise<boolean>
  latest: Report | undefined
}

function start(seed: number, until: number, cases: number): Run {
  const shared = new SharedCase()
  const workerData: Task = { seed, memory: shared.memory, until, cases }
  const worker = new Worker(startWorker, {
    eval: true,
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
  })
  let endRun: (isRight: boolean) => void
  const run: Run = { seed, shared, latest: undefined, ended: new Promise((resolve) => (endRun = resolve)) }
  const fail = (message: string, failed: Case | undefined): void => {
    complain(run, message, failed ?? shared.current)
    endRun(false)
  }
  const watchdog = watch(shared, () => {
    fail(`no end within ${patienceMs / 1000} s`, undefined)
    void worker.terminate()
  })
  worker.on('message', (report: Report) => {
    run.latest = report
    if (report.failure !== undefined) fail(report.failure.message, report.failure.case)
    else if (report.isDone) endRun(true)
  })
  worker.on('error', (error) => fail(String(error instanceof Error ? error.stack : error), undefined))
  worker.on('exit', () => clearInterval(watchdog))
  return run
}

/** Calls `bark` when the worker is at the same case for too long. */
function watch(shared: SharedCase, bark: () => void): NodeJS.Timeout {
  let last = -1
  const timer = setInterval(() => {
    if (shared.count === last) {
      clearInterval(timer)
      bark()
    }
    last = shared.count
  }, patienceMs)
  return timer
}

function complain({ seed, shared }: Run, message: string, failed: Case): void {
  const name = writeFailure(message, seed, shared.count, failed)
  const shown = failed.kind === 'sql' ? Buffer.from(failed.sql) : Buffer.concat(failed.chunks)
  print(`Seed ${seed}, case ${shared.count} failed: ${message}\n${shown.toString('hex')}\nwritten to ${name}`)
}

function tell(runs: readonly Run[], startedAt: number): void {
  const cases = runs.reduce((sum, { shared }) => sum + shared.count, 0)
  const outcomes = runs.map(({ latest }) => latest?.statistics.outcomes ?? 0).join('+')
  const perSecond = Math.round((cases / (Date.now() - startedAt)) * 1000)
  print(`${cases} cases, ${perSecond}/s, ${outcomes} different outcomes`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function main(): Promise<void> {
  const options = { seconds: { type: 'string' }, cases: { type: 'string' }, seed: { type: 'string' } } as const
  const { values } = parseArgs({ options: { ...options, jobs: { type: 'string' }, replay: { type: 'string' } } })
  if (values.replay !== undefined) {
    await Fuzzer.replay(readFailure(values.replay))
    print('The case passes')
    return
  }
  const { cases = Infinity, jobs = 1 } = numbers({ cases: values.cases, jobs: values.jobs })
  const seconds = Number(values.seconds ?? (values.cases === undefined ? 60 : Infinity))
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  const startedAt = Date.now()
  print(`Seed ${seed}`)
  const until = startedAt + seconds * 1000
  const runs = Array.from({ length: jobs }, (_, job) => start(seed + job, until, Math.ceil(cases / jobs)))
  const reporting = setInterval(() => tell(runs, startedAt), reportMs)
  const results = await Promise.all(runs.map((run) => run.ended))
  clearInterval(reporting)
  tell(runs, startedAt)
  if (results.includes(false)) process.exitCode = 1
}

function numbers<Name extends string>(given: Record<Name, string | undefined>): Partial<Record<Name, number>> {
  const entries = Object.entries<string | undefined>(given).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, Number(value)])) as Partial<Record<Name, number>>
}

await main()
