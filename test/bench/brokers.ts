import { WebSocket } from 'ws'
import { Installation, type Engines } from '../cluster/installation.ts'
import { findProgram, startNats, startRedis, type TestEngine } from '../support/engine.ts'

type Kind = Engines['BROKER']

/** How long messages took from `publish` in one process to a page, which is connected to another one, in milliseconds. */
export interface BrokerResult {
  readonly name: string
  readonly p50: number
  readonly p99: number
}

/** What is compared: none and memory have one process, the others two. */
const contenders: readonly { readonly kind: Kind; readonly name: string; readonly nodes: number }[] = [
  { kind: 'none', name: 'no broker', nodes: 1 },
  { kind: 'memory', name: 'memoryBroker, one process', nodes: 1 },
  { kind: 'redis', name: 'redisBroker', nodes: 2 },
  { kind: 'nats', name: 'natsBroker', nodes: 2 },
  { kind: 'cluster', name: 'clusterBroker', nodes: 2 },
]

/** Messages of one contender before it is the next one's turn. */
const inTurn = 100

/** Measures all of them by turns, with `rounds` * 100 messages each, one after the other. */
export async function brokerLatency(rounds: number): Promise<BrokerResult[]> {
  const engines = [await startRedis(pathOf('redis-server')), await startNats(pathOf('nats-server'))] as const
  const measured: Measured[] = []
  try {
    for (const { kind, name, nodes } of contenders) measured.push(await Measured.start(name, nodes, kind, engines))
    for (const one of measured) await one.sample(inTurn) // warm-up
    for (const one of measured) one.times.length = 0
    for (let round = 0; round < rounds; round++) for (const one of measured) await one.sample(inTurn)
    return measured.map((one) => one.result)
  } finally {
    for (const one of measured) one.close()
    for (const engine of engines) await engine.close()
  }
}

class Measured {
  /** In milliseconds. */
  readonly times: number[] = []
  readonly #name: string
  readonly #installation: Installation
  readonly #page: WebSocket

  private constructor(name: string, installation: Installation, page: WebSocket) {
    this.#name = name
    this.#installation = installation
    this.#page = page
  }

  /** Starts the processes, with a page at the last one. */
  static async start(
    name: string,
    nodes: number,
    BROKER: Kind,
    [redis, nats]: readonly [TestEngine, TestEngine],
  ): Promise<Measured> {
    const ports = { REDIS_PORT: String(redis.port), NATS_PORT: String(nats.port) }
    const installation = await Installation.start({ BROKER, LEASE_MS: '6000', ...ports }, nodes)
    const page = new WebSocket(
      `ws://127.0.0.1:${installation.ports.at(-1) ?? 0}/ws/sesion=&myid=&devid=0&v=4.0&uuid=&api=js`,
    )
    await messageWith(page, 'serverInfo')
    page.send('subscription\nweb_bench')
    page.send('pipe_count\nweb_bench')
    await messageWith(page, '_answer_pipe_count')
    return new Measured(name, installation, page)
  }

  /** Publishes `count` messages at the first node, each when the one before has come. */
  async sample(count: number): Promise<void> {
    const [port = 0] = this.#installation.ports
    for (let i = 0; i < count; i++) {
      const came = messageWith(this.#page, 'web_bench').then(() => process.hrtime.bigint())
      // The node tells when it began: the clock is the same in all processes of a machine.
      const began = BigInt(String(await this.#installation.ask(port, 'stamp')))
      this.times.push(Number((await came) - began) / 1e6)
    }
  }

  get result(): BrokerResult {
    const sorted = [...this.times].sort((a, b) => a - b)
    const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? NaN
    return { name: this.#name, p50: at(0.5), p99: at(0.99) }
  }

  close(): void {
    this.#page.terminate()
    this.#installation.close()
  }
}

function messageWith(page: WebSocket, part: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (data: Buffer): void => {
      if (!data.includes(part)) return
      page.off('message', look)
      resolve()
    }
    page.on('message', look)
  })
}

function pathOf(program: string): string {
  const found = findProgram(program, program)
  if ('path' in found) return found.path
  throw new Error(found.missing)
}
