import mysql2, { type Connection, type FieldPacket, type QueryOptions } from 'mysql2/promise'
import { createCometServer, memory, type CometServer } from '../../lib/index.ts'
import { MariadbServer } from '../support/mariadb-server.ts'

/** What a statement came to. */
export type Outcome =
  | { readonly kind: 'rows'; readonly columns: readonly string[]; readonly rows: readonly unknown[][] }
  | { readonly kind: 'ok' }
  | { readonly kind: 'error'; readonly message: string }

const password = 'secret'

// Our texts are compared without the padding of SQL: `'a' = 'a '` is false.
const settings = [
  '--character-set-server=utf8mb4',
  '--collation-server=utf8mb4_general_nopad_ci',
  '--default-time-zone=+00:00',
]

/** The shapes of our tables in MariaDB: names differ in capitals, texts are compared byte by byte. */
const tables: Readonly<Record<string, string>> = {
  users_auth: 'id BIGINT PRIMARY KEY, hash VARCHAR(32) NOT NULL',
  users_data: 'id BIGINT PRIMARY KEY, data MEDIUMTEXT NOT NULL',
  pipes_settings: 'name VARCHAR(64) PRIMARY KEY, length BIGINT NOT NULL',
  pipes_messages:
    'id VARCHAR(36) PRIMARY KEY, time BIGINT, name VARCHAR(64), `index` BIGINT, event VARCHAR(64), message MEDIUMTEXT, user_id BIGINT',
  users_time: 'id BIGINT PRIMARY KEY, time BIGINT NOT NULL',
  pipes: 'name VARCHAR(64) PRIMARY KEY, users BIGINT NOT NULL',
}

/** What is inserted on our side, and copied to the other. */
const inserts: readonly (readonly [string, readonly unknown[][]])[] = [
  [
    'INSERT INTO users_auth (id, hash) VALUES ?',
    [
      [1, 'alpha'],
      [2, 'Beta'],
      [3, ''],
      [10, '10'],
      [20, '9'],
      [100, 'beta'],
      [2147483648, 'a_b'],
      [9007199254, 'ALPHA'],
    ],
  ],
  [
    'INSERT INTO users_data (id, data) VALUES ?',
    [
      [1, '5'],
      [2, '5.0'],
      [3, ' 5 apples'],
      [4, 'it\'s "quoted" \\ back'],
      [5, '100%'],
      [6, 'under_score'],
      [7, 'Привет, МИР'],
      [8, 'line\nbreak\ttab\0nul\x1a'],
      [9, '1e2'],
      [10, '-7'],
      [11, '😀😀'],
      [12, 'Zebra'],
      [13, 'apple'],
      [14, 'a,b,c'],
      [15, ''],
    ],
  ],
  [
    'INSERT INTO pipes_settings (name, length) VALUES ?',
    [
      ['news', 10],
      ['News', 5],
      ['chat', 0],
      ['empty', 7],
    ],
  ],
  [
    'INSERT INTO pipes_messages (id, name, event, message) VALUES ?',
    [
      ['m1', 'news', 'add', '{"id":1}'],
      ['m2', 'news', 'add', '2'],
      ['m3', 'news', 'Add', '10'],
      ['m4', 'news', '', 'x'],
      ['m5', 'News', 'del', '%'],
    ],
  ],
]

/** The same rows in a comet server and in a MariaDB, and a connection to each. */
export class Pair {
  readonly #comet: CometServer
  readonly #mariadb: MariadbServer
  readonly #ours: Connection
  readonly #theirs: Connection

  private constructor(comet: CometServer, mariadb: MariadbServer, ours: Connection, theirs: Connection) {
    this.#comet = comet
    this.#mariadb = mariadb
    this.#ours = ours
    this.#theirs = theirs
  }

  static async start(): Promise<Pair> {
    const browsers = memory()
    const comet = createCometServer({ password, cometql: { port: 0 }, transports: [browsers] })
    const [mariadb] = await Promise.all([MariadbServer.start({ settings }), comet.ready])
    browsers.connect().send('subscription\nnews')
    // The decimals of sums and quotients are numbers on our side, dates are texts.
    const options = { user: 'root', decimalNumbers: true, supportBigNumbers: true, dateStrings: true }
    const port = comet.address()?.port ?? 0
    const login = { ...options, host: '127.0.0.1', port, password, database: 'CometQL_v1' }
    const ours = await mysql2.createConnection(login)
    const theirs = await mysql2.createConnection({ ...options, socketPath: mariadb.socketPath })
    const pair = new Pair(comet, mariadb, ours, theirs)
    try {
      await pair.#fill()
    } catch (error) {
      // The server would outlive the test, and keep it from ending.
      await pair.close()
      throw error
    }
    return pair
  }

  /** Runs a statement on both sides; with `params` as a prepared one. */
  async run(sql: string, params?: readonly unknown[]): Promise<{ ours: Outcome; theirs: Outcome }> {
    return { ours: await outcome(this.#ours, sql, params), theirs: await outcome(this.#theirs, sql, params) }
  }

  async close(): Promise<void> {
    this.#ours.destroy()
    this.#theirs.destroy()
    await this.#comet.close()
    await this.#mariadb.close()
  }

  async #fill(): Promise<void> {
    for (const [sql, rows] of inserts) await this.#ours.query(sql, [rows])
    await this.#theirs.query('CREATE DATABASE CometQL_v1 COLLATE utf8mb4_nopad_bin')
    await this.#theirs.query('USE CometQL_v1')
    await this.#theirs.query('SET NAMES utf8mb4 COLLATE utf8mb4_general_nopad_ci')
    for (const [name, columns] of Object.entries(tables)) {
      await this.#theirs.query(`CREATE TABLE ${name} (${columns})`)
      const [rows] = await this.#ours.query({ sql: `SELECT * FROM ${name} LIMIT 1000`, rowsAsArray: true })
      await this.#theirs.query(`INSERT INTO ${name} VALUES ?`, [rows])
    }
  }
}

async function outcome(connection: Connection, sql: string, params: readonly unknown[] | undefined): Promise<Outcome> {
  const options: QueryOptions = { sql, rowsAsArray: true }
  try {
    const [rows, fields] = (await (params === undefined
      ? connection.query(options)
      : connection.execute(options, params as never[]))) as [unknown, FieldPacket[] | undefined]
    if (!Array.isArray(rows)) return { kind: 'ok' }
    return { kind: 'rows', columns: (fields ?? []).map(({ name }) => name), rows: rows as unknown[][] }
  } catch (error) {
    return { kind: 'error', message: error instanceof Error ? error.message : String(error) }
  }
}
