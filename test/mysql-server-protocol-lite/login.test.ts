import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Capability, Command } from '../../lib/mysql-server-protocol-lite/constants.ts'
import type { Login } from '../../lib/mysql-server-protocol-lite/index.ts'
import {
  command,
  errorOf,
  hex,
  nextTurn,
  loginPacket,
  nativeResponse,
  packet,
  password,
  plainCapabilities,
  RawClient,
  sha2Response,
  testHandler,
  testServer,
} from './support.ts'

const okNothing = hex('00 00 00 0200 0000')

test('the greeting', async (t) => {
  const server = testServer(t)
  const client = await RawClient.of(server, false)
  const [greeting] = [client.received.subarray(4)]
  const version = '35 2e 37 2e 39 39 2d 74 65 73 74 00'
  assert.deepEqual(greeting.subarray(0, 17), hex(`0a ${version} 01 00 00 00`))
  assert.deepEqual(greeting.subarray(25, 44), hex('00 2fa2 2d 0200 3f01 15 00000000000000000000'))
  assert.deepEqual(greeting.subarray(56), Buffer.from('\0mysql_native_password\0'))
  assert.equal(client.salt.length, 20)
  assert.ok(!client.salt.includes(0))
  const other = await RawClient.of(server, false)
  assert.notDeepEqual(other.salt, client.salt)
})

test('what the handler learns of a login', async (t) => {
  const logins: Login[] = []
  const handler = testHandler({
    authenticate: (login) => {
      logins.push(login)
      return login.user
    },
  })
  const client = await RawClient.of(testServer(t, { handler }), false)
  const flags =
    plainCapabilities |
    Capability.CONNECT_WITH_DB |
    Capability.CONNECT_ATTRS |
    Capability.PLUGIN_AUTH_LENENC_CLIENT_DATA
  const fixed = Buffer.alloc(32)
  fixed.writeUInt32LE(flags)
  const attributes = hex('0c 5f636c69656e745f6e616d65 03 666f6f')
  const rest = Buffer.concat([
    Buffer.from('7\0'),
    Buffer.of(20),
    nativeResponse(password, client.salt),
    Buffer.from('CometQL_v1\0mysql_native_password\0'),
    Buffer.of(attributes.length),
    attributes,
  ])
  client.send(packet(1, Buffer.concat([fixed, rest])))
  assert.deepEqual(await client.read(), okNothing)
  assert.equal(client.sequence, 2)
  const [login] = logins
  assert.deepEqual(
    [login!.user, login!.database, login!.remoteAddress, login!.secure, login!.connectionId],
    ['7', 'CometQL_v1', '192.0.2.1', false, 1],
  )
  assert.deepEqual([...login!.attributes], [['_client_name', 'foo']])
  assert.deepEqual([login!.checkPassword(password), login!.checkPassword('other')], [true, false])
})

test('flags that were not offered count for nothing', async (t) => {
  // QUERY_ATTRIBUTES, SESSION_TRACK, LOCAL_FILES: their fields would follow each query.
  const capabilities = plainCapabilities | (1 << 27) | (1 << 23) | (1 << 7)
  const client = await RawClient.of(testServer(t), { capabilities })
  client.send(command(Command.QUERY, 'INSERT'))
  assert.deepEqual(await client.read(), hex('00 01 00 0200 0000'))
})

test('a wrong, an empty and a stale response are refused, and the connection ends', async (t) => {
  const server = testServer(t)
  const responses = [nativeResponse('wrong', Buffer.alloc(20, 1)), Buffer.alloc(0), hex('00'), Buffer.alloc(20)]
  for (const response of responses) {
    const client = await RawClient.of(server, false)
    client.send(loginPacket(client.salt, { response }), command(Command.PING))
    const [error, ...more] = await client.rest()
    assert.equal(errorOf(error!), '1045 28000 Access denied for user "root"')
    assert.deepEqual(more, [])
  }
})

test('a client that names no plugin is taken as mysql_native_password', async (t) => {
  const client = await RawClient.of(testServer(t), { capabilities: plainCapabilities & ~Capability.PLUGIN_AUTH })
  assert.equal(client.sequence, 2)
})

test('a client of another plugin is switched to mysql_native_password', async (t) => {
  const client = await RawClient.of(testServer(t), false)
  client.send(loginPacket(client.salt, { plugin: 'client_ed25519', response: Buffer.alloc(64, 1) }))
  const request = await client.read()
  assert.equal(request.toString('latin1', 0, 23), '\xfemysql_native_password\0')
  const salt = request.subarray(23, 43)
  assert.equal(request[43], 0)
  assert.deepEqual(salt, client.salt)
  client.send(packet(3, nativeResponse(password, salt)))
  assert.deepEqual(await client.read(), okNothing)
  assert.equal(client.sequence, 4)
})

test('a client of caching_sha2_password keeps it, with fast authentication', async (t) => {
  const server = testServer(t)
  for (const plain of [password, 'wrong', '']) {
    const client = await RawClient.of(server, false)
    client.send(
      loginPacket(client.salt, { plugin: 'caching_sha2_password', response: sha2Response(password, client.salt) }),
    )
    const request = await client.read()
    assert.equal(request.toString('latin1', 0, 23), '\xfecaching_sha2_password\0')
    const salt = request.subarray(23, 43)
    client.send(packet(3, plain === '' ? Buffer.alloc(0) : sha2Response(plain, salt)))
    if (plain === password) assert.deepEqual(await client.readMany(2), [hex('01 03'), okNothing])
    else assert.match(errorOf(await client.read()), /^1045 28000 /)
  }
})

for (const [what, bytes] of [
  ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n')],
  ['a TLS hello', hex('16 03 01 02 00 01 00 01 fc 03 03')],
  ['a login of a client older than 4.1', packet(1, hex('8580 000000 726f6f7400'))],
  ['a login that ends early', packet(1, hex('05a20f00 00000001 2d'))],
  [
    'a response longer than the packet',
    packet(1, Buffer.concat([hex('05a20800 00000001 2d'), Buffer.alloc(23), hex('61 00 14 01')])),
  ],
  ['an SSLRequest of 4 bytes', packet(1, hex('00aa0000'))],
  ['a number out of order', packet(0, hex('00'))],
  ['a packet announced with 64 KiB and 1 byte', hex('01 00 01 01')],
] as const) {
  test(`instead of a login, ${what}: error 1043, and the connection ends`, async (t) => {
    const client = await RawClient.of(testServer(t), false)
    client.send(bytes)
    const [error, ...more] = await client.rest()
    assert.match(errorOf(error!), /^1043 08S01 Bad handshake: /)
    assert.equal(client.sequence, 2)
    assert.deepEqual(more, [])
  })
}

test('a health check that logs in and quits in one write, before the greeting has come', async (t) => {
  const client = await RawClient.of(testServer(t), false)
  client.send(
    packet(1, Buffer.concat([hex('0082 0000 00000040 00'), Buffer.alloc(23), hex('6861 00 00')])),
    command(Command.QUIT),
  )
  assert.match(errorOf((await client.rest())[0]!), /^1045 /)
})

test('authenticate may take its time, and what is pipelined waits for it', async (t) => {
  let letIn: (() => void) | undefined
  const handler = testHandler({
    authenticate: (login) => new Promise((resolve) => (letIn = () => resolve(login.user))),
  })
  const client = await RawClient.of(testServer(t, { handler }), false)
  client.send(loginPacket(client.salt), command(Command.PING))
  await nextTurn()
  letIn!()
  assert.deepEqual(await client.readMany(2), [okNothing, okNothing])
})

test('COM_CHANGE_USER: a new session after a new proof; the old one is closed', async (t) => {
  const closed: string[] = []
  const handler = testHandler({ closed: (session) => void closed.push(session) })
  const server = testServer(t, { handler })
  const client = await RawClient.of(server)
  client.send(command(Command.STMT_PREPARE, 'INSERT'))
  await client.read()
  client.send(command(Command.CHANGE_USER, Buffer.from('other\0\0newdb\0\x2d\0mysql_native_password\0', 'latin1')))
  const request = await client.read()
  assert.equal(request[0], 0xfe)
  client.send(packet(2, nativeResponse(password, request.subarray(23, 43))))
  assert.deepEqual(await client.read(), okNothing)
  assert.deepEqual(closed, ['root'])
  const [info] = server.connections()
  assert.deepEqual([info!.user, info!.database], ['other', 'newdb'])
  client.send(command(Command.STMT_EXECUTE, hex('01000000 00 01000000')))
  assert.match(errorOf(await client.read()), /^1243 /)
  client.send(command(Command.QUIT))
  await client.rest()
  await server.close()
  assert.deepEqual(closed, ['root', 'other'])
})

test('COM_CHANGE_USER with a wrong password ends the connection, and closes the old session once', async (t) => {
  const closed: string[] = []
  const handler = testHandler({ closed: (session) => void closed.push(session) })
  const server = testServer(t, { handler })
  const client = await RawClient.of(server)
  client.send(command(Command.CHANGE_USER, Buffer.from('other\0\0\0\x2d\0mysql_native_password\0', 'latin1')))
  await client.read()
  client.send(packet(2, Buffer.alloc(20, 1)))
  assert.match(errorOf((await client.rest())[0]!), /^1045 /)
  await server.close()
  assert.deepEqual(closed, ['root'])
})

test('COM_CHANGE_USER of a client without plugins proves itself with the salt of the greeting', async (t) => {
  const server = testServer(t)
  const client = await RawClient.of(server, { capabilities: plainCapabilities & ~Capability.PLUGIN_AUTH })
  const response = nativeResponse(password, client.salt)
  client.send(
    command(Command.CHANGE_USER, Buffer.concat([Buffer.from('other\0\x14'), response, Buffer.from('\0\x21\0')])),
  )
  assert.deepEqual(await client.read(), okNothing)
})
