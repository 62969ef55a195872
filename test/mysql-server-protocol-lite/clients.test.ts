import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import mariadb from 'mariadb'
import mysql2 from 'mysql2/promise'
import type { ColumnDef, Result, Value } from '../../lib/mysql-server-protocol-lite/index.ts'
import { answer, password, testHandler, testServer } from './support.ts'

const columns: readonly ColumnDef[] = [
  { name: 'id', type: 'int', table: 'items', primaryKey: true },
  { name: 'big', type: 'bigint', table: 'items' },
  { name: 'text', type: 'text', table: 'items' },
  { name: 'bytes', type: 'blob', table: 'items' },
]
const rows: readonly (readonly Value[])[] = [
  [1, 2n ** 53n, 'żółw 🐢', Buffer.from([0, 255])],
  [-2, -1n, '', null],
]

/** The part of the driver `mysql`, which has no types of its own, that is used here. */
interface MysqlDriver {
  createConnection(options: object): MysqlConnection
}

interface MysqlConnection {
  query(sql: string, done: (error: Error | null, result: unknown) => void): void
  changeUser(options: object, done: Done): void
  statistics(done: Done): void
  ping(done: Done): void
  end(done: Done): void
  destroy(): void
}

type Done = (error: Error | null) => void

const mysql = createRequire(import.meta.url)('mysql') as MysqlDriver

interface Seen {
  readonly sql: string
  readonly params: readonly Value[]
}

/** A listening server that answers `items` with rows, and keeps what it was asked. */
async function listening(t: TestContext): Promise<{ port: number; seen: Seen[] }> {
  const seen: Seen[] = []
  const server = testServer(t, {
    handler: testHandler({
      query(sql, params): Result {
        seen.push({ sql, params })
        return sql.includes('items') ? { columns, rows } : answer(sql)
      },
      describe: (sql) => (sql.includes('items') ? columns : undefined),
    }),
  })
  const { port } = await server.listen({ port: 0, host: '127.0.0.1' })
  return { port, seen }
}

test('mysql2: text and prepared statements, errors, several statements, another user, reset', async (t) => {
  const { port, seen } = await listening(t)
  const connection = await mysql2.createConnection({
    host: '127.0.0.1',
    port,
    user: 'a',
    password,
    database: 'd',
    multipleStatements: true,
    supportBigNumbers: true,
  })
  t.after(() => connection.destroy())
  const expected = [
    { id: 1, big: 9007199254740992n.toString(), text: 'żółw 🐢', bytes: Buffer.from([0, 255]) },
    { id: -2, big: -1, text: '', bytes: null },
  ]
  assert.deepEqual(plain((await connection.query('items'))[0]), expected)
  assert.deepEqual(plain((await connection.execute('items ?', [1]))[0]), expected)
  const [ok] = await connection.execute('INSERT ?, ?, ?, ?', ['é', 1.5, null, 5])
  assert.equal((ok as { affectedRows: number }).affectedRows, 1)
  assert.deepEqual(seen.at(-1), { sql: 'INSERT ?, ?, ?, ?', params: ['é', 1.5, null, 5] })
  await assert.rejects(connection.query('fail'), { errno: 15, sqlState: '42S02', message: 'Nothing of that name' })
  const [results] = await connection.query('INSERT; items; INSERT')
  assert.equal((results as unknown[]).length, 3)
  await connection.changeUser({ user: 'b', password })
  await connection.ping()
  await connection.end()
})

test('mysql2: compressed', async (t) => {
  const { port, seen } = await listening(t)
  const connection = await mysql2.createConnection({ host: '127.0.0.1', port, user: 'a', password, compress: true })
  t.after(() => connection.destroy())
  const long = 'INSERT ' + 'я'.repeat(100_000)
  await connection.query(long)
  assert.equal(seen.at(-1)?.sql, long)
  const [large] = await connection.query('rows 20000')
  assert.equal((large as unknown[]).length, 20000)
  await connection.end()
})

test('mysql2: a wrong password', async (t) => {
  const { port } = await listening(t)
  await assert.rejects(mysql2.createConnection({ host: '127.0.0.1', port, user: 'a', password: 'x' }), { errno: 1045 })
})

test('mysql: queries, errors, another user, statistics', async (t) => {
  const { port } = await listening(t)
  const connection = mysql.createConnection({
    host: '127.0.0.1',
    port,
    user: 'a',
    password,
    database: 'd',
    supportBigNumbers: true,
  })
  t.after(() => connection.destroy())
  const query = promisify((sql: string, done: (error: Error | null, result: unknown) => void) =>
    connection.query(sql, done),
  )
  assert.deepEqual(plain(await query('items')), [
    { id: 1, big: '9007199254740992', text: 'żółw 🐢', bytes: Buffer.from([0, 255]) },
    { id: -2, big: -1, text: '', bytes: null },
  ])
  await assert.rejects(query('fail'), { errno: 15, sqlState: '42S02' })
  await promisify((done: Done) => connection.changeUser({ user: 'b', password }, done))()
  await promisify((done: Done) => connection.statistics(done))()
  await promisify((done: Done) => connection.ping(done))()
  await promisify((done: Done) => connection.end(done))()
})

test('mariadb: text and prepared statements, batches, errors, pipelining, compressed', async (t) => {
  const { port, seen } = await listening(t)
  for (const compress of [false, true]) {
    const connection = await mariadb.createConnection({
      host: '127.0.0.1',
      port,
      user: 'a',
      password,
      database: 'd',
      compress,
    })
    t.after(() => connection.destroy())
    const expected = [
      { id: 1, big: 9007199254740992n, text: 'żółw 🐢', bytes: Buffer.from([0, 255]) },
      { id: -2, big: -1n, text: '', bytes: null },
    ]
    assert.deepEqual(plain(await connection.query('items')), expected)
    assert.deepEqual(plain(await connection.execute('items ?', [new Date(0)])), expected)
    await connection.batch('INSERT ?', [[1n], ['b'], [null]])
    await assert.rejects(connection.query('fail'), { errno: 15, sqlState: '42S02' })
    const before = seen.length
    await Promise.all(Array.from({ length: 50 }, (_, index) => connection.query(`INSERT ${index}`)))
    assert.deepEqual(
      seen.slice(before).map(({ sql }) => sql),
      Array.from({ length: 50 }, (_, index) => `INSERT ${index}`),
    )
    await connection.ping()
    await connection.reset()
    await connection.end()
  }
})

const cli = 'mariadb'
const missing = spawnSync(cli, ['--version']).error !== undefined
const skip =
  missing && process.env.CI !== 'true' ? `the command ${cli} is missing: apt-get install mariadb-client` : false

function run(port: number, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(cli, [
    '--no-defaults',
    '-h',
    '127.0.0.1',
    '-P',
    String(port),
    '-u',
    'a',
    `-p${password}`,
    ...args,
  ])
}

test('the command line client', { skip }, async (t) => {
  const { port } = await listening(t)
  const { stdout } = await run(
    port,
    '--default-character-set=utf8mb4',
    '-N',
    'd',
    '-e',
    'select id, text from items; status',
  )
  assert.match(stdout, /1\t9007199254740992\tżółw 🐢/)
  assert.match((await run(port, '--compress', '-N', '-e', 'rows 3000')).stdout, /\n2999\n$/)
  await assert.rejects(run(port, '-e', 'fail'), /ERROR 15 \(42S02\) at line 1: Nothing of that name/)
  await assert.rejects(run(port, '-pwrong', '-e', 'x'), /ERROR 1045 \(28000\): Access denied for user "a"/)
})

/** Results as plain objects, without the decorations of a driver. */
function plain(result: unknown): unknown {
  return (result as object[]).map((row) => ({ ...row }))
}
