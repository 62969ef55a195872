import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoginThrottle } from '../../lib/mysql-server-protocol-lite/login-throttle.ts'
import { ManualClock } from './support.ts'

async function delayOf(throttle: LoginThrottle, clock: ManualClock, address: string): Promise<number> {
  const waited = throttle.wait(address)
  if (waited === undefined) return 0
  const before = clock.now()
  clock.advanceToNext()
  await waited
  return clock.now() - before
}

test('after five failures each attempt waits longer, up to 500 ms, which no driver takes for a timeout; a minute without one forgives', async () => {
  const clock = new ManualClock()
  const throttle = new LoginThrottle(clock)
  const delays: number[] = []
  for (let attempt = 0; attempt < 12; attempt++) {
    delays.push(await delayOf(throttle, clock, 'a'))
    throttle.failed('a')
  }
  assert.deepEqual(delays, [0, 0, 0, 0, 0, 100, 200, 400, 500, 500, 500, 500])
  assert.equal(await delayOf(throttle, clock, 'b'), 0)
  clock.advance(60_000)
  assert.equal(await delayOf(throttle, clock, 'a'), 0)
})

test('a login that succeeds forgives the failures before it', async () => {
  const clock = new ManualClock()
  const throttle = new LoginThrottle(clock)
  for (let attempt = 0; attempt < 6; attempt++) throttle.failed('a')
  assert.notEqual(await delayOf(throttle, clock, 'a'), 0)
  throttle.succeeded('a')
  assert.equal(await delayOf(throttle, clock, 'a'), 0)
})

test('closing leaves no timer', () => {
  const clock = new ManualClock()
  const throttle = new LoginThrottle(clock)
  for (let attempt = 0; attempt < 6; attempt++) throttle.failed('a')
  void throttle.wait('a')
  assert.equal(clock.pending, 1)
  throttle.close()
  assert.equal(clock.pending, 0)
})
