import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoginThrottle, type Attempt } from '../../lib/mysql-server-protocol-lite/login-throttle.ts'
import { MysqlError } from '../../lib/mysql-server-protocol-lite/errors.ts'
import { duplexPair, loginPacket, ManualClock, nextTurn, RawClient, testHandler, testServer } from './support.ts'

const here = '192.0.2.1'

/** How long an attempt waits when nobody else does. */
async function delayOf(attempt: Attempt, clock: ManualClock): Promise<number> {
  if (attempt.turn === undefined) return 0
  const before = clock.now()
  clock.advanceToNext()
  await attempt.turn
  return clock.now() - before
}

async function tryOne(throttle: LoginThrottle, clock: ManualClock, user: string, isRight = false): Promise<number> {
  const attempt = throttle.enter(here, user)
  const delay = await delayOf(attempt, clock)
  if (isRight) attempt.succeeded()
  else attempt.failed()
  attempt.end()
  return delay
}

function fail(throttle: LoginThrottle, user: string, times: number): void {
  for (let attempt = 0; attempt < times; attempt++) {
    const refused = throttle.enter(here, user)
    refused.failed()
    refused.end()
  }
}

test('after five failures each attempt waits longer, up to 500 ms, which no driver takes for a timeout; a minute without one forgives', async () => {
  const clock = new ManualClock()
  const throttle = new LoginThrottle(clock)
  const delays: number[] = []
  for (let attempt = 0; attempt < 12; attempt++) delays.push(await tryOne(throttle, clock, 'a'))
  assert.deepEqual(delays, [0, 0, 0, 0, 0, 100, 200, 400, 500, 500, 500, 500])
  assert.equal(await tryOne(throttle, clock, 'b', true), 0)
  clock.advance(60_000)
  assert.equal(await tryOne(throttle, clock, 'a'), 0)
})

test('a login that succeeds forgives the failures before it', async () => {
  const clock = new ManualClock()
  const throttle = new LoginThrottle(clock)
  fail(throttle, 'a', 5)
  assert.equal(await tryOne(throttle, clock, 'a', true), 100)
  assert.equal(await tryOne(throttle, clock, 'a'), 0)
})

test('attempts at the same time are checked by fours, in the order in which they came', async () => {
  const clock = new ManualClock()
  const throttle = new LoginThrottle(clock)
  fail(throttle, 'a', 1)
  const attempts = Array.from({ length: 9 }, () => throttle.enter(here, 'a'))
  const begun: number[] = []
  for (const [index, { turn }] of attempts.entries()) {
    if (turn === undefined) begun.push(index)
    else void turn.then(() => begun.push(index))
  }
  assert.deepEqual(begun, [0, 1, 2, 3])
  attempts[5]?.end() // its client has gone: it is nobody's turn
  await nextTurn()
  assert.deepEqual(begun, [0, 1, 2, 3])
  for (const attempt of attempts.slice(0, 4)) {
    attempt.failed()
    attempt.end()
  }
  await nextTurn()
  assert.deepEqual(begun, [0, 1, 2, 3, 4, 6, 7])
  clock.advance(100)
  await nextTurn()
  assert.deepEqual(begun, [0, 1, 2, 3, 4, 6, 7, 8], 'after the fifth failure')
})

test('where nothing failed, nobody waits for the others', () => {
  const throttle = new LoginThrottle(new ManualClock())
  for (let attempt = 0; attempt < 100; attempt++) assert.equal(throttle.enter(here, 'a').turn, undefined)
})

test('who tries many names is slowed down by address; who has logged in from there is not', async () => {
  const clock = new ManualClock()
  const throttle = new LoginThrottle(clock)
  await tryOne(throttle, clock, 'known', true)
  for (let user = 0; user < 21; user++) assert.equal(await tryOne(throttle, clock, '0'.repeat(user)), 0)
  assert.equal(await tryOne(throttle, clock, 'root'), 500)
  assert.equal(await tryOne(throttle, clock, 'new', true), 500, 'and no more')
  assert.equal(await tryOne(throttle, clock, 'new', true), 0)
  assert.equal(await tryOne(throttle, clock, 'known', true), 0)
  assert.equal(throttle.enter('192.0.2.2', 'root').turn, undefined)
})

test('closing leaves no timer, and starts none', () => {
  const clock = new ManualClock()
  const throttle = new LoginThrottle(clock)
  fail(throttle, 'a', 5)
  const attempts = Array.from({ length: 6 }, () => throttle.enter(here, 'a'))
  assert.equal(clock.pending, 4)
  throttle.close()
  for (const attempt of attempts) attempt.end()
  assert.equal(clock.pending, 0)
})

test('hundreds of connections that guess at the same time are no faster than the delays', async (t) => {
  const clock = new ManualClock()
  let checked = 0
  const authenticate = async (): Promise<string> => {
    checked++
    await nextTurn()
    throw new MysqlError('Access denied', 1045, '28000')
  }
  const server = testServer(t, { clock, handler: testHandler({ authenticate }) })
  const first = await RawClient.of(server, false)
  await assert.rejects(first.login({ plain: 'wrong' }), /Access denied/)
  const clients = await Promise.all(Array.from({ length: 200 }, () => RawClient.of(server, false)))
  for (const { socket, salt } of clients) socket.write(loginPacket(salt, { plain: 'wrong' }))
  for (let waited = 0; waited < 2000; waited += 100) {
    clock.advance(100)
    for (let turn = 0; turn < 20; turn++) await nextTurn()
  }
  assert.ok(checked > 10 && checked < 40, `${checked} were checked in 2 s`)
})

test('clients that leave while they wait hold nobody up', async (t) => {
  const clock = new ManualClock()
  const server = testServer(t, { clock })
  for (let attempt = 0; attempt < 6; attempt++) {
    const client = await RawClient.of(server, false)
    const refused = assert.rejects(client.login({ plain: 'wrong' }), /Access denied/)
    await nextTurn()
    if (clock.pending > 0) clock.advance(100)
    await refused
  }
  for (let attempt = 0; attempt < 10; attempt++) {
    const [near, far] = duplexPair()
    server.serve(far, { remoteAddress: here })
    const client = new RawClient(near)
    await client.greet()
    near.write(loginPacket(client.salt))
    await nextTurn()
    near.destroy()
  }
  const last = await RawClient.of(server, false)
  const loggedIn = last.login()
  await nextTurn()
  clock.advance(500)
  await loggedIn
})
