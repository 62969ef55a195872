import { rm, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPool } from 'mysql2/promise'
import { memoryBroker, memoryStorage } from '../../lib/index.ts'
import { mysqlStorage } from '../../lib/storage/mysql.ts'
import { sqliteStorage } from '../../lib/storage/sqlite.ts'
import { MariadbServer } from '../support/mariadb-server.ts'
import type { StorageCase } from './delivery.ts'

/** Memory that outlives the server, as a database beside it does. */
export function lastingMemory(): StorageCase {
  const storage = { ...memoryStorage(), close: () => Promise.resolve() }
  return { name: 'memory', open: () => storage }
}

/** The same for several nodes, which a broker joins. */
export function sharedMemory(): StorageCase {
  const broker = memoryBroker()
  return { ...lastingMemory(), name: 'memory, joined', options: () => ({ broker, leaseMs: 1500 }) }
}

/** A file in a directory of its own. */
export async function sqliteFile(): Promise<StorageCase> {
  const directory = await mkdtemp(join(tmpdir(), 'star-comet-delivery-'))
  const database = join(directory, 'comet.db')
  return {
    name: 'SQLite',
    open: () => sqliteStorage({ database }),
    close: () => rm(directory, { recursive: true }),
  }
}

/** A MariaDB of its own. */
export async function mariadb(): Promise<StorageCase> {
  const server = await MariadbServer.start({ isSafe: true })
  const pool = createPool(await server.newDatabase())
  return {
    name: 'MariaDB',
    open: () => mysqlStorage({ pool }),
    async close() {
      await pool.end()
      await server.close()
    },
  }
}
