import { createCometql } from '../../lib/cometql/handler.ts'
import type { CometqlSession } from '../../lib/cometql/session.ts'
import { makeHost } from '../../lib/core/make-host.ts'
import { Meter } from '../../lib/core/limits/metrics.ts'
import { Tenants } from '../../lib/core/tenants.ts'
import { cometqlLogin } from '../../lib/login.ts'
import {
  createMysqlServer,
  type Login,
  type MysqlHandler,
  type MysqlServer,
} from '../../lib/mysql-server-protocol-lite/index.ts'
import { defaultCometqlLimits, defaultLimits } from '../../lib/options.ts'
import { memoryStorage } from '../../lib/storage/memory.ts'
import { ManualClock } from '../support/manual-clock.ts'

/** Small, so that cases reach the limits; large enough for every recording. */
const limits = { maxPacketBytes: 128 * 1024, maxStatementBytes: 256 * 1024, maxStatements: 50 }
const version = '5.7.99-star-comet-fuzz'

/** What is fuzzed: a comet server in memory with the whole of CometQL and of the protocol; any password is right. */
export class Target {
  readonly clock = new ManualClock()
  /** What no case may bring about: what would have gone to the log as an internal error. */
  readonly faults: unknown[] = []
  readonly mysql: MysqlServer
  readonly handler: MysqlHandler<CometqlSession>
  /** Statements and logins that have no answer yet. */
  pending = 0
  readonly #tenants: Tenants

  constructor() {
    this.#tenants = this.#makeTenants()
    const fault = (error: unknown): void => {
      this.faults.push(error)
    }
    const config = { key: 'any', origins: undefined }
    const { handler } = createCometql({
      login: cometqlLogin(
        () => config,
        (devId) => this.#tenants.get(devId),
      ),
      version,
      maxMessageBytes: 64 * 1024,
      limits: { ...defaultCometqlLimits, ...limits },
      metrics: () => new Meter().read(0),
      meter: new Meter(),
      processes: () => this.mysql.connections(),
      process: (id) => this.mysql.connection(id),
      kill: (id) => this.mysql.kill(id),
      logInternalError: fault,
      clock: this.clock,
    })
    this.handler = this.#counted(handler)
    this.mysql = createMysqlServer({
      handler: this.handler,
      serverVersion: version,
      limits,
      clock: this.clock,
      onError: fault,
    })
  }

  /** A target with a few rows in its tables, and a page that is subscribed to `news`. */
  static async open(): Promise<Target> {
    const target = new Target()
    await target.#tenants.start()
    target.#connectPage()
    const session = await target.logIn(0)
    for (const sql of firstRows) await target.handler.query(sql, [], session)
    target.handler.closed?.(session)
    return target
  }

  /** A session for statements without the protocol. `connectionId`: unlike those of others that are open. */
  async logIn(connectionId: number): Promise<CometqlSession> {
    return await this.handler.authenticate({
      user: 'root',
      database: 'CometQL_v1',
      remoteAddress: '',
      secure: false,
      attributes: new Map(),
      connectionId,
      countsFoundRows: false,
      checkPassword: () => true,
    })
  }

  async close(): Promise<void> {
    await this.mysql.close()
    await this.#tenants.close()
  }

  #makeTenants(): Tenants {
    const host = makeHost({
      serverName: 'star-comet/fuzz',
      clock: this.clock,
      storage: memoryStorage(),
      limits: { ...defaultLimits, maxMessageBytes: 64 * 1024 },
      pipeRules: {},
      logger: { warn: nothing, error: (message: string) => this.faults.push(message) },
      authorize: undefined,
      emit: nothing,
    })
    const lookUp = () => ({ key: 'any', origins: undefined })
    return new Tenants(host, { lookUp, strict: false, origins: ['*'], authenticate: undefined })
  }

  #connectPage(): void {
    const headers = { 'user-agent': 'Mozilla/5.0 (fuzz)' }
    const hello = { sesion: '', myid: '', devid: '0', v: '4.0', uuid: '', ip: '127.0.0.1', secure: false, headers }
    const connection = {
      bufferedBytes: 0,
      close: nothing,
      // The network takes everything at once.
      send: (_frame: unknown, taken?: () => void) => taken?.(),
    }
    this.#tenants.accept(connection, hello).message('subscription\nnews')
  }

  #counted(handler: MysqlHandler<CometqlSession>): MysqlHandler<CometqlSession> {
    const count = <T>(answer: T | Promise<T>): T | Promise<T> => {
      if (!(answer instanceof Promise)) return answer
      this.pending++
      return answer.finally(() => this.pending--)
    }
    return {
      ...handler,
      authenticate: (login: Login) => count(handler.authenticate({ ...login, checkPassword: () => true })),
      query: (sql, params, session) => count(handler.query(sql, params, session)),
      queryAhead: (sql, params, session) => {
        const result = handler.queryAhead?.(sql, params, session)
        if (result !== undefined && 'deferred' in result) void count(Promise.resolve(result.deferred))
        return result
      },
      describe: (sql, session) => handler.describe?.(sql, session),
    }
  }
}

const firstRows: readonly string[] = [
  "INSERT INTO pipes_settings (name, length) VALUES ('news', 5), ('Chat', 3)",
  "INSERT INTO pipes_messages (name, event, message) VALUES ('news', 'add', 'one'), ('news', '', '{\"a\": 1}'), ('Chat', 'add', 'Привет 😀')",
  "INSERT INTO users_auth (id, hash) VALUES (1, 'one'), (2, 'TWO'), (3, '')",
  "INSERT INTO users_data (id, data) VALUES (1, '1.5'), (2, '%_')",
  "INSERT INTO users_messages (id, event, message) VALUES (7, 'hello', 'waiting')",
]

function nothing(): undefined {
  return undefined
}
