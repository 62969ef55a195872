import type { ConnectionInfo, MysqlHandler, Login, Result, Value } from '../mysql-server-protocol-lite/index.ts'
import { CometError, cometError } from '../errors.ts'
import type { Clock } from '../core/clock.ts'
import type { Meter, Metrics } from '../core/limits/metrics.ts'
import type { Tenant } from '../core/tenant.ts'
import { executeAhead } from './change/ahead.ts'
import type { Scalar } from './parse/ast.ts'
import { Counters } from './counters.ts'
import { describe, execute } from './execute.ts'
import type { CometqlLimits } from './limits.ts'
import { CometqlSession, type CometqlEnvironment, type SessionIdentity } from './session.ts'
import { informationSchema } from './system/schema-tables.ts'

/** What a program may give for a `?`. */
export type QueryValue = string | number | bigint | boolean | null | undefined | Uint8Array | Date

/** The rows of a SELECT or SHOW, or what an INSERT or DELETE did. */
export type QueryResult =
  Record<string, string | number | bigint | null>[] | { readonly affectedRows: number; readonly insertId: number }

export interface CometqlOptions {
  /** Lets a back-end in, or throws COMET_ERR_LOGIN or COMET_ERR_NO_DATABASE. Called again for USE. */
  readonly login: (login: Login) => Tenant | Promise<Tenant>
  /** The version string of the greeting. */
  readonly version: string
  /** The text of one message, in bytes of UTF-8. */
  readonly maxMessageBytes: number
  readonly limits: CometqlLimits
  /** The open connections to the CometQL port. */
  readonly processes: () => Iterable<ConnectionInfo>
  /** One of them; undefined if there is none. */
  readonly process: (id: number) => ConnectionInfo | undefined
  /** Closes one of them; false if there is none. */
  readonly kill: (id: number) => boolean
  /** Gets what no client is meant to see: the client hears COMET_ERR_INTERNAL. */
  readonly logInternalError: (error: unknown) => void
  readonly clock: Clock
  /** What SHOW GLOBAL STATUS tells tenant 0 of the push server. */
  readonly metrics: () => Metrics
  /** Counts what is refused, and why. */
  readonly meter: Meter
}

/** CometQL for both of its ways in. */
export interface Cometql {
  /** For back-ends, over the MySQL protocol. */
  readonly handler: MysqlHandler<CometqlSession>
  /**
   * Runs a statement for a program in this process.
   * @throws CometError as a back-end would get it
   */
  query(tenant: Tenant, sql: string, values: readonly QueryValue[]): Promise<QueryResult>
  /** Stops what programs in this process wait for. Connections are the MySQL server's to close. */
  close(): void
}

/** Makes the CometQL of one server. */
export function createCometql(options: CometqlOptions): Cometql {
  const sessions = new Map<number, CometqlSession>()
  const environment = environmentOf(options, sessions)
  const running = new Set<CometqlSession>()
  return {
    handler: handlerOf(options, environment, sessions),
    async query(tenant, sql, values) {
      const session = new CometqlSession(environment, inProcess(tenant), tenant, ownDatabase)
      running.add(session)
      try {
        return await objectsOf(await guarded(options, () => execute(sql, values.map(valueOf), session)))
      } finally {
        running.delete(session)
      }
    },
    close() {
      for (const session of running) session.interrupt()
    },
  }
}

async function objectsOf(result: Result): Promise<QueryResult> {
  if (!('columns' in result)) return { affectedRows: result.affectedRows, insertId: Number(result.insertId ?? 0) }
  const names = result.columns.map(({ name }) => name)
  const rows = []
  for await (const row of result.rows) rows.push(rowObject(names, row as readonly Scalar[]))
  return rows
}

function rowObject(names: readonly string[], row: readonly Scalar[]): Record<string, Scalar> {
  return Object.fromEntries(names.map((name, index) => [name, row[index] ?? null]))
}

/** A tenant's connections are known by their sessions; tenant 0 sees everybody's. */
function environmentOf(
  { version, maxMessageBytes, limits, processes, process, kill, clock, metrics, meter }: CometqlOptions,
  sessions: ReadonlyMap<number, CometqlSession>,
): CometqlEnvironment {
  const isVisible = (id: number, devId: number): boolean => {
    const session = sessions.get(id)
    return session !== undefined && (devId === 0 || session.tenant.devId === devId)
  }
  return {
    version,
    maxMessageBytes,
    limits,
    now: () => clock.now(),
    clock,
    startedAt: clock.now(),
    counters: new Counters(),
    metrics,
    meter,
    processes: (devId) =>
      Array.from(processes())
        .filter(({ id }) => isVisible(id, devId))
        // The protocol does not see a USE within a query.
        .map((info) => ({ ...info, database: sessions.get(info.id)?.database ?? info.database })),
    process,
    kill: (id, devId) => isVisible(id, devId) && kill(id),
    interrupt(id, devId) {
      if (isVisible(id, devId)) sessions.get(id)?.interrupt()
      return isVisible(id, devId)
    },
  }
}

function handlerOf(
  options: CometqlOptions,
  environment: CometqlEnvironment,
  sessions: Map<number, CometqlSession>,
): MysqlHandler<CometqlSession> {
  return {
    async authenticate(login) {
      const tenant = await admitted(login, options, environment)
      const session = new CometqlSession(environment, identityOf(login, options, tenant), tenant, login.database)
      tenant.enter()
      environment.counters.opened(tenant.devId)
      sessions.set(login.connectionId, session)
      return session
    },
    query: (sql, params, session) => guarded(options, () => execute(sql, params, session)),
    queryAhead(sql, params, session) {
      const result = guardedNow(options, () => executeAhead(sql, params, session))
      if (result === undefined || !('deferred' in result)) return result
      return { deferred: result.deferred.then((tell) => () => guardedNow(options, tell)) }
    },
    describe: (sql, session) => guarded(options, () => describe(sql, session)),
    status: ({ autocommit, inTransaction }) => ({ autocommit, inTransaction }),
    reset: (session) => {
      session.reset()
    },
    leaving: (session) => {
      session.interrupt()
    },
    closed(session) {
      countClosed(session)
      session.close()
      if (sessions.get(session.identity.connectionId) === session) sessions.delete(session.identity.connectionId)
    },
  }
}

async function admitted(login: Login, options: CometqlOptions, { counters }: CometqlEnvironment): Promise<Tenant> {
  try {
    return await guarded(options, () => options.login(login))
  } catch (error) {
    counters.refused()
    throw error
  }
}

/** Notes what the connection did, as long as it can be asked. */
function countClosed({ identity, environment }: CometqlSession): void {
  const { counters } = environment
  const { devId, connectionId } = identity
  const info = environment.process(connectionId)
  counters.add(devId, 'open', -1)
  if (info === undefined) return
  // Who changes the user goes on with the connection, and its bytes.
  if (info.command === 'Change user') return
  counters.add(devId, 'bytesReceived', info.bytesReceived)
  counters.add(devId, 'bytesSent', info.bytesSent)
  if (info.command !== 'Quit') counters.add(devId, 'aborted')
}

/** Who logged in; USE asks the login again, with the other database. */
function identityOf(login: Login, { login: logIn }: CometqlOptions, first: Tenant): SessionIdentity {
  const { user, remoteAddress, connectionId } = login
  let tenant = first
  return {
    user,
    remoteAddress,
    connectionId,
    devId: first.devId,
    countsFoundRows: login.countsFoundRows,
    async use(database) {
      if (database.toLowerCase() === informationSchema) return tenant // it shows the tenant that one is in
      const checkPassword = (plain: string): boolean => login.checkPassword(plain)
      tenant = await logIn({ ...login, database, checkPassword })
      return tenant
    },
  }
}

const ownDatabase = 'cometql_v1'

/** A program in this process is in its tenant already. */
function inProcess(tenant: Tenant): SessionIdentity {
  return {
    user: String(tenant.devId),
    remoteAddress: '',
    connectionId: 0,
    devId: tenant.devId,
    countsFoundRows: false,
    use(database) {
      if (database.toLowerCase() === ownDatabase) return tenant
      throw cometError('COMET_ERR_NO_DATABASE', { database })
    },
  }
}

function valueOf(value: QueryValue): Value {
  if (value === undefined) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof Date) return value.toISOString().slice(0, 19).replace('T', ' ')
  return value instanceof Uint8Array ? Buffer.from(value) : value
}

/** Errors that are not meant for clients go to the log, and the client hears of an internal one. */
function guarded<T>(options: CometqlOptions, work: () => T | Promise<T>): T | Promise<T> {
  const result = guardedNow(options, work)
  return result instanceof Promise ? result.catch((error: unknown) => conceal(error, options)) : result
}

function guardedNow<T>(options: CometqlOptions, work: () => T): T {
  try {
    return work()
  } catch (error) {
    return conceal(error, options)
  }
}

function conceal(error: unknown, { logInternalError, meter }: CometqlOptions): never {
  meter.told(error instanceof CometError ? error.code : 'COMET_ERR_INTERNAL')
  if (error instanceof CometError) throw error
  logInternalError(error)
  throw cometError('COMET_ERR_INTERNAL', {})
}
