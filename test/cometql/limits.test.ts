// The option `cometql.limits`, seen by a real driver.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import { createConnection, type Connection } from 'mysql2/promise'
import { createCometServer, type CometqlLimits, type CometServer, type CometServerOptions } from '../../lib/index.ts'
import { logIn as logInRaw, serve as serveRaw } from '../load/raw.ts'
import { query, type RawClient } from '../mysql-server-protocol-lite/support.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { backEnd } from './back-end.ts'

const password = 'secret'

async function serve(
  t: TestContext,
  limits: Partial<CometqlLimits>,
  options: CometServerOptions = {},
): Promise<CometServer> {
  const comet = createCometServer({ password, cometql: { port: 0, limits }, transports: [], ...options })
  t.after(() => comet.close())
  await comet.ready
  return comet
}

function logIn(comet: CometServer): Promise<Connection> {
  return createConnection({ host: '127.0.0.1', port: comet.address()?.port ?? 0, user: 'root', password })
}

/** The server hears a turn later than the client that a connection is closed. */
async function logInWhenFree(comet: CometServer): Promise<Connection> {
  try {
    return await logIn(comet)
  } catch (error) {
    if ((error as { errno?: number }).errno !== 1040) throw error
    return await logInWhenFree(comet)
  }
}

/** mysql2 reports what happens between statements as an event. */
async function errorOf(connection: Connection): Promise<Error> {
  const [error] = (await once(
    connection.on('error', () => undefined),
    'error',
  )) as [Error]
  return error
}

/** Asserts that these limits have acted once, and no others. */
function assertCounted(comet: CometServer, limits: Partial<CometqlLimits>): void {
  const acted = Object.entries(comet.metrics().cometqlLimits).filter(([, count]) => count > 0)
  assert.deepEqual(
    acted,
    Object.keys(limits).map((name) => [name, 1]),
  )
}

/** Lets time pass, in steps, until the server has ended the connection. */
async function passing(clock: ManualClock, client: RawClient): Promise<void> {
  const end = client.rest()
  let isOver = false
  void end.then(() => (isOver = true))
  while (!isOver) {
    await new Promise(setImmediate)
    clock.advance(10)
  }
}

test('maxConnections and maxConnectionsPerAddress: error 1040, until one leaves', async (t) => {
  for (const limits of [{ maxConnections: 1 }, { maxConnectionsPerAddress: 1 }]) {
    const comet = await serve(t, limits)
    const first = await logIn(comet)
    await assert.rejects(logIn(comet), { errno: 1040, code: 'ER_CON_COUNT_ERROR' })
    assertCounted(comet, limits)
    await first.end()
    await (await logInWhenFree(comet)).end()
  }
})

test('maxStatements and maxStatementBytes: error 1461, until one is closed', async (t) => {
  for (const limits of [{ maxStatements: 1 }, { maxStatementBytes: 16 }]) {
    const comet = await serve(t, limits)
    const connection = await logIn(comet)
    const statement = await connection.prepare('SELECT 1 + ?')
    await assert.rejects(connection.prepare('SELECT 2 + ?'), { errno: 1461 })
    assertCounted(comet, limits)
    await statement.close()
    await (await connection.prepare('SELECT 2 + ?')).close()
    await connection.end()
  }
})

test('maxPacketBytes: a larger statement ends the connection, and max_allowed_packet says the limit', async (t) => {
  const comet = await serve(t, { maxPacketBytes: 2048 })
  const connection = await logIn(comet)
  assert.deepEqual((await connection.query('SELECT @@max_allowed_packet AS bytes'))[0], [{ bytes: 2048 }])
  await assert.rejects(connection.query(`SELECT REPEAT('x', 2049)`), { message: /too long: 2049 .*limit is 2048/ })
  await assert.rejects(connection.query(`SELECT '${'x'.repeat(2048)}'`), { errno: 1153 })
  assertCounted(comet, { maxPacketBytes: 2048 })
  connection.destroy()
})

test('maxLoginPacketBytes: a longer login is refused', async (t) => {
  const comet = await serve(t, { maxLoginPacketBytes: 1024 })
  const port = comet.address()?.port ?? 0
  const login = { host: '127.0.0.1', port, user: 'u'.repeat(1024), password }
  await assert.rejects(createConnection(login), { errno: 1043 })
  assertCounted(comet, { maxLoginPacketBytes: 1024 })
})

test('idleTimeoutMs: a connection without a command is closed', async (t) => {
  const clock = new ManualClock()
  const comet = await serve(t, { idleTimeoutMs: 5000 }, { clock })
  const connection = await logIn(comet)
  assert.deepEqual((await connection.query('SELECT @@wait_timeout AS s'))[0], [{ s: 5 }])
  const ended = errorOf(connection)
  clock.advance(6000)
  assert.match((await ended).message, /closed/)
  assertCounted(comet, { idleTimeoutMs: 5000 })
})

test('readTimeoutMs: a statement that does not come to its end is the end', async (t) => {
  const clock = new ManualClock()
  const limits = { readTimeoutMs: 3000 }
  const { comet, port } = await serveRaw(t, { clock, password, cometql: { port: 0, limits } })
  const client = await logInRaw(t, port)
  client.send(query('SELECT 1').subarray(0, 6))
  await passing(clock, client)
  assertCounted(comet, limits)
})

test('writeTimeoutMs: who does not read the answer is disconnected', async (t) => {
  const clock = new ManualClock()
  const limits = { writeTimeoutMs: 3000 }
  const { comet, port } = await serveRaw(t, { clock, password, cometql: { port: 0, limits } })
  const client = await logInRaw(t, port)
  client.socket.pause()
  client.send(...Array.from({ length: 4 }, () => query("SELECT REPEAT('x', 15000000)")))
  while (comet.metrics().cometqlLimits.writeTimeoutMs === 0) {
    await new Promise(setImmediate)
    clock.advance(10)
  }
  assertCounted(comet, limits)
})

test('loginTimeoutMs: who does not log in is told why, and closed', async (t) => {
  const clock = new ManualClock()
  const comet = await serve(t, { loginTimeoutMs: 3000 }, { clock })
  const socket = connect(comet.address()?.port ?? 0, '127.0.0.1')
  await once(socket, 'data')
  const last = once(socket, 'data')
  clock.advance(4000)
  assert.match(String((await last)[0]), /not complete within 3 s/)
  assertCounted(comet, { loginTimeoutMs: 3000 })
  socket.destroy()
})

test('maxResultBytes: a larger result is an error that names the option, and a smaller one comes', async (t) => {
  const comet = await serve(t, { maxResultBytes: 1000 })
  await comet.query("INSERT INTO pipes_settings VALUES ('news', 10)")
  for (let n = 0; n < 4; n++) await comet.publish('news', '', 'x'.repeat(300))
  const connection = await logIn(comet)
  const error = { message: /more than 1000 bytes: .*cometql\.limits\.maxResultBytes/, errno: 11 }
  const where = "FROM pipes_messages WHERE name = 'news'"
  await assert.rejects(connection.query(`SELECT message ${where}`), error)
  assertCounted(comet, { maxResultBytes: 1000 })
  assert.equal(comet.metrics().errors.COMET_ERR_RESULT_SIZE, 1)
  await assert.rejects(connection.execute(`SELECT message ${where}`), error)
  await assert.rejects(comet.query(`SELECT message ${where}`), { code: 'COMET_ERR_RESULT_SIZE' })
  await assert.rejects(connection.query(`SELECT UPPER(message) ${where} LIMIT 1`), error)
  await assert.rejects(connection.query(`SELECT COUNT(UPPER(message)) ${where}`), error)
  await assert.rejects(connection.query(`SELECT COUNT(*) FROM (SELECT message ${where}) AS all_of_them`), error)
  const [rows] = await connection.query(`SELECT message ${where} ORDER BY id LIMIT 3`)
  assert.equal((rows as unknown[]).length, 3)
  await connection.query(`SELECT COUNT(message) ${where}`)
  await connection.end()
})

test('maxResultBytes: results of cursors count until they are read to the end or closed', async (t) => {
  const db = await backEnd(t, { cometqlLimits: { maxResultBytes: 1000 } })
  const open = async () => {
    const result = await db.run("SELECT REPEAT('x', 300) UNION ALL SELECT REPEAT('y', 100)")
    assert('columns' in result && Symbol.iterator in result.rows)
    return result.rows[Symbol.iterator]()
  }
  const [first, second] = [await open(), await open()]
  await assert.rejects(open(), { code: 'COMET_ERR_RESULT_SIZE' })
  assert.equal(
    [first.next(), first.next(), first.next()].findIndex(({ done }) => done),
    2,
  )
  await open()
  await assert.rejects(open(), { code: 'COMET_ERR_RESULT_SIZE' })
  second.return?.()
  second.return?.()
  assert.equal(second.next().done, true)
  await open()
  await assert.rejects(open(), { code: 'COMET_ERR_RESULT_SIZE' })
})

test('the variables that drivers ask for say what the limits are', async (t) => {
  const limits = {
    maxConnections: 7,
    maxStatements: 8,
    loginTimeoutMs: 9000,
    writeTimeoutMs: 500,
    idleTimeoutMs: Infinity,
  }
  const connection = await logIn(await serve(t, limits))
  const asked = '@@max_connections, @@max_prepared_stmt_count, @@connect_timeout, @@net_write_timeout, @@wait_timeout'
  const [rows] = await connection.query({ sql: `SELECT ${asked}`, rowsAsArray: true })
  assert.deepEqual(rows, [[7, 8, 9, 1, 31_536_000]])
  await connection.query('SET wait_timeout = 100')
  assert.deepEqual((await connection.query({ sql: 'SELECT @@wait_timeout', rowsAsArray: true }))[0], [[100]])
  await connection.query('SET wait_timeout = DEFAULT')
  assert.deepEqual((await connection.query({ sql: 'SELECT @@wait_timeout', rowsAsArray: true }))[0], [[31_536_000]])
  await connection.end()
})
