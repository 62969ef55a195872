import { contender, contenders, starComet, type Contender } from '../contenders.ts'
import { userOf, type Subscribing, type Task } from '../messages.ts'
import type { Scenario, Subject } from '../scenario.ts'
import { deliveryColumns, measureDeliveries } from './deliveries.ts'

const inTurn = { burst: 100, rate: 0, ahead: 5000 } as const

function subject(server: Contender, subscribing: Subscribing, target: Task['target']): Subject {
  return {
    ...server,
    measure: ({ ms, divisor }) => {
      const connections = 1000 / divisor
      const audience = { contender: server, connections, subscribing, streams: 'own' as const }
      return measureDeliveries(audience, { ...inTurn, pipes: connections, ms, target })
    },
  }
}

export const manyPipes: Scenario = {
  name: 'pipes-1000',
  title: '1000 pipes with one subscriber each, 100 messages a turn to them in turn',
  base: 'ws',
  columns: deliveryColumns,
  subjects: contenders.flatMap((server) => (server.each === undefined ? [] : [subject(server, server.each, 'pipe')])),
}

export const privateMessages: Scenario = {
  name: 'private',
  title: 'Private messages to 1000 users who are logged in, 100 a turn',
  base: 'ws',
  columns: deliveryColumns,
  subjects: [
    subject(contender('star-comet'), starComet('bench#', userOf('#')), 'user'),
    subject(
      { ...contender('ws'), title: '`ws`, a Map of users' },
      { path: '/#', steps: [{ expect: '\r\n\r\n' }] },
      'pipe',
    ),
  ],
}
