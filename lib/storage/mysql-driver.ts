import { cometError } from '../errors.ts'
import { unavailable } from './unavailable.ts'

/** A pool of mysql2 or mariadb, with promises or callbacks. */
export interface MysqlPool {
  getConnection(...args: never[]): unknown
}

/** What a query takes for its `?`. */
export type MysqlValue = string | number | Uint8Array | null

/** A row by the names of its columns. What a column holds depends on the driver and its options: see `textOf`. */
export type MysqlRow = Readonly<Record<string, unknown>>

interface Connection {
  query(options: object, values: readonly MysqlValue[], done?: Done<unknown>): unknown
  release(): unknown
  destroy(): void
  on?(event: 'error', listener: () => void): unknown
  off?(event: 'error', listener: () => void): unknown
}

type Done<Result> = (error: Error | null | undefined, result: Result) => void

/** No answer from the database within the bound; or no connection. */
export class NoAnswer extends Error {}

/** A connection of the pool that is ours until it is destroyed, with settings of our own. */
export class MysqlSession {
  readonly #connection: Connection
  readonly #query: (sql: string, values: readonly MysqlValue[]) => Promise<unknown>
  readonly #answerMs: number

  private constructor(connection: Connection, isPromise: boolean, answerMs: number) {
    this.#connection = connection
    this.#answerMs = answerMs
    const options = (sql: string): object => ({ sql, rowsAsArray: false, nestTables: false })
    this.#query = isPromise
      ? async (sql, values) => await connection.query(options(sql), values)
      : (sql, values) => called((done) => connection.query(options(sql), values, done))
    connection.on?.('error', ignore) // the next query tells; without a listener it would end the process
  }

  /**
   * Takes a connection out of the pool.
   * @param waitMs how long to wait for it, in milliseconds
   * @param answerMs how long to wait for the answer to each query
   */
  static async open(pool: MysqlPool, waitMs: number, answerMs = waitMs): Promise<MysqlSession> {
    const { connection, isPromise } = await connect(pool, waitMs)
    const session = new MysqlSession(connection, isPromise, answerMs)
    try {
      await session.#prepare()
    } catch (error) {
      session.destroy()
      throw error
    }
    return session
  }

  /** Takes a connection out of the pool as it is, to be released. @param waitMs as for `open` */
  static async borrow(pool: MysqlPool, waitMs: number): Promise<MysqlSession> {
    const { connection, isPromise } = await connect(pool, waitMs)
    return new MysqlSession(connection, isPromise, waitMs)
  }

  /** Runs a SELECT. */
  async rows(sql: string, values: readonly MysqlValue[] = []): Promise<readonly MysqlRow[]> {
    const answer = (await this.#run(sql, values)) as readonly unknown[]
    const [first] = answer // mysql2 with promises answers [rows, columns], all others the rows
    return (Array.isArray(first) ? first : answer) as readonly MysqlRow[]
  }

  /** Runs what changes something; resolves to how many rows were affected. */
  async change(sql: string, values: readonly MysqlValue[] = []): Promise<number> {
    const answer = await this.#run(sql, values)
    const result: unknown = Array.isArray(answer) ? answer[0] : answer
    return Number((result as { readonly affectedRows: number | bigint }).affectedRows)
  }

  /** Gives a borrowed connection back. */
  release(): void {
    this.#connection.off?.('error', ignore)
    this.#connection.release()
  }

  /** Ends the connection; it does not go back into the pool, since its settings are not those of others. */
  destroy(): void {
    this.#connection.destroy()
  }

  #run(sql: string, values: readonly MysqlValue[]): Promise<unknown> {
    return bounded(this.#query(sql, values.map(wellFormed)), this.#answerMs, 'the database has not answered')
  }

  async #prepare(): Promise<void> {
    const [row = {}] = await this.rows('SELECT @@character_set_client AS charset, DATABASE() AS name')
    if (row.name === null) throw unavailable('the pool names no database; add "database" to its options')
    if (row.charset !== 'utf8mb4') {
      throw unavailable(`the pool speaks ${textOf(row.charset)}; add charset: 'utf8mb4' to its options`)
    }
    // Drivers put values into the statement: how they quote them is right for these modes only.
    await this.change("SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_AUTO_VALUE_ON_ZERO'")
    // Without locks on gaps, processes that append to different logs do not wait for one another.
    await this.change('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
    await this.change(`SET SESSION autocommit = 1, innodb_lock_wait_timeout = ${Math.ceil(this.#answerMs / 1000)}`)
  }
}

/** @throws CometError COMET_ERR_OPTION for what is no pool */
export function checkPool(option: string, pool: unknown): void {
  if (typeof (pool as { getConnection?: unknown } | null | undefined)?.getConnection === 'function') return
  const rule = 'a pool, as mysql2 or mariadb make it: createPool({ host, user, password, database })'
  throw cometError('COMET_ERR_OPTION', { option, value: `of type ${typeof pool}`, rule })
}

/** What a column holds, as text: drivers answer numbers, bigints, strings or bytes. */
export function textOf(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString() : String(value)
}

/** Half of a surrogate pair is no UTF-8; drivers put different things into its place. */
function wellFormed(value: MysqlValue): MysqlValue {
  return typeof value === 'string' ? value.replace(/[\ud800-\udfff]/gu, '\ufffd') : value
}

/** What the database says of itself, not of the way to it: the connection can be used again. */
export function isOfStatement(error: unknown): boolean {
  const { fatal, sqlState, errno } = error as { fatal?: unknown; sqlState?: unknown; errno?: unknown }
  return typeof sqlState === 'string' && typeof errno === 'number' && errno > 0 && fatal !== true
}

/** Whether a connection was refused in a way that may pass: nothing listens, or the database starts, ends or is full. */
export function isAway(error: unknown): boolean {
  const { sqlState } = error as { sqlState?: unknown }
  return error instanceof NoAnswer || typeof sqlState !== 'string' || sqlState.startsWith('08')
}

/** A deadlock, or a lock that was not given: the same again may work. */
export function isLockConflict(error: unknown): boolean {
  const { errno } = error as { errno?: unknown }
  return errno === 1213 || errno === 1205
}

const ignore = (): void => undefined

async function connect(pool: MysqlPool, waitMs: number): Promise<{ connection: Connection; isPromise: boolean }> {
  let isPromise = false
  const connecting = new Promise<Connection>((resolve, reject) => {
    const done: Done<Connection> = (error, connection) => {
      if (error === null || error === undefined) resolve(connection)
      else reject(error)
    }
    const answer = (pool.getConnection as (done: Done<Connection>) => unknown)(done)
    isPromise = typeof (answer as PromiseLike<Connection> | undefined)?.then === 'function'
    if (isPromise) (answer as PromiseLike<Connection>).then(resolve, reject)
  })
  try {
    const connection = await bounded(connecting, waitMs, 'the pool has given no connection')
    return { connection, isPromise }
  } catch (error) {
    void connecting.then((late) => late.destroy()).catch(() => undefined)
    throw error
  }
}

function called<Result>(call: (done: Done<Result>) => unknown): Promise<Result> {
  return new Promise((resolve, reject) => {
    call((error, result) => {
      if (error === null || error === undefined) resolve(result)
      else reject(error)
    })
  })
}

/** @throws NoAnswer after `waitMs` milliseconds */
async function bounded<Result>(work: Promise<Result>, waitMs: number, problem: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(`${problem} for ${waitMs} ms`)), waitMs)
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined) // if it fails later, nobody waits for it any more
  }
}
