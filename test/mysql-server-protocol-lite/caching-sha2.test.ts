// A real driver whose server names caching_sha2_password, as those of MySQL 8 and 9 do. Ours names another plugin, so the
// name is replaced on the way; both have 21 letters.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { describe, test, type TestContext } from 'node:test'
import mysql2, { type ConnectionOptions } from 'mysql2/promise'
import type { MysqlServerOptions } from '../../lib/mysql-server-protocol-lite/index.ts'
import { password, testServer } from './support.ts'

const tls = {
  key: readFileSync(new URL('../support/tls/key.pem', import.meta.url)),
  cert: readFileSync(new URL('../support/tls/cert.pem', import.meta.url)),
}
const ssl = { rejectUnauthorized: false }

interface Place {
  readonly port: number
  /** What the driver was sent after the greeting, as far as it is in clear. */
  readonly said: () => Buffer
}

/** Passes a connection on to a server, and changes the plugin that the greeting names. */
async function serve(t: TestContext, options: Partial<MysqlServerOptions<string>> = {}): Promise<Place> {
  const { port } = await testServer(t, options).listen({ port: 0, host: '127.0.0.1' })
  const said: Buffer[] = []
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    server.once('data', (greeting) => {
      const changed = greeting.toString('latin1').replace('mysql_native_password', 'caching_sha2_password')
      client.write(Buffer.from(changed, 'latin1'))
      server.on('data', (chunk) => {
        said.push(chunk)
        client.write(chunk)
      })
    })
    client.pipe(server)
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  })
  t.after(() => proxy.close())
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return { port: (proxy.address() as AddressInfo).port, said: () => Buffer.concat(said) }
}

function logIn(port: number, options: ConnectionOptions = {}): Promise<mysql2.Connection> {
  return mysql2.createConnection({ host: '127.0.0.1', port, user: 'a', password, ...options })
}

describe('caching_sha2_password with mysql2', () => {
  for (const [name, options] of [
    ['in clear', {}],
    ['over TLS', { ssl }],
  ] as const) {
    test(`${name}: logs in the fast way, and goes on`, async (t) => {
      const { port, said } = await serve(t, { tls })
      const connection = await logIn(port, options)
      t.after(() => connection.destroy())
      await connection.query('INSERT')
      await connection.execute('INSERT')
      if (!('ssl' in options)) assert.ok(said().includes(Buffer.of(2, 0, 0, 4, 1, 3)), 'fast_auth_success was said')
      await connection.end()
    })

    test(`${name}: a wrong password and an empty one are refused`, async (t) => {
      const { port } = await serve(t, { tls })
      for (const wrong of ['wrong', '', `${password} `]) {
        await assert.rejects(logIn(port, { ...options, password: wrong }), { errno: 1045 }, wrong)
      }
    })

    test(`${name}: another user on the same connection`, async (t) => {
      const { port } = await serve(t, { tls })
      const connection = await logIn(port, options)
      t.after(() => connection.destroy())
      await connection.changeUser({ user: 'b', password })
      await connection.query('INSERT')
      await assert.rejects(connection.changeUser({ user: 'c', password: 'wrong' }), { errno: 1045 })
    })
  }

  test('a long password', async (t) => {
    const long = 'pässwörd '.repeat(20)
    const { port } = await serve(t, {
      handler: {
        authenticate: (login) => (login.checkPassword(long) ? login.user : assert.fail('refused')),
        query: () => ({ affectedRows: 1 }),
      },
    })
    await (await logIn(port, { password: long })).end()
  })

  test('TLS that is required', async (t) => {
    const { port } = await serve(t, { tls: { ...tls, required: true } })
    await assert.rejects(logIn(port), { errno: 3159 })
    await (await logIn(port, { ssl })).end()
  })
})
