import { setTimeout } from 'node:timers/promises'
import { CometError, cometError } from '../errors.ts'
import { checkPool, isAway, MysqlSession, type MysqlPool } from './mysql-driver.ts'
import { appendEntries, readLogs, removeEntries } from './mysql-logs.ts'
import { plan, type Call, type CallOf, type Step } from './mysql-plan.ts'
import { MysqlQueue } from './mysql-queue.ts'
import { migrate } from './mysql-schema.ts'
import { deleteRows, getRows, setRows } from './mysql-tables.ts'
import type { Storage, StoredLog } from './storage.ts'
import { messageOf, unavailable } from './unavailable.ts'
import { checkWait } from './wait-option.ts'

export type { MysqlPool }
export { mysqlTenants, type MysqlTenant, type MysqlTenantsOptions } from './mysql-tenants.ts'

/** Options of `mysqlStorage()`. */
export interface MysqlStorageOptions {
  /**
   * A pool of mysql2 or mariadb, with promises or callbacks, for MariaDB 10.6 or MySQL 8.0 and later; its options name the
   * database. One of its connections is taken for good. The pool stays yours: it is not ended.
   */
  readonly pool: MysqlPool
  /** How long calls wait for a database that does not answer, in milliseconds; then they fail. Default 5000. */
  readonly waitMs?: number
}

/** As long may the migration of a big table take, in milliseconds. */
const migrationMs = 60 * 60 * 1000

/**
 * Keeps everything in a MySQL or MariaDB database. Tables of the original comet server are taken over where they are, with
 * all that is in them, and stay readable for it. Several processes may use one database.
 *
 * What was answered is committed: it survives the end of this process and, with InnoDB's defaults
 * (`innodb_flush_log_at_trx_commit = 1`), a crash of the database's machine. After a failover it is there as far as your
 * replication keeps commits. Where an older state came back, run `DELETE FROM star_comet_meta` and start again, so that
 * pages know that messages are numbered anew.
 *
 * A lost connection is opened again; calls wait for that up to `waitMs`. What was lost just while it committed fails with
 * COMET_ERR_STORAGE: it may have been stored or not.
 * @throws CometError COMET_ERR_OPTION
 */
export function mysqlStorage({ pool, waitMs = 5000 }: MysqlStorageOptions): Storage {
  checkPool('mysqlStorage.pool', pool)
  checkWait('mysqlStorage.waitMs', waitMs)
  let opened: MysqlQueue | undefined

  const call = async <Result>(data: Call): Promise<Result> => {
    if (opened === undefined) throw cometError('COMET_ERR_CLOSED', {})
    return (await opened.run(data)) as Result
  }

  return {
    async open() {
      opened = await openQueue(pool, waitMs)
    },

    async close() {
      const closing = opened
      opened = undefined
      await closing?.close()
    },

    get: (table, devId, keys) => call({ kind: 'get', table, devId, ...(keys === undefined ? {} : { keys }) }),
    set: (table, devId, key, value) => call({ kind: 'set', table, devId, key, value }),
    delete: (table, devId, keys) => call({ kind: 'delete', table, devId, keys }),
    append: (log, devId, key, entry, keep, dropped) => call({ kind: 'append', log, devId, key, entry, keep, dropped }),
    read: (log, devId, key, after = 0, limit) => call<StoredLog>({ kind: 'read', log, devId, key, after, limit }),
    remove: (log, devId, key, from, through) => call({ kind: 'remove', log, devId, key, from, through }),
  }
}

async function openQueue(pool: MysqlPool, waitMs: number): Promise<MysqlQueue> {
  const epoch = await prepare(pool, waitMs)
  return new MysqlQueue({
    connect: () => MysqlSession.open(pool, waitMs),
    run: (session, calls, committing) => runCalls(session, calls, epoch, committing),
    waitMs,
  })
}

/** Makes the tables what they must be; resolves to the epoch. The database may be just starting, too. */
async function prepare(pool: MysqlPool, waitMs: number): Promise<string> {
  const start = performance.now()
  for (;;) {
    try {
      const session = await MysqlSession.open(pool, waitMs, migrationMs)
      return await migrate(session).finally(() => session.destroy())
    } catch (error) {
      if (error instanceof CometError) throw error
      if (!isAway(error)) throw unavailable(`the database says: ${messageOf(error)}${rights}`)
      if (performance.now() - start >= waitMs) throw unavailable(`the database cannot be reached: ${messageOf(error)}`)
      await setTimeout(pauseMs)
    }
  }
}

const rights = '; the user of the pool needs SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER and INDEX on it'

/** Between two attempts to reach the database, in milliseconds. */
const pauseMs = 50

async function runCalls(
  session: MysqlSession,
  calls: readonly Call[],
  epoch: string,
  committing: () => void,
): Promise<unknown[]> {
  const steps = plan(calls)
  const isWrite = steps.some(({ kind }) => kind !== 'get' && kind !== 'read')
  const results = new Map<Call, unknown>()
  if (isWrite) await session.change('START TRANSACTION')
  for (const step of steps) {
    const answers = await runStep(session, step, epoch)
    for (const [index, call] of step.calls.entries()) results.set(call, answers[index])
  }
  if (isWrite) {
    committing()
    await session.change('COMMIT')
  }
  return calls.map((call) => results.get(call))
}

function runStep(session: MysqlSession, { kind, calls }: Step, epoch: string): Promise<unknown[]> {
  switch (kind) {
    case 'get':
      return getRows(session, calls as CallOf<'get'>[])
    case 'set':
      return setRows(session, calls as CallOf<'set'>[])
    case 'delete':
      return deleteRows(session, calls as CallOf<'delete'>[])
    case 'append':
      return appendEntries(session, calls as CallOf<'append'>[])
    case 'read':
      return readLogs(session, calls as CallOf<'read'>[], epoch)
    case 'remove':
      return removeEntries(session, calls as CallOf<'remove'>[])
  }
}
