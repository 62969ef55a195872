import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import mysql2 from 'mysql2/promise'
import { Command } from '../../lib/mysql-server-protocol-lite/constants.ts'
import {
  command,
  errorOf,
  hex,
  loginPacket,
  packet,
  password,
  query,
  RawClient,
  testHandler,
  testServer,
} from './support.ts'

const ok = hex('00 01 00 0200 0000')

/** A self-signed certificate for localhost, valid until 2126, for tests only. */
const tls = {
  key: readFileSync(new URL('../support/tls/key.pem', import.meta.url)),
  cert: readFileSync(new URL('../support/tls/cert.pem', import.meta.url)),
}

const sslRequest = packet(1, Buffer.concat([hex('05aa0800 00000001 2d'), Buffer.alloc(23)]))

test('TLS: mysql2 over TCP', async (t) => {
  const server = testServer(t, { tls })
  const { port } = await server.listen({ port: 0, host: '127.0.0.1' })
  const ssl = { ca: tls.cert.toString(), rejectUnauthorized: false }
  const connection = await mysql2.createConnection({ host: '127.0.0.1', port, user: 'a', password, ssl })
  t.after(() => connection.destroy())
  await connection.query('INSERT')
  assert.deepEqual(
    [...server.connections()].map(({ secure, tls }) => [secure, tls?.version]),
    [[true, 'TLSv1.3']],
  )
  assert.match(server.connection(1)?.tls?.cipher ?? '', /^TLS_AES_/)
  await connection.end()
})

test('TLS: over any stream, the hello in the same chunk as the request', async (t) => {
  const server = testServer(t, { tls })
  const client = await RawClient.of(server, false)
  client.socket.removeAllListeners('data')
  client.socket.cork()
  client.socket.write(sslRequest)
  const secure = connectTls({ socket: client.socket, rejectUnauthorized: false })
  process.nextTick(() => client.socket.uncork())
  const inside = new RawClient(secure)
  secure.write(loginPacket(client.salt, { sequence: 2 }))
  assert.equal((await inside.read())[0], 0)
  assert.equal(inside.sequence, 3)
  inside.send(query('INSERT'), command(Command.QUIT))
  assert.deepEqual(await inside.rest(), [ok])
})

test('TLS: commands in clear behind the request are never run', async (t) => {
  const server = testServer(t, { tls, handler: testHandler({ authenticate: () => assert.fail('logged in') }) })
  const client = await RawClient.of(server, false)
  client.send(sslRequest, loginPacket(client.salt, { sequence: 2 }), query('INSERT'))
  const rest = await client.rest().catch(() => [])
  assert.ok(!rest.some((payload) => payload[0] === 0))
  await server.close()
})

test('TLS: required', async (t) => {
  const server = testServer(t, { tls: { ...tls, required: true } })
  const client = await RawClient.of(server, false)
  client.send(loginPacket(client.salt))
  assert.match(errorOf((await client.rest())[0]!), /^3159 HY000 .*turn on TLS/)
})

test('TLS: not offered, an SSLRequest is no login', async (t) => {
  const client = await RawClient.of(testServer(t), false)
  client.send(sslRequest)
  assert.match(errorOf((await client.rest())[0]!), /^1043 08S01 /)
})
