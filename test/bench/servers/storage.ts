// A server process of the benchmark of storages: `bench` keeps its last 1000 messages. Its argument is a StorageChoice.
import { Redis } from 'ioredis'
import mysql2 from 'mysql2/promise'
import { createCometServer, memoryStorage } from 'star-comet'
import { mysqlStorage } from 'star-comet/storage/mysql'
import { redisStorage } from 'star-comet/storage/redis'
import { sqliteStorage } from 'star-comet/storage/sqlite'
import { benchMessage } from '../messages.ts'
import type { StorageChoice, StorageOrder, StorageReport } from '../scenarios/storages.ts'

const choice = JSON.parse(process.argv[2] ?? '') as StorageChoice
const storages = {
  memory: () => memoryStorage(),
  sqlite: () => sqliteStorage({ database: choice.where }),
  mysql: () => mysqlStorage({ pool: mysql2.createPool(JSON.parse(choice.where) as mysql2.PoolOptions) }),
  redis: () => redisStorage({ client: new Redis(Number(choice.where)) }),
}
const comet = createCometServer({ password: 'bench', cometql: { port: 0 }, storage: storages[choice.name]() })
await comet.query("INSERT INTO pipes_settings (name, length) VALUES ('bench', 1000)")
const port = await comet.ready.then(() => comet.address()?.port ?? 0)

function report(message: StorageReport): void {
  process.send?.(message)
}

process.on('disconnect', () => process.exit())
process.on('message', ({ atOnce, ms }: StorageOrder) => {
  void publish(atOnce, ms).then((perSecond) => report({ type: 'published', perSecond }))
})
report({ type: 'listening', port })

/** Messages a second, of which so many are under way. */
async function publish(atOnce: number, ms: number): Promise<number> {
  const start = performance.now()
  let count = 0
  const publisher = async (): Promise<void> => {
    while (performance.now() - start < ms) await comet.publish('bench', 'add', benchMessage(++count))
  }
  await Promise.all(Array.from({ length: atOnce }, publisher))
  return count / ((performance.now() - start) / 1000)
}
