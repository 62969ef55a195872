import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram, startRedis } from '../support/engine.ts'
import { MariadbServer, whyNoMariadb } from '../storage/mariadb-server.ts'
import { benchMessage } from './messages.ts'
import { Part } from './processes.ts'
import { RawClient } from './raw-client.ts'

export interface StorageChoice {
  readonly name: 'memory' | 'sqlite' | 'mysql' | 'redis'
  /** A file, options of a pool as JSON, or a port. */
  readonly where: string
}

export type StorageReport =
  { readonly type: 'listening'; readonly port: number } | { readonly type: 'published'; readonly perSecond: number }

export interface StorageOrder {
  readonly atOnce: number
  readonly ms: number
}

/** Kept messages a second, by how they are published. */
export type StorageRates = Readonly<Record<string, number>>

const statement = `INSERT INTO pipes_messages (name, event, message) VALUES ('bench', 'add', '${benchMessage(1)}')`
const connections = 50

/** Publishes into a pipe that keeps 1000 messages, with each storage in turn; each has a place of its own, with what it always does for safety. */
export async function keptMessages(ms: number, rounds: number): Promise<Map<string, StorageRates[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'star-comet-bench-'))
  const mariadb = whyNoMariadb() === undefined ? await MariadbServer.start({ isSafe: true }) : undefined
  const found = findProgram('redis-server', 'redis-server')
  const redis = 'path' in found ? await startRedis(found.path, true) : undefined
  const results = new Map<string, StorageRates[]>()
  try {
    for (let round = 0; round < rounds; round++) {
      const choices: StorageChoice[] = [
        { name: 'memory', where: '' },
        { name: 'sqlite', where: join(folder, `${round}.db`) },
      ]
      if (mariadb !== undefined) choices.push({ name: 'mysql', where: JSON.stringify(await mariadb.newDatabase()) })
      if (redis !== undefined) choices.push({ name: 'redis', where: String(redis.port) })
      for (const choice of choices) {
        const rates = await measure(choice, ms)
        results.set(choice.name, [...(results.get(choice.name) ?? []), rates])
      }
    }
  } finally {
    await mariadb?.close()
    await redis?.close()
    await rm(folder, { recursive: true, force: true })
  }
  return results
}

async function measure(choice: StorageChoice, ms: number): Promise<StorageRates> {
  const server = new Part<StorageReport, StorageOrder>('./server-storage.ts', 0, [JSON.stringify(choice)])
  try {
    const { port } = await server.next('listening')
    const publish = async (atOnce: number, duration = ms): Promise<number> => {
      server.order({ atOnce, ms: duration })
      return (await server.next('published')).perSecond
    }
    await publish(100, 500) // warm-up
    return {
      'publish(), one by one': await publish(1),
      'publish(), 100 at once': await publish(100),
      'publish(), 1000 at once': await publish(1000),
      'INSERT, 1 connection': await insert(port, 1, 1, ms),
      'INSERT, 1 connection, sent ahead': await insert(port, 1, 500, ms),
      [`INSERT, ${connections} connections`]: await insert(port, connections, 1, ms),
    }
  } finally {
    server.stop()
  }
}

/** INSERTs a second; each connection sends so many ahead of the answers. */
async function insert(port: number, clients: number, ahead: number, ms: number): Promise<number> {
  const all = await Promise.all(Array.from({ length: clients }, () => RawClient.connect(port, statement)))
  const start = performance.now()
  let count = 0
  await Promise.all(
    all.map(async (client) => {
      while (performance.now() - start < ms) {
        await client.run(ahead)
        count += ahead
      }
    }),
  )
  const perSecond = count / ((performance.now() - start) / 1000)
  for (const client of all) client.end()
  return perSecond
}
