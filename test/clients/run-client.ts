import type { ClientEntry } from './catalog.ts'
import { bash, type Finished } from './shell.ts'

const compileMs = 10 * 60_000
const runMs = 3 * 60_000

/** What a client said of itself. */
export interface Checks {
  readonly passed: number
  /** Each as "NAME # why". */
  readonly failed: readonly string[]
  readonly skipped: readonly string[]
}

/** Builds and runs a client with all its checks. */
export async function runClient({ folder, compile, run }: ClientEntry, env: NodeJS.ProcessEnv): Promise<Checks> {
  const built = compile === undefined ? undefined : await bash(compile, { cwd: folder, env, timeoutMs: compileMs })
  if (built !== undefined && built.code !== 0) return nothingBut(`compile # ${built.output.trim().slice(-300)}`)
  return readChecks(await bash(run, { cwd: folder, env, timeoutMs: runMs }))
}

function nothingBut(failure: string): Checks {
  return { passed: 0, failed: [failure], skipped: [] }
}

/** A client that ended without `done` has failed, whatever it said before. */
function readChecks({ output, code, timedOut }: Finished): Checks {
  const lines = output.split('\n')
  const after = (word: string): string[] =>
    lines.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length))
  const end = timedOut ? [`run # no end after ${runMs / 1000} s`] : diedSaying(code, output, lines.includes('done'))
  return { passed: after('ok ').length, failed: [...after('not ok '), ...end], skipped: after('skip ') }
}

function diedSaying(code: number | null, output: string, isDone: boolean): string[] {
  return isDone ? [] : [`run # ended early with code ${code ?? 'none'}: ${output.trim().slice(-300)}`]
}
