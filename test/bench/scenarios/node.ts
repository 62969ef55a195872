import { contenders } from '../contenders.ts'
import { bytes, type Column, type Scenario } from '../scenario.ts'
import { deliveryColumns, measureDeliveries } from './deliveries.ts'

const pipes = 100
const first = ['cpu', 'memory']
const columns: readonly Column[] = [...deliveryColumns, { name: 'memory', title: 'memory', show: bytes }]

/** What a busy site asks of one process: many are there, and each message concerns a few. */
export const node: Scenario = {
  name: 'node',
  title: '10,000 subscribed sessions, 1000 messages a second, each to 1 % of them',
  base: 'ws',
  columns: [
    ...first.flatMap((name) => columns.filter((column) => column.name === name)),
    ...columns.filter(({ name }) => !first.includes(name)),
  ],
  subjects: contenders.flatMap(({ each, ...contender }) => {
    if (each === undefined) return []
    const subscribing = { ...each, numbers: pipes }
    return {
      ...contender,
      measure: ({ ms, divisor }) =>
        measureDeliveries(
          { contender, connections: 10_000 / divisor, subscribing, streams: 'own' },
          { burst: 1, rate: 1000, ms, pipes, ahead: 10_000, target: 'pipe' },
        ),
    }
  }),
}
