import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { createMysqlServer } from '../../lib/mysql-server-protocol-lite/index.ts'
import {
  command,
  duplexPair,
  errorOf,
  hex,
  nextTurn,
  loginPacket,
  ManualClock,
  query,
  RawClient,
  testHandler,
  testServer,
} from './support.ts'

test('listens, says where, and closes', async () => {
  const server = createMysqlServer({ handler: testHandler(), serverVersion: '5.7.99' })
  assert.equal(server.address(), undefined)
  const { port } = await server.listen({ port: 0, host: '127.0.0.1' })
  assert.equal(server.address()?.port, port)
  await assert.rejects(server.listen({ port: 0 }), /listens already/)
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'data')
  const closed = once(socket, 'close')
  await Promise.all([server.close(), server.close()])
  await closed
  assert.equal(server.address(), undefined)
  assert.deepEqual([...server.connections()], [])
  await assert.rejects(server.listen({ port: 0 }), /is closed/)
})

test('a port that is taken rejects, and listening elsewhere still works', async (t) => {
  const first = testServer(t)
  const { port } = await first.listen({ port: 0, host: '127.0.0.1' })
  const second = testServer(t)
  await assert.rejects(second.listen({ port, host: '127.0.0.1' }), { code: 'EADDRINUSE' })
  await second.listen({ port: 0, host: '127.0.0.1' })
})

test('tells of its connections, and closes one', async (t) => {
  const clock = new ManualClock()
  let finish: (() => void) | undefined
  const closed: string[] = []
  const handler = testHandler({
    query: () => new Promise((resolve) => (finish = () => resolve({ affectedRows: 1 }))),
    closed: (session) => void closed.push(session),
  })
  const server = testServer(t, { handler, clock })
  const client = await RawClient.of(server, { user: 'a', database: 'd' })
  await RawClient.of(server, false)
  clock.advance(3000)
  const [sleeping, connecting] = server.connections()
  const attributes = new Map<string, string>()
  assert.deepEqual(sleeping, {
    id: 1,
    user: 'a',
    remoteAddress: '192.0.2.1',
    database: 'd',
    secure: false,
    tls: undefined,
    compressed: false,
    attributes,
    command: 'Sleep',
    seconds: 3,
    sql: '',
    bytesReceived: loginPacket(client.salt, { user: 'a', database: 'd' }).length,
    bytesSent: client.received.length,
  })
  assert.deepEqual([connecting!.id, connecting!.user, connecting!.command], [2, '', 'Connect'])
  client.send(query('SELECT SLEEP(9)'))
  await nextTurn()
  clock.advance(2000)
  const [busy] = server.connections()
  assert.deepEqual([busy!.command, busy!.seconds, busy!.sql], ['Query', 2, 'SELECT SLEEP(9)'])
  finish!()
  await client.read()
  assert.equal([...server.connections()][0]!.command, 'Sleep')
  assert.equal(server.kill(1), true)
  assert.deepEqual(await client.rest(), [])
  assert.deepEqual(closed, ['a'])
  assert.equal(server.kill(1), false)
})

test('too many connections: error 1040 instead of the greeting, until one leaves', async (t) => {
  const server = testServer(t, { limits: { maxConnections: 1 } })
  const first = await RawClient.of(server)
  const [near, far] = duplexPair()
  server.serve(far)
  const refused = new RawClient(near)
  assert.match(errorOf((await refused.rest())[0]!), /^1040 08004 .*1 are open/)
  first.send(command(1))
  await first.rest()
  first.socket.end()
  while ([...server.connections()].length > 0) await nextTurn()
  await RawClient.of(server)
})

test('too many connections from one address: error 1040 for it, not for others', async (t) => {
  const server = testServer(t, { limits: { maxConnectionsPerAddress: 1 } })
  const greet = async (remoteAddress?: string): Promise<RawClient> => {
    const [near, far] = duplexPair()
    server.serve(far, remoteAddress === undefined ? {} : { remoteAddress })
    return await Promise.resolve(new RawClient(near))
  }
  const first = await greet('192.0.2.7')
  assert.match(
    errorOf((await (await greet('192.0.2.7')).rest())[0]!),
    /^1040 08004 .*1 are open from 192\.0\.2\.7, .*for one address/,
  )
  await greet('192.0.2.8')
  await greet()
  await greet() // an address that is not known is nobody's
  assert.equal([...server.connections()].length, 4)
  first.socket.destroy()
  while ([...server.connections()].length > 3) await nextTurn()
  await greet('192.0.2.7')
  assert.equal([...server.connections()].length, 4)
})

test('failed logins of an address slow down its next ones', async (t) => {
  const clock = new ManualClock()
  const server = testServer(t, { clock })
  for (let attempt = 0; attempt < 5; attempt++) {
    await assert.rejects(RawClient.of(server, { plain: 'wrong' }), /Access denied/)
  }
  const late = RawClient.of(server)
  let done = false
  void late.then(() => (done = true))
  await nextTurn()
  assert.ok(!done)
  clock.advance(100)
  await late
})

test('no timer is left after closing', async () => {
  const clock = new ManualClock()
  const server = createMysqlServer({ handler: testHandler(), serverVersion: '5.7.99', clock })
  for (let attempt = 0; attempt < 5; attempt++) {
    await assert.rejects(RawClient.of(server, { plain: 'wrong' }), /Access denied/)
  }
  const slowedDown = await RawClient.of(server, false)
  slowedDown.send(loginPacket(slowedDown.salt))
  await nextTurn()
  assert.equal(clock.pending, 2)
  await server.close()
  assert.equal(clock.pending, 0)
})

test('wrong limits are named', () => {
  const create = (limits: object) => () =>
    createMysqlServer({ handler: testHandler(), serverVersion: '5.7.99', limits })
  assert.throws(create({ maxConnections: 0 }), /maxConnections is 0; it must be a number above 0/)
  assert.throws(create({ maxConnectoins: 5 }), /no limit "maxConnectoins"; there are maxPacketBytes, /)
})

test('kill while the handler runs ends the connection without an answer', async (t) => {
  const handler = testHandler({
    query: () => {
      server.kill(1)
      return { affectedRows: 1 }
    },
  })
  const server = testServer(t, { handler })
  const client = await RawClient.of(server)
  client.send(query('x'))
  const rest = await client.rest()
  assert.ok(rest.length === 0 || rest[0]!.equals(hex('00 01 00 0200 0000')))
})
