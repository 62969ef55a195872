import { setTimeout } from 'node:timers/promises'
import type { Contender } from '../contenders.ts'
import type { LoadOrder, LoadReport, ServerOrder, ServerReport, StreamKind, Subscribing, Task } from '../messages.ts'
import { cpuMs, ownMemory } from '../proc.ts'
import { loadCpu, Part } from '../processes.ts'
import type { Column, Sample } from '../scenario.ts'
import { milliseconds, percent, thousands } from '../scenario.ts'

/** A server with its subscribers. */
export interface Audience {
  readonly contender: Contender
  readonly connections: number
  readonly subscribing: Subscribing
  readonly streams: StreamKind
}

export const deliveryColumns: readonly Column[] = [
  { name: 'perSecond', title: 'deliveries/s', show: thousands },
  { name: 'perCpuSecond', title: "per second of the server's CPU", show: thousands },
  { name: 'p50', title: 'p50', show: milliseconds },
  { name: 'p99', title: 'p99', show: milliseconds },
  { name: 'cpu', title: 'CPU', show: percent },
]

const warmUpMs = 1000

/** One run: a fresh server and its subscribers, publishing for a while; every message is counted and checked. */
export async function measureDeliveries(audience: Audience, task: Task): Promise<Sample> {
  const { contender, connections, subscribing, streams } = audience
  const server = new Part<ServerReport, ServerOrder>(contender.file, contender.cpu, [], contender.args)
  const load = new Part<LoadReport, LoadOrder>('./load/main.ts', loadCpu)
  try {
    const { port, pid } = await server.next('listening')
    load.order({ type: 'connect', port, connections, subscribing, streams })
    await load.next('ready')
    await setTimeout(contender.settleMs ?? 0)
    await publish(server, load, pid, { ...task, ms: Math.min(warmUpMs, task.ms) }, audience) // the hot path is compiled
    return await publish(server, load, pid, task, audience)
  } finally {
    await Promise.all([server.stop(), load.stop()])
  }
}

async function publish(
  server: Part<ServerReport, ServerOrder>,
  load: Part<LoadReport, LoadOrder>,
  pid: number,
  task: Task,
  { streams, connections, subscribing }: Audience,
): Promise<Sample> {
  const pass = (report: LoadReport): void => {
    if (report.type === 'progress') server.order({ type: 'received', messages: report.messages })
  }
  load.on(pass)
  const counting = load.next('counting')
  load.order({ type: 'count' })
  await counting // what is published before it counts would be missing
  const cpuBefore = cpuMs(pid)
  server.order({ type: 'publish', task })
  const done = load.next('done')
  const { messages, startedAt } = await server.next('published')
  const receivers = streams === 'shared' ? connections : connections / (subscribing.numbers ?? connections)
  load.order({ type: 'expect', deliveries: messages * receivers })
  const { deliveries, lastAt, problems, busy, p50, p99 } = await done
  load.off(pass)
  const usedMs = cpuMs(pid) - cpuBefore
  const wallMs = (lastAt - startedAt) / 1000
  const perSecond = (deliveries / wallMs) * 1000
  const cpu = (usedMs / wallMs) * 100
  const values = { perSecond, perCpuSecond: (deliveries / usedMs) * 1000, p50, p99, cpu, memory: ownMemory(pid) }
  return { values, problems, busy }
}
