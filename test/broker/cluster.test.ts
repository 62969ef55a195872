import { after, test } from 'node:test'
import assert from 'node:assert/strict'
import cluster from 'node:cluster'
import { fork, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { clusterBroker, relayClusterMessages } from '../../lib/broker/cluster.ts'
import type { Broker } from '../../lib/broker/broker.ts'
import { cometError } from '../../lib/errors.ts'
import { brokerConformance } from '../../lib/testing/broker-conformance.ts'
import type { Say } from './cluster-primary.ts'

const file = fileURLToPath(new URL('cluster-primary.ts', import.meta.url))
const primary = fork(file, { execArgv: ['--import', 'tsx'] })
after(() => primary.kill('SIGKILL'))
let nodes = 0

/** A broker of which the connections are in workers of `process`, a primary of node:cluster. */
function brokerIn(process: ChildProcess): Broker {
  const channel = randomUUID()
  process.setMaxListeners(0)
  return {
    async connect(receiver) {
      const node = ++nodes
      let calls = 0
      const pending = new Map<number, { resolve: () => void; reject: (error: Error) => void }>()
      const call = (kind: Say['kind'], text?: string): Promise<void> =>
        new Promise((resolve, reject) => {
          const id = ++calls
          pending.set(id, { resolve, reject })
          process.send({ node, kind, id, channel, ...(text === undefined ? {} : { text }) } satisfies Say)
        })
      process.on('message', (say: Say) => {
        if (say.node !== node) return
        const { kind, id = 0, text = '' } = say
        if (kind === 'message') receiver.message(text)
        if (kind === 'gap') receiver.gap()
        if (kind === 'done') pending.get(id)?.resolve()
        if (kind === 'failed') pending.get(id)?.reject(cometError('COMET_ERR_BROKER', { problem: text }))
      })
      await call('connect')
      return { publish: (text) => call('publish', text), close: () => call('close') }
    },
  }
}

brokerConformance('node:cluster', () => brokerIn(primary), {
  engine: 'the engine is the primary process, and workers end with it',
})

test('where the primary does not relay, the sentence says what to call', async () => {
  const silent = fork(file, { execArgv: ['--import', 'tsx'], env: { ...process.env, RELAY: 'off' } })
  after(() => silent.kill('SIGKILL'))
  const receiver = { message: () => undefined, gap: () => undefined }
  await assert.rejects(() => brokerIn(silent).connect(receiver), /call relayClusterMessages\(\) in it/)
})

test('a worker that was killed just now does not take the primary with it', async () => {
  const child = fileURLToPath(new URL('cluster-killed-worker.ts', import.meta.url))
  const killing = fork(child, { execArgv: ['--import', 'tsx'] })
  after(() => killing.kill('SIGKILL'))
  const [code] = (await once(killing, 'exit')) as [number | null]
  assert.equal(code, 0)
})

test('a worker that does not read misses messages, instead of filling the primary, and is told when it reads again', (t) => {
  t.after(relayClusterMessages())
  const sent: { kind: string; from: string }[] = []
  const taken: (() => void)[] = []
  const worker = {
    isConnected: () => true,
    send(message: { kind: string; from: string }, _: undefined, done: () => void) {
      sent.push(message)
      taken.push(done)
    },
  }
  const hear = (kind: string, text = ''): void => {
    cluster.emit('message', worker as never, { starComet: 'star-comet', from: 'one', kind, text })
  }
  const mebibyte = 'x'.repeat(1024 * 1024)
  const kinds = (): string[] => sent.splice(0).map(({ kind }) => kind)
  hear('listen')
  for (let i = 0; i < 1000; i++) hear('message', mebibyte)
  assert.ok(kinds().length < 100)
  for (const done of taken.splice(0)) done()
  assert.deepEqual(kinds(), ['gap'])
  hear('message', 'after')
  assert.deepEqual(kinds(), ['message'])
})

test('outside a worker there is no cluster to join', async () => {
  const receiver = { message: () => undefined, gap: () => undefined }
  await assert.rejects(() => clusterBroker().connect(receiver), {
    message: 'The other nodes cannot be reached: clusterBroker() works in workers of node:cluster only',
  })
})
