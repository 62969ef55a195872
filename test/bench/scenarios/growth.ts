import { contender } from '../contenders.ts'
import { bytes, micros, thousands, type Column, type Sample, type Scenario } from '../scenario.ts'
import { measureDeliveries } from './deliveries.ts'
import { measureFigure } from './figures.ts'
import { measureInserts } from './inserts.ts'

/** A scenario whose subjects are sizes. */
function growing(
  name: string,
  title: string,
  columns: readonly Column[],
  sizes: readonly number[],
  measure: (size: number, ms: number) => Promise<Sample>,
): Scenario {
  const subjects = sizes.map((size) => ({
    name: String(size),
    title: size.toLocaleString('en'),
    measure: ({ ms, divisor }: { ms: number; divisor: number }) => measure(Math.ceil(size / divisor), ms),
  }))
  return { name: `growth-${name}`, title, columns, subjects, isGrowth: true }
}

const memoryEach = { name: 'bytes', title: 'memory each', show: bytes }
const timeEach = { name: 'time', title: 'CPU each', show: micros }

/** What something costs as it becomes more. */
export const growth: readonly Scenario[] = [
  growing(
    'deliveries',
    'A delivery in bursts of 10, by subscribers of the pipe',
    [timeEach],
    [10, 100, 1000, 10_000],
    async (size, ms) => {
      const star = contender('star-comet')
      const audience = { contender: star, connections: size, subscribing: star.one, streams: 'shared' } as const
      // Of one message at a time the turn itself would be the dearest part where few subscribe. Not more than 50 are on
      // their way, to however many: what more of them would save by sharing writes is not what is measured here.
      const burst = 10
      const task = { burst, rate: 0, ms, pipes: 1, ahead: 50, target: 'pipe' } as const
      const { values, ...rest } = await measureDeliveries(audience, task)
      return { values: { time: 1e6 / (values.perCpuSecond ?? NaN) }, ...rest }
    },
  ),
  growing(
    'subscriptions',
    'A session, by its subscriptions',
    [memoryEach, { name: 'each', title: 'of which a subscription', show: bytes }],
    [1, 10, 100],
    (size) => measureFigure('subscriptions', size),
  ),
  growing(
    'pipes',
    'A pipe with one subscriber, by pipes',
    [memoryEach, { name: 'left', title: 'left when nobody is there any more', show: bytes }],
    [1000, 10_000, 100_000],
    (size) => measureFigure('idlePipes', size),
  ),
  growing(
    'queue',
    'A private message of 128 bytes that waits, by messages to 1000 users',
    [memoryEach],
    [1000, 10_000, 100_000],
    (size) => measureFigure('queuedMessages', size),
  ),
  growing('beside', 'Publishing to one pipe, by other pipes', [timeEach], [10, 1000, 100_000, 1_000_000], (size) =>
    measureFigure('publishingBeside', size),
  ),
  growing(
    'inserts',
    'An INSERT into one pipe over CometQL, pipelined, by other pipes',
    [timeEach, { name: 'perSecond', title: 'a second', show: thousands }],
    [10, 1000, 100_000, 1_000_000],
    measureInserts,
  ),
]
