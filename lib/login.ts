import { randomUUID } from 'node:crypto'
import type { Admission } from './core/tenants.ts'
import { decimal } from './core/names.ts'
import type { Tenant, TenantConfig } from './core/tenant.ts'
import { cometError } from './errors.ts'
import type { Login } from './mysql-server-protocol-lite/index.ts'
import type { CometServerOptions, TenantOptions } from './options.ts'

const database = 'cometql_v1'
const databasesOfEverybody: ReadonlySet<string> = new Set(['', database, 'information_schema'])

/** Finds the configuration of a tenant in the options. Tenant 0 always exists: it is ours where nothing else is said. */
export function lookUpTenant({ tenants, password }: CometServerOptions): Admission['lookUp'] {
  const own: TenantConfig = { key: password, origins: undefined }
  if (tenants === undefined) return () => own
  const configOf = (devId: number, tenant: TenantOptions | undefined): TenantConfig | undefined => {
    if (tenant === undefined) return devId === 0 ? own : undefined
    return { key: tenant.key, origins: tenant.origins }
  }
  if (typeof tenants !== 'function') {
    return (devId) => configOf(devId, Object.hasOwn(tenants, devId) ? tenants[devId] : undefined)
  }
  return (devId) => {
    const found = tenants(devId)
    return found instanceof Promise ? found.then((tenant) => configOf(devId, tenant)) : configOf(devId, found)
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
    const config = Number.isNaN(devId) ? undefined : await lookUp(devId)
    // An unknown user takes as long as a wrong password, so that the time does not tell who exists.
    const isRight = login.checkPassword(config?.key ?? randomUUID())
    if (config?.key === undefined || !isRight) throw cometError('COMET_ERR_LOGIN', { user: login.user })
    return await get(tenantFor(login, devId))
  }
}

function tenantFor({ user, database }: Login, devId: number): number {
  const name = database.toLowerCase()
  if (databasesOfEverybody.has(name)) return devId
  const other = name.startsWith('db_') ? decimal(name.slice(3)) : NaN
  if (other === devId || (user === 'root' && !Number.isNaN(other))) return other
  throw cometError('COMET_ERR_NO_DATABASE', { database })
}
