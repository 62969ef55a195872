import { cometError } from '../errors.ts'
import type { Broker, BrokerConnection, BrokerReceiver } from './broker.ts'
import { away, checkPatience, defaultPatienceMs, PatientSender, problemOf, type PatienceOptions } from './patience.ts'

type Listener = (...args: unknown[]) => void

/** What is used of a client of `ioredis`. */
export interface IoredisPubSub {
  readonly status: string
  duplicate(): IoredisPubSub
  publish(channel: string, message: string): Promise<unknown>
  subscribe(channel: string): Promise<unknown>
  on(event: string, listener: Listener): unknown
  off(event: string, listener: Listener): unknown
  disconnect(): void
}

/** What is used of a client of `redis`. */
export interface NodeRedisPubSub {
  readonly isOpen: boolean
  readonly isReady: boolean
  duplicate(): NodeRedisPubSub
  connect(): Promise<unknown>
  publish(channel: string, message: string): Promise<unknown>
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  on(event: string, listener: Listener): unknown
  off(event: string, listener: Listener): unknown
  destroy(): void
}

/** Options of `redisBroker()`. */
export interface RedisBrokerOptions extends PatienceOptions {
  /**
   * A client of `ioredis` or `redis`; of `redis` a connected one. It publishes, and is duplicated for what comes. It stays
   * yours: listen to its `error` event, and close it after the server. Of a Redis Cluster give all servers a client of the
   * same one of its nodes: published at several, messages come in several orders.
   */
  readonly client: IoredisPubSub | NodeRedisPubSub
  /** The Pub/Sub channel; servers with the same one are nodes of one whole. Default `star-comet`. */
  readonly channel?: string
}

/** The connection on which a node listens. */
interface Subscriber {
  readonly isReady: boolean
  /** Subscribes, connected if need be, or does it again after the connection was lost. */
  subscribe(): Promise<unknown>
  on(event: string, listener: Listener): unknown
  end(): void
}

/**
 * Joins nodes by Redis (or Valkey) Pub/Sub: one channel, so one order. Redis keeps nothing of it; what was said while a
 * node was cut off, the core finds again in the storage.
 * @throws CometError COMET_ERR_OPTION
 */
export function redisBroker({
  client,
  channel = 'star-comet',
  patienceMs = defaultPatienceMs,
}: RedisBrokerOptions): Broker {
  checkClient(client)
  checkPatience('redisBroker.patienceMs', patienceMs)
  return {
    async connect(receiver) {
      const connection = new RedisConnection(client, channel, patienceMs, receiver)
      await connection.open()
      return connection
    },
  }
}

/** One node on a channel. */
class RedisConnection implements BrokerConnection {
  readonly #client: RedisBrokerOptions['client']
  readonly #patienceMs: number
  readonly #receiver: BrokerReceiver
  readonly #sender: PatientSender
  readonly #subscriber: Subscriber
  #isListening = false

  constructor(client: RedisBrokerOptions['client'], channel: string, patienceMs: number, receiver: BrokerReceiver) {
    this.#client = client
    this.#patienceMs = patienceMs
    this.#receiver = receiver
    this.#sender = new PatientSender('Redis', patienceMs, (text) => client.publish(channel, text))
    this.#subscriber = subscriberOf(client, channel, (text) => {
      if (this.#isListening) receiver.message(text)
    })
  }

  async open(): Promise<void> {
    for (const event of clientEvents) this.#client.on(event, this.#update)
    this.#subscriber.on('ready', () => this.#returned())
    this.#subscriber.on('error', ignore)
    try {
      await inTime(this.#subscriber.subscribe(), this.#patienceMs)
    } catch (error) {
      await this.close()
      throw away(`Redis could not be subscribed to: ${problemOf(error)}`)
    }
    this.#isListening = true
    this.#update()
  }

  publish(text: string): Promise<void> {
    return this.#sender.publish(text)
  }

  close(): Promise<void> {
    this.#isListening = false
    this.#sender.close()
    for (const event of clientEvents) this.#client.off(event, this.#update)
    this.#subscriber.end()
    return Promise.resolve()
  }

  readonly #update = (): void => {
    if (isUsable(this.#client)) this.#sender.resume()
    else this.#sender.pause()
  }

  #returned(): void {
    if (!this.#isListening || !this.#subscriber.isReady) return
    // Only when the subscription stands again is it known what came and what did not.
    this.#subscriber.subscribe().then(
      () => this.#receiver.gap(),
      () => undefined, // lost again: the next time that it is ready
    )
  }
}

/** After each of them it is looked whether the client can be used. */
const clientEvents = ['ready', 'close', 'end', 'reconnecting', 'error'] as const

/** An error of the duplicate is one of the user's client, too, where the user listens for it. */
const ignore = (): void => undefined

/** Drivers try for ever, or for as long as their options say. @throws Error after `patienceMs` milliseconds */
async function inTime(work: Promise<unknown>, patienceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms; is it running?`)), patienceMs)
  })
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function subscriberOf(
  client: RedisBrokerOptions['client'],
  channel: string,
  listener: (text: string) => void,
): Subscriber {
  if (isNodeRedis(client)) {
    const subscriber = client.duplicate()
    return {
      get isReady() {
        return subscriber.isReady
      },
      async subscribe() {
        if (!subscriber.isOpen) await subscriber.connect()
        await subscriber.subscribe(channel, listener)
      },
      on: (event, handler) => subscriber.on(event, handler),
      end: () => subscriber.destroy(),
    }
  }
  const subscriber = client.duplicate()
  subscriber.on('message', (_, text) => listener(String(text)))
  return {
    get isReady() {
      return subscriber.status === 'ready'
    },
    subscribe: () => subscriber.subscribe(channel),
    on: (event, handler) => subscriber.on(event, handler),
    end: () => subscriber.disconnect(),
  }
}

function isUsable(client: RedisBrokerOptions['client']): boolean {
  // A client of ioredis that waits connects with its first command.
  return isNodeRedis(client) ? client.isReady : client.status === 'ready' || client.status === 'wait'
}

function isNodeRedis(client: RedisBrokerOptions['client']): client is NodeRedisPubSub {
  return 'isReady' in client
}

function checkClient(client: unknown): void {
  const has = (name: string): boolean => typeof (client as Record<string, unknown>)[name] === 'function'
  const isObject = typeof client === 'object' && client !== null
  if (isObject && 'isCluster' in client && client.isCluster === true) {
    const rule = 'a client of one Redis server: published at several nodes, messages come in several orders'
    throw cometError('COMET_ERR_OPTION', { option: 'redisBroker.client', value: 'a Cluster', rule })
  }
  if (isObject && ['duplicate', 'publish', 'subscribe', 'on'].every(has)) return
  const rule = 'a client of ioredis or redis, for example new Redis()'
  throw cometError('COMET_ERR_OPTION', { option: 'redisBroker.client', value: typeof client, rule })
}
