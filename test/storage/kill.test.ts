// A process that publishes as fast as it can is killed at random moments: what it was told to be stored must be there.
// KILLS=100 npm test -- test/storage/kill.test.ts kills more often than the 5 times of every day.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import mysql2 from 'mysql2/promise'
import { createCometServer, memory } from '../../lib/index.ts'
import { mysqlStorage } from '../../lib/storage/mysql.ts'
import { redisStorage } from '../../lib/storage/redis.ts'
import { sqliteStorage } from '../../lib/storage/sqlite.ts'
import type { Storage } from '../../lib/storage/storage.ts'
import { findProgram, startRedis } from '../support/engine.ts'
import { MariadbServer, whyNoMariadb } from '../support/mariadb-server.ts'

const kills = Number(process.env.KILLS ?? 5)
/** What a pipe and a queue keep. */
const keep = 1000
const child = fileURLToPath(new URL('kill-child.ts', import.meta.url))

/** A message that was answered OK; `offset` is 0 where the answer does not tell it. */
interface Answered {
  readonly to: string
  readonly n: number
  readonly offset: number
}

/** Lets a child publish, kills it at a random moment; resolves to what it was answered. */
async function publishAndKill(kind: string, options: string, first: number): Promise<Answered[]> {
  const args = ['--import', 'tsx', child, kind, options, String(first)]
  const publisher = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  let complaint = ''
  publisher.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  publisher.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  const closed = once(publisher, 'close')
  await Promise.race([once(publisher.stdout, 'data'), closed])
  await setTimeout(Math.random() * 150) // the random moment
  publisher.kill('SIGKILL')
  await closed
  assert.notEqual(printed, '', complaint)
  const lines = printed.split('\n').slice(0, -1) // the last one is empty, or was cut by the kill
  return lines.map((line) => {
    const [to = '', n, offset = 0] = line.split(' ')
    return { to, n: Number(n), offset: Number(offset) }
  })
}

/** Kills again and again, and looks after each time. */
async function checkKills(t: TestContext, kind: string, options: string, make: () => Storage): Promise<void> {
  const offsets = new Map<number, number>()
  const epochs = new Set<string>()
  let answered = 0
  for (let i = 0; i < kills; i++) {
    const round = await publishAndKill(kind, options, i * 1_000_000)
    answered += round.length
    for (const { to, n, offset } of round) {
      if (to !== 'news') continue
      assert.ok(!offsets.has(offset), `the offset ${offset} was given to ${n} and ${offsets.get(offset)}`)
      offsets.set(offset, n)
    }
    const storage = make()
    await storage.open()
    epochs.add(await checkLogs(storage, round))
    await storage.close()
    await checkQueue(make(), round)
  }
  assert.equal(epochs.size, 1, 'the numbering is the same')
  t.diagnostic(`${kills} kills, ${answered} messages were answered, none is missing`)
}

/** Numbers without holes, and every answered message, in its place. Resolves to the epoch. */
async function checkLogs(storage: Storage, round: readonly Answered[]): Promise<string> {
  const [news, sport] = await Promise.all(['news', 'sport'].map((pipe) => storage.read('pipes_messages', 0, pipe)))
  assert.ok(news && sport)
  for (const { entries, lastSeq } of [news, sport]) {
    const count = Math.min(lastSeq, keep)
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      Array.from({ length: count }, (_, index) => lastSeq - count + 1 + index),
    )
    assert.equal(new Set(entries.map(({ message }) => message)).size, count, 'none twice')
  }
  const placed = new Map(news.entries.map(({ seq, message }) => [seq, Number(message)]))
  const first = news.lastSeq - keep
  for (const { to, n, offset } of round) {
    if (to === 'news' && offset > first) assert.equal(placed.get(offset), n, `message ${n} at ${offset}`)
  }
  // Ten at a time are under way; answers come in the order of the log.
  const inSport = sport.entries.map(({ message }) => Number(message))
  const inserted = round.filter(({ to }) => to === 'sport').map(({ n }) => n)
  const kept = inserted.slice(-(keep - 10))
  assert.deepEqual(
    inSport.filter((n) => kept.includes(n)),
    kept,
  )
  return news.epoch
}

/** Who logs in gets everything that was answered. */
async function checkQueue(storage: Storage, round: readonly Answered[]): Promise<void> {
  const browsers = memory()
  const comet = createCometServer({ storage, transports: [browsers] })
  await comet.query("INSERT INTO users_auth (id, hash) VALUES (7, 'hash')")
  const waiting = round.filter(({ to }) => to === 'queue').map(({ n }) => n)
  const page = browsers.connect({ myid: '7', sesion: 'hash' })
  for (const n of waiting) await page.next(({ pipe, data }) => pipe === 'msg' && data === String(n))
  await comet.close()
}

describe('kill -9 of the publisher', () => {
  test('sqliteStorage loses nothing that was answered', { timeout: kills * 20_000 }, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'star-comet-kill-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const database = join(folder, 'kill.db')
    await checkKills(t, 'sqlite', database, () => sqliteStorage({ database }))
  })

  const skip = whyNoMariadb() ?? false
  test('mysqlStorage loses nothing that was answered', { skip, timeout: kills * 20_000 }, async (t) => {
    const server = await MariadbServer.start()
    const options = await server.newDatabase()
    const pool = mysql2.createPool(options)
    t.after(async () => {
      await pool.end()
      await server.close()
    })
    await checkKills(t, 'mysql', JSON.stringify(options), () => mysqlStorage({ pool }))
  })

  const redis = findProgram('redis-server')
  const noRedis = 'missing' in redis ? redis.missing : false
  test('redisStorage loses nothing that was answered', { skip: noRedis, timeout: kills * 20_000 }, async (t) => {
    const engine = await startRedis('path' in redis ? redis.path : '')
    const client = new Redis(engine.port)
    t.after(async () => {
      client.disconnect()
      await engine.close()
    })
    await checkKills(t, 'redis', String(engine.port), () => redisStorage({ client }))
  })
})
