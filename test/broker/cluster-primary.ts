// A primary process of node:cluster, and its workers, in which a test connects nodes, spread over three workers. What the
// test says to the primary is handed to the worker, and back.
import cluster, { type Worker } from 'node:cluster'
import { clusterBroker, relayClusterMessages } from '../../lib/broker/cluster.ts'
import type { BrokerConnection } from '../../lib/broker/broker.ts'

/** What the test and a worker say to each other about one node. */
export interface Say {
  readonly node: number
  readonly kind: 'connect' | 'publish' | 'close' | 'done' | 'failed' | 'message' | 'gap'
  readonly id?: number
  readonly channel?: string
  readonly text?: string
}

if (cluster.isPrimary) primary()
else worker()

function primary(): void {
  if (process.env.RELAY !== 'off') relayClusterMessages()
  const workers = new Map<number, Promise<Worker>>()
  process.on('message', (say: Say) => {
    const found = workers.get(say.node % 3) ?? startWorker()
    workers.set(say.node % 3, found)
    void found.then((worker) => worker.send(say))
  })
  process.on('disconnect', () => process.exit())
}

/** Resolves when the worker listens: what is sent before, is lost. */
function startWorker(): Promise<Worker> {
  const started = cluster.fork()
  return new Promise((resolve) => {
    started.on('message', (answer: Say | 'listening') => {
      if (answer === 'listening') resolve(started)
      else if ('node' in answer) process.send?.(answer)
    })
  })
}

function worker(): void {
  const connections = new Map<number, BrokerConnection>()
  process.on('message', (say: Say) => {
    if (!('node' in say)) return // said by the primary's relay
    const tell = (rest: Omit<Say, 'node'>): void => void process.send?.({ node: say.node, ...rest })
    const work = async (): Promise<void> => {
      if (say.kind === 'connect') {
        const receiver = {
          message: (text: string) => tell({ kind: 'message', text }),
          gap: () => tell({ kind: 'gap' }),
        }
        connections.set(say.node, await clusterBroker({ channel: say.channel ?? '' }).connect(receiver))
      }
      if (say.kind === 'publish') await connections.get(say.node)?.publish(say.text ?? '')
      if (say.kind === 'close') await connections.get(say.node)?.close()
    }
    work().then(
      () => tell({ kind: 'done', id: say.id ?? 0 }),
      (error: unknown) => tell({ kind: 'failed', id: say.id ?? 0, text: (error as Error).message }),
    )
  })
  process.send?.('listening')
}
