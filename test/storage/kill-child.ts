// Publishes as fast as it can until it is killed, and prints a line for each message that was answered OK.
// Arguments: the storage, its options as JSON, the number of the first message.
import { Redis } from 'ioredis'
import mysql2 from 'mysql2/promise'
import { createCometServer } from '../../lib/index.ts'
import { mysqlStorage } from '../../lib/storage/mysql.ts'
import { redisStorage } from '../../lib/storage/redis.ts'
import { sqliteStorage } from '../../lib/storage/sqlite.ts'
import type { Storage } from '../../lib/storage/storage.ts'
import type { PoolOptions } from '../support/mariadb-server.ts'

const [, , kind = '', options = '', first] = process.argv
const storages: Readonly<Record<string, () => Storage>> = {
  sqlite: () => sqliteStorage({ database: options }),
  mysql: () => mysqlStorage({ pool: mysql2.createPool(JSON.parse(options) as PoolOptions) }),
  redis: () => redisStorage({ client: new Redis(Number(options)) }),
}
const storage = storages[kind]?.()
if (storage === undefined) throw new Error(`There is no storage "${kind}"`)
const comet = createCometServer({ storage })
await comet.query("INSERT INTO pipes_settings (name, length) VALUES ('news', 1000), ('sport', 1000)")
let next = Number(first)

function answered(line: string): void {
  process.stdout.write(`${line}\n`) // into a pipe: what is written is there, also when we are gone
}

async function publish(): Promise<never> {
  for (;;) {
    const n = next++
    const { offset } = await comet.publish('news', 'add', n)
    answered(`news ${n} ${offset}`)
  }
}

async function insert(): Promise<never> {
  for (;;) {
    const n = next++
    await comet.query("INSERT INTO pipes_messages (name, event, message) VALUES ('sport', 'add', ?)", [n])
    answered(`sport ${n}`)
  }
}

async function queue(): Promise<void> {
  // Fewer than a queue holds; who reads it empties it.
  for (let i = 0; i < 90; i++) {
    const n = next++
    await comet.query("INSERT INTO users_messages (id, event, message) VALUES (7, 'mail', ?)", [n])
    answered(`queue ${n}`)
  }
}

await Promise.all(Array.from({ length: 10 }, () => Promise.all([publish(), insert(), queue()])))
