import { after, before, describe } from 'node:test'
import mariadb from 'mariadb'
import mysql2 from 'mysql2/promise'
import { mysqlStorage, type MysqlPool } from '../../lib/storage/mysql.ts'
import type { Storage } from '../../lib/storage/storage.ts'
import { storageConformance, type StorageFactory } from '../../lib/testing/storage-conformance.ts'
import { MariadbServer, whyNoMariadb, type PoolOptions } from '../support/mariadb-server.ts'

const drivers: Record<string, (options: PoolOptions) => MysqlPool & { end(): unknown }> = {
  mysql2: (options) => mysql2.createPool(options),
  mariadb: (options) => mariadb.createPool({ ...options, connectionLimit: 1 }),
}

const tables = [
  'users_auth',
  'users_time',
  'users_data',
  'pipes_settings',
  'revoked_tokens',
  'pipe_messages',
  'users_messages',
]
const ownTables = ['star_comet_rows', 'star_comet_logs', 'star_comet_meta']

describe('with a real MariaDB', { skip: whyNoMariadb() ?? false }, () => {
  let server: MariadbServer

  before(async () => {
    server = await MariadbServer.start()
  })
  after(() => server.close())

  for (const [name, createPool] of Object.entries(drivers)) {
    let options: PoolOptions | undefined

    /** Storages on a database without rows; making tables anew for every test would take most of the time. */
    const place = async (): Promise<StorageFactory> => {
      if (options !== undefined) await server.run(`USE ${options.database}`, ...[...tables, ...ownTables].map(emptied))
      const pool = (options ??= await server.newDatabase())
      return () => endingPool(createPool(pool))
    }
    storageConformance(`mysql, a pool of ${name}`, async () => await (await place())(), { place })
  }
})

function emptied(table: string): string {
  return `DELETE FROM ${table}`
}

/** A storage that ends its pool, too. */
function endingPool(pool: MysqlPool & { end(): unknown }): Storage {
  const storage = mysqlStorage({ pool })
  return {
    ...storage,
    async close() {
      await storage.close()
      await pool.end()
    },
  }
}
