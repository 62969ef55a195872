import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { createCometql, type Cometql } from '../../lib/cometql/handler.ts'
import type { CometqlSession } from '../../lib/cometql/session.ts'
import type { CometqlLimits } from '../../lib/cometql/limits.ts'
import type { CometError } from '../../lib/errors.ts'
import { cometqlLogin } from '../../lib/login.ts'
import { defaultCometqlLimits } from '../../lib/options.ts'
import type {
  ColumnDef,
  ConnectionInfo,
  Login,
  OkResult,
  Result,
  Value,
} from '../../lib/mysql-server-protocol-lite/index.ts'
import { testComet, type Settings, type TestComet } from '../support/comet.ts'

type Row = Record<string, Value>

/** One back-end that is logged in, without a network between it and CometQL. */
export class BackEnd {
  readonly comet: TestComet
  readonly cometql: Cometql
  readonly session: CometqlSession
  /** What was logged as internal errors. */
  readonly internal: unknown[]

  constructor(comet: TestComet, cometql: Cometql, session: CometqlSession, internal: unknown[]) {
    this.comet = comet
    this.cometql = cometql
    this.session = session
    this.internal = internal
  }

  run(sql: string, ...params: Value[]): Result | Promise<Result> {
    return this.cometql.handler.query(sql, params, this.session)
  }

  async ok(sql: string, ...params: Value[]): Promise<OkResult> {
    const result = await this.run(sql, ...params)
    assert(!('columns' in result), `${sql} gave rows`)
    return result
  }

  async columns(sql: string, ...params: Value[]): Promise<readonly ColumnDef[]> {
    const result = await this.run(sql, ...params)
    assert('columns' in result, `${sql} gave no rows`)
    return result.columns
  }

  /** The rows as lists of values. */
  async values(sql: string, ...params: Value[]): Promise<Value[][]> {
    return (await this.#result(sql, params)).values
  }

  /** The rows as objects. */
  async rows(sql: string, ...params: Value[]): Promise<Row[]> {
    const { names, values } = await this.#result(sql, params)
    return values.map((row) => Object.fromEntries(row.map((value, i) => [names[i] ?? '', value] as const)))
  }

  /** The only value of the only row. */
  async value(sql: string, ...params: Value[]): Promise<Value> {
    const rows = await this.values(sql, ...params)
    assert.equal(rows.length, 1, sql)
    assert.equal(rows[0]?.length, 1, sql)
    return rows[0][0] ?? null
  }

  /** The error that a statement must have. */
  async error(sql: string, ...params: Value[]): Promise<CometError> {
    try {
      await this.run(sql, ...params)
    } catch (error) {
      return error as CometError
    }
    assert.fail(`${sql} has no error`)
  }

  async #result(sql: string, params: Value[]): Promise<{ names: string[]; values: Value[][] }> {
    const result = await this.run(sql, ...params)
    assert('columns' in result, `${sql} gave no rows`)
    const values: Value[][] = []
    for await (const row of result.rows) values.push([...row])
    return { names: result.columns.map(({ name }) => name), values }
  }

  /** The messages that were published, oldest first. */
  get published(): { pipe: string; event: string; message: string }[] {
    return this.comet.events.flatMap((seen) =>
      seen[0] === 'message' ? [{ pipe: seen[1].pipe, event: seen[1].event, message: seen[1].message }] : [],
    )
  }
}

export interface BackEndSettings extends Settings {
  readonly login?: Partial<Login>
  readonly comet?: TestComet
  readonly processes?: ConnectionInfo[]
  readonly killed?: number[]
  readonly cometqlLimits?: Partial<CometqlLimits>
}

/** Makes the CometQL of a comet. */
export function testCometql(
  comet: TestComet,
  { processes = [], killed = [], cometqlLimits = {} }: BackEndSettings,
  internal: unknown[] = [],
) {
  return createCometql({
    login: cometqlLogin(
      () => ({ key: 'secret', origins: undefined }),
      (devId) => comet.tenant(devId),
    ),
    version: '5.7.99-star-comet-test',
    maxMessageBytes: comet.host.limits.maxMessageBytes,
    limits: { ...defaultCometqlLimits, ...cometqlLimits },
    metrics: () => comet.host.meter.read(comet.host.sessions.size),
    meter: comet.host.meter,
    processes: () => processes,
    process: (wanted) => processes.find(({ id }) => id === wanted),
    kill: (id) => killed.push(id) > 0,
    logInternalError: (error) => internal.push(error),
    clock: comet.clock,
  })
}

/** A connection as the MySQL server tells it. */
export function connectionInfo(id: number, changes: Partial<ConnectionInfo> = {}): ConnectionInfo {
  return {
    id,
    user: 'root',
    remoteAddress: '127.0.0.1',
    database: '',
    secure: false,
    tls: undefined,
    compressed: false,
    attributes: new Map(),
    command: 'Sleep',
    seconds: 1,
    sql: '',
    bytesReceived: 0,
    bytesSent: 0,
    ...changes,
  }
}

/** What a client sends to log in. */
export function loginOf(login: Partial<Login> = {}, password = 'secret'): Login {
  return {
    user: 'root',
    database: 'CometQL_v1',
    remoteAddress: '127.0.0.1',
    secure: false,
    attributes: new Map(),
    connectionId: 7,
    countsFoundRows: false,
    checkPassword: (plain) => plain === password,
    ...login,
  }
}

/** Logs a back-end in: as root of tenant 0, unless `login` says otherwise. */
export async function backEnd(t: TestContext, settings: BackEndSettings = {}): Promise<BackEnd> {
  const comet = settings.comet ?? testComet(t, settings)
  const internal: unknown[] = []
  const cometql = testCometql(comet, settings, internal)
  const session = await cometql.handler.authenticate(loginOf(settings.login))
  return new BackEnd(comet, cometql, session, internal)
}
