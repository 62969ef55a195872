import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { clientScript } from './client-script.ts'
import { createCometql, type Cometql, type QueryResult, type QueryValue } from './cometql/handler.ts'
import type { CometqlLimits } from './cometql/limits.ts'
import { systemClock } from './core/clock.ts'
import { clusterOf } from './core/cluster/cluster.ts'
import type { CometEvents, Host } from './core/host.ts'
import { makeHost } from './core/make-host.ts'
import type { Metrics } from './core/limits/metrics.ts'
import type { Published } from './core/tenant.ts'
import { Tenants } from './core/tenants.ts'
import { CometError, cometError } from './errors.ts'
import { attachTo, type AttachMode } from './http-attach.ts'
import { Routes } from './http-routes.ts'
import { listen } from './listen.ts'
import { defaultLogger } from './logger.ts'
import { cometqlLogin, lookUpTenant } from './login.ts'
import { createMysqlServer, type MysqlServer } from './mysql-server-protocol-lite/index.ts'
import { hasMethods, shown } from './option-checks.ts'
import {
  checkAttachOptions,
  checkListenOptions,
  checkOptions,
  cometqlLimits,
  defaultLimits,
  protocolLimits,
  type CometServerOptions,
  type CometqlOptions,
} from './options.ts'
import { memoryStorage } from './storage/memory.ts'
import { tenantHandle, type TenantHandle } from './tenant-handle.ts'
import { longPoll } from './transports/long-poll.ts'
import { sse } from './transports/sse.ts'
import type { OnLimit, Transport } from './transports/transport.ts'
import { webSocket } from './transports/websocket.ts'
import { mysqlVersion, serverName } from './version.ts'

/** As long clients may be asked to stay away while a server restarts, in milliseconds. */
const maxDrainMs = 10_000

/** Options of `attach()`. */
export interface AttachOptions {
  /** Where we are mounted on this server; default: the option `path` of the comet server. */
  readonly path?: string
  /** How we take our paths; default `intercept`. */
  readonly mode?: AttachMode
}

/**
 * Makes a push server. Without options it works in memory and in this process: attach it to an http server for browsers,
 * give it a CometQL port for back-ends.
 * @throws CometError COMET_ERR_OPTION, which names the option, the value and what it must be
 */
export function createCometServer(options: CometServerOptions = {}): CometServer {
  return new CometServer(checkOptions(options))
}

/** A push server inside this process; `createCometServer()` makes one. It emits `CometEvents`. */
export class CometServer extends EventEmitter<CometEvents> implements TenantHandle {
  readonly devId = 0
  readonly #options: CometServerOptions
  readonly #host: Host
  readonly #tenants: Tenants
  readonly #routes: Routes
  readonly #transports: readonly Transport[]
  readonly #cometql: Cometql
  readonly #mysql: MysqlServer
  readonly #root: TenantHandle
  readonly #detach = new Map<Server | HttpsServer, () => void>()
  readonly #started: Promise<void>
  #isReadyAsked = false
  #closed: Promise<void> | undefined

  /** @internal */
  constructor(options: CometServerOptions) {
    super()
    this.#options = options
    this.#host = hostOf(options, this)
    const lookUp = lookUpTenant(options)
    const limits = cometqlLimits(options)
    this.#tenants = new Tenants(this.#host, {
      lookUp,
      strict: options.strictTenants ?? false,
      origins: options.origins ?? [options.authenticate === undefined ? '*' : 'same-origin'],
      authenticate: options.authenticate,
    })
    this.#routes = routesOf(options)
    this.#transports = options.transports ?? [webSocket(), sse(), longPoll()]
    const onLimit: OnLimit = (limit) => this.#host.meter.hitTransport(limit)
    for (const transport of this.#transports) {
      transport.start(this.#tenants.accept, this.#routes, this.#host.limits, this.#tenants.rightsOf, onLimit)
    }
    this.#cometql = createCometql({
      login: cometqlLogin(lookUp, (devId) => this.#tenants.get(devId)),
      version: mysqlVersion,
      maxMessageBytes: this.#host.limits.maxMessageBytes,
      limits,
      processes: () => this.#mysql.connections(),
      process: (id) => this.#mysql.connection(id),
      kill: (id) => this.#mysql.kill(id),
      logInternalError: (error) => this.#host.logger.error(stackOf(error)),
      clock: this.#host.clock,
      metrics: () => this.metrics(),
      meter: this.#host.meter,
    })
    this.#mysql = mysqlOf(options, limits, this.#host, this.#cometql)
    this.#root = this.tenant(0)
    this.#started = this.#start()
    this.#started.catch((error: unknown) => {
      const isClosedByUser = error instanceof CometError && error.code === 'COMET_ERR_CLOSED'
      if (!this.#isReadyAsked && !isClosedByUser) this.#host.logger.error(String(error))
    })
  }

  /** Resolves when the storage is open and the CometQL port listens; rejects with what went wrong. */
  get ready(): Promise<void> {
    this.#isReadyAsked = true // so whoever asks is told, and the log need not be
    return this.#started
  }

  /**
   * Takes our paths of an http or https server; all others stay with whom they were. Twice for one server is once.
   * @throws CometError COMET_ERR_INVALID for what is no http server, COMET_ERR_OPTION, COMET_ERR_CLOSED
   */
  attach(server: Server | HttpsServer, options: AttachOptions = {}): this {
    checkHttpServer(server)
    checkAttachOptions('attach', options)
    if (this.#closed !== undefined) throw cometError('COMET_ERR_CLOSED', {})
    const { path, mode = 'intercept' } = options
    if (!this.#detach.has(server)) this.#detach.set(server, attachTo(server, this.#routes, path, mode))
    return this
  }

  /** Takes an upgrade if it is for us, for who routes upgrades himself. Returns whether it was. */
  readonly handleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): boolean =>
    this.#closed === undefined && this.#routes.handleUpgrade(request, socket, head)

  /** Answers a request if it is for us, else calls `next`, or answers 404: for Node, Connect and Express alike. */
  readonly handler = (request: IncomingMessage, response: ServerResponse, next?: () => void): void => {
    if (this.#routes.handleRequest(request, response)) return
    if (isMounted(request) && this.#routes.handleRequest(request, response, '')) return
    if (next !== undefined) next()
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found\n')
  }

  /**
   * Opens the MySQL port for back-ends, where the options did not. Defaults: port 3307, host 127.0.0.1.
   * @throws CometError COMET_ERR_OPTION without a password; Error with a sentence where the port cannot be had
   */
  async listenCometQL(where: Pick<CometqlOptions, 'port' | 'host'> = {}): Promise<AddressInfo> {
    checkListenOptions('listenCometQL', where)
    checkOptions({ ...this.#options, cometql: where })
    return await this.#listen(where)
  }

  /** Where the CometQL port is; null while there is none. */
  address(): AddressInfo | null {
    return this.#mysql.address() ?? null
  }

  /**
   * The same calls for one tenant; those of the comet server itself are for tenant 0.
   * @throws CometError COMET_ERR_INVALID for a `devId` that is no whole number from 0
   */
  tenant(devId: number): TenantHandle {
    return tenantHandle(
      devId,
      (id) => this.#tenants.get(id),
      (tenant, sql, values) => this.#cometql.query(tenant, sql, values),
    )
  }

  /** What this server has done since its start, and holds now. The same is in SHOW GLOBAL STATUS LIKE 'Comet_%'. */
  metrics(): Metrics {
    return this.#host.meter.read(this.#host.sessions.size)
  }

  publish(pipe: string, event: string, data: unknown): Promise<Published> {
    return this.#root.publish(pipe, event, data)
  }

  sendToUser(userId: number, event: string, data: unknown): Promise<void> {
    return this.#root.sendToUser(userId, event, data)
  }

  query(sql: string, values?: readonly QueryValue[]): Promise<QueryResult> {
    return this.#root.query(sql, values)
  }

  /**
   * Ends all that this server began: connections, ports, timers. The http server stays yours. Twice is once.
   * @param options.drainMs clients of protocol 5 come back at random moments within this time, so that a restarted server
   * is not stormed; default 2 ms a session, 10 s at most
   */
  close({ drainMs }: { readonly drainMs?: number } = {}): Promise<void> {
    this.#closed ??= this.#close(drainMs ?? Math.min(this.#host.sessions.size * 2, maxDrainMs))
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #start(): Promise<void> {
    await this.#tenants.start()
    const { cometql } = this.#options
    if (cometql !== undefined && cometql !== false) await this.#listen(cometql)
  }

  async #listen(where: CometqlOptions): Promise<AddressInfo> {
    if (this.#closed !== undefined) throw cometError('COMET_ERR_CLOSED', {})
    return await listen(this.#mysql, where)
  }

  async #close(drainMs: number): Promise<void> {
    for (const detach of this.#detach.values()) detach()
    this.#detach.clear()
    await this.#started.catch(() => undefined)
    this.#cometql.close()
    await this.#mysql.close()
    for (const session of this.#host.sessions) session.announceRestart(Math.floor(Math.random() * drainMs))
    this.#host.outbox.flush()
    await Promise.all(this.#transports.map((transport) => transport.close()))
    this.#host.outbox.flush() // who left was to be told to others: nobody is there any more
    await this.#tenants.close()
  }
}

function hostOf(options: CometServerOptions, events: EventEmitter<CometEvents>): Host {
  const logger = options.logger ?? defaultLogger()
  const clock = options.clock ?? systemClock
  return makeHost({
    serverName,
    clock,
    storage: options.storage ?? memoryStorage(),
    limits: { ...defaultLimits, ...options.limits },
    pipeRules: options.pipes ?? {},
    logger,
    cluster: options.broker && clusterOf(options.broker, { clock, logger }, options.leaseMs),
    authorize: options.authorize,
    emit(name, ...args) {
      if (events.listenerCount(name) === 0) return
      try {
        EventEmitter.prototype.emit.call(events, name, ...args)
      } catch (error) {
        logger.error(`A listener of "${name}" threw: ${stackOf(error)}`)
      }
    },
  })
}

function routesOf({ path = '', trustProxy = false, name = 'star-comet' }: CometServerOptions): Routes {
  const routes = new Routes(path, trustProxy)
  routes.resource('CometServerApi.js', clientScript())
  routes.resource('info', (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(JSON.stringify({ status: 'ok', node: name }))
  })
  return routes
}

function mysqlOf(
  { cometql }: CometServerOptions,
  limits: CometqlLimits,
  { clock, logger, meter }: Host,
  { handler }: Cometql,
): MysqlServer {
  const tls = cometql === undefined || cometql === false ? undefined : cometql.tls
  return createMysqlServer({
    handler,
    serverVersion: mysqlVersion,
    limits: protocolLimits(limits),
    clock,
    onError: (error) => logger.error(stackOf(error)),
    onLimit: (limit) => meter.hitCometql(limit),
    ...(tls === undefined ? {} : { tls }),
  })
}

/** Whether a framework mounted us below a path: then it has taken that off the url, and kept the whole elsewhere. */
function isMounted(request: IncomingMessage & { readonly originalUrl?: unknown }): boolean {
  return request.originalUrl !== undefined && request.originalUrl !== request.url
}

function checkHttpServer(server: unknown): void {
  if (hasMethods(server, ['on', 'off', 'emit', 'listenerCount', 'address'])) return
  const rule = 'attach() takes an http or https server; of Express, what app.listen() returns'
  throw cometError('COMET_ERR_INVALID', { column: 'server', value: shown(server), rule })
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
