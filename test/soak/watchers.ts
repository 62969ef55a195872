// The process of those who behave: a back-end that publishes numbered messages, and browsers of protocol 5 that count what
// they get. It has a process of its own, so that its figures are the server's and not those of the crowd.
import { SignJWT } from 'jose'
import { CometClient, type TransportName } from 'star-comet/client'
import { WebSocket } from 'ws'
import { CpuMeter, type CpuShare } from './cpu-meter.ts'
import { openEventStream } from './event-stream.ts'
import { Numbers, sumOf, type Tally } from './numbers.ts'
import { argument, serve } from './part.ts'
import { Publisher } from './publisher.ts'

export interface WatchersTask {
  readonly port: number
  readonly cometqlPort: number
  readonly password: string
  readonly messagesPerSecond: number
}

/** The messages since the last sample. */
export interface WatchersSample {
  readonly published: number
  readonly deliveries: number
  /** From the INSERT until those who are never cut have it, in milliseconds; undefined where nothing came. */
  readonly latencyP99: number | undefined
  readonly latencyP50: number | undefined
  /** What the watchers had of the processors: busy near 1, they themselves are what is slow. */
  readonly watchersCpu: CpuShare
}

/** What became of all messages. */
export interface WatchersReport {
  /** Of those who stay connected, and of those whose connections break. */
  readonly staying: Tally
  readonly returning: Tally
  /** Private messages, to users who come and go. */
  readonly users: Tally
  /** How often a client was told that messages are lost. */
  readonly told: number
  /** Messages that nobody published: those of back-ends that vanished in a transaction. */
  readonly strange: number
  /** How often connections of those who come back were cut. */
  readonly cuts: number
}

interface Message {
  readonly n: number
  /** When it was published, by the clock of this process. */
  readonly t: number
}

/** Who gets messages of one name: of a pipe, or private ones. */
interface Watcher {
  readonly name: string
  readonly numbers: Numbers
  close(): void
}

const { port, cometqlPort, password, messagesPerSecond } = argument() as WatchersTask
const plainPipes = ['soak0', 'soak1', 'soak2', 'soak3', 'soak4']
/** These keep messages. */
const keptPipes = ['kept0', 'kept1', 'kept2', 'kept3', 'kept4']
const userIds = [1, 2, 3, 4, 5, 6, 7, 8]
/** As long as a client stays away, 30 s, times its share of the messages, and much more. */
const keep = 1000
const cutEveryMs = 4000
/** One of so many messages is private. */
const privateEvery = 10

const staying: Watcher[] = []
const returning: Watcher[] = []
const users: Watcher[] = []
/** The connections that may be cut. */
const sockets = new Set<WebSocket>()
/** How many messages each pipe and user got, and who was told of a gap. */
const published = new Map<string, number>()
let [told, strange, cuts, publishedNow, deliveriesNow] = [0, 0, 0, 0, 0]
const cpu = new CpuMeter()
let latencies: number[] = []
let publisher: Publisher | undefined
let publishing: NodeJS.Timeout | undefined
let cutting: NodeJS.Timeout | undefined
let total = 0

/** Those of a client that comes back, so that they can be cut. */
class CutSocket extends WebSocket {
  constructor(url: string) {
    super(url)
    sockets.add(this)
    this.on('close', () => sockets.delete(this))
  }
}

const duties = {
  async start(): Promise<void> {
    publisher = await Publisher.connect(cometqlPort, password)
    for (const name of keptPipes)
      publisher.send(`INSERT INTO pipes_settings (name, length) VALUES ('${name}', ${keep})`)
    for (const id of userIds) publisher.send(`INSERT INTO users_auth (id, hash) VALUES (${id}, '${hashOf(id)}')`)
    await publisher.answered()
    for (const name of [...plainPipes, ...keptPipes]) {
      for (let n = 0; n < 2; n++) staying.push(watch(name, { WebSocket }, true))
      staying.push(watchStream(name))
    }
    for (const name of keptPipes) {
      staying.push(watch(name, { transports: ['polling'] }, false))
      for (let n = 0; n < 2; n++) returning.push(watch(name, { WebSocket: CutSocket }, false))
    }
    for (const id of userIds)
      users.push(watch('msg', { WebSocket: CutSocket, userId: id, ...(await keyOf(id)) }, false))
    await allReady()
    let due = performance.now()
    publishing = setInterval(() => {
      for (; due < performance.now(); due += 1000 / messagesPerSecond) publish()
    }, 5)
  },

  sample(): WatchersSample {
    const sorted = Float64Array.from(latencies).sort()
    const sample = {
      published: publishedNow,
      deliveries: deliveriesNow,
      latencyP50: sorted[Math.floor(sorted.length * 0.5)],
      latencyP99: sorted[Math.floor(sorted.length * 0.99)],
      watchersCpu: cpu.since(),
    }
    latencies = []
    publishedNow = deliveriesNow = 0
    return sample
  },

  /** Whether the connections of those who come back are cut from now on: every few seconds, all at once. */
  storm({ isOn }: { readonly isOn: boolean }): void {
    clearInterval(cutting)
    if (!isOn) return
    cut()
    cutting = setInterval(cut, cutEveryMs)
  },

  /** Publishes no more, and waits `ms` milliseconds at most until everybody has everything. */
  async finish({ ms }: { readonly ms: number }): Promise<WatchersReport> {
    clearInterval(publishing)
    clearInterval(cutting)
    await publisher?.answered()
    const end = Date.now() + ms
    while (!isComplete() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20))
    return { staying: tally(staying), returning: tally(returning), users: tally(users), told, strange, cuts }
  },

  leave(): void {
    for (const watcher of [...staying, ...returning, ...users]) watcher.close()
    publisher?.close()
  },
}

export type WatchersDuties = typeof duties
serve(duties)

type ClientOptions = ConstructorParameters<typeof CometClient>[0] & { readonly transports?: readonly TransportName[] }

function watch(name: string, options: ClientOptions, isTimed: boolean): Watcher {
  const numbers = new Numbers()
  const client = new CometClient({ url: `http://127.0.0.1:${port}`, logLevel: 0, ...options })
  client.subscribe<Message>(name, ({ data }) => receive(numbers, data, isTimed))
  client.on('gap', () => told++)
  const user = options.userId
  return { name: user === undefined ? name : `user${user}`, numbers, close: () => client.close() }
}

function watchStream(name: string): Watcher {
  const numbers = new Numbers()
  const stream = openEventStream(port, [name], (line) => {
    const { pipe, data } = JSON.parse(line) as { readonly pipe: string; readonly data: Message }
    if (pipe === name) receive(numbers, data, true)
  })
  return { name, numbers, close: () => stream.close() }
}

/** Messages before the first have the number 0. */
function receive(numbers: Numbers, { n, t }: Partial<Message>, isTimed: boolean): void {
  deliveriesNow++
  if (n === undefined || t === undefined) strange++
  else if (n === 0) numbers.begin()
  else {
    numbers.add(n)
    if (isTimed) latencies.push(performance.now() - t)
  }
}

function publish(): void {
  total++
  const pipes = [...plainPipes, ...keptPipes]
  const userId = userIds[Math.floor(total / privateEvery) % userIds.length] ?? 1
  if (total % privateEvery === 0) send('users_messages', userId, `user${userId}`)
  else send('pipes_messages', pipes[total % pipes.length] ?? '', pipes[total % pipes.length] ?? '')
}

function send(table: 'users_messages' | 'pipes_messages', to: string | number, name: string): void {
  const n = (published.get(name) ?? 0) + 1
  published.set(name, n)
  publishedNow++
  insert(table, to, { n, t: performance.now() })
}

function insert(table: 'users_messages' | 'pipes_messages', to: string | number, message: Message): void {
  const column = table === 'pipes_messages' ? 'name' : 'id'
  publisher?.send(
    `INSERT INTO ${table} (${column}, event, message) VALUES ('${to}', 'add', '${JSON.stringify(message)}')`,
  )
}

/** Nobody can miss what was before the first message. */
async function allReady(): Promise<void> {
  const waiting = (): Watcher[] => [...staying, ...returning, ...users].filter(({ numbers }) => !numbers.hasBegun)
  for (let tries = 0; waiting().length > 0; tries++) {
    if (tries > 200)
      throw new Error(
        `Not all watchers have connected: ${waiting()
          .map(({ name }) => name)
          .join()}`,
      )
    for (const name of [...plainPipes, ...keptPipes]) insert('pipes_messages', name, { n: 0, t: 0 })
    for (const id of userIds) insert('users_messages', id, { n: 0, t: 0 })
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function cut(): void {
  for (const socket of sockets) socket.terminate()
  cuts += sockets.size
}

function isComplete(): boolean {
  return [...staying, ...returning, ...users].every(({ name, numbers }) => numbers.isComplete(published.get(name) ?? 0))
}

function tally(watchers: readonly Watcher[]): Tally {
  return sumOf(watchers.map(({ name, numbers }) => numbers.tally(published.get(name) ?? 0)))
}

function hashOf(userId: number): string {
  return `hash-of-${userId}`
}

/** Every other user logs in by JWT. */
async function keyOf(userId: number): Promise<{ readonly userKey: string }> {
  if (userId % 2 === 0) return { userKey: hashOf(userId) }
  const token = new SignJWT({ user_id: userId }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1 day')
  return { userKey: await token.sign(new TextEncoder().encode(`${password}0`)) }
}
