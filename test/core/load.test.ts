// What one visitor can do to the others by asking for much. Each of these once took minutes, or ended the process.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { testComet } from '../support/comet.ts'

test('a subscription of 100,000 bad names gets as many errors as there may be subscriptions, and one for the rest', async (t) => {
  const comet = testComet(t, { limits: { maxSubscriptions: 10 } })
  const browser = comet.connect()
  browser.command('subscription', ...Array.from({ length: 100_000 }, (_, n) => `bad name ${n}`))
  await browser.settled()
  const errors = browser.messages.filter(({ event }) => event === 'error')
  assert.equal(errors.length, 11)
  assert.match(JSON.stringify(errors), /100000, the limit is 10 subscriptions/)
})

test('50,000 private messages in one turn arrive in order', async (t) => {
  const comet = testComet(t)
  const browser = await comet.logIn(7)
  await browser.settled()
  const tenant = await comet.tenant()
  for (let n = 0; n < 50_000; n++) void tenant.sendToUser(7, { event: '', text: String(n) })
  await browser.next({ pipe: 'msg', data: '49999' })
  assert.deepEqual(
    browser.dataOf('msg'),
    Array.from({ length: 50_000 }, (_, n) => String(n)),
  )
})

test('more for one session in a turn than a string can hold leaves in frames that can be built', async (t) => {
  const comet = testComet(t)
  const browser = await comet.logIn(7)
  await browser.settled()
  const tenant = await comet.tenant()
  const text = 'x'.repeat(1024 * 1024)
  let received = 0
  browser.receive = (frame) => (received += frame.length)
  for (let n = 0; n < 600; n++) void tenant.sendToUser(7, { event: '', text })
  while (received < 600 * text.length) await setImmediate()
  assert.ok(browser.sent.every((frame) => frame.text.length < 2 * text.length))
})

test('a reader that takes nothing of a long queue holds back neither senders nor the newest messages', async (t) => {
  const comet = testComet(t)
  const tenant = await comet.tenant()
  const text = 'x'.repeat(100_000)
  for (let n = 0; n < 10; n++) await tenant.sendToUser(7, { event: '', text: `${n} ${text}` })
  await tenant.credentials.setHash(7, 'hash7')
  const stalled = comet.connect({ myid: '7', sesion: 'hash7' })
  stalled.takesBytes = false
  await stalled.next({ pipe: 'msg' })
  await tenant.sendToUser(7, { event: '', text: 'the newest' }) // once it waited for the reader
  assert.equal((await tenant.mailbox.waiting(7)).length, 11)
  while (stalled.dataOf('msg').at(-1) !== 'the newest') {
    stalled.takeAll()
    await setImmediate()
  }
  const numbers = stalled.dataOf('msg').map((data) => String(data).split(' ')[0])
  assert.deepEqual(numbers, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'the'])
})

test('500 readers of a tracked pipe that are too slow at once are closed in one turn, each once', async (t) => {
  const comet = testComet(t, { limits: { maxGatherMs: 0 } })
  const slow = Array.from({ length: 500 }, () => comet.connect())
  const other = comet.connect()
  await Promise.all([...slow, other].map((browser) => browser.subscribe('track_room')))
  for (const browser of slow) browser.bufferedBytes = 2 * 1024 * 1024
  await (await comet.tenant()).publish({ pipe: 'track_room', event: 'say', text: 'hello' })
  const ends = await Promise.all(slow.map((browser) => browser.closed))
  assert.deepEqual(new Set(ends.map(({ code }) => code)), new Set([4001]))
  await other.settled()
  assert.equal(other.messages.filter(({ event }) => event === 'unsubscription').length, 500)
})

test('commands that wait are bounded by their size', async (t) => {
  const comet = testComet(t, { authorize: () => new Promise<boolean>(() => undefined) })
  const browser = comet.connect()
  await browser.next({ event: 'serverInfo' })
  browser.command('web_pipe2', 'web_chat', '', '*', '1')
  for (let n = 0; n < 3; n++) browser.command('web_pipe2', 'web_chat', '', '*', JSON.stringify('x'.repeat(1_000_000)))
  assert.equal((await browser.closed).code, 4001)
})

test('reading a tenant that has nothing stored keeps nothing in memory', async (t) => {
  const { storage } = testComet(t).host
  for (let devId = 1; devId < 1000; devId++) {
    assert.deepEqual(await storage.get('users_auth', devId), new Map())
    assert.deepEqual((await storage.read('pipes_messages', devId, 'news')).entries, [])
    assert.equal(await storage.delete('users_auth', devId, ['1']), 0)
  }
})
