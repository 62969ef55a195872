import { setTimeout } from 'node:timers/promises'
import { contender as contenderNamed, contenders, starComet, type Contender } from '../contenders.ts'
import { userOf, type LoadOrder, type LoadReport, type ServerOrder, type ServerReport } from '../messages.ts'
import { cpuMs, ownMemory } from '../proc.ts'
import { loadCpu, Part, serverCpu } from '../processes.ts'
import { bytes, micros, thousands, type Sample, type Scenario, type Sizes } from '../scenario.ts'

const settleMs = 1000
/** The share of the connections that come before: what a server takes once, for its code and its garbage, is not theirs. */
const firstShare = 0.1

const itself = contenderNamed('star-comet')
/** A young generation of 16 MiB, V8's default, is much for a process that mostly waits. */
const frugal = '--max-semi-space-size=4'

/** Connections that say nothing: what they take of memory, and how fast they can come. */
export const idle: readonly Scenario[] = [1000, 10_000, 19_000].map((connections) => ({
  name: `idle-${connections}`,
  title: `${connections} idle connections, subscribed to one pipe; those of star-comet are logged in`,
  base: 'ws',
  columns: [
    { name: 'memory', title: 'memory each, without garbage', show: bytes },
    { name: 'withGarbage', title: 'with garbage', show: bytes },
    { name: 'cpu', title: 'CPU to accept one', show: micros },
    { name: 'perSecond', title: 'accepted a second', show: thousands },
  ],
  subjects: [
    ...contenders
      .filter(({ name }) => name !== 'floor' && name !== 'ungathered')
      .map((contender) => ({ ...contender, measure: (sizes: Sizes) => measure(contender, connections, sizes) })),
    {
      name: 'frugal',
      title: `star-comet, \`${frugal}\``,
      measure: (sizes: Sizes) => measure(itself, connections, sizes, [frugal]),
    },
  ],
}))

async function measure(
  contender: Contender,
  count: number,
  { divisor }: Sizes,
  flags: readonly string[] = [],
): Promise<Sample> {
  const all = count / divisor
  const first = Math.ceil(all * firstShare)
  const connections = all - first
  const server = new Part<ServerReport, ServerOrder>(contender.file, contender.cpu, ['--expose-gc', ...flags])
  const collect = async (): Promise<void> => {
    if (contender.cpu !== serverCpu) return // not a program of Node
    server.order({ type: 'collect' })
    await server.next('collected')
  }
  const [before, load] = [newLoad(), newLoad()]
  try {
    const { port, pid } = await server.next('listening')
    const subscribing = contender.name === 'star-comet' ? starComet('bench0', userOf('#')) : contender.one
    const order = { type: 'connect', port, subscribing, streams: 'shared' } as const
    before.order({ ...order, connections: first })
    await before.next('ready')
    await setTimeout(settleMs)
    await collect()
    const [memoryBefore, usedBefore] = [ownMemory(pid), cpuMs(pid)]
    load.order({ ...order, connections })
    const { ms, busy } = await load.next('ready')
    const cpu = ((cpuMs(pid) - usedBefore) / connections) * 1000
    await setTimeout(settleMs)
    const withGarbage = (ownMemory(pid) - memoryBefore) / connections
    await collect()
    const memory = (ownMemory(pid) - memoryBefore) / connections
    return { values: { memory, withGarbage, cpu, perSecond: (connections / ms) * 1000 }, problems: [], busy }
  } finally {
    await Promise.all([server.stop(), before.stop(), load.stop()])
  }
}

function newLoad(): Part<LoadReport, LoadOrder> {
  return new Part<LoadReport, LoadOrder>('./load/main.ts', loadCpu)
}
