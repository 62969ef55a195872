import { contenders } from '../contenders.ts'
import type { Scenario } from '../scenario.ts'
import { deliveryColumns, measureDeliveries } from './deliveries.ts'

const rates = [20, 100, 500, 2000]
const compared = ['star-comet', 'ungathered', 'ws', 'socket.io', 'uws', 'nats', 'nchan', 'floor']
const columnOrder = ['p50', 'p99', 'cpu', 'perSecond']

/** What the same load costs, and how long the messages take: what is published waits where a server cannot keep up. */
export const rateSweeps: readonly Scenario[] = rates.map((rate) => ({
  name: `rate-${rate}`,
  title: `${rate} messages a second to 1000 subscribers`,
  base: 'ws',
  columns: columnOrder.flatMap((name) => deliveryColumns.filter((column) => column.name === name)),
  subjects: contenders
    .filter(({ name }) => compared.includes(name))
    .map((contender) => ({
      ...contender,
      measure: ({ ms, divisor }) =>
        measureDeliveries(
          { contender, connections: 1000 / divisor, subscribing: contender.one, streams: 'shared' },
          { burst: 1, rate, ms, pipes: 1, ahead: rate, target: 'pipe' },
        ),
    })),
}))
