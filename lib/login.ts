import { randomUUID } from 'node:crypto'
import type { Admission } from './core/tenants.ts'
import { decimal } from './core/names.ts'
import type { Tenant, TenantConfig } from './core/tenant.ts'
import { CometError, cometError } from './errors.ts'
import type { Login } from './mysql-server-protocol-lite/index.ts'
import { checkTenant, type CometServerOptions, type TenantOptions } from './options.ts'

const database = 'cometql_v1'
const databasesOfEverybody: ReadonlySet<string> = new Set(['', database, 'information_schema'])

/** Finds the configuration of a tenant in the options. Tenant 0 always exists: it is ours where nothing else is said. */
export function lookUpTenant({ tenants, password }: CometServerOptions): Admission['lookUp'] {
  const own: TenantConfig = { key: password, origins: undefined }
  if (tenants === undefined) return () => own
  const configOf = (devId: number, tenant: TenantOptions | undefined | null): TenantConfig | undefined => {
    if (tenant === undefined || tenant === null) return devId === 0 ? own : undefined
    // An empty key is none: with it, anybody could sign the JWTs of a tenant, or log in as its back-end.
    return { key: tenant.key === '' ? undefined : tenant.key, origins: tenant.origins }
  }
  if (typeof tenants !== 'function') {
    return (devId) => configOf(devId, Object.hasOwn(tenants, devId) ? tenants[devId] : undefined)
  }
  return async (devId) => {
    const tenant = await tenants(devId)
    if (tenant !== undefined && tenant !== null) checkTenant(devId, tenant)
    return configOf(devId, tenant)
  }
}

/**
 * Lets back-ends in: the user is a dev_id, or `root` for tenant 0; the password is the tenant's key. `root` may name the
 * database `db_<dev_id>` to act for that tenant.
 * @throws CometError COMET_ERR_LOGIN, COMET_ERR_NO_DATABASE
 */
export function cometqlLogin(lookUp: Admission['lookUp'], get: (devId: number) => Promise<Tenant>) {
  return async (login: Login): Promise<Tenant> => {
    const devId = login.user === 'root' ? 0 : decimal(login.user)
    const config = Number.isNaN(devId) ? undefined : await configOf(devId)
    // An unknown user takes as long as a wrong password, so that the time does not tell who exists.
    const isRight = login.checkPassword(config?.key ?? randomUUID())
    if (config?.key === undefined || !isRight) throw cometError('COMET_ERR_LOGIN', { user: login.user })
    const target = tenantFor(login, devId)
    if (target !== devId && (await configOf(target)) === undefined) throw noDatabase(login)
    return await get(target)
  }

  /** What is wrong with the configuration is for the log, not for whoever tries to log in. */
  async function configOf(devId: number): Promise<TenantConfig | undefined> {
    try {
      return await lookUp(devId)
    } catch (error) {
      throw error instanceof CometError ? new Error(error.message, { cause: error }) : error
    }
  }
}

function tenantFor({ user, database }: Login, devId: number): number {
  const name = database.toLowerCase()
  if (databasesOfEverybody.has(name)) return devId
  const other = name.startsWith('db_') ? decimal(name.slice(3)) : NaN
  if (other === devId || (user === 'root' && !Number.isNaN(other))) return other
  throw noDatabase({ database })
}

function noDatabase({ database }: Pick<Login, 'database'>): CometError {
  return cometError('COMET_ERR_NO_DATABASE', { database })
}
