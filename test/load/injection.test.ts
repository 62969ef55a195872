// Drivers whose connections may even run several statements: SQL within a value must never be more than data.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import mariadb from 'mariadb'
import mysql from 'mysql'
import mysql2 from 'mysql2/promise'
import { cometTables } from '../../lib/cometql/tables/index.ts'
import { password } from '../mysql-server-protocol-lite/support.ts'
import { serve } from './raw.ts'

type Row = Readonly<Record<string, string | number>>
type Run = (sql: string, values: readonly (string | number)[]) => Promise<unknown>
type Connect = (t: TestContext, port: number) => Promise<Run>

const login = (port: number) => ({
  host: '127.0.0.1',
  port,
  user: 'root',
  password,
  database: 'CometQL_v1',
  multipleStatements: true,
})

const drivers: Readonly<Record<string, Connect>> = {
  'mysql, escaped': async (t, port) => {
    const connection = mysql.createConnection(login(port))
    t.after(() => connection.destroy())
    return (sql, values) =>
      new Promise((resolve, reject) =>
        connection.query(sql, values, (error, result: unknown) => (error === null ? resolve(result) : reject(error))),
      )
  },
  'mysql2, escaped': async (t, port) => {
    const connection = await mysql2.createConnection(login(port))
    t.after(() => connection.end())
    return async (sql, values) => (await connection.query(sql, [...values]))[0]
  },
  'mysql2, prepared': async (t, port) => {
    const connection = await mysql2.createConnection(login(port))
    t.after(() => connection.end())
    return async (sql, values) => (await connection.execute(sql, [...values]))[0]
  },
  'mariadb, escaped': async (t, port) => {
    const connection = await mariadb.createConnection(login(port))
    t.after(() => connection.end())
    return (sql, values) => connection.query<unknown>(sql, [...values])
  },
  'mariadb, prepared': async (t, port) => {
    const connection = await mariadb.createConnection(login(port))
    t.after(() => connection.end())
    return (sql, values) => connection.execute<unknown>(sql, [...values])
  },
}

const payloads = [
  "'; DELETE FROM users_auth; --",
  "\\'; DELETE FROM users_auth; -- ",
  '"; DELETE FROM users_auth; #',
  "') , (1, 'stolen'); DELETE FROM users_auth WHERE id = 7; /*",
  "x' OR '1'='1",
  "x' OR 1=1 LIMIT 1 -- ",
  '`; DELETE FROM users_auth; --',
  '\0\b\x1a\\',
  "x' UNION SELECT id, hash FROM users_auth WHERE id = 7 -- ",
]

/** A row that every table takes where it takes rows at all. */
const validRows: Readonly<Record<string, Row>> = {
  pipes: { name: 'news', users: 1 },
  pipes_messages: { name: 'news', event: 'add', message: 'text' },
  pipes_settings: { name: 'news', length: 10 },
  revoked_tokens: { token: 'token' },
  users_auth: { id: 2, hash: 'hash' },
  users_data: { id: 2, data: 'data' },
  users_in_pipes: { name: 'news', user_id: 2, user_uuid: '', user_agent: '', ip: '', origin: '', language: '' },
  users_messages: { id: 2, event: 'add', message: 'text' },
  users_time: { id: 2, time: 0 },
}

/** Texts that a table keeps and gives back, by their keys. */
const keptTexts: Readonly<Record<string, string>> = {
  pipes_messages: "SELECT message FROM pipes_messages WHERE name = 'news'",
  users_data: 'SELECT data FROM users_data WHERE id = 2',
  users_messages: 'SELECT message FROM users_messages WHERE id = 2',
}

/** Read only, too long, not valid, too short; and a condition that is none on the key. */
const refusals: ReadonlySet<unknown> = new Set([10, 11, 12, 13, 17])

/** Resolves to the answer, or to undefined where the value is refused. */
async function attempt(run: Run, sql: string, values: readonly (string | number)[]): Promise<unknown> {
  try {
    return await run(sql, values)
  } catch (error) {
    assert(refusals.has((error as { errno?: unknown }).errno), `${sql} ${JSON.stringify(values)}: ${String(error)}`)
    return undefined
  }
}

for (const [driver, connect] of Object.entries(drivers)) {
  test(`${driver}: SQL in any field of any table is only data`, async (t) => {
    const { comet, port } = await serve(t)
    const run = await connect(t, port)
    await comet.query("INSERT INTO pipes_settings (name, length) VALUES ('news', 99)")
    const guarded = async (): Promise<unknown> => {
      await comet.query('DELETE FROM users_auth WHERE id = 2')
      return await comet.query('SELECT * FROM users_auth LIMIT 100')
    }
    await comet.query("INSERT INTO users_auth (id, hash) VALUES (7, 'mine')")

    for (const table of cometTables.values()) {
      const valid = validRows[table.name] ?? assert.fail(`no row of ${table.name}`)
      for (const payload of payloads) {
        for (const column of Object.keys(valid)) {
          const row = { ...valid, [column]: payload }
          const sql = `INSERT INTO ${table.name} (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row)
            .map(() => '?')
            .join(', ')})`
          const answer = await attempt(run, sql, Object.values(row))
          const kept = keptTexts[table.name]
          if (answer !== undefined && kept !== undefined && /^(message|data)$/.test(column)) {
            assert.equal(Object.values(((await comet.query(kept)) as Row[]).at(-1) ?? {})[0], payload, sql)
          }
          for (const statement of ['SELECT * FROM', 'DELETE FROM']) {
            const found = await attempt(run, `${statement} ${table.name} WHERE ${table.key} = ? AND ${column} = ?`, [
              payload,
              payload,
            ])
            if (Array.isArray(found))
              assert.equal(found.filter(isOther(payload)).length, 0, `${statement} ${table.name}`)
          }
        }
      }
      assert.deepEqual(await guarded(), [{ id: 7, hash: 'mine' }], table.name)
    }
  })
}

/** Whether a row is none that was asked for. */
function isOther(payload: string): (row: Row) => boolean {
  return (row) => !Object.values(row).includes(payload)
}
