import { after, before, describe, test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Cluster, Redis } from 'ioredis'
import { createClient } from 'redis'
import { redisStorage, type RedisScripting } from '../../lib/storage/redis.ts'
import type { Storage } from '../../lib/storage/storage.ts'
import { storageConformance } from '../../lib/testing/storage-conformance.ts'
import { entry } from '../../lib/testing/storage-samples.ts'
import { findProgram, startEngine, startRedis, type TestEngine } from '../support/engine.ts'

const program = findProgram('redis-server')
const skip = 'missing' in program ? program.missing : false
const path = 'path' in program ? program.path : ''

function ioredis(port: number): { client: Redis; end: () => void } {
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50, autoResendUnfulfilledCommands: false })
  client.on('error', () => undefined)
  return { client, end: () => client.disconnect() }
}

async function nodeRedis(port: number): Promise<{ client: RedisScripting; end: () => void }> {
  const client = createClient({ socket: { port, host: '127.0.0.1', reconnectStrategy: () => 50 } })
  client.on('error', () => undefined)
  await client.connect()
  return { client, end: () => client.destroy() }
}

describe('redisStorage', { skip }, () => {
  let engine: TestEngine | undefined
  const ends: (() => void)[] = []
  before(async () => {
    engine = await startRedis(path)
  })
  after(async () => {
    for (const end of ends) end()
    await engine?.close()
  })

  for (const [name, connect] of Object.entries({ ioredis, redis: nodeRedis })) {
    const place = async (): Promise<() => Storage> => {
      const { client, end } = await connect(engine!.port)
      ends.push(end)
      const prefix = `${randomUUID()}:`
      return () => redisStorage({ client, prefix })
    }
    storageConformance(name, async () => (await place())(), { place })
  }

  test('two prefixes share nothing', async () => {
    const { client, end } = ioredis(engine!.port)
    ends.push(end)
    const [one, other] = ['one:', 'other:'].map((prefix) => redisStorage({ client, prefix }))
    await Promise.all([one!.open(), other!.open()])
    await one!.set('users_data', 0, '7', 'text')
    await one!.append('pipes_messages', 0, 'news', entry(1), 10)
    assert.equal((await other!.get('users_data', 0)).size, 0)
    assert.equal((await other!.read('pipes_messages', 0, 'news')).lastSeq, 0)
  })
})

describe('redisStorage in a Redis Cluster', { skip }, () => {
  let engine: TestEngine | undefined
  const clients: Cluster[] = []
  before(async () => {
    const settings = '--bind 127.0.0.1 --cluster-enabled yes --cluster-announce-ip 127.0.0.1'.split(' ')
    engine = await startEngine(path, (port) => ['--port', String(port), '--save', '', ...settings])
    const { client, end } = ioredis(engine.port)
    await client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    while (!String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) await client.ping()
    end()
  })
  after(async () => {
    for (const client of clients) client.disconnect()
    await engine?.close()
  })

  // Of keys in different slots a script would be refused.
  storageConformance('ioredis Cluster', () => {
    const client = new Cluster([{ host: '127.0.0.1', port: engine!.port }])
    clients.push(client)
    return redisStorage({ client, prefix: `${randomUUID()}:` })
  })
})

/** A Redis of its own, and a storage on it. */
async function own(
  t: TestContext,
  isDurable: boolean,
  patienceMs = 5000,
): Promise<{ engine: TestEngine; storage: Storage }> {
  const engine = await startRedis(path, isDurable)
  const { client, end } = ioredis(engine.port)
  const storage = redisStorage({ client, patienceMs })
  await storage.open()
  t.after(async () => {
    end()
    await storage.close()
    await engine.close()
  })
  return { engine, storage }
}

describe('when Redis ends', { skip }, () => {
  test('with appendfsync always everything is there again, under the same epoch', async (t) => {
    const { engine, storage } = await own(t, true)
    for (let i = 1; i <= 20; i++) await storage.append('pipes_messages', 0, 'news', entry(i), 10)
    await storage.set('users_auth', 0, '7', 'hash')
    const before = await storage.read('pipes_messages', 0, 'news')
    await engine.stop()
    await engine.start()
    assert.deepEqual(await storage.read('pipes_messages', 0, 'news'), before)
    assert.equal((await storage.get('users_auth', 0)).get('7'), 'hash')
    assert.equal(await storage.append('pipes_messages', 0, 'news', entry(21), 10), 21)
  })

  test('and has lost what it had, the epoch is another one, and no number is given out twice', async (t) => {
    const { engine, storage } = await own(t, false)
    for (let i = 1; i <= 5; i++) await storage.append('pipes_messages', 0, 'news', entry(i), 10)
    const before = await storage.read('pipes_messages', 0, 'news')
    const unused = await storage.read('pipes_messages', 0, 'other')
    await engine.stop()
    await engine.start()
    assert.equal(await storage.append('pipes_messages', 0, 'news', entry(6), 10), 6)
    const after = await storage.read('pipes_messages', 0, 'news')
    assert.notEqual(after.epoch, before.epoch)
    assert.notEqual((await storage.read('pipes_messages', 0, 'other')).epoch, unused.epoch)
  })

  test('calls fail with a sentence within a bound', async (t) => {
    const { engine, storage } = await own(t, true, 300)
    await engine.stop()
    await assert.rejects(() => storage.append('pipes_messages', 0, 'news', entry(1), 10), {
      code: 'COMET_ERR_STORAGE',
      message: /^The storage cannot be used: Redis/,
    })
    await engine.start()
  })
})

test('a client that is none is refused with a sentence', () => {
  assert.throws(() => redisStorage({ client: {} as never }), {
    message: 'Option "redisStorage.client" is object; it must be a client of ioredis or redis, for example new Redis()',
  })
})
