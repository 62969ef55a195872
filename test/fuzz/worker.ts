// One worker of run.ts.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { Failure, Fuzzer, type Case, type Statistics } from './fuzzer.ts'
import { SharedCase } from './shared-case.ts'

export interface Task {
  readonly seed: number
  readonly memory: SharedArrayBuffer
  /** Milliseconds since the epoch. */
  readonly until: number
  readonly cases: number
}

/** What a worker tells: how far it is; or, as the last word, what failed. */
export interface Report {
  readonly statistics: Statistics
  readonly isDone: boolean
  readonly failure?: { readonly message: string; readonly case: Case | undefined }
}

const casesPerReport = 1000

async function work({ seed, memory, until, cases }: Task): Promise<void> {
  const fuzzer = new Fuzzer(seed, new SharedCase(memory).put)
  const { statistics } = fuzzer
  try {
    while (Date.now() < until && statistics.cases < cases) {
      await fuzzer.run(Math.min(casesPerReport, cases - statistics.cases))
      report({ statistics, isDone: false })
    }
    await fuzzer.close()
    report({ statistics, isDone: true })
  } catch (error) {
    report({ statistics, isDone: true, failure: { message: describe(error), case: caseOf(error) } })
  }
}

function report(message: Report): void {
  parentPort?.postMessage(message)
}

function caseOf(error: unknown): Case | undefined {
  return error instanceof Failure ? error.case : undefined
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? (error.stack ?? error.message) : `${error.message}: ${describe(error.cause)}`
}

// A worker cannot be started with --expose-gc.
setFlagsFromString('--expose-gc')
globalThis.gc = runInNewContext('gc') as NonNullable<typeof globalThis.gc>
await work(workerData as Task)
