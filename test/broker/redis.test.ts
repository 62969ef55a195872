import { after, before, describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { redisBroker, type RedisBrokerOptions } from '../../lib/broker/redis.ts'
import { brokerConformance } from '../../lib/testing/broker-conformance.ts'
import { findProgram, startRedis, type TestEngine } from '../support/engine.ts'
import { freePort } from '../support/programs.ts'

const program = findProgram('redis-server')
const ignore = (): void => undefined

/** The drivers, each with what makes a client of it and what ends that. */
const drivers: Readonly<
  Record<string, (port: number) => Promise<{ client: RedisBrokerOptions['client']; end: () => void }>>
> = {
  async ioredis(port) {
    const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50 })
    client.on('error', ignore)
    await client.ping()
    return { client, end: () => client.disconnect() }
  },
  async redis(port) {
    const client = createClient({ socket: { port, host: '127.0.0.1', reconnectStrategy: () => 50 } })
    client.on('error', ignore)
    await client.connect()
    return { client, end: () => client.destroy() }
  },
}

describe('redisBroker', { skip: 'missing' in program ? program.missing : false }, () => {
  let engine: TestEngine | undefined
  before(async () => {
    if ('path' in program) engine = await startRedis(program.path)
  })
  after(() => engine?.close())

  for (const [name, connect] of Object.entries(drivers)) {
    const ends: (() => void)[] = []
    after(() => ends.forEach((end) => end()))

    brokerConformance(
      name,
      async () => {
        const { client, end } = await connect(engine!.port)
        ends.push(end)
        return redisBroker({ client, channel: randomUUID(), patienceMs: 1000 })
      },
      { engine: { stop: () => engine!.stop(), start: () => engine!.start() } },
    )
  }
})

test('where there is no Redis, joining fails with a sentence instead of waiting for ever', async (t) => {
  const port = await freePort()
  const waiting = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50, maxRetriesPerRequest: null })
  const connecting = createClient({ socket: { port, host: '127.0.0.1', reconnectStrategy: () => 50 } })
  t.after(() => {
    waiting.disconnect()
    connecting.destroy()
  })
  for (const client of [waiting, connecting]) client.on('error', ignore)
  connecting.connect().catch(ignore)
  for (const client of [waiting, connecting]) {
    await assert.rejects(redisBroker({ client, patienceMs: 300 }).connect({ message: ignore, gap: ignore }), {
      code: 'COMET_ERR_BROKER',
      message:
        'The other nodes cannot be reached: Redis could not be subscribed to: no answer within 300 ms; is it running?',
    })
  }
})

test('a client that is none is refused with a sentence', () => {
  assert.throws(() => redisBroker({ client: {} as never }), {
    code: 'COMET_ERR_OPTION',
    message: 'Option "redisBroker.client" is object; it must be a client of ioredis or redis, for example new Redis()',
  })
  const cluster = { isCluster: true, duplicate: ignore, publish: ignore, subscribe: ignore, on: ignore }
  assert.throws(
    () => redisBroker({ client: cluster as never }),
    /is a Cluster; it must be a client of one Redis server/,
  )
})
