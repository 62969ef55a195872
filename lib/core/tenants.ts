import { CometError, cometError } from '../errors.ts'
import type { Connection, Hello, PageRights, Receiver } from '../transports/transport.ts'
import type { Identity } from './users/auth.ts'
import type { Timer } from './clock.ts'
import { ClusterTenants } from './cluster/cluster-tenants.ts'
import { Deadline } from './limits/deadline.ts'
import type { Host } from './host.ts'
import { decimal } from './names.ts'
import { isOriginAllowed } from './origins.ts'
import { isThenable } from './commands/permissions.ts'
import { Session } from './session.ts'
import { Tenant, type TenantConfig } from './tenant.ts'

/** What decides about who comes in. */
export interface Admission {
  /** The configuration of a tenant; undefined for one that does not exist. */
  readonly lookUp: (devId: number) => TenantConfig | undefined | Promise<TenantConfig | undefined>
  /** Whether browsers that name an unknown tenant are refused; else they belong to tenant 0. */
  readonly strict: boolean
  /** The origins whose pages may connect, where the tenant says nothing. */
  readonly origins: readonly string[]
  /** The application's own login, by cookie or session: resolves to the user's id. */
  readonly authenticate: ((hello: Hello) => number | undefined | null | Promise<number | undefined | null>) | undefined
}

/** How often tenants in which nobody is are looked for, in milliseconds. */
const sweepMs = 60_000

/** The tenants that are in use, and the door through which browsers come to them. */
export class Tenants {
  readonly #host: Host
  readonly #admission: Admission
  readonly #open = new Map<number, Tenant>()
  readonly #opening = new Map<number, Promise<Tenant | undefined>>()
  /** The opening of the storage; undefined before `start`. */
  #started: Promise<void> | undefined
  /** Also where the other nodes could not be joined then. */
  #isStorageOpen = false
  #sweep: Timer | undefined
  #isClosed = false

  constructor(host: Host, admission: Admission) {
    this.#host = host
    this.#admission = admission
  }

  /** Opens the storage, and joins the other nodes if there are any. Browsers may come before: they wait. */
  start(): Promise<void> {
    this.#started ??= this.#start()
    return this.#started
  }

  /** Takes a new connection: a session that is let in, or refused, as soon as it is known who it is. */
  readonly accept = (connection: Connection, hello: Hello): Receiver => {
    this.#host.meter.connections++
    const session = new Session(this.#host, connection, hello)
    try {
      this.#admit(session, hello)?.catch((error: unknown) => this.#refuse(session, error))
    } catch (error) {
      queueMicrotask(() => this.#refuse(session, error)) // the transport has to know first whom to tell of the end
    }
    return session
  }

  /**
   * What the page that sends `hello` may read of answers to plain requests. Where everybody may connect, it is never what
   * the cookies of its user give: these the browser sends without being asked, also for a page that means harm.
   */
  readonly rightsOf = async (hello: Hello): Promise<PageRights> => {
    try {
      // A tenant that has to be looked up costs as much as a connection: who may not have that, gets no tenant opened.
      if (!this.#open.has(decimal(hello.devid ?? ''))) this.#host.addresses.visit(hello.ip)
      const origins = this.#originsOf(await this.#tenantOf(hello))
      if (!isFromAllowed(hello, origins)) return 'none'
      const isNamed = isFromAllowed(
        hello,
        origins.filter((rule) => rule !== '*'),
      )
      return isNamed && this.#admission.authenticate !== undefined ? 'user' : 'visitor'
    } catch {
      return 'none' // why, the session that the page asks for is told
    }
  }

  /**
   * The tenant, opened if need be.
   * @throws CometError COMET_ERR_INVALID if there is none of this id, COMET_ERR_CLOSED
   */
  async get(devId: number): Promise<Tenant> {
    const tenant = await this.#find(devId)
    if (tenant !== undefined) return tenant
    throw cometError('COMET_ERR_INVALID', { column: 'dev_id', value: devId, rule: 'a tenant of the option "tenants"' })
  }

  /** @throws CometError COMET_ERR_CLOSED */
  #find(devId: number): Tenant | undefined | Promise<Tenant | undefined> {
    this.#checkNotClosed()
    const tenant = this.#open.get(devId)
    if (tenant !== undefined) return tenant
    let opening = this.#opening.get(devId)
    if (opening === undefined) {
      opening = this.#make(devId).finally(() => this.#opening.delete(devId))
      this.#opening.set(devId, opening)
    }
    return opening
  }

  /** Afterwards nobody comes in; the storage is closed. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#sweep !== undefined) this.#host.clock.clearTimeout(this.#sweep)
    this.#host.addresses.close()
    this.#sweep = undefined
    await Promise.all([...this.#open.values()].map((tenant) => tenant.close()))
    this.#open.clear()
    await this.start().catch(() => undefined) // who waits for it hears of that
    await this.#host.cluster?.node.close()
    if (this.#isStorageOpen) await this.#host.storage.close()
  }

  async #start(): Promise<void> {
    const { storage, cluster } = this.#host
    await storage.open()
    this.#isStorageOpen = true
    if (cluster === undefined) return
    const source = { open: this.#open, find: async (devId: number) => await this.#find(devId) }
    await cluster.node.start(new ClusterTenants(this.#host, cluster, source))
  }

  /**
   * Looks at where a browser comes from and who it says it is, and lets it in. Where there is nothing to wait for that is
   * done at once: after a restart everybody comes, and promises and a timer for each would take a tenth of the time.
   * @throws CometError that says why it is not let in
   */
  #admit(session: Session, hello: Hello): void | Promise<void> {
    session.enter()
    const missing = missingPart(hello)
    if (missing !== undefined) throw missing
    const tenant = this.#tenantOf(hello)
    if (!(tenant instanceof Promise)) return this.#letIn(session, hello, tenant)
    return session.whileWaiting(tenant).then((found) => this.#letIn(session, hello, found))
  }

  #letIn(session: Session, hello: Hello, tenant: Tenant | undefined): void | Promise<void> {
    if (tenant === undefined) throw cometError('COMET_ERR_NO_DEV_ID', {})
    if (!isFromAllowed(hello, this.#originsOf(tenant))) {
      throw cometError('COMET_ERR_ORIGIN', { origin: hello.headers.origin ?? '' })
    }
    tenant.enter() // before waiting, so that it is not freed meanwhile
    const fail = (error: unknown): never => {
      tenant.exit()
      throw error
    }
    const identity = returned(() => this.#identify(tenant, hello), fail)
    if (!(identity instanceof Promise)) session.admit(tenant, identity)
    else return session.whileWaiting(identity).then((found) => session.admit(tenant, found), fail)
  }

  #refuse(session: Session, error: unknown): void {
    if (!session.isOpen) return
    const isForBrowser = error instanceof CometError && error.code !== 'COMET_ERR_OPTION'
    const isFault = !isForBrowser || error.code === 'COMET_ERR_TIMEOUT'
    if (isFault) this.#host.logger.error(`A browser could not be let in: ${String(error)}`)
    if (isForBrowser && error.code === 'COMET_ERR_TIMEOUT') this.#host.meter.hit('loginTimeoutMs')
    session.refuse(isForBrowser ? error : cometError('COMET_ERR_INTERNAL', {}))
  }

  async #make(devId: number): Promise<Tenant | undefined> {
    await this.start()
    // Not for ever: else all who come later would wait for a question to which the application never gets an answer.
    const { clock, limits } = this.#host
    const limit = limits.loginTimeoutMs
    const what = `Opening tenant ${devId}`
    const deadline = new Deadline(clock, limit, () => cometError('COMET_ERR_TIMEOUT', { what, limit }))
    return await deadline.race(this.#load(devId)).finally(() => deadline.end())
  }

  async #load(devId: number): Promise<Tenant | undefined> {
    const config = await this.#admission.lookUp(devId)
    if (config === undefined) return undefined
    this.#checkNotClosed() // each time that something was waited for: nothing may be opened after the end
    const tenant = new Tenant(this.#host, devId, config)
    await tenant.open()
    this.#checkNotClosed()
    const earlier = this.#open.get(devId) // where this one took so long that it was begun again
    if (earlier !== undefined) return earlier
    this.#open.set(devId, tenant)
    this.#sweep ??= this.#scheduleSweep()
    return tenant
  }

  #checkNotClosed(): void {
    if (this.#isClosed) throw cometError('COMET_ERR_CLOSED', {})
  }

  /**
   * Frees the tenants in which nobody is; what they store is loaded again with the next visitor. Only a timer frees:
   * whoever has just got a tenant from `open` has entered it before a timer can run.
   */
  #scheduleSweep(): Timer {
    return this.#host.clock.setTimeout(() => {
      for (const [devId, tenant] of this.#open) if (tenant.isIdle) this.#open.delete(devId)
      this.#sweep = this.#open.size > 0 ? this.#scheduleSweep() : undefined
    }, sweepMs)
  }

  #originsOf(tenant: Tenant | undefined): readonly string[] {
    return tenant?.config.origins ?? this.#admission.origins
  }

  #tenantOf(hello: Hello): Tenant | undefined | Promise<Tenant | undefined> {
    const devId = decimal(hello.devid ?? '')
    const tenant = Number.isNaN(devId) ? undefined : this.#find(devId)
    if (tenant instanceof Promise) return tenant.then((found) => found ?? this.#defaultTenant())
    return tenant ?? this.#defaultTenant()
  }

  #defaultTenant(): Tenant | undefined | Promise<Tenant | undefined> {
    return this.#admission.strict ? undefined : this.#find(0)
  }

  /** @throws CometError COMET_ERR_LIMIT; whatever `authenticate` throws */
  #identify(tenant: Tenant, hello: Hello): Identity | undefined | Promise<Identity | undefined> {
    const userId = decimal(hello.myid ?? '')
    const { ip, sesion = '' } = hello
    if (!(userId > 0)) return this.#ask(hello)
    this.#host.addresses.checkLogin(ip)
    if (sesion === '') return this.#ask(hello)
    return tenant.credentials.verify(userId, sesion).then((identity) => {
      if (identity === undefined) this.#host.addresses.failed(ip)
      return identity ?? this.#ask(hello)
    })
  }

  /** Asks the application who it is. */
  #ask(hello: Hello): Identity | undefined | Promise<Identity | undefined> {
    const known: unknown = this.#admission.authenticate?.(hello)
    return isThenable(known) ? Promise.resolve(known).then((id) => this.#identityOf(id)) : this.#identityOf(known)
  }

  #identityOf(known: unknown): Identity | undefined {
    if (isUserId(known)) return { userId: known, key: '', expiresAt: Infinity, tokenId: '' }
    if ((known ?? 0) !== 0) this.#host.logger.error(notAUserId(known))
    return undefined
  }
}

/** What `work` returns; what it throws goes to `fail`. */
function returned<Result>(work: () => Result, fail: (error: unknown) => never): Result {
  try {
    return work()
  } catch (error) {
    return fail(error)
  }
}

function isUserId(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0
}

/** Of what is no number the log gets the type only: it may be a whole user with all that is known of him. */
function notAUserId(value: unknown): string {
  const got = typeof value === 'number' ? String(value) : `something of type ${typeof value}`
  return `"authenticate" returned ${got}: return the user's id, a whole number above 0, or nothing for a visitor; the browser is let in as a visitor`
}

function isFromAllowed(hello: Hello, origins: readonly string[]): boolean {
  return isOriginAllowed(hello.headers.origin, ownOrigin(hello), origins)
}

/** The origin that a page would have which came from where this connection goes to. */
function ownOrigin({ headers, secure }: Hello): string | undefined {
  return headers.host === undefined ? undefined : `${secure ? 'https' : 'http'}://${headers.host}`
}

function missingPart(hello: Hello): CometError | undefined {
  if (hello.sesion === undefined) return cometError('COMET_ERR_NO_SESSION', { parameter: 'sesion' })
  if (hello.myid === undefined) return cometError('COMET_ERR_NO_SESSION', { parameter: 'myid' })
  if (hello.devid === undefined) return cometError('COMET_ERR_NO_DEV_ID', {})
  if (hello.v === undefined) return cometError('COMET_ERR_NO_VERSION', {})
  return undefined
}
