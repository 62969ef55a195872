// What SHOW STATUS and SHOW PROCESSLIST say of real connections.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createConnection as createSocket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { createConnection, type Connection, type ConnectionOptions } from 'mysql2/promise'
import { createCometServer, type CometServer } from '../../../lib/index.ts'

const tls = {
  key: readFileSync(new URL('../../support/tls/key.pem', import.meta.url)),
  cert: readFileSync(new URL('../../support/tls/cert.pem', import.meta.url)),
}

async function serve(t: TestContext): Promise<CometServer> {
  const comet = createCometServer({ tenants: () => ({ key: 'key' }), cometql: { port: 0, tls }, transports: [] })
  t.after(() => comet.close())
  await comet.ready
  return comet
}

async function logIn(
  t: TestContext,
  comet: CometServer,
  user: string,
  options: ConnectionOptions = {},
): Promise<Connection> {
  const where = { host: '127.0.0.1', port: comet.address()?.port ?? 0 }
  const connection = await createConnection({ ...where, user, password: 'key', ...options })
  t.after(() => connection.destroy())
  return connection
}

async function statusOf(
  connection: Connection,
  scope: 'GLOBAL' | 'SESSION' = 'SESSION',
): Promise<Record<string, string>> {
  const [rows] = await connection.query({ sql: `SHOW ${scope} STATUS`, rowsAsArray: true })
  return Object.fromEntries(rows as [string, string][])
}

test('bytes are those that went over the wire: of this connection, or of all since the start', async (t) => {
  const comet = await serve(t)
  const first = await logIn(t, comet, '1')
  const before = await statusOf(first)
  const sql = `SELECT '${'x'.repeat(5000)}'`
  await first.query(sql)
  const after = await statusOf(first)
  const received = Number(after.Bytes_received) - Number(before.Bytes_received)
  const statusBytes = 'SHOW SESSION STATUS'.length + 5
  assert.equal(received, sql.length + 5 + statusBytes) // header and command byte
  assert.ok(Number(after.Bytes_sent) - Number(before.Bytes_sent) > 5000)
  await first.end()
  const second = await logIn(t, comet, '1')
  const ofSecond = await statusOf(second)
  assert.ok(Number(ofSecond.Bytes_received) < 1000)
  const ofAll = await statusOf(second, 'GLOBAL')
  assert.ok(Number(ofAll.Bytes_received) > 5000 + Number(ofSecond.Bytes_received))
})

test('questions, connections and threads: of the tenant; tenant 0 sees those of the server', async (t) => {
  const comet = await serve(t)
  const one = await logIn(t, comet, '1')
  const other = await logIn(t, comet, '2')
  const root = await logIn(t, comet, 'root')
  await assert.rejects(logIn(t, comet, '3', { password: 'wrong' }))
  for (let n = 0; n < 10; n++) await other.query('SELECT 1')
  await one.query('SELECT 1')
  const picked = async (connection: Connection, scope: 'GLOBAL' | 'SESSION'): Promise<unknown> => {
    const { Questions, Connections, Threads_connected, Max_used_connections, Aborted_connects } = await statusOf(
      connection,
      scope,
    )
    return [Questions, Connections, Threads_connected, Max_used_connections, Aborted_connects].map(Number)
  }
  assert.deepEqual(await picked(one, 'SESSION'), [2, 1, 1, 1, 0])
  assert.deepEqual(await picked(one, 'GLOBAL'), [3, 1, 1, 1, 0])
  assert.deepEqual(await picked(root, 'SESSION'), [1, 3, 3, 3, 1])
  assert.deepEqual(await picked(root, 'GLOBAL'), [15, 3, 3, 3, 1])
  await comet.query('SELECT 1') // in this process
  assert.deepEqual(await picked(root, 'GLOBAL'), [17, 3, 3, 3, 1])
})

test('a connection that ends without a good-bye is counted as aborted, one that quits is not', async (t) => {
  const comet = await serve(t)
  const root = await logIn(t, comet, 'root')
  await (await logIn(t, comet, 'root')).end()
  const gone = await logIn(t, comet, 'root')
  gone.destroy()
  const connected = async (): Promise<number> => Number((await statusOf(root)).Threads_connected)
  while ((await connected()) > 1);
  const { Aborted_clients, Connections } = await statusOf(root)
  assert.deepEqual([Aborted_clients, Connections], ['1', '3'])
})

test('Ssl_cipher and Ssl_version are those of the connection, Compression too', async (t) => {
  const comet = await serve(t)
  const plain = await statusOf(await logIn(t, comet, '1'))
  assert.deepEqual([plain.Ssl_cipher, plain.Ssl_version, plain.Compression], ['', '', 'OFF'])
  const ssl = { rejectUnauthorized: false }
  const secure = await statusOf(await logIn(t, comet, '1', { ssl }))
  assert.match(secure.Ssl_cipher ?? '', /^TLS_AES_\d+_/)
  assert.equal(secure.Ssl_version, 'TLSv1.3')
  const older = await statusOf(await logIn(t, comet, '1', { ssl: { ...ssl, maxVersion: 'TLSv1.2' } }))
  assert.equal(older.Ssl_version, 'TLSv1.2')
  assert.match(older.Ssl_cipher ?? '', /^ECDHE-/)
  const compressed = await statusOf(await logIn(t, comet, '1', { compress: true }))
  assert.equal(compressed.Compression, 'ON')
})

test('PROCESSLIST names the program, or else the driver, as the login says it', async (t) => {
  const comet = await serve(t)
  const named = { connectAttributes: { program_name: 'shop' } } as ConnectionOptions
  const shop = await logIn(t, comet, '1', named)
  await logIn(t, comet, '1')
  await logIn(t, comet, '2', named)
  const [rows] = await shop.query({ sql: 'SHOW PROCESSLIST', rowsAsArray: true })
  const programs = (rows as unknown[][]).map((row) => String(row[8])).sort()
  assert.equal(programs[1], 'shop')
  assert.match(programs[0] ?? '', /^Node-MySQL-2 \d/)
  assert.equal(programs.length, 2)
  const [found] = await shop.query("SELECT ID FROM information_schema.PROCESSLIST WHERE PROGRAM = 'shop'")
  assert.equal((found as unknown[]).length, 1)
})

test('a socket that does not log in is in no list', async (t) => {
  const comet = await serve(t)
  const socket = createSocket(comet.address()?.port ?? 0, '127.0.0.1')
  t.after(() => socket.destroy())
  await once(socket, 'data')
  const root = await logIn(t, comet, 'root')
  assert.equal((await statusOf(root)).Threads_connected, '1')
})
