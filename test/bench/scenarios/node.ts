import { contenders } from '../contenders.ts'
import { megabytes, type Column, type Scenario } from '../scenario.ts'
import { deliveryColumns, measureDeliveries } from './deliveries.ts'

const pipes = 100
const order = ['cpu', 'memory', 'perSecond', 'perCpuSecond', 'p50', 'p99']
const columns: readonly Column[] = [...deliveryColumns, { name: 'memory', title: 'memory', show: megabytes }]

/** What a busy site asks of one process: many are there, and each message concerns a few. */
function busySite(name: string, title: string, published: number): Scenario {
  return {
    name: `node-${name}`,
    title: `10,000 subscribed sessions, 1000 messages a second to ${title}`,
    base: 'ws',
    columns: order.flatMap((one) => columns.filter((column) => column.name === one)),
    subjects: contenders.flatMap(({ each, ...contender }) => {
      if (each === undefined || (published === 1 && contender.name === 'floor')) return []
      const subscribing = { ...each, numbers: pipes }
      return {
        ...contender,
        measure: ({ ms, divisor }) =>
          measureDeliveries(
            { contender, connections: 10_000 / divisor, subscribing, streams: 'own' },
            { burst: 1, rate: 1000, ms, pipes: published, ahead: 10_000, target: 'pipe' },
          ),
      }
    }),
  }
}

/** Messages to the same few can share a write, messages to others each time cannot. */
export const node: readonly Scenario[] = [
  busySite('same', 'the same 1 % of them', 1),
  busySite('others', 'another 1 % of them each time', pipes),
]
