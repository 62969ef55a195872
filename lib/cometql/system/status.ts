import type { Metrics } from '../../core/limits/metrics.ts'
import { dateTime } from '../functions/time.ts'
import type { CometqlSession } from '../session.ts'

/**
 * The rows of SHOW STATUS. `isGlobal`: of all connections of the tenant (for tenant 0: of the server) since the start,
 * instead of this one; where MySQL makes a difference between them.
 */
export function listStatus(session: CometqlSession, isGlobal: boolean): { name: string; value: string }[] {
  const values = { ...common(session), ...(isGlobal ? ofAll(session) : ofOne(session)) }
  return Object.entries(values)
    .map(([name, value]) => ({ name, value: String(value) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

type Status = Readonly<Record<string, string | number>>

function common({ environment, tenant }: CometqlSession): Status {
  const { startedAt, counters } = environment
  const counts = counters.of(tenant.devId)
  const processes = [...environment.processes(tenant.devId)]
  const uptime = Math.max(0, Math.floor((environment.now() - startedAt) / 1000))
  return {
    Aborted_clients: counts.aborted,
    Aborted_connects: counts.refused,
    Connections: counts.connections,
    Max_used_connections: counts.mostOpen,
    Open_tables: 9,
    Opened_tables: 9,
    Queries: counts.questions,
    Slow_queries: 0,
    Started: dateTime(startedAt),
    Threads_connected: processes.length,
    Threads_running: processes.filter(({ command }) => command === 'Query').length,
    Uptime: uptime,
    Uptime_since_flush_status: uptime,
  }
}

function ofAll(session: CometqlSession): Status {
  const { environment, tenant } = session
  let { bytesReceived, bytesSent } = environment.counters.of(tenant.devId)
  for (const open of environment.processes(tenant.devId)) {
    bytesReceived += open.bytesReceived
    bytesSent += open.bytesSent
  }
  const { questions } = environment.counters.of(tenant.devId)
  const own = { ...ofConnection(session), Bytes_received: bytesReceived, Bytes_sent: bytesSent, Questions: questions }
  return tenant.devId === 0 ? { ...own, ...ofPushServer(environment.metrics()) } : own
}

/**
 * `Comet_sessions`, `Comet_private_messages`; for each limit `Comet_limit_max_pipes`,
 * `Comet_limit_cometql_max_connections`, `Comet_limit_transport_max_sessions`; for each error `Comet_error_too_long`.
 */
function ofPushServer({ limits, cometqlLimits, transportLimits, errors, ...metrics }: Metrics): Status {
  const named = (prefix: string, values: Readonly<Record<string, number>>): Status =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + snakeCase(name), value]))
  return {
    ...named('Comet_', metrics),
    ...named('Comet_limit_', limits),
    ...named('Comet_limit_cometql_', cometqlLimits),
    ...named('Comet_limit_transport_', transportLimits),
    ...Object.fromEntries(Object.entries(errors).map(([code, value]) => [errorStatus(code), value])),
  }
}

/** COMET_ERR_TOO_LONG is `Comet_error_too_long`. */
function errorStatus(code: string): string {
  return `Comet_error_${code.slice('COMET_ERR_'.length).toLowerCase()}`
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function ofOne(session: CometqlSession): Status {
  const own = session.environment.process(session.identity.connectionId)
  return {
    ...ofConnection(session),
    Bytes_received: own?.bytesReceived ?? 0,
    Bytes_sent: own?.bytesSent ?? 0,
    Questions: session.questions,
  }
}

/** As MySQL, these are always of the connection that asks. */
function ofConnection({ environment, identity }: CometqlSession): Status {
  const own = environment.process(identity.connectionId)
  return {
    Compression: own?.compressed === true ? 'ON' : 'OFF',
    Ssl_cipher: own?.tls?.cipher ?? '',
    Ssl_version: own?.tls?.version ?? '',
  }
}
