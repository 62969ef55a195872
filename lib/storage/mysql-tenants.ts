import { checkPool, MysqlSession, textOf, type MysqlPool } from './mysql-driver.ts'
import { messageOf, unavailable } from './unavailable.ts'
import { checkWait } from './wait-option.ts'

/** A tenant as the option `tenants` of `createCometServer()` takes it. */
export interface MysqlTenant {
  readonly key: string
  readonly origins: readonly string[]
}

/** Options of `mysqlTenants()`. */
export interface MysqlTenantsOptions {
  /** A pool of mysql2 or mariadb; may be the one of `mysqlStorage()`, then for 2 connections at least. */
  readonly pool: MysqlPool
  /** How long to wait for a database that does not answer, in milliseconds. Default 5000. */
  readonly waitMs?: number
}

/**
 * Finds tenants in the table `dev_config` of an original installation, for the option `tenants`: `id` is the dev_id, `key`
 * its key, `url` the origins, separated by commas. A name without a scheme stands for http and https.
 * @throws CometError COMET_ERR_OPTION
 */
export function mysqlTenants({
  pool,
  waitMs = 5000,
}: MysqlTenantsOptions): (devId: number) => Promise<MysqlTenant | undefined> {
  checkPool('mysqlTenants.pool', pool)
  checkWait('mysqlTenants.waitMs', waitMs)
  return async (devId) => {
    const [row] = await find(pool, waitMs, devId)
    return row === undefined ? undefined : { key: textOf(row.key), origins: originsOf(textOf(row.url)) }
  }
}

async function find(pool: MysqlPool, waitMs: number, devId: number): ReturnType<MysqlSession['rows']> {
  try {
    const session = await MysqlSession.borrow(pool, waitMs)
    try {
      return await session.rows('SELECT `key`, url FROM dev_config WHERE id = ?', [devId])
    } finally {
      session.release()
    }
  } catch (error) {
    throw unavailable(`the tenants cannot be read from the table dev_config: ${messageOf(error)}`)
  }
}

function originsOf(url: string): string[] {
  const names = url.split(',').map((name) => name.trim())
  return names
    .filter((name) => name !== '')
    .flatMap((name) => (name === '*' || name.includes('://') ? [name] : [`http://${name}`, `https://${name}`]))
}
