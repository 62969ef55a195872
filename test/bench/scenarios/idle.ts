import { setTimeout } from 'node:timers/promises'
import { contenders, starComet, type Contender } from '../contenders.ts'
import { userOf, type LoadOrder, type LoadReport, type ServerOrder, type ServerReport } from '../messages.ts'
import { cpuMs, ownMemory } from '../proc.ts'
import { loadCpu, Part } from '../processes.ts'
import { bytes, micros, thousands, type Sample, type Scenario, type Sizes } from '../scenario.ts'

const settleMs = 1000
/** The share of the connections that come before: what a server takes once, for its code and its garbage, is not theirs. */
const firstShare = 0.1

/** Connections that say nothing: what they take of memory, and how fast they can come. */
export const idle: readonly Scenario[] = [1000, 10_000, 19_000].map((connections) => ({
  name: `idle-${connections}`,
  title: `${connections} idle connections, subscribed to one pipe; those of star-comet are logged in`,
  base: 'ws',
  columns: [
    { name: 'memory', title: 'memory each', show: bytes },
    { name: 'cpu', title: 'CPU to accept one', show: micros },
    { name: 'perSecond', title: 'accepted a second', show: thousands },
  ],
  subjects: contenders
    .filter(({ name }) => name !== 'floor' && name !== 'ungathered')
    .map((contender) => ({ ...contender, measure: (sizes) => measure(contender, connections, sizes) })),
}))

async function measure(contender: Contender, count: number, { divisor }: Sizes): Promise<Sample> {
  const all = count / divisor
  const first = Math.ceil(all * firstShare)
  const connections = all - first
  const server = new Part<ServerReport, ServerOrder>(contender.file, contender.cpu)
  const [before, load] = [newLoad(), newLoad()]
  try {
    const { port, pid } = await server.next('listening')
    const subscribing = contender.name === 'star-comet' ? starComet('bench0', userOf('#')) : contender.one
    const order = { type: 'connect', port, subscribing, streams: 'shared' } as const
    before.order({ ...order, connections: first })
    await before.next('ready')
    await setTimeout(settleMs)
    const [memoryBefore, usedBefore] = [ownMemory(pid), cpuMs(pid)]
    load.order({ ...order, connections })
    const { ms } = await load.next('ready')
    const cpu = ((cpuMs(pid) - usedBefore) / connections) * 1000
    await setTimeout(settleMs)
    const memory = (ownMemory(pid) - memoryBefore) / connections
    return { values: { memory, cpu, perSecond: (connections / ms) * 1000 }, problems: [], busy: 0 }
  } finally {
    await Promise.all([server.stop(), before.stop(), load.stop()])
  }
}

function newLoad(): Part<LoadReport, LoadOrder> {
  return new Part<LoadReport, LoadOrder>('./load/main.ts', loadCpu)
}
