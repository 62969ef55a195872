import type { LoadOrder, LoadReport, ServerOrder, ServerReport, Task } from './messages.ts'
import { Part } from './processes.ts'

/** A server to measure: how it is started, and how one subscribes to it. */
export interface Contender {
  readonly name: string
  readonly file: string
  readonly path: string
  readonly commands: readonly string[]
  /** What the answer to the handshake holds when a subscriber is ready for its commands. */
  readonly marker: string
  /** What the answer to the last command holds; '' where there is none. */
  readonly confirmation: string
}

export const contenders: readonly Contender[] = [
  {
    name: 'star-comet',
    file: './server-star-comet.ts',
    path: '/ws/sesion=&myid=&devid=0&v=4.0&uuid=&api=js',
    commands: ['subscription\nbench', 'pipe_count\nweb_bench\nready'],
    marker: 'serverInfo',
    confirmation: '"marker":"ready"',
  },
  { name: 'plain ws', file: './server-ws.ts', path: '/', commands: [], marker: '\r\n\r\n', confirmation: '' },
]

export interface FanOutResult {
  readonly deliveriesPerSecond: number
  readonly perCpuSecond: number
  readonly problems: readonly string[]
  /** How busy the load process was, 0 to 1; near 1 it was the bottleneck. */
  readonly loadBusy: number
}

/** One run: a fresh server, `connections` subscribers of one pipe, publishing for a while; every message is checked. */
export async function fanOut(contender: Contender, connections: number, task: Task): Promise<FanOutResult> {
  const server = new Part<ServerReport, ServerOrder>(contender.file, 0)
  const load = new Part<LoadReport, LoadOrder>('./load.ts', 1)
  try {
    const { port } = await server.next('listening')
    const { path, commands, marker, confirmation } = contender
    load.order({ type: 'connect', port, path, connections, commands, marker, confirmation })
    await load.next('ready')
    await once(server, load, { burst: task.burst, ms: 1000 }) // warm-up: the compiler has seen the hot path
    return await once(server, load, task)
  } finally {
    server.stop()
    load.stop()
  }
}

async function once(
  server: Part<ServerReport, ServerOrder>,
  load: Part<LoadReport, LoadOrder>,
  task: Task,
): Promise<FanOutResult> {
  const pass = (report: LoadReport): void => {
    if (report.type === 'progress') server.order({ type: 'received', messages: report.messages })
  }
  load.on(pass)
  const counting = load.next('counting')
  load.order({ type: 'count' })
  await counting // what is published before it counts would be missing
  server.order({ type: 'publish', task })
  const { messages, cpuMs, wallMs } = await server.next('published')
  load.order({ type: 'expect', messages })
  const { deliveries, problems, busy } = await load.next('done')
  load.off(pass)
  return {
    deliveriesPerSecond: (deliveries / wallMs) * 1000,
    perCpuSecond: (deliveries / cpuMs) * 1000,
    problems,
    loadBusy: busy,
  }
}
