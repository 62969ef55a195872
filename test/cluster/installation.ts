import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { eventually } from '../support/nodes.ts'
import { freePort } from '../support/programs.ts'

const file = fileURLToPath(new URL('node.ts', import.meta.url))

/** Where the engines are, as node.ts reads it. */
export interface Engines {
  readonly BROKER: 'none' | 'memory' | 'redis' | 'nats' | 'cluster'
  readonly REDIS_PORT: string
  readonly NATS_PORT: string
  readonly LEASE_MS: string
}

/** Several nodes, each a process of its own on a port of its own, that can be killed and started again. */
export class Installation {
  readonly ports: number[] = []
  readonly #engines: Engines
  readonly #pids = new Map<number, number>()
  readonly #children = new Set<ChildProcess>()
  #primary: ChildProcess | undefined

  private constructor(engines: Engines) {
    this.#engines = engines
  }

  /** Starts `count` nodes; resolves when all of them answer. */
  static async start(engines: Engines, count: number): Promise<Installation> {
    const installation = new Installation(engines)
    for (let i = 0; i < count; i++) installation.ports.push(await freePort())
    await Promise.all(installation.ports.map((port) => installation.startNode(port)))
    return installation
  }

  /** The ports of the nodes that run. */
  get running(): number[] {
    return [...this.#pids.keys()]
  }

  /** Starts the node of a port. */
  async startNode(port: number): Promise<void> {
    if (this.#engines.BROKER === 'cluster') {
      this.#primary ??= this.#fork({ CLUSTER: 'primary' })
      this.#primary.setMaxListeners(0)
      const ready = workerAt(this.#primary, port)
      this.#primary.send(port)
      this.#pids.set(port, await ready)
      return
    }
    const child = this.#fork({ NODE_PORT: String(port) })
    await once(child, 'message')
    this.#pids.set(port, child.pid!)
  }

  /** kill -9. */
  kill(port: number): void {
    const pid = this.#pids.get(port)
    this.#pids.delete(port)
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
  }

  /** Freezes the primary process of node:cluster, which is the engine of its broker, for `ms` milliseconds. */
  async pause(ms: number): Promise<void> {
    this.#primary?.kill('SIGSTOP')
    await setTimeout(ms)
    this.#primary?.kill('SIGCONT')
  }

  /** kill -9 of the primary process; the workers end with it. */
  async stop(): Promise<void> {
    const workers = [...this.#pids.values()]
    this.#pids.clear()
    this.#primary?.kill('SIGKILL')
    this.#primary = undefined
    await eventually(() => !workers.some(isAlive), 'the workers end with the primary process')
  }

  /** Starts all nodes that do not run. */
  async start(): Promise<void> {
    await Promise.all(this.ports.filter((port) => !this.#pids.has(port)).map((port) => this.startNode(port)))
  }

  /** Asks a node; rejects where it does not answer or refuses. */
  async ask(port: number, what: string): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${port}/${what}`, { signal: AbortSignal.timeout(8000) })
    const text = await response.text()
    if (response.status !== 200) throw new Error(text)
    return JSON.parse(text) as unknown
  }

  close(): void {
    for (const port of this.running) this.kill(port)
    for (const child of this.#children) child.kill('SIGKILL')
  }

  #fork(environment: NodeJS.ProcessEnv): ChildProcess {
    const env = { ...process.env, ...this.#engines, ...environment }
    const child = fork(file, { execArgv: ['--import', 'tsx'], env })
    this.#children.add(child)
    child.on('exit', () => this.#children.delete(child))
    return child
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function workerAt(primary: ChildProcess, wanted: number): Promise<number> {
  return new Promise((resolve) => {
    primary.on('message', ({ port, pid }: { port: number; pid: number }) => {
      if (port === wanted) resolve(pid)
    })
  })
}
