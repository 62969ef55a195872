import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command } from '../../lib/mysql-server-protocol-lite/constants.ts'
import type { Row } from '../../lib/mysql-server-protocol-lite/index.ts'
import { command, errorOf, hex, nextTurn, ManualClock, query, RawClient, testHandler, testServer } from './support.ts'

const ok = hex('00 01 00 0200 0000')

const text = [{ name: 'a', type: 'text' }] as const

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
