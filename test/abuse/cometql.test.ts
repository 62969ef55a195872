// What strangers, and back-ends gone wrong, may do to the CometQL port.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { deflateSync } from 'node:zlib'
import { Capability, Command } from '../../lib/mysql-server-protocol-lite/constants.ts'
import { connectRaw, logIn, serve } from '../load/raw.ts'
import {
  command,
  errorOf,
  loginPacket,
  nextTurn,
  plainCapabilities,
  query,
  type RawClient,
} from '../mysql-server-protocol-lite/support.ts'
import { ManualClock } from '../support/manual-clock.ts'

const okByte = 0

async function assertAlive(client: RawClient): Promise<void> {
  client.send(command(Command.PING))
  assert.equal((await client.read())[0], okByte)
}

/** A frame of CLIENT_COMPRESS that says that it unpacks to `length` bytes. */
function compressed(content: Buffer, length: number): Buffer {
  const header = Buffer.alloc(7)
  header.writeUIntLE(content.length, 0, 3)
  header.writeUIntLE(length, 4, 3)
  return Buffer.concat([header, content])
}

test('slowloris: a login that comes byte by byte has as long as one that never comes', async (t) => {
  const clock = new ManualClock()
  const { comet, port } = await serve(t, { clock })
  const [slow, user] = [connectRaw(t, port), await logIn(t, port)]
  await slow.greet()
  let isOver = false
  const end = slow.rest().finally(() => (isOver = true))
  let sent = 0
  const login = loginPacket(slow.salt, { user: 'x'.repeat(100) })
  while (!isOver) {
    if (sent < login.length && !slow.socket.destroyed) slow.socket.write(login.subarray(sent, ++sent))
    await nextTurn()
    clock.advance(500)
  }
  assert.match(errorOf((await end)[0]!), /^1159 08S01 .*10 s/)
  assert.ok(sent < 60, `${sent} bytes in 10 s`)
  assert.equal(comet.metrics().cometqlLimits.loginTimeoutMs, 1)
  await assertAlive(user)
})

test('200 that only connect, where there are 50 places: back-ends log in all the same', async (t) => {
  const { comet, port } = await serve(t, { cometql: { port: 0, limits: { maxConnections: 50 } } })
  const strangers = Array.from({ length: 200 }, () => connectRaw(t, port))
  await Promise.all(strangers.map((stranger) => stranger.readOrEnd()))
  const users = await Promise.all(Array.from({ length: 20 }, () => logIn(t, port)))
  await Promise.all(users.map(assertAlive))
  assert.ok(comet.metrics().cometqlLimits.maxConnections >= 150)
})

test('compression bombs: no more is unpacked than was announced, and no more announced than a packet may be', async (t) => {
  const { port } = await serve(t)
  const bomb = deflateSync(Buffer.alloc(100_000_000))
  const user = await logIn(t, port)
  for (const [length, error] of [
    [100, /^1157 08S01 Cannot uncompress/],
    [0xffffff, /^1157 08S01 Cannot uncompress/],
  ] as const) {
    const bomber = connectRaw(t, port)
    await bomber.greet()
    await bomber.login({ capabilities: plainCapabilities | Capability.COMPRESS })
    const came = bomber.received.length
    const before = process.memoryUsage().arrayBuffers
    bomber.socket.write(compressed(bomb, length))
    await bomber.rest().catch(() => undefined) // the last words are a frame, not a packet
    assert.match(errorOf(bomber.received.subarray(came + 7 + 4)), error)
    assert.ok(process.memoryUsage().arrayBuffers - before < 40_000_000)
  }
  await assertAlive(user)
})

test('statements never closed, variables without end: an error, and the connection goes on', async (t) => {
  const limits = { maxStatements: 100, maxPacketBytes: 1024 * 1024 }
  const { comet, port } = await serve(t, { cometql: { port: 0, limits } })
  const client = await logIn(t, port)
  client.send(...Array.from({ length: 101 }, () => command(Command.STMT_PREPARE, 'SET @a = 1')))
  assert.match(errorOf((await client.readMany(101))[100]!), /^1461 42000 .*100 are open/)
  assert.equal(comet.metrics().cometqlLimits.maxStatements, 1)
  client.send(...Array.from({ length: 20 }, (_, i) => query(`SET @v${i} = REPEAT('x', 100000)`)))
  const answers = await client.readMany(20)
  assert.equal(answers.filter((answer) => answer[0] === okByte).length, 10)
  assert.match(errorOf(answers.at(-1)!), /variables of this connection/)
  await assertAlive(client)
})

test('500 that WAIT hold nobody up, hear of the message, and leave nothing behind', async (t) => {
  const { comet, port } = await serve(t)
  const waiting = await Promise.all(Array.from({ length: 500 }, () => logIn(t, port)))
  for (const client of waiting) client.send(query("SELECT message FROM pipes_messages WHERE name = 'news' WAIT 30"))
  const running = async (): Promise<number> => {
    const rows = (await comet.query("SHOW GLOBAL STATUS LIKE 'Threads_running'")) as { Value: string }[]
    return Number(rows[0]?.Value)
  }
  while ((await running()) < 500) await nextTurn()
  for (let i = 0; i < 1000; i++) await comet.publish('other', '', 'x')
  assert.equal(await running(), 500, 'what does not concern them does not wake them')
  await comet.publish('news', '', 'hello')
  for (const client of waiting) assert.match(String((await client.readMany(5))[3]), /hello/)
  assert.equal(await running(), 0)
})

test('logins that fail are counted, and the right one still comes in', async (t) => {
  const { comet, port } = await serve(t)
  for (let i = 0; i < 5; i++) {
    const guess = connectRaw(t, port)
    await guess.greet()
    await assert.rejects(guess.login({ plain: `guess${i}` }), /Access denied/)
  }
  await assertAlive(await logIn(t, port))
  const [row] = (await comet.query("SHOW GLOBAL STATUS LIKE 'Aborted_connects'")) as { Value: string }[]
  assert.equal(row?.Value, '5')
})
