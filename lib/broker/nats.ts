import { randomBytes } from 'node:crypto'
import { cometError } from '../errors.ts'
import type { Broker, BrokerConnection, BrokerReceiver } from './broker.ts'
import { chunksOf, Joiner } from './nats-chunks.ts'
import { away, checkPatience, defaultPatienceMs, PatientSender, problemOf, type PatienceOptions } from './patience.ts'

/** What is used of a message. */
export interface NatsMessage {
  readonly data: Uint8Array
  readonly reply?: string | undefined
}

/** What is used of a connection of `nats` or `@nats-io/transport-node`. */
export interface NatsClient {
  readonly info?: { readonly max_payload: number } | undefined
  isClosed(): boolean
  request(subject: string, payload: Uint8Array, options: { timeout: number }): Promise<NatsMessage>
  subscribe(
    subject: string,
    options: { callback: (error: Error | null, message: NatsMessage) => void },
  ): { unsubscribe(): void }
  status(): AsyncIterable<{ readonly type: string }>
}

/** Options of `natsBroker()`. */
export interface NatsBrokerOptions extends PatienceOptions {
  /** A connection of `nats` or `@nats-io/transport-node`; it stays yours. Let it reconnect for ever: `maxReconnectAttempts: -1`. */
  readonly client: NatsClient
  /** The stream, made where it is missing, and the subject; servers with the same one are nodes of one whole. Default `star-comet`. */
  readonly stream?: string
}

/** How long the stream holds a message, in nanoseconds: only as long as it takes to hand it on. */
const maxAge = 30_000_000_000
/** The most that the stream holds, in bytes. */
const maxBytes = 64 * 1024 * 1024
/** The server may be silent for so many heartbeats; then it has forgotten the consumer. */
const silentBeats = 3
/** The shortest pause of heartbeats that the server takes, in milliseconds. */
const minBeatMs = 100
/** Kept free in a payload for the header of a chunk. */
const headerSize = 64

/**
 * Joins nodes by a JetStream stream in memory: core NATS has one order for each publisher, a stream has one for all. The
 * server needs JetStream (`nats-server -js`).
 * Source of subjects and JSON: docs.nats.io, "JetStream wire API Reference".
 * @throws CometError COMET_ERR_OPTION
 */
export function natsBroker({
  client,
  stream = 'star-comet',
  patienceMs = defaultPatienceMs,
}: NatsBrokerOptions): Broker {
  checkClient(client)
  checkPatience('natsBroker.patienceMs', patienceMs)
  if (!/^[0-9A-Za-z_-]+$/.test(stream)) {
    const rule = 'a name of characters 0-9 A-Z a-z _ -'
    throw cometError('COMET_ERR_OPTION', { option: 'natsBroker.stream', value: stream, rule })
  }
  return {
    async connect(receiver) {
      const connection = new NatsConnection(client, stream, patienceMs, receiver)
      await connection.open()
      return connection
    },
  }
}

/** One node on a stream. */
class NatsConnection implements BrokerConnection {
  readonly #client: NatsClient
  readonly #stream: string
  readonly #patienceMs: number
  readonly #receiver: BrokerReceiver
  readonly #sender: PatientSender
  readonly #id = randomBytes(8).toString('hex')
  #joiner = new Joiner()
  #count = 0
  #subscription: { unsubscribe(): void } | undefined
  /** Names the consumer in use: what an earlier one still sends is not looked at. */
  #consumer = 0
  /** The consumer's number of the next message. */
  #next = 1
  #retry: NodeJS.Timeout | undefined
  #watchdog: NodeJS.Timeout | undefined
  /** Whether the consumer was heard since the watchdog looked. */
  #isHeard = false
  /** It is begun anew: the watchdog has nothing to look for. */
  #isStarting = false
  #isClosed = false

  constructor(client: NatsClient, stream: string, patienceMs: number, receiver: BrokerReceiver) {
    this.#client = client
    this.#stream = stream
    this.#patienceMs = patienceMs
    this.#receiver = receiver
    this.#sender = new PatientSender('NATS', patienceMs, (text) => this.#send(text))
  }

  async open(): Promise<void> {
    try {
      await this.#consume()
    } catch (error) {
      await this.close()
      throw away(
        `the stream "${this.#stream}" could not be opened (${problemOf(error)}); it needs JetStream: nats-server -js`,
      )
    }
    this.#sender.resume()
    void this.#watch()
    this.#watchdog = setInterval(() => {
      if (!this.#isHeard && !this.#isStarting) this.#startAgain()
      this.#isHeard = false
    }, this.#beatMs * silentBeats).unref()
  }

  publish(text: string): Promise<void> {
    return this.#sender.publish(text)
  }

  close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#retry)
    clearInterval(this.#watchdog)
    this.#sender.close()
    if (!this.#client.isClosed()) this.#subscription?.unsubscribe() // the server then forgets the consumer
    return Promise.resolve()
  }

  get #beatMs(): number {
    return Math.max(minBeatMs, this.#patienceMs)
  }

  /** Reads the stream from its end, anew: the one before ended with the connection, or missed something. */
  async #consume(): Promise<void> {
    const consumer = ++this.#consumer
    this.#subscription?.unsubscribe()
    this.#joiner = new Joiner()
    this.#next = 1
    const inbox = `_INBOX.${this.#id}.${consumer}`
    const callback = (error: Error | null, message: NatsMessage): void => {
      if (error === null && consumer === this.#consumer && !this.#isClosed) this.#take(message)
    }
    this.#subscription = this.#client.subscribe(inbox, { callback })
    await this.#makeStream()
    const config = {
      deliver_subject: inbox,
      deliver_policy: 'new',
      ack_policy: 'none',
      mem_storage: true,
      num_replicas: 1,
      idle_heartbeat: this.#beatMs * 1_000_000,
    }
    await this.#ask(`CONSUMER.CREATE.${this.#stream}`, { stream_name: this.#stream, config })
  }

  async #makeStream(): Promise<void> {
    const config = {
      name: this.#stream,
      subjects: [this.#stream],
      storage: 'memory',
      retention: 'limits',
      max_age: maxAge,
      max_bytes: maxBytes,
      discard: 'old',
      num_replicas: 1,
      // A message that is sent twice would be delivered twice: nothing is, so nothing need be remembered for long.
      duplicate_window: 1_000_000_000,
    }
    // Nobody minds that it exists, with this configuration or with the user's own.
    const nameInUse = 10058
    await this.#ask(`STREAM.CREATE.${this.#stream}`, config, nameInUse)
  }

  async #ask(subject: string, request: object, harmless?: number): Promise<void> {
    const payload = new TextEncoder().encode(JSON.stringify(request))
    const reply = await this.#client.request(`$JS.API.${subject}`, payload, { timeout: this.#patienceMs })
    checkReply(reply, harmless)
  }

  /**
   * The reply subject is `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream's number>.<consumer's number>.<time>.<pending>`,
   * or the same with `<domain>.<account>` before the stream and a random part at its end; a heartbeat has none.
   */
  #take({ data, reply = '' }: NatsMessage): void {
    this.#isHeard = true
    if (reply === '') return
    const parts = reply.split('.')
    const number = Number(parts[parts.length === 9 ? 6 : 8])
    if (number !== this.#next) {
      this.#startAgain()
      return
    }
    this.#next++
    const text = this.#joiner.take(data)
    if (text !== undefined) this.#receiver.message(text)
  }

  async #send(text: string): Promise<void> {
    const limit = (this.#client.info?.max_payload ?? 1024 * 1024) - headerSize
    const replies = chunksOf(text, `${this.#id}.${++this.#count}`, limit).map((chunk) =>
      this.#client.request(this.#stream, chunk, { timeout: this.#patienceMs }),
    )
    for (const reply of await Promise.all(replies)) checkReply(reply)
  }

  /** Ends with the client. */
  async #watch(): Promise<void> {
    for await (const { type } of this.#client.status()) {
      if (this.#isClosed) return
      if (type === 'disconnect') this.#sender.pause()
      if (type === 'reconnect') this.#startAgain()
    }
  }

  #startAgain(): void {
    clearTimeout(this.#retry)
    this.#sender.pause()
    this.#isStarting = true
    this.#consume().then(
      () => {
        this.#isStarting = false
        if (this.#isClosed) return
        this.#sender.resume()
        this.#receiver.gap()
      },
      () => {
        if (!this.#isClosed) this.#retry = setTimeout(() => this.#startAgain(), this.#patienceMs).unref()
      },
    )
  }
}

/** @throws Error what JetStream answered, if it is an error other than `harmless` */
function checkReply({ data }: NatsMessage, harmless?: number): void {
  const { error } = JSON.parse(new TextDecoder().decode(data)) as {
    readonly error?: { readonly err_code?: number; readonly description?: string }
  }
  if (error !== undefined && error.err_code !== harmless) throw new Error(error.description ?? 'JetStream refused')
}

function checkClient(client: unknown): void {
  const has = (name: string): boolean => typeof (client as Record<string, unknown>)[name] === 'function'
  if (typeof client === 'object' && client !== null && ['request', 'subscribe', 'status', 'isClosed'].every(has)) return
  const rule = 'a connection of nats, for example await connect()'
  throw cometError('COMET_ERR_OPTION', { option: 'natsBroker.client', value: typeof client, rule })
}
