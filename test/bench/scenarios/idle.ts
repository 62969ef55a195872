import { setTimeout } from 'node:timers/promises'
import { contenders, starComet, type Contender } from '../contenders.ts'
import { userOf, type LoadOrder, type LoadReport, type ServerOrder, type ServerReport } from '../messages.ts'
import { cpuMs, ownMemory } from '../proc.ts'
import { loadCpu, Part } from '../processes.ts'
import { bytes, micros, thousands, type Sample, type Scenario, type Sizes } from '../scenario.ts'

const settleMs = 1000

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
    .filter(({ name }) => name !== 'floor')
    .map((contender) => ({ ...contender, measure: (sizes) => measure(contender, connections, sizes) })),
}))

async function measure(contender: Contender, count: number, { divisor }: Sizes): Promise<Sample> {
  const connections = count / divisor
  const server = new Part<ServerReport, ServerOrder>(contender.file, contender.cpu)
  const load = new Part<LoadReport, LoadOrder>('./load/main.ts', loadCpu)
  try {
    const { port, pid } = await server.next('listening')
    await setTimeout(settleMs)
    const [memoryBefore, usedBefore] = [ownMemory(pid), cpuMs(pid)]
    const subscribing = contender.name === 'star-comet' ? starComet('bench0', userOf('#')) : contender.one
    load.order({ type: 'connect', port, connections, subscribing, streams: 'shared' })
    const { ms } = await load.next('ready')
    const cpu = ((cpuMs(pid) - usedBefore) / connections) * 1000
    await setTimeout(settleMs)
    const memory = (ownMemory(pid) - memoryBefore) / connections
    return { values: { memory, cpu, perSecond: (connections / ms) * 1000 }, problems: [], busy: 0 }
  } finally {
    await Promise.all([server.stop(), load.stop()])
  }
}
