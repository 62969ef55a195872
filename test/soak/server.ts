// The server process of the soak: star-comet as it is built, with a fault of its own where the test asks for one.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createCometServer, longPoll, sse, webSocket, type SessionInfo, type Transport } from 'star-comet'
import { CpuMeter, type CpuShare } from './cpu-meter.ts'
import { argument, serve } from './part.ts'
import { ShiftedClock } from './shifted-clock.ts'

export interface ServerTask {
  readonly password: string
  /** What the server does wrong on purpose: it keeps memory, or does not send one frame of a hundred. */
  readonly faults: readonly ('leak' | 'loss')[]
  /** How long a browser may go without a poll, in milliseconds. */
  readonly pollTimeoutMs: number
}

/** The server at one moment. Memory is in bytes. */
export interface ServerSample {
  readonly rss: number
  /** Undefined where the garbage was not collected before: then it says nothing. */
  readonly heap: number | undefined
  readonly sessions: number
  readonly pipes: number
  /** What keeps the process alive: sockets, timers, requests. */
  readonly handles: number
  /** Of the delays of the event loop since the last sample, in milliseconds. */
  readonly loopP99: number
  /** Of the processors, since the last sample. */
  readonly cpu: CpuShare
}

/** What is left when everybody has gone. */
export interface Remains {
  readonly sessions: number
  readonly pipes: number
  /** Those that were not there at the start, by their kinds. */
  readonly handles: Readonly<Record<string, number>>
  /** Tenants that are still in memory though nobody is in them. */
  readonly tenants: number
}

const { password, faults, pollTimeoutMs } = argument() as ServerTask

/** As the server frees a tenant in which nobody is a minute later, at most. */
const tenantMs = 61_000
const leakBytes = 2 ** 21

const clock = new ShiftedClock()
const errors: string[] = []
/** How often the configuration of a tenant was asked for. */
const lookUps = new Map<number, number>()
const comet = createCometServer({
  cometql: { port: 0 },
  clock,
  pipes: { 'newest*': { slowConsumer: 'newest' } },
  tenants: (devId) => {
    lookUps.set(devId, (lookUps.get(devId) ?? 0) + 1)
    return { key: password }
  },
  transports: [
    faults.includes('loss') ? lossy(webSocket()) : webSocket(),
    sse(),
    longPoll({ sessionTimeoutMs: pollTimeoutMs }),
  ],
  logger: { warn: () => undefined, error: (message) => void errors.push(message) },
})
const http = createServer((_, response) => response.writeHead(404).end())
comet.attach(http)

let sessions = 0
const subscribers = new Map<string, number>()
const nameOf = ({ devId }: SessionInfo, pipe: string): string => `${devId} ${pipe}`
comet.on('connect', () => sessions++)
comet.on('disconnect', () => sessions--)
comet.on('subscribe', (session, pipe) => {
  const name = nameOf(session, pipe)
  subscribers.set(name, (subscribers.get(name) ?? 0) + 1)
})
comet.on('unsubscribe', (session, pipe) => {
  const name = nameOf(session, pipe)
  const left = (subscribers.get(name) ?? 0) - 1
  if (left === 0) subscribers.delete(name)
  else subscribers.set(name, left)
})

const delays = monitorEventLoopDelay({ resolution: 5 })
const cpu = new CpuMeter()
const leaked: string[][] = []
let handlesBefore: Readonly<Record<string, number>> = {}

const duties = {
  async start() {
    await comet.ready
    await new Promise<void>((resolve) => http.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve))
    delays.enable()
    handlesBefore = handles()
    return { port: (http.address() as AddressInfo).port, cometqlPort: comet.address()?.port ?? 0 }
  },

  sample({ collect }: { readonly collect: boolean }): ServerSample {
    if (faults.includes('leak')) leaked.push(Array.from({ length: leakBytes / 8 }, () => 'kept'))
    const loopP99 = delays.percentile(99) / 1e6
    delays.reset()
    const share = cpu.since()
    if (collect) globalThis.gc?.()
    const { rss, heapUsed } = process.memoryUsage()
    return {
      rss,
      heap: collect ? heapUsed : undefined,
      sessions,
      pipes: subscribers.size,
      handles: process.getActiveResourcesInfo().length,
      loopP99,
      cpu: share,
    }
  },

  /** Waits until nothing is left, `ms` milliseconds at most. */
  async settle({ ms }: { readonly ms: number }): Promise<Remains> {
    const end = Date.now() + ms
    for (;;) {
      const remains = { sessions, pipes: subscribers.size, handles: handlesLeft() }
      const isClean = sessions === 0 && subscribers.size === 0 && Object.keys(remains.handles).length === 0
      if (!isClean && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50))
      else return { ...remains, tenants: await tenantsLeft() }
    }
  },

  errors(): readonly string[] {
    return errors
  },

  async close(): Promise<void> {
    await comet.close()
    await new Promise((resolve) => http.close(resolve))
    delays.disable()
  },
}

export type ServerDuties = typeof duties
serve(duties)

function handles(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

function handlesLeft(): Record<string, number> {
  const more = Object.entries(handles()).map(([kind, count]) => [kind, count - (handlesBefore[kind] ?? 0)] as const)
  return Object.fromEntries(more.filter(([, count]) => count > 0))
}

/** A tenant that was freed is looked up anew. */
async function tenantsLeft(): Promise<number> {
  clock.skip(tenantMs)
  clock.skip(tenantMs) // those that were opened after the last look
  await new Promise((resolve) => setTimeout(resolve, 50)) // closing them takes a moment, of which nobody tells
  const before = new Map(lookUps)
  for (const devId of before.keys()) await comet.tenant(devId).query('SELECT 1')
  return [...before].filter(([devId, count]) => lookUps.get(devId) === count).length
}

/** Does not send one frame of a hundred, and tells nobody. */
function lossy(transport: Transport): Transport {
  let frames = 0
  return {
    name: transport.name,
    close: () => transport.close(),
    start(accept, ...rest) {
      transport.start(
        (connection, hello) => {
          const send = connection.send.bind(connection)
          connection.send = (frame, taken) => {
            if (++frames % 100 !== 0) send(frame, taken)
          }
          return accept(connection, hello)
        },
        ...rest,
      )
    },
  }
}
