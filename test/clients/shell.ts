import { spawn } from 'node:child_process'

/** How a command ended. */
export interface Finished {
  /** Null if it was ended by a signal. */
  readonly code: number | null
  /** Standard output and standard error, as they came. */
  readonly output: string
  readonly timedOut: boolean
}

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly timeoutMs: number
}

/** Runs a command with bash, and ends all its processes if it takes too long. */
export async function bash(command: string, { cwd, env, timeoutMs }: CommandOptions): Promise<Finished> {
  const child = spawn('bash', ['-c', command], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    endGroup(child.pid)
  }, timeoutMs)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearTimeout(timer)
  return { code, output: Buffer.concat(chunks).toString(), timedOut }
}

/** A detached child leads a group of processes, which its negative id means. */
function endGroup(pid: number | undefined): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL')
}

/** As one word of a bash command. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}
