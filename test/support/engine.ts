import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, programPath, whyNot } from './programs.ts'

/** Where the program is, or why a test that needs it cannot run; under CI=true a missing one is an error. */
export function findProgram(name: string): { path: string } | { missing: string } {
  const path = programPath(name)
  return path === undefined ? { missing: whyNot(name) } : { path }
}

/** A service of our own on a free port of 127.0.0.1, with a temporary folder that outlives its restarts. */
export interface TestEngine {
  readonly port: number
  /** The same as long as it runs; undefined while it is stopped. */
  readonly pid: number | undefined
  /** Kills it. */
  stop(): Promise<void>
  /** Starts it again in the same folder; does nothing while it runs. */
  start(): Promise<void>
  /** Freezes it for `ms` milliseconds. */
  pause(ms: number): Promise<void>
  /** Kills it and removes its folder. */
  close(): Promise<void>
}

/** Starts `program` with the arguments that `args` makes of a port and a folder; resolves when the port answers. */
export async function startEngine(
  program: string,
  args: (port: number, folder: string) => readonly string[],
): Promise<TestEngine> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'star-comet-engine-'))
  let child: ChildProcess | undefined
  let exited: Promise<unknown> = Promise.resolve()
  const engine: TestEngine = {
    port,
    get pid() {
      return child?.pid
    },
    async start() {
      if (child !== undefined) return
      const started = spawn(program, args(port, folder), { cwd: folder, stdio: 'ignore' })
      child = started
      exited = new Promise((resolve) => started.once('exit', resolve))
      await answers(port, started)
    },
    async stop() {
      child?.kill('SIGKILL')
      child = undefined
      await exited
    },
    async pause(ms) {
      child?.kill('SIGSTOP')
      await new Promise((resolve) => setTimeout(resolve, ms))
      child?.kill('SIGCONT')
    },
    async close() {
      await engine.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
  await engine.start()
  return engine
}

/** Starts Redis: with persistence of every write, or without any. */
export function startRedis(program: string, isDurable = false): Promise<TestEngine> {
  const keeping = isDurable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']
  return startEngine(program, (port) => ['--port', String(port), '--bind', '127.0.0.1', '--save', '', ...keeping])
}

/** Starts NATS with JetStream. */
export function startNats(program: string): Promise<TestEngine> {
  return startEngine(program, (port, folder) => ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder])
}

async function answers(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, '127.0.0.1')
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`${child.spawnfile} ended with code ${child.exitCode}`)
}
