import { setTimeout as wait } from 'node:timers/promises'
import type { CometServerOptions, Storage } from '../../lib/index.ts'
import { Random } from '../fuzz/random.ts'
import type { MakeReader, Reader } from './readers.ts'
import { ServerNode } from './server-node.ts'

/** A storage that outlives the server. */
export interface StorageCase {
  readonly name: string
  /** What the server of node `index` gets at each of its starts: always the same data. */
  open(index: number): Storage
  /** What else a node needs, where there are several: a broker. */
  options?(index: number): CometServerOptions
  /** Called at the end. */
  close?(): Promise<void>
}

/** What is to be measured. */
export interface DeliveryTask {
  readonly storage: StorageCase
  readonly reader: MakeReader
  /** More than one need a storage and options that they can share. Default 1. */
  readonly nodes?: number
  readonly clients: number
  readonly messagesPerSecond: number
  readonly seconds: number
  /** How often a client's connection breaks, on average, in milliseconds. */
  readonly cutEveryMs: number
  /** How long a connection that passes on nothing stays like that, at most, in milliseconds. */
  readonly halfOpenMs: number
  /** How many connections of a hundred meet a network that lets no WebSocket through; half of these no event stream. */
  readonly refusedPercent: number
  /** How often one of the nodes stops and starts, in milliseconds. */
  readonly restartEveryMs: number
  readonly seed: number
}

/** What became of the messages, over all clients. */
export interface DeliveryReport {
  readonly published: number
  /** How long that took: longer than asked for where the machine has too much to do. */
  readonly seconds: number
  /** How many there had to be: messages times clients. */
  readonly expected: number
  readonly lost: number
  readonly doubled: number
  readonly disordered: number
  /** How many clients were told that messages are lost. */
  readonly told: number
  /** How often a client came back by another transport than before. */
  readonly switches: number
  readonly cuts: number
  readonly halfOpen: number
  readonly restarts: number
}

/** How long the clients may take to get the last message, in milliseconds: they come back within 30 s. */
const patienceMs = 60_000

/** One run: clients of a kept pipe, whose connections and servers break while messages are published. */
export async function measureDelivery(task: DeliveryTask): Promise<DeliveryReport> {
  const { storage, nodes: count = 1 } = task
  const options = (index: number) => (): CometServerOptions => ({
    storage: storage.open(index),
    ...storage.options?.(index),
  })
  const nodes = Array.from({ length: count }, (_, index) => new ServerNode(options(index), refusing(task)))
  for (const node of nodes) await node.start()
  const urls = nodes.map(({ url }) => url)
  const readers = Array.from({ length: task.clients }, () => task.reader(urls))
  try {
    return await measure(task, nodes, readers)
  } finally {
    for (const reader of readers) reader.close()
    for (const node of nodes) await node.close()
    await storage.close?.()
  }
}

async function measure(task: DeliveryTask, nodes: readonly ServerNode[], readers: readonly Reader[]) {
  const { messagesPerSecond, seconds, clients } = task
  await nodes[0]?.comet?.query("INSERT INTO pipes_settings (name, length) VALUES ('news', 1000)")
  await begin(nodes, readers)
  const faults = new Faults(task, nodes)
  const published = messagesPerSecond * seconds
  const start = Date.now()
  const isPublished = new AbortController()
  const breaking = faults.run(isPublished.signal)
  for (let n = 1; n <= published; n++) {
    await wait(Math.max(0, start + (n * 1000) / messagesPerSecond - Date.now()))
    await publish(nodes, n)
  }
  const took = Math.round((Date.now() - start) / 1000)
  isPublished.abort()
  await breaking
  await end(nodes, readers, published)
  return { published, seconds: took, expected: published * clients, ...faults.counts, ...judge(readers, published) }
}

/** Which paths a new connection may not ask for. */
function refusing({ refusedPercent, seed }: DeliveryTask): () => readonly string[] {
  const random = new Random(seed)
  return () => (random.below(100) >= refusedPercent ? [] : random.once(2) ? ['/ws/'] : ['/ws/', '/sse/'])
}

/** Nobody can miss what was before the first message. */
async function begin(nodes: readonly ServerNode[], readers: readonly Reader[]): Promise<void> {
  const isReady = (): boolean => readers.every(({ numbers }) => numbers.includes(0))
  for (let tries = 0; tries < 100 && !isReady(); tries++) {
    await nodes[0]?.comet?.publish('news', 'add', 0)
    await wait(100)
  }
  if (!isReady()) throw new Error('Not all clients have connected')
}

/** Until all are back: who gets one of these has got all before it that it ever gets. */
async function end(nodes: readonly ServerNode[], readers: readonly Reader[], published: number): Promise<void> {
  const isOver = (): boolean => readers.every(({ numbers }) => (numbers.at(-1) ?? 0) > published)
  for (let n = published + 1; n < published + patienceMs / 200 && !isOver(); n++) {
    await publish(nodes, n)
    await wait(200)
  }
}

/** Publishes as a back-end does that does not know whether its INSERT arrived: again, with the same id. */
async function publish(nodes: readonly ServerNode[], n: number): Promise<void> {
  for (let tries = n; ; tries++) {
    const comet = nodes[tries % nodes.length]?.comet
    const sql = 'INSERT INTO pipes_messages (name, event, message, id) VALUES (?, ?, ?, ?)'
    const isDone = await comet?.query(sql, ['news', 'add', String(n), `number-${n}`]).then(
      () => true,
      () => false,
    )
    if (isDone === true) return
    await wait(20)
  }
}

/** Breaks connections and servers, at moments that the seed decides. */
class Faults {
  readonly counts = { cuts: 0, halfOpen: 0, restarts: 0 }
  readonly #task: DeliveryTask
  readonly #nodes: readonly ServerNode[]
  readonly #random: Random

  constructor(task: DeliveryTask, nodes: readonly ServerNode[]) {
    this.#task = task
    this.#nodes = nodes
    this.#random = new Random(task.seed)
  }

  async run(end: AbortSignal): Promise<void> {
    await Promise.all([this.#cutConnections(end), this.#restartNodes(end)])
  }

  async #cutConnections(end: AbortSignal): Promise<void> {
    const { cutEveryMs, clients, halfOpenMs } = this.#task
    const pick = (count: number): number => this.#random.below(Math.max(1, count))
    while (!end.aborted) {
      await wait(this.#random.below((2 * cutEveryMs) / clients + 1))
      const { proxy } = this.#random.pick(this.#nodes)
      if (this.#random.below(3) > 0) this.counts.cuts += Number(proxy.cut(pick))
      else this.counts.halfOpen += Number(proxy.halfOpen(pick, this.#random.below(halfOpenMs)))
    }
  }

  async #restartNodes(end: AbortSignal): Promise<void> {
    for (;;) {
      await wait(this.#task.restartEveryMs, undefined, { signal: end }).catch(() => undefined)
      if (end.aborted) return
      const node = this.#random.pick(this.#nodes)
      this.counts.restarts++
      await node.stop(this.#random.once(2))
      await wait(this.#random.below(1000))
      await node.start()
    }
  }
}

function judge(readers: readonly Reader[], published: number) {
  let [lost, doubled, disordered] = [0, 0, 0]
  for (const { numbers } of readers) {
    const counted = numbers.filter((n) => n > 0 && n <= published)
    const different = new Set(counted)
    lost += published - different.size
    doubled += counted.length - different.size
    disordered += counted.filter((n, index) => n < (counted[index - 1] ?? 0)).length
  }
  const told = readers.filter(({ gaps }) => gaps > 0).length
  const switches = readers.reduce((sum, reader) => sum + reader.switches, 0)
  return { lost, doubled, disordered, told, switches }
}
