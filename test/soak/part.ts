import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What a process does when it is asked to, by name. Arguments and results are values that JSON can say. */
export type Duties = Readonly<Record<string, (argument: never) => unknown>>

interface Order {
  readonly id: number
  readonly name: string
  readonly argument: never
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

/** A process of the soak, as the one that started it sees it. */
export class Part<Its extends Duties> {
  readonly #name: string
  readonly #process: ChildProcess
  readonly #asked = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>()
  #orders = 0
  #exit: { readonly code: number | null; readonly signal: string | null } | undefined

  /** Starts `file`, which calls `serve`, with `given` for `argument()`; `flags` are those of Node. */
  constructor(file: string, given: unknown, flags: readonly string[] = []) {
    this.#name = file
    const path = fileURLToPath(new URL(file, import.meta.url))
    const args = [...flags, '--import', 'tsx', path, JSON.stringify(given)]
    this.#process = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#process.on('message', (answer) => this.#answered(answer as Answer))
    this.#process.on('exit', (code, signal) => {
      this.#exit = { code, signal }
      for (const { reject } of this.#asked.values()) reject(this.#ended())
      this.#asked.clear()
    })
  }

  /** Resolves to what the duty gave. @throws Error with what it threw, or where the process has ended */
  ask<Name extends keyof Its & string>(
    name: Name,
    argument?: Parameters<Its[Name]>[0],
  ): Promise<Awaited<ReturnType<Its[Name]>>> {
    if (this.#exit !== undefined) return Promise.reject(this.#ended())
    const id = ++this.#orders
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      this.#process.send({ id, name, argument }, (error) => {
        if (error !== null) reject(error)
      })
    })
  }

  /** Lets go of the process; resolves to whether it ended by itself, without a fault, within `ms` milliseconds. */
  async endsWithin(ms: number): Promise<boolean> {
    if (this.#process.connected) this.#process.disconnect()
    const late = setTimeout(() => this.#process.kill('SIGKILL'), ms)
    if (this.#exit === undefined) await once(this.#process, 'exit')
    clearTimeout(late)
    return this.#exit?.code === 0
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  #answered({ id, result, error }: Answer): void {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    if (error === undefined) asked?.resolve(result as never)
    else asked?.reject(new Error(`${this.#name}: ${error}`))
  }

  #ended(): Error {
    return new Error(
      `The process ${this.#name} ended: code ${this.#exit?.code ?? 'none'}, signal ${this.#exit?.signal ?? 'none'}`,
    )
  }
}

/** Does `duties` for the process that started this one. Without that one, this one ends as soon as nothing is left to do. */
export function serve(duties: Duties): void {
  process.on('message', (message) => {
    const { id, name, argument } = message as Order
    const answer = (told: Omit<Answer, 'id'>): void => void process.send?.({ id, ...told })
    new Promise((resolve) => resolve(duties[name]?.(argument))).then(
      (result) => answer({ result }),
      (error: unknown) => answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    )
  })
}

/** The argument that the process was started with. */
export function argument(): unknown {
  return JSON.parse(process.argv[2] ?? '{}')
}
