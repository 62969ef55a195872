import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

/** The processor of the server that is measured, and that of all who load it. */
export const serverCpu = 0
export const loadCpu = 1

/** A process of the benchmark, with what it reports as promises. */
export class Part<Report extends { readonly type: string }, Order extends object> {
  readonly #process: ChildProcess
  readonly #listeners = new Set<(report: Report) => void>()
  readonly #ended: Promise<void>
  #fail: (error: Error) => void = () => undefined
  readonly #failed = new Promise<never>((_, reject) => (this.#fail = reject))
  #isStopped = false

  /** Starts `file` (below this folder), on processor `cpu` where that can be chosen. */
  constructor(file: string, cpu: number, nodeFlags: readonly string[] = [], args: readonly string[] = []) {
    const path = fileURLToPath(new URL(file, import.meta.url))
    const [command, ...rest] = pinned(cpu, process.execPath, [
      ...nodeFlags,
      ...profiling(cpu),
      '--import',
      'tsx',
      path,
      ...args,
    ])
    this.#process = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#process.on('message', (report) => {
      for (const listener of [...this.#listeners]) listener(report as Report)
    })
    this.#failed.catch(() => undefined) // whoever waits for a report is told
    this.#ended = new Promise((resolve) => {
      this.#process.on('exit', (code) => {
        if (!this.#isStopped) this.#fail(new Error(`${file} ended with code ${code ?? 'none'}`))
        resolve()
      })
    })
  }

  order(order: Order): void {
    this.#process.send(order)
  }

  on(listener: (report: Report) => void): void {
    this.#listeners.add(listener)
  }

  off(listener: (report: Report) => void): void {
    this.#listeners.delete(listener)
  }

  /** The next report of this type. */
  next<Type extends Report['type']>(type: Type): Promise<Extract<Report, { type: Type }>> {
    const report = new Promise<Extract<Report, { type: Type }>>((resolve) => {
      const listener = (report: Report): void => {
        if (report.type !== type) return
        this.#listeners.delete(listener)
        resolve(report as Extract<Report, { type: Type }>)
      }
      this.#listeners.add(listener)
    })
    return Promise.race([report, this.#failed])
  }

  /** Ends the process: when its conductor is gone it exits by itself, so that it can write its profile. */
  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#process.connected) this.#process.disconnect()
    const killer = setTimeout(() => this.#process.kill('SIGKILL'), 5000)
    await this.#ended
    clearTimeout(killer)
  }
}

/** The command that runs `program` on processor `cpu`, where that can be chosen. */
export function pinned(cpu: number, program: string, args: readonly string[]): [string, ...string[]] {
  return canPin ? ['taskset', '-c', String(cpu), program, ...args] : [program, ...args]
}

/** With BENCH_PROFILE=folder each process of the server's processor leaves a profile there (`node --cpu-prof`). */
function profiling(cpu: number): string[] {
  const folder = process.env.BENCH_PROFILE
  return folder === undefined || cpu !== serverCpu ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`]
}

/** Whether server and load have a processor each. */
export const canPin = availableParallelism() > 1 && existsSync('/usr/bin/taskset')
