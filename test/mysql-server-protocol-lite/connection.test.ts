import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { deflateSync, inflateSync } from 'node:zlib'
import mysql2 from 'mysql2/promise'
import { Capability, Command } from '../../lib/mysql-server-protocol-lite/constants.ts'
import type { Row } from '../../lib/mysql-server-protocol-lite/index.ts'
import {
  answer,
  command,
  errorOf,
  hex,
  loginPacket,
  nextTurn,
  ManualClock,
  packet,
  password,
  plainCapabilities,
  query,
  RawClient,
  testHandler,
  testServer,
} from './support.ts'

const ok = hex('00 01 00 0200 0000')
const text = [{ name: 'a', type: 'text' }] as const

test('a client that does not read holds back its own rows only, within a budget', async (t) => {
  const kilobyte = 'x'.repeat(1024)
  const total = 100 * 1024
  let pulled = 0
  const rows = function* (): Generator<Row> {
    for (; pulled < total; pulled++) yield [kilobyte]
  }
  const handler = testHandler({
    query: (sql) => (sql === 'large' ? { columns: text, rows: rows() } : { affectedRows: 1 }),
  })
  const server = testServer(t, { handler })
  const slow = await RawClient.of(server)
  slow.socket.pause()
  slow.send(query('large'), query('next'))
  const other = await RawClient.of(server)
  other.send(query('x'))
  assert.deepEqual(await other.read(), ok)
  assert.ok(pulled > 0 && pulled < 1000, `${pulled} rows were pulled for a client that reads none`)
  let size = 0
  slow.socket.removeAllListeners('data')
  const tail = new Promise<Buffer>((resolve) => {
    slow.socket.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size === 1 + 4 + 23 + 4 + total * 1031 + 9 + 4 + 9 + 11 - 1) resolve(chunk)
      else if (pulled === total && chunk.subarray(-7).equals(ok)) resolve(chunk)
    })
  })
  slow.socket.resume()
  assert.deepEqual((await tail).subarray(-11), Buffer.concat([hex('07000001'), ok]))
  assert.equal(pulled, total)
})

test('rows that come one by one, each in its turn, wait for a client that does not read too', async (t) => {
  let pulled = 0
  const rows = async function* (): AsyncGenerator<Row> {
    for (; pulled < 2000; pulled++) {
      await nextTurn()
      yield ['x'.repeat(1000)]
    }
  }
  const handler = testHandler({ query: () => ({ columns: text, rows: rows() }) })
  const client = await RawClient.of(testServer(t, { handler }))
  client.socket.pause()
  client.send(query('x'))
  for (let turns = 0; turns < 1000; turns++) await nextTurn()
  assert.ok(pulled > 0 && pulled < 200, `${pulled} rows were pulled for a client that reads none`)
  client.socket.resume()
  await client.readMany(3 + 2000 + 1)
})

test('a client that does not read its answers is not read from either', async (t) => {
  const answered: string[] = []
  const handler = testHandler({
    query: (sql) => {
      answered.push(sql)
      return { columns: text, rows: [['y'.repeat(10_000)]] }
    },
  })
  const client = await RawClient.of(testServer(t, { handler }))
  client.socket.pause()
  const count = 200
  client.send(...Array.from({ length: count }, () => query('x')))
  await nextTurn()
  assert.ok(answered.length > 0 && answered.length < 50, `${answered.length} queries were run`)
  client.socket.resume()
  await client.readMany(count * 5)
  assert.equal(answered.length, count)
})

test('a client is not read from while its query runs', async (t) => {
  let finish: (() => void) | undefined
  const handler = testHandler({
    query: (sql) =>
      sql === 'slow' ? new Promise((resolve) => (finish = () => resolve({ affectedRows: 1 }))) : answer(sql),
  })
  const client = await RawClient.of(testServer(t, { handler }))
  client.send(query('slow'))
  const more = query('INSERT '.padEnd(10_000))
  for (let count = 0; count < 100; count++) client.send(more)
  for (let turns = 0; turns < 20; turns++) await nextTurn()
  assert.ok(client.socket.writableLength > 800_000, `only ${client.socket.writableLength} bytes wait with the client`)
  finish!()
  await client.readMany(101)
})

test('rows are closed when the client goes away', async (t) => {
  const closed = new Promise<string>((resolve) => {
    const rows = function* (): Generator<Row> {
      try {
        for (;;) yield ['z'.repeat(1000)]
      } finally {
        resolve('closed')
      }
    }
    const server = testServer(t, { handler: testHandler({ query: () => ({ columns: text, rows: rows() }) }) })
    void RawClient.of(server).then(async (client) => {
      client.send(query('x'))
      await client.readMany(100)
      client.socket.destroy()
    })
  })
  assert.equal(await closed, 'closed')
})

test('a session is closed while its query still runs, if the client goes away', async (t) => {
  let closed: (() => void) | undefined
  const whenClosed = new Promise<void>((resolve) => (closed = resolve))
  let begun: (() => void) | undefined
  const whenBegun = new Promise<void>((resolve) => (begun = resolve))
  let finish: (() => void) | undefined
  const handler = testHandler({
    query: () => {
      begun?.()
      return new Promise((resolve) => (finish = () => resolve({ affectedRows: 0 })))
    },
    closed: () => closed?.(),
  })
  const client = await RawClient.of(testServer(t, { handler }))
  client.send(query('x'))
  await whenBegun
  client.socket.destroy()
  await whenClosed
  finish?.()
})

test('a session that comes when its client has gone is closed', async (t) => {
  const closed: string[] = []
  let letIn: ((session: string) => void) | undefined
  const handler = testHandler({
    authenticate: () => new Promise((resolve) => (letIn = resolve)),
    closed: (session) => void closed.push(session),
  })
  const server = testServer(t, { handler })
  const client = await RawClient.of(server, false)
  client.send(loginPacket(client.salt))
  while (letIn === undefined) await nextTurn()
  client.socket.destroy()
  while ([...server.connections()].length > 0) await nextTurn()
  letIn('late')
  await nextTurn()
  assert.deepEqual(closed, ['late'])
})

test('one huge synchronous result leaves others their turns', async (t) => {
  let pulled = 0
  const rows = function* (): Generator<Row> {
    for (; pulled < 50_000; pulled++) yield ['x'.repeat(1000)]
  }
  const handler = testHandler({
    query: (sql) => (sql === 'large' ? { columns: text, rows: rows() } : { affectedRows: 1 }),
  })
  const server = testServer(t, { handler })
  const greedy = await RawClient.of(server)
  const other = await RawClient.of(server)
  // Drops what comes, at once.
  greedy.socket.removeAllListeners('data')
  greedy.socket.resume()
  greedy.send(query('large'))
  other.send(query('x'))
  assert.deepEqual(await other.read(), ok)
  assert.ok(pulled < 50_000, 'the other client had to wait for the whole result')
})

test('time limits: login, idleness, answers that nobody reads', async (t) => {
  const clock = new ManualClock()
  const handler = testHandler({ query: () => ({ columns: text, rows: Array<Row>(1000).fill(['x'.repeat(1000)]) }) })
  const server = testServer(t, {
    clock,
    handler,
    limits: { loginTimeoutMs: 5000, idleTimeoutMs: 30_000, writeTimeoutMs: 7000 },
  })
  const mute = await RawClient.of(server, false)
  const idle = await RawClient.of(server)
  clock.advance(4000)
  const stuck = await RawClient.of(server)
  stuck.socket.pause()
  stuck.send(query('x'))
  await nextTurn()
  clock.advance(2000)
  assert.match(errorOf((await mute.rest())[0]!), /^1159 08S01 .*5 s/)
  assert.equal(clock.pending, 1)
  idle.send(command(Command.PING))
  await idle.read()
  clock.advance(6000)
  await nextTurn()
  assert.deepEqual(
    [...server.connections()].map(({ id }) => id),
    [2],
  )
  clock.advance(31_000)
  assert.deepEqual(await idle.rest(), [])
})

test('a packet that does not come to its end within its time is the end; its first byte begins the time', async (t) => {
  const clock = new ManualClock()
  const server = testServer(t, { clock, limits: { readTimeoutMs: 10_000, idleTimeoutMs: 3_600_000 } })
  const slow = await RawClient.of(server)
  const fast = await RawClient.of(server)
  clock.advance(20_000)
  const whole = command(Command.PING)
  for (const byte of whole.subarray(0, -1)) {
    slow.socket.write(Buffer.from([byte]))
    await nextTurn()
    clock.advance(1000)
  }
  fast.send(whole)
  await fast.read()
  clock.advance(9000)
  assert.deepEqual(await slow.rest(), [])
  fast.send(whole)
  await fast.read()
})

test('a query that takes long is not idleness', async (t) => {
  const clock = new ManualClock()
  let finish: (() => void) | undefined
  const handler = testHandler({ query: () => new Promise((resolve) => (finish = () => resolve({ affectedRows: 1 }))) })
  const client = await RawClient.of(testServer(t, { clock, handler, limits: { idleTimeoutMs: 1000 } }))
  client.send(query('x'))
  await nextTurn()
  clock.advance(100_000)
  finish!()
  assert.deepEqual(await client.read(), ok)
})

/** Frames of CLIENT_COMPRESS, the content compressed where `pack` says so. */
function frame(sequence: number, content: Buffer, pack = true): Buffer {
  const body = pack ? deflateSync(content) : content
  const header = Buffer.alloc(7)
  header.writeUIntLE(body.length, 0, 3)
  header.writeUInt8(sequence, 3)
  header.writeUIntLE(pack ? content.length : 0, 4, 3)
  return Buffer.concat([header, body])
}

async function compressedClient(t: TestContext, limits = {}): Promise<RawClient> {
  return RawClient.of(testServer(t, { limits }), { capabilities: plainCapabilities | Capability.COMPRESS })
}

/** What came after the login, unpacked: each frame's number and content. */
function frames(client: RawClient, from: number): [number, string][] {
  const found: [number, string][] = []
  for (let at = from; at + 7 <= client.received.length;) {
    const length = client.received.readUIntLE(at, 3)
    const body = client.received.subarray(at + 7, at + 7 + length)
    const content = client.received.readUIntLE(at + 4, 3) === 0 ? body : inflateSync(body)
    found.push([client.received[at + 3]!, content.toString('hex')])
    at += 7 + length
  }
  return found
}

test('compressed: each command is answered by frames numbered on from its own', async (t) => {
  const client = await compressedClient(t)
  const from = client.received.length
  const done = client.rest()
  client.send(frame(0, query('INSERT'), false), frame(0, query('INSERT ' + 'x'.repeat(100))))
  client.send(frame(0, Buffer.concat([query('INSERT'), query('INSERT'), command(Command.QUIT)])))
  await done
  const reply = `07000001${ok.toString('hex')}`
  assert.deepEqual(frames(client, from), [
    [1, reply],
    [1, reply],
    [1, reply],
    [1, reply],
  ])
})

test('compressed: a million commands without a reply in one frame leave turns to others', async (t) => {
  const client = await compressedClient(t)
  const close = command(Command.STMT_CLOSE, hex('01000000'))
  client.send(frame(0, Buffer.concat(new Array<Buffer>(1_000_000).fill(close))), frame(0, query('INSERT')))
  let isAnswered = false
  const answered = client.read().then(() => (isAnswered = true))
  let turns = 0
  for (; !isAnswered; turns++) await nextTurn()
  await answered
  assert(turns > 50, `${turns} turns`)
})

for (const isCompressed of [false, true]) {
  test(`the handler hears of a good-bye while a statement runs${isCompressed ? ', compressed' : ''}; what does something goes on`, async (t) => {
    const seen: string[] = []
    let end: (() => void) | undefined
    const closed = new Promise<void>((resolve) => (end = resolve))
    let stopWaiting: (() => void) | undefined
    const handler = testHandler({
      query: async (sql) => {
        seen.push(sql)
        if (sql === 'wait') await new Promise<void>((resolve) => (stopWaiting = resolve))
        return { affectedRows: 1 }
      },
      leaving: () => stopWaiting?.(),
      closed: () => end?.(),
    })
    const capabilities = plainCapabilities | Capability.MULTI_STATEMENTS | (isCompressed ? Capability.COMPRESS : 0)
    const client = await RawClient.of(testServer(t, { handler }), { capabilities })
    const sent = (bytes: Buffer): Buffer => (isCompressed ? frame(0, bytes, false) : bytes)
    client.send(sent(query('wait; INSERT')))
    await nextTurn()
    client.send(sent(command(Command.QUIT)))
    client.socket.end()
    await closed
    assert.deepEqual(seen, ['wait', ' INSERT'])
  })
}

test('compressed: how packets are numbered within frames is the business of the client', async (t) => {
  const client = await compressedClient(t)
  const from = client.received.length
  client.send(frame(0, packet(7, Buffer.from('\x03INSERT'))), frame(0, command(Command.QUIT)))
  await client.rest()
  assert.deepEqual(frames(client, from), [[1, `07000008${ok.toString('hex')}`]])
})

test('compressed: a frame split at every position, and a packet in many frames', async (t) => {
  const whole = Buffer.concat([frame(0, query('INSERT')), frame(0, command(Command.QUIT))])
  for (let at = 1; at < whole.length; at++) {
    const client = await compressedClient(t)
    const from = client.received.length
    client.send(whole.subarray(0, at))
    await nextTurn()
    client.send(whole.subarray(at))
    await client.rest()
    assert.deepEqual(frames(client, from), [[1, `07000001${ok.toString('hex')}`]], `split at ${at}`)
  }
  const client = await compressedClient(t)
  const from = client.received.length
  const bytes = Buffer.concat([query('INSERT'), command(Command.QUIT)])
  client.send(...Array.from(bytes, (_, index) => frame(index, bytes.subarray(index, index + 1), index % 2 === 0)))
  await client.rest()
  assert.equal(frames(client, from).length, 1)
})

test('compressed: large answers come back', async (t) => {
  const client = await compressedClient(t)
  const from = client.received.length
  client.send(frame(0, query('rows 30000')), frame(0, command(Command.QUIT)))
  await client.rest()
  const contents = frames(client, from)
  assert.deepEqual(
    contents.map(([sequence]) => sequence),
    contents.map((_, index) => index + 1),
  )
  const all = contents.map(([, content]) => content).join('')
  assert.ok(all.endsWith('fe00000200'))
  assert.ok(client.received.length < all.length / 4)
})

test('compressed: a small frame of very many commands waits for a client that does not read', async (t) => {
  let replies = 0
  const handler = testHandler({
    status: () => {
      replies++
      return { autocommit: true, inTransaction: false }
    },
  })
  const client = await RawClient.of(testServer(t, { handler }), {
    capabilities: plainCapabilities | Capability.COMPRESS,
  })
  client.socket.pause()
  client.send(frame(0, Buffer.concat(Array<Buffer>(200_000).fill(command(Command.PING)))))
  for (let turns = 0; turns < 20; turns++) await nextTurn()
  assert.ok(replies > 100 && replies < 20_000, `${replies} replies to a client that reads none`)
})

for (const [what, bytes, expected] of [
  ['a bomb', hex('0400 00 00 ffffff 00000000'), /^1153 08S01 .*16777215/],
  ['a frame that unpacks to more than it says', frame(0, Buffer.alloc(1000)).fill(hex('0a0000'), 4, 7), /^1157 08S01 /],
  ['a frame that unpacks to less than it says', frame(0, Buffer.alloc(1000)).fill(hex('f00300'), 4, 7), /^1157 08S01 /],
  ['bytes that are not compressed', hex('0300 00 00 0a0000 010203'), /^1157 08S01 /],
] as const) {
  test(`compressed: ${what} ends the connection`, async (t) => {
    const client = await compressedClient(t, { maxPacketBytes: 1_000_000 })
    const from = client.received.length
    client.send(bytes)
    await client.rest()
    const [[, content]] = frames(client, from) as [[number, string]]
    assert.match(errorOf(Buffer.from(content, 'hex').subarray(4)), expected)
  })
}

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

test('a socket that breaks harms nobody', async (t) => {
  const server = testServer(t)
  const { port } = await server.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect(port, '127.0.0.1')
  await new Promise((resolve) => socket.once('data', resolve))
  socket.resetAndDestroy()
  const client = await RawClient.of(server)
  client.send(query('INSERT'))
  assert.deepEqual(await client.read(), ok)
})
