import { contender, starComet } from '../contenders.ts'
import type { LoadOrder, LoadReport, ServerOrder, ServerReport } from '../messages.ts'
import { cpuMs } from '../proc.ts'
import { loadCpu, Part, serverCpu } from '../processes.ts'
import { percent, thousands, type Sample, type Scenario, type Sizes } from '../scenario.ts'

const pipe = 'track_bench'
const members = 1000
const joinsPerSecond = 1000

/** Who comes to a tracked pipe, and who leaves it, is told to all its members. */
export const presence: Scenario = {
  name: 'presence',
  title: `${joinsPerSecond} joins and as many leaves a second in a tracked pipe of ${members}`,
  columns: [
    { name: 'perSecond', title: 'deliveries/s', show: thousands },
    { name: 'cpu', title: 'CPU', show: percent },
  ],
  subjects: [{ ...contender('star-comet'), measure }],
}

async function measure({ ms, divisor }: Sizes): Promise<Sample> {
  const connections = members / divisor
  const server = new Part<ServerReport, ServerOrder>(contender('star-comet').file, serverCpu)
  const load = new Part<LoadReport, LoadOrder>('./load/main.ts', loadCpu)
  try {
    const { port, pid } = await server.next('listening')
    load.order({ type: 'connect', port, connections, subscribing: starComet(pipe), streams: 'presence' })
    await load.next('ready')
    load.order({ type: 'count' })
    await load.next('counting')
    const usedBefore = cpuMs(pid)
    const rate = (joinsPerSecond * 2) / divisor
    load.order({ type: 'churn', port, subscribing: starComet('bench'), connections: 200, pipe, rate, ms })
    const done = load.next('done')
    const { events, startedAt } = await load.next('churned')
    load.order({ type: 'expect', deliveries: events * connections })
    const { deliveries, lastAt, problems, busy } = await done
    const wallMs = (lastAt - startedAt) / 1000
    const values = { perSecond: (deliveries / wallMs) * 1000, cpu: ((cpuMs(pid) - usedBefore) / wallMs) * 100 }
    return { values, problems, busy }
  } finally {
    await Promise.all([server.stop(), load.stop()])
  }
}
