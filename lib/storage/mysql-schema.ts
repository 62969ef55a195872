import { randomUUID } from 'node:crypto'
import { placeOf } from './mysql-places.ts'
import { textOf, type MysqlSession } from './mysql-driver.ts'
import type { LogName, TableName } from './storage.ts'
import { unavailable } from './unavailable.ts'

/** A keyed table of the original: our keys and values are in its columns, as far as they fit. */
export interface KeyedTable {
  readonly name: string
  readonly keyColumn: string
  readonly fitsKey: (key: string) => boolean
  /** A key that fits, as the column has it. */
  readonly keyValue: (key: string) => string | number
  readonly valueColumn: string
  readonly fitsValue: (value: string) => boolean
  /** What the value column holds while the value is in `star_comet_value`, because it does not fit. */
  readonly instead: string | number
}

/** A log table of the original. */
export interface LogTable {
  readonly name: string
  readonly keyColumn: string
  readonly senderColumn: string
  /** A key as the column has it; something else for one that does not fit, which the original then does not find. */
  readonly keyValue: (key: string) => string | number
}

const isUserId = (key: string): boolean => /^(0|[1-9]\d{0,15})$/.test(key) && Number(key) <= Number.MAX_SAFE_INTEGER
const isInt = (value: string): boolean => isUserId(value) && Number(value) < 2 ** 31
/** SQL ignores spaces at the end of a CHAR; names have none at all. */
const isName = (key: string, max: number): boolean => key.length <= max && /^[!-~]+$/.test(key)

export const keyedTables: Readonly<Record<TableName, KeyedTable>> = {
  users_auth: {
    name: 'users_auth',
    keyColumn: 'user_id',
    fitsKey: isUserId,
    keyValue: Number,
    valueColumn: 'hash',
    fitsValue: (value) => value === '' || isName(value, 32),
    instead: '',
  },
  users_time: {
    name: 'users_time',
    keyColumn: 'user_id',
    fitsKey: isUserId,
    keyValue: Number,
    valueColumn: 'time',
    fitsValue: isUserId,
    instead: 0,
  },
  users_data: {
    name: 'users_data',
    keyColumn: 'user_id',
    fitsKey: isUserId,
    keyValue: Number,
    valueColumn: 'data',
    fitsValue: () => true,
    instead: '',
  },
  pipes_settings: {
    name: 'pipes_settings',
    keyColumn: 'name',
    fitsKey: (key) => isName(key, 128),
    keyValue: String,
    valueColumn: 'length',
    fitsValue: isInt,
    instead: 0,
  },
  revoked_tokens: {
    name: 'revoked_tokens',
    keyColumn: 'token',
    fitsKey: (key) => Buffer.byteLength(key) <= 600,
    keyValue: String,
    valueColumn: 'time',
    fitsValue: isUserId,
    instead: 0,
  },
}

export const logTables: Readonly<Record<LogName, LogTable>> = {
  pipes_messages: {
    name: 'pipe_messages',
    keyColumn: 'pipe_name',
    senderColumn: 'user_id',
    keyValue: (key) => (isName(key, 64) ? key : ''),
  },
  users_messages: {
    name: 'users_messages',
    keyColumn: 'user_id',
    senderColumn: 'sender_id',
    keyValue: (key) => (isUserId(key) ? Number(key) : 0),
  },
}

const ascii = 'CHARACTER SET ascii COLLATE ascii_bin'
const utf8mb4 = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'
const marker = `star_comet_value MEDIUMTEXT ${utf8mb4}`

const usersTable = (name: string, value: string): string =>
  `CREATE TABLE IF NOT EXISTS ${name} (dev_id BIGINT NOT NULL, user_id BIGINT NOT NULL, ${value}, ${marker},
   PRIMARY KEY (dev_id, user_id)) ENGINE=InnoDB`

const messagesTable = (name: string, key: string): string =>
  `CREATE TABLE IF NOT EXISTS ${name} (id VARCHAR(36) ${utf8mb4} NOT NULL, time BIGINT NOT NULL, dev_id BIGINT NOT NULL,
   ${key}, event VARCHAR(255) ${utf8mb4} NOT NULL DEFAULT '', message MEDIUMTEXT ${utf8mb4} NOT NULL,
   ${messageColumns.join(', ')}, KEY time (time)) ENGINE=InnoDB`

/** What we add to a message: its place in the log, and what the original does not know. */
const messageColumns: readonly string[] = [
  'log_id BIGINT',
  'seq BIGINT',
  'is_json TINYINT NOT NULL DEFAULT 0',
  'order_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY',
  'UNIQUE KEY star_comet_log (log_id, seq)',
  'KEY star_comet_id (id)',
]

/** The tables in the form that we need, with the original's names and columns. */
const tables: readonly string[] = [
  usersTable('users_auth', `hash CHAR(32) ${ascii} NOT NULL DEFAULT ''`),
  usersTable('users_time', 'time BIGINT NOT NULL DEFAULT 0'),
  usersTable('users_data', `data MEDIUMTEXT ${utf8mb4} NOT NULL`),
  `CREATE TABLE IF NOT EXISTS pipes_settings (dev_id BIGINT NOT NULL, name CHAR(128) ${ascii} NOT NULL,
   type CHAR(1) ${ascii} NOT NULL DEFAULT '', length INT NOT NULL DEFAULT 0, ${marker}, PRIMARY KEY (dev_id, name)) ENGINE=InnoDB`,
  `CREATE TABLE IF NOT EXISTS revoked_tokens (dev_id BIGINT NOT NULL, token VARBINARY(600) NOT NULL,
   time BIGINT NOT NULL DEFAULT 0, ${marker}, PRIMARY KEY (dev_id, token)) ENGINE=InnoDB`,
  messagesTable(
    'pipe_messages',
    `pipe_name CHAR(64) ${ascii} NOT NULL DEFAULT '', user_id BIGINT NOT NULL DEFAULT 0, KEY place (dev_id, pipe_name)`,
  ),
  messagesTable(
    'users_messages',
    'user_id BIGINT NOT NULL, sender_id BIGINT NOT NULL DEFAULT 0, KEY place (dev_id, user_id)',
  ),
  // What does not fit into the original's columns; `place` is made of the other three.
  `CREATE TABLE IF NOT EXISTS star_comet_rows (place BINARY(32) NOT NULL PRIMARY KEY, name VARCHAR(32) ${ascii} NOT NULL,
   dev_id BIGINT NOT NULL, key_text MEDIUMTEXT ${utf8mb4} NOT NULL, value MEDIUMTEXT ${utf8mb4} NOT NULL,
   KEY name (name, dev_id)) ENGINE=InnoDB`,
  `CREATE TABLE IF NOT EXISTS star_comet_logs (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, place BINARY(32) NOT NULL,
   name VARCHAR(32) ${ascii} NOT NULL, dev_id BIGINT NOT NULL, key_text MEDIUMTEXT ${utf8mb4} NOT NULL,
   seq BIGINT NOT NULL DEFAULT 0, kept BIGINT NOT NULL DEFAULT 0, first BIGINT NOT NULL DEFAULT 1,
   UNIQUE KEY place (place)) ENGINE=InnoDB`,
  `CREATE TABLE IF NOT EXISTS star_comet_meta (name VARCHAR(32) ${ascii} NOT NULL PRIMARY KEY, value VARCHAR(255) ${ascii} NOT NULL)
   ENGINE=InnoDB`,
]

const userColumns: readonly string[] = ['MODIFY dev_id BIGINT NOT NULL', 'MODIFY user_id BIGINT NOT NULL']
const messageChanges: readonly string[] = [
  'MODIFY dev_id BIGINT NOT NULL',
  'MODIFY time BIGINT NOT NULL',
  `MODIFY id VARCHAR(36) ${utf8mb4} NOT NULL`,
  `MODIFY event VARCHAR(255) ${utf8mb4} NOT NULL DEFAULT ''`,
  `MODIFY message MEDIUMTEXT ${utf8mb4} NOT NULL`,
  'DROP PRIMARY KEY',
  ...messageColumns.map((column) => `ADD ${column}`),
]

/**
 * What makes an original table ours. Its columns keep their names and their places; they become wider, none is dropped.
 * Each table changes in one statement, and the column that tells whether it has is added by that: so a migration that is
 * cut short goes on where it was.
 */
const changes: readonly (readonly [table: string, marker: string, changes: readonly string[]])[] = [
  ['users_auth', 'star_comet_value', [...userColumns, `ADD ${marker}`]],
  ['users_time', 'star_comet_value', [...userColumns, 'MODIFY time BIGINT NOT NULL DEFAULT 0', `ADD ${marker}`]],
  ['users_data', 'star_comet_value', [...userColumns, `MODIFY data MEDIUMTEXT ${utf8mb4} NOT NULL`, `ADD ${marker}`]],
  ['pipes_settings', 'star_comet_value', ['MODIFY dev_id BIGINT NOT NULL', `ADD ${marker}`]],
  [
    'revoked_tokens',
    'star_comet_value',
    ['MODIFY dev_id BIGINT NOT NULL', 'MODIFY time BIGINT NOT NULL DEFAULT 0', `ADD ${marker}`],
  ],
  ['pipe_messages', 'log_id', [...messageChanges, 'MODIFY user_id BIGINT NOT NULL DEFAULT 0']],
  [
    'users_messages',
    'log_id',
    [...messageChanges, 'MODIFY user_id BIGINT NOT NULL', 'ADD sender_id BIGINT NOT NULL DEFAULT 0'],
  ],
]

/** How long another process may take to migrate a big database, in seconds. */
const lockSeconds = 600

/**
 * Makes the tables that are missing, changes those of the original, and numbers the messages that it left behind.
 * Resolves to the epoch.
 */
export async function migrate(session: MysqlSession): Promise<string> {
  const lock = "CONCAT('star_comet_', LEFT(SHA1(DATABASE()), 40))"
  const [row] = await session.rows(`SELECT GET_LOCK(${lock}, ${lockSeconds}) AS is_ours`)
  if (Number(row?.is_ours) !== 1) throw unavailable('another process has been migrating this database for 10 minutes')
  await session.change("SET SESSION sql_mode = ''") // so that what was NULL becomes 0 or '': all else only gets wider
  await alterTables(session)
  for (const sql of tables) await session.change(sql)
  for (const log of ['pipes_messages', 'users_messages'] as const) await adopt(session, log)
  await session.change("INSERT IGNORE INTO star_comet_meta VALUES ('epoch', ?)", [randomUUID()])
  const [epoch] = await session.rows("SELECT value FROM star_comet_meta WHERE name = 'epoch'")
  await session.rows(`SELECT RELEASE_LOCK(${lock}) AS done`)
  return textOf(epoch?.value)
}

async function alterTables(session: MysqlSession): Promise<void> {
  const rows = await session.rows(
    'SELECT table_name AS tbl, column_name AS col FROM information_schema.columns WHERE table_schema = DATABASE()',
  )
  const columns = new Set(rows.map(({ tbl, col }) => `${textOf(tbl)} ${textOf(col)}`))
  const present = new Set(rows.map(({ tbl }) => textOf(tbl)))
  for (const [table, column, list] of changes) {
    if (!present.has(table) || columns.has(`${table} ${column}`)) continue
    await session.change(`ALTER TABLE ${table} ENGINE=InnoDB, ${list.join(', ')}`)
  }
}

/**
 * Gives the messages that the original stored their places, also those that it stored since the last time. Messages of
 * one second have no order there; they get one here.
 */
async function adopt(session: MysqlSession, log: LogName): Promise<void> {
  const { name, keyColumn } = logTables[log]
  const rows = await session.rows(
    `SELECT dev_id, ${keyColumn} AS place_key, COUNT(*) AS count FROM ${name} WHERE log_id IS NULL GROUP BY dev_id, ${keyColumn}`,
  )
  for (const row of rows) {
    const [devId, key] = [Number(row.dev_id), textOf(row.place_key)]
    await session.change('START TRANSACTION')
    const place = placeOf(log, devId, key)
    await session.change('INSERT IGNORE INTO star_comet_logs (place, name, dev_id, key_text) VALUES (?, ?, ?, ?)', [
      place,
      log,
      devId,
      key,
    ])
    await session.rows('SELECT id FROM star_comet_logs WHERE place = ? FOR UPDATE', [place])
    const count = await session.change(
      `UPDATE ${name} JOIN (
         SELECT order_id, ROW_NUMBER() OVER (ORDER BY time, order_id) AS n FROM ${name}
         WHERE log_id IS NULL AND dev_id = ? AND ${keyColumn} = ?
       ) AS numbered USING (order_id) JOIN star_comet_logs AS logs ON logs.place = ?
       SET ${name}.log_id = logs.id, ${name}.seq = logs.seq + numbered.n`,
      [devId, key, place],
    )
    await session.change('UPDATE star_comet_logs SET seq = seq + ?, kept = kept + ? WHERE place = ?', [
      count,
      count,
      place,
    ])
    await session.change('COMMIT')
  }
}
