import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

/** A process of the benchmark, with what it reports as promises. */
export class Part<Report extends { readonly type: string }, Order extends object> {
  readonly #process: ChildProcess
  readonly #listeners = new Set<(report: Report) => void>()

  /** Starts `file`, on processor `cpu` where that can be chosen. */
  constructor(file: string, cpu: number, fileArgs: readonly string[] = []) {
    const path = fileURLToPath(new URL(file, import.meta.url))
    const node = [process.execPath, '--import', 'tsx', path, ...fileArgs]
    const pinned = canPin ? ['taskset', '-c', String(cpu), ...node] : node
    const [command = process.execPath, ...args] = pinned
    this.#process = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#process.on('message', (report) => {
      for (const listener of [...this.#listeners]) listener(report as Report)
    })
    this.#process.on('exit', (code) => {
      if (code !== 0 && code !== null) throw new Error(`${file} ended with code ${code}`)
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
    return new Promise((resolve) => {
      const listener = (report: Report): void => {
        if (report.type !== type) return
        this.#listeners.delete(listener)
        resolve(report as Extract<Report, { type: Type }>)
      }
      this.#listeners.add(listener)
    })
  }

  stop(): void {
    this.#process.kill('SIGKILL')
  }
}

const canPin = availableParallelism() > 1 && existsSync('/usr/bin/taskset')
