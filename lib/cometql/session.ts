import type { Clock } from '../core/clock.ts'
import type { Meter, Metrics } from '../core/limits/metrics.ts'
import type { Tenant } from '../core/tenant.ts'
import { cometError, type CometError } from '../errors.ts'
import type { ConnectionInfo } from '../mysql-server-protocol-lite/index.ts'
import { Budget } from './expressions/budget.ts'
import type { Counters } from './counters.ts'
import type { CometqlLimits } from './limits.ts'
import { Transaction, type TransactionOptions } from './change/transaction.ts'
import type { TenantView } from './tenant-view.ts'
import { VariableStore } from './variable-store.ts'

/** What the statements need to know of the server. */
export interface CometqlEnvironment extends TransactionOptions {
  /** The version string of the greeting. */
  readonly version: string
  readonly limits: CometqlLimits
  /** The open connections of one tenant; of all tenants for tenant 0. */
  readonly processes: (devId: number) => Iterable<ConnectionInfo>
  /** One of them; undefined for programs in this process. */
  readonly process: (id: number) => ConnectionInfo | undefined
  /** Closes such a connection; false if there is none. */
  readonly kill: (id: number, devId: number) => boolean
  /** Stops what such a connection waits for; false if there is none. */
  readonly interrupt: (id: number, devId: number) => boolean
  /** For statements that wait. */
  readonly clock: Clock
  /** Milliseconds since the epoch at which the server started. */
  readonly startedAt: number
  /** What SHOW STATUS says. */
  readonly counters: Counters
  /** The same of the push server. */
  readonly metrics: () => Metrics
  /** Counts what is refused, and why. */
  readonly meter: Meter
}

/** Who a session is of. */
export interface SessionIdentity {
  readonly user: string
  readonly remoteAddress: string
  readonly connectionId: number
  /** The tenant that it logged in to. */
  readonly devId: number
  /** Of an UPDATE it wants to know how many rows were found, not how many were changed. */
  readonly countsFoundRows: boolean
  /** Changes the database; for `root` that may be another tenant. */
  readonly use: (database: string) => Tenant | Promise<Tenant>
}

/** What SHOW WARNINGS lists. */
export interface Warning {
  readonly level: 'Error' | 'Warning'
  readonly error: CometError
}

const defaultDatabase = 'CometQL_v1'

/** What the server remembers of one connection between its statements. */
export class CometqlSession {
  readonly environment: CometqlEnvironment
  readonly identity: SessionIdentity
  /** What the running statement may take. */
  readonly budget: Budget
  /** As named by the client; empty before the first USE. */
  database: string
  autocommit = true
  lastInsertId = 0
  /** What ROW_COUNT() says: rows changed, -1 after a SELECT. */
  rowCount = -1
  foundRows = 0
  /** How many statements were run. */
  questions = 0
  warnings: readonly Warning[] = []
  /** How many INSERTs were begun ahead of the answers to those before them, and are not answered. */
  deferred = 0
  /** System variables that the client has SET. */
  readonly variables: VariableStore
  readonly userVariables: VariableStore
  #tenant: Tenant
  #transaction: Transaction | undefined
  #isClosed = false
  readonly #interrupts = new Set<(error: CometError) => void>()

  constructor(environment: CometqlEnvironment, identity: SessionIdentity, tenant: Tenant, database: string) {
    this.environment = environment
    this.identity = identity
    this.budget = new Budget(environment.limits.maxResultBytes, () => environment.meter.hitCometql('maxResultBytes'))
    this.variables = new VariableStore(environment.limits.maxPacketBytes)
    this.userVariables = new VariableStore(environment.limits.maxPacketBytes)
    this.database = database === '' ? '' : canonicalDatabase(database)
    this.#tenant = tenant
  }

  get tenant(): Tenant {
    return this.#tenant
  }

  /** What statements work on: the tenant, or within a transaction what it would be after COMMIT. */
  get view(): TenantView {
    return this.openTransaction ?? this.#tenant
  }

  get inTransaction(): boolean {
    return this.#transaction !== undefined
  }

  /** The database that names without one belong to. */
  get currentDatabase(): string {
    return this.database === '' ? defaultDatabase : this.database
  }

  get isAnsi(): boolean {
    const mode = this.variables.get('sql_mode')
    return typeof mode === 'string' && /ansi/i.test(mode)
  }

  /** A transaction begins; one that is open MUST be committed before. */
  begin(): Transaction {
    this.#transaction = new Transaction(this.#tenant, this.environment)
    return this.#transaction
  }

  /** The transaction that statements belong to; without autocommit the first of them begins it. */
  get openTransaction(): Transaction | undefined {
    return this.#transaction === undefined && !this.autocommit ? this.begin() : this.#transaction
  }

  /** Ends the transaction: what it did becomes true. */
  async commit(): Promise<void> {
    const transaction = this.#transaction
    this.#transaction = undefined
    await transaction?.commit()
  }

  /** Ends the transaction: what it did never was. */
  rollback(): void {
    this.#transaction = undefined
  }

  /** The connection is gone: nothing goes on, and the tenant is left. To be called once. */
  close(): void {
    this.#isClosed = true
    this.interrupt()
    this.rollback()
    this.#tenant.exit()
  }

  /** USE: other statements than those about to come keep their database. */
  async use(database: string): Promise<void> {
    const tenant = await this.identity.use(database)
    if (this.#isClosed) return // the tenant was left, and no other is entered
    this.database = canonicalDatabase(database)
    if (tenant !== this.#tenant) {
      const before = this.#tenant
      tenant.enter() // before waiting, so that it is not freed meanwhile
      this.#tenant = tenant
      await this.commit().finally(() => {
        before.exit()
      })
    }
  }

  /** Calls `end` when the running statement is to stop, until the returned function is called. */
  onInterrupt(end: (error: CometError) => void): () => void {
    this.#interrupts.add(end)
    return () => {
      this.#interrupts.delete(end)
    }
  }

  /** Stops the running statement, if it is one that waits. */
  interrupt(): void {
    for (const end of [...this.#interrupts]) end(cometError('COMET_ERR_INTERRUPTED', {}))
  }

  /** COM_RESET_CONNECTION: as after the login, but for the database. */
  reset(): void {
    this.rollback()
    this.autocommit = true
    this.lastInsertId = 0
    this.rowCount = -1
    this.foundRows = 0
    this.warnings = []
    this.variables.clear()
    this.userVariables.clear()
  }
}

/** `cometql_v1` in whatever letters is shown as the one name. */
function canonicalDatabase(name: string): string {
  const lower = name.toLowerCase()
  return lower === 'cometql_v1' ? defaultDatabase : lower
}
