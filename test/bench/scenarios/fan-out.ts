import { contenders, type Contender } from '../contenders.ts'
import type { Task } from '../messages.ts'
import type { Scenario, Sizes } from '../scenario.ts'
import { deliveryColumns, measureDeliveries } from './deliveries.ts'

/** How subscribers are published to: `burst` messages in a turn, not more than `ahead` on their way. */
interface Pace {
  readonly name: string
  readonly title: string
  readonly burst: number
  readonly ahead: number
}

const onePipe = { pipes: 1, rate: 0, target: 'pipe' } as const
const paces: readonly Pace[] = [
  { name: 'single', title: 'one message at a time', burst: 1, ahead: 100 },
  { name: 'bursts', title: 'bursts of 10', burst: 10, ahead: 500 },
]

function fanOut(name: string, title: string, connections: number, pace: Omit<Pace, 'name' | 'title'>): Scenario {
  return {
    name,
    title,
    base: 'ws',
    columns: deliveryColumns,
    subjects: contenders.map((contender) => ({
      ...contender,
      measure: (sizes) => measureOne(contender, connections, { ...onePipe, ...pace, ms: sizes.ms }, sizes),
    })),
  }
}

function measureOne(contender: Contender, connections: number, task: Task, { divisor }: Sizes) {
  const audience = {
    contender,
    connections: connections / divisor,
    subscribing: contender.one,
    streams: 'shared' as const,
  }
  return measureDeliveries(audience, task)
}

export const fanOuts: readonly Scenario[] = [
  ...[1000, 10_000].flatMap((connections) =>
    paces.map((pace) =>
      fanOut(
        `fan-out-${connections}-${pace.name}`,
        `Fan-out to ${connections} subscribers of one pipe, ${pace.title}`,
        connections,
        { ...pace, ahead: (pace.ahead * 1000) / connections },
      ),
    ),
  ),
  fanOut('fan-out-1000-flood', 'Fan-out to 1000 subscribers, as fast as the publisher can', 1000, {
    burst: 100,
    ahead: 200,
  }),
]
