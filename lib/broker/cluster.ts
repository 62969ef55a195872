import cluster, { type Worker } from 'node:cluster'
import type { Broker, BrokerConnection, BrokerReceiver } from './broker.ts'
import { away, checkPatience, defaultPatienceMs, PatientSender, type PatienceOptions } from './patience.ts'

/** Options of `clusterBroker()`. */
export interface ClusterBrokerOptions extends PatienceOptions {
  /** Servers with the same one are nodes of one whole. Default `star-comet`. */
  readonly channel?: string
}

/** What workers and the primary say to each other, beside the messages of the application. */
interface Wire {
  /** The channel. */
  readonly starComet: string
  /** The connection that says it. */
  readonly from: string
  readonly kind: 'listen' | 'end' | 'message' | 'gap'
  /** Of a message: the connection's number of it. */
  readonly number?: number
  readonly text?: string
}

/** As much may be on its way to a worker that does not read, in characters: beyond that it misses messages, and is told. */
const maxBehind = 64 * 1024 * 1024

/** The way from the primary to one worker. */
class Outlet {
  readonly #worker: Worker
  /** Is called when a worker that missed messages has taken all others. */
  readonly #missed: () => void
  #size = 0
  #isBehind = false

  constructor(worker: Worker, missed: () => void) {
    this.#worker = worker
    this.#missed = missed
  }

  send(message: Wire): void {
    this.#isBehind ||= this.#size > maxBehind
    if (!this.#worker.isConnected() || (this.#isBehind && message.kind === 'message')) return
    const size = message.text?.length ?? 0
    this.#size += size
    // With a callback: of one that was killed just now, Node would else emit an error that ends the primary.
    this.#worker.send(message, undefined, () => this.#taken(size))
  }

  #taken(size: number): void {
    this.#size -= size
    if (!this.#isBehind || this.#size > 0) return
    this.#isBehind = false
    this.#missed()
  }
}

/**
 * To be called once in the primary process of `node:cluster`: hands what a worker publishes to all workers. Returns what
 * ends it.
 */
export function relayClusterMessages(): () => void {
  const channels = new Map<string, Map<string, Worker>>()
  const outlets = new Map<Worker, Outlet>()
  const tellGap = (worker: Worker): void => {
    for (const [channel, connections] of channels) {
      for (const [from, one] of connections) {
        if (one === worker) outletOf(one).send({ starComet: channel, from, kind: 'gap' })
      }
    }
  }
  const outletOf = (worker: Worker): Outlet => {
    const outlet = outlets.get(worker) ?? new Outlet(worker, () => tellGap(worker))
    outlets.set(worker, outlet)
    return outlet
  }
  const relay = (worker: Worker, message: unknown): void => {
    if (!isWire(message)) return
    const { starComet: channel, from, kind } = message
    const connections = channels.get(channel) ?? new Map<string, Worker>()
    channels.set(channel, connections)
    if (kind === 'listen') connections.set(from, worker)
    if (kind === 'end') connections.delete(from)
    const workers = kind === 'message' ? new Set(connections.values()) : [worker]
    for (const one of workers) outletOf(one).send(message)
  }
  const gone = (worker: Worker): void => {
    outlets.delete(worker)
    for (const connections of channels.values()) {
      for (const [from, one] of connections) if (one === worker) connections.delete(from)
    }
  }
  cluster.on('message', relay)
  cluster.on('exit', gone)
  return () => {
    cluster.off('message', relay)
    cluster.off('exit', gone)
  }
}

/**
 * Joins the workers of `node:cluster`: several processes on one machine, without any other service. The primary has to
 * call `relayClusterMessages()`; it is no node itself.
 * @throws CometError COMET_ERR_OPTION
 */
export function clusterBroker({
  channel = 'star-comet',
  patienceMs = defaultPatienceMs,
}: ClusterBrokerOptions = {}): Broker {
  checkPatience('clusterBroker.patienceMs', patienceMs)
  let connections = 0
  return {
    async connect(receiver) {
      const { worker } = cluster
      if (worker === undefined) throw away('clusterBroker() works in workers of node:cluster only')
      const id = `${worker.id}.${channel}.${++connections}`
      const connection = new WorkerConnection(worker, channel, patienceMs, receiver, id)
      await connection.open(patienceMs)
      return connection
    },
  }
}

/** One node in one worker. */
class WorkerConnection implements BrokerConnection {
  readonly #worker: Worker
  readonly #channel: string
  readonly #id: string
  readonly #receiver: BrokerReceiver
  readonly #sender: PatientSender
  /** Our messages that did not come back, by their numbers: when they do, the primary has told all. */
  readonly #sent = new Map<number, () => void>()
  #count = 0
  #isListening = false
  #welcome: (() => void) | undefined

  constructor(worker: Worker, channel: string, patienceMs: number, receiver: BrokerReceiver, id: string) {
    this.#worker = worker
    this.#channel = channel
    this.#id = id
    this.#receiver = receiver
    this.#sender = new PatientSender('The primary process', patienceMs, (text) => this.#send(text))
  }

  async open(patienceMs: number): Promise<void> {
    this.#worker.on('message', this.#take)
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        void this.close()
        reject(away('the primary process does not answer; call relayClusterMessages() in it'))
      }, patienceMs)
      this.#welcome = () => {
        clearTimeout(timer)
        resolve()
      }
      this.#say({ kind: 'listen' })
    })
    this.#isListening = true
    this.#sender.resume()
  }

  publish(text: string): Promise<void> {
    return this.#sender.publish(text)
  }

  close(): Promise<void> {
    this.#worker.off('message', this.#take)
    this.#sender.close()
    if (this.#worker.isConnected()) this.#say({ kind: 'end' })
    return Promise.resolve()
  }

  readonly #take = (message: unknown): void => {
    if (!isWire(message) || message.starComet !== this.#channel) return
    const { kind, from, number = 0, text = '' } = message
    if (kind === 'listen' && from === this.#id) this.#welcome?.()
    if (kind === 'gap' && from === this.#id) this.#receiver.gap()
    if (kind !== 'message' || !this.#isListening) return
    this.#receiver.message(text)
    if (from !== this.#id) return
    this.#sent.get(number)?.()
    this.#sent.delete(number)
  }

  #send(text: string): Promise<void> {
    const number = ++this.#count
    return new Promise((resolve, reject) => {
      this.#sent.set(number, resolve)
      this.#say({ kind: 'message', number, text }, reject)
    })
  }

  #say(what: Pick<Wire, 'kind' | 'number' | 'text'>, failed: (error: Error) => void = () => undefined): void {
    const message: Wire = { starComet: this.#channel, from: this.#id, ...what }
    this.#worker.send(message, undefined, (error) => {
      if (error !== null) failed(error)
    })
  }
}

function isWire(message: unknown): message is Wire {
  return typeof message === 'object' && message !== null && 'starComet' in message
}
