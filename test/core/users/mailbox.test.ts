import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { memoryStorage } from '../../../lib/storage/memory.ts'
import { testComet } from '../../support/comet.ts'

const texts = (count: number): string[] => Array.from({ length: count }, (_, index) => `m${index}`)

describe('a private message', () => {
  test('comes to every connection of the user at once, on pipe msg', async (t) => {
    const comet = testComet(t)
    const [first, second, other] = [await comet.logIn(7), await comet.logIn(7), await comet.logIn(8)]
    await (await comet.tenant()).sendToUser(7, { event: 'note', text: '{"a":1}' })
    for (const browser of [first, second]) {
      assert.deepEqual(await browser.next({ pipe: 'msg' }), {
        data: { a: 1 },
        pipe: 'msg',
        event: 'note',
        user_id: 0,
        message_send_time: comet.clock.seconds,
      })
    }
    await other.settled()
    assert.deepEqual(other.dataOf('msg'), [])
  })

  test('waits for a user who is away, and comes with fromQueue and the time of sending', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    const sent = comet.clock.seconds
    await tenant.sendToUser(7, { event: 'note', text: 'hello' })
    comet.clock.advance(60_000)
    const user = await comet.logIn(7)
    const message = await user.next({ pipe: 'msg' })
    assert.equal(message.fromQueue, true)
    assert.equal(message.data, 'hello')
    assert.equal(message.message_send_time, sent)
    assert.equal(user.messages[0]?.event, 'serverInfo')
  })

  test('waits too while the user is only in the grace of a reload', async (t) => {
    const comet = testComet(t)
    const before = await comet.logIn(7)
    before.close()
    await (await comet.tenant()).sendToUser(7, { event: '', text: 'hello' })
    const after = await comet.logIn(7)
    assert.equal((await after.next({ pipe: 'msg' })).data, 'hello')
  })

  test('comes once: what the network took is forgotten', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    await tenant.sendToUser(7, { event: '', text: 'hello' })
    const first = await comet.logIn(7)
    await first.next({ pipe: 'msg' })
    first.close()
    const second = await comet.logIn(7)
    await second.settled()
    assert.deepEqual(second.dataOf('msg'), [])
    assert.deepEqual(await tenant.mailbox.waiting(7), [])
  })

  test('is refused for what is no user, no event, too long', async (t) => {
    const tenant = await testComet(t, { limits: { maxMessageBytes: 5 } }).tenant()
    const send = (id: number, event: string, text: string) => () => tenant.sendToUser(id, { event, text })
    assert.throws(send(0, '', 'x'), { code: 'COMET_ERR_INVALID' })
    assert.throws(send(7, 'a b', 'x'), { code: 'COMET_ERR_INVALID' })
    assert.throws(send(7, '', '123456'), { code: 'COMET_ERR_TOO_LONG', message: /6 bytes, the limit is 5/ })
  })
})

describe('order', () => {
  test('the oldest first', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    for (const text of texts(20)) await tenant.sendToUser(7, { event: '', text })
    const user = await comet.logIn(7)
    await user.next({ data: 'm19' })
    assert.deepEqual(user.dataOf('msg'), texts(20))
  })

  test('of messages sent at the same time, before, during and after the login', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    await tenant.credentials.setHash(7, 'hash7')
    const sent = texts(300)
    const send = async (text: string): Promise<void> => tenant.sendToUser(7, { event: '', text })
    const pending = sent.slice(0, 100).map(send)
    const user = comet.connect({ myid: '7', sesion: 'hash7' })
    for (const text of sent.slice(100, 200)) {
      pending.push(send(text))
      await Promise.resolve()
    }
    await user.next({ event: 'serverInfo' })
    pending.push(...sent.slice(200).map(send))
    await Promise.all(pending)
    await user.next({ data: 'm299' })
    assert.deepEqual(user.dataOf('msg'), sent)
    const flags = user.messages.filter(({ pipe }) => pipe === 'msg').map(({ fromQueue }) => fromQueue === true)
    assert.deepEqual(flags, [...flags].sort().reverse(), 'what waited comes before what is live')
  })

  test('what is sent while the queue is on its way comes behind it', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    await tenant.credentials.setHash(7, 'hash7')
    for (const text of ['m0', 'm1']) await tenant.sendToUser(7, { event: '', text })
    const user = comet.connect({ myid: '7', sesion: 'hash7' })
    user.takesBytes = false
    await user.next({ data: 'm1' })
    const sent = tenant.sendToUser(7, { event: '', text: 'm2' })
    user.takeAll()
    await sent
    await user.next({ data: 'm2' })
    assert.deepEqual(user.dataOf('msg'), ['m0', 'm1', 'm2'])
  })

  test('what is sent between two portions of a large queue comes behind it', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    await tenant.credentials.setHash(7, 'hash7')
    const waiting = ['0', '1', '2'].map((digit) => digit.repeat(200_000))
    for (const text of waiting) await tenant.sendToUser(7, { event: '', text })
    const user = comet.connect({ myid: '7', sesion: 'hash7' })
    user.takesBytes = false
    await user.next({ data: waiting[1] })
    await new Promise(setImmediate)
    await tenant.sendToUser(7, { event: '', text: 'later' })
    user.takesBytes = true
    user.takeAll()
    await user.next({ data: 'later' })
    assert.deepEqual(user.dataOf('msg'), [...waiting, 'later'])
  })
})

describe('a connection that does not take its bytes', () => {
  test('loses nothing when it dies: all comes again, in order', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    await tenant.credentials.setHash(7, 'hash7')
    for (const text of ['m0', 'm1']) await tenant.sendToUser(7, { event: '', text })
    const dying = comet.connect({ myid: '7', sesion: 'hash7' })
    dying.takesBytes = false
    await dying.next({ data: 'm1' })
    dying.close(1006)
    await tenant.sendToUser(7, { event: '', text: 'm2' })
    const user = await comet.logIn(7)
    await user.next({ data: 'm2' })
    assert.deepEqual(user.dataOf('msg'), ['m0', 'm1', 'm2'])
  })

  test('holds back neither the sender nor the other connections of the user', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    await tenant.credentials.setHash(7, 'hash7')
    await tenant.sendToUser(7, { event: '', text: 'queued' })
    const stuck = comet.connect({ myid: '7', sesion: 'hash7' })
    stuck.takesBytes = false
    await stuck.next({ data: 'queued' })
    const other = await comet.logIn(7)
    await tenant.sendToUser(7, { event: '', text: 'live' })
    await other.next({ data: 'live' })
  })
})

describe('the queue', () => {
  test('that is large comes in portions; what the network did not take stays', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    await tenant.credentials.setHash(7, 'hash7')
    for (const digit of ['0', '1', '2', '3', '4', '5']) {
      await tenant.sendToUser(7, { event: '', text: digit.repeat(200_000) })
    }
    const dying = comet.connect({ myid: '7', sesion: 'hash7' })
    dying.takesBytes = false
    await dying.next({ data: '1'.repeat(200_000) })
    dying.close()
    assert.equal(dying.dataOf('msg').length, 2)
    const user = await comet.logIn(7)
    await user.next({ data: '5'.repeat(200_000) })
    assert.equal(user.dataOf('msg').length, 6)
    await user.settled()
    assert.deepEqual(await tenant.mailbox.waiting(7), [])
  })

  test('keeps the last maxQueuedMessages: the oldest go first', async (t) => {
    const comet = testComet(t, { limits: { maxQueuedMessages: 3 } })
    const tenant = await comet.tenant()
    for (const text of texts(5)) await tenant.sendToUser(7, { event: '', text })
    assert.deepEqual(
      (await tenant.mailbox.waiting(7)).map(({ message }) => message),
      ['m2', 'm3', 'm4'],
    )
    assert.equal(comet.host.meter.read(0).limits.maxQueuedMessages, 2)
  })

  test('can be cleared', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    await tenant.sendToUser(7, { event: '', text: 'a' })
    await tenant.sendToUser(7, { event: '', text: 'b' })
    assert.equal(await tenant.mailbox.clear(7), 2)
    const user = await comet.logIn(7)
    await user.settled()
    assert.deepEqual(user.dataOf('msg'), [])
  })

  test('that cannot be read is in the log; the user is logged in all the same', async (t) => {
    const storage = memoryStorage()
    storage.read = () => Promise.reject(new Error('disk on fire'))
    const comet = testComet(t, { storage })
    const user = await comet.logIn(7)
    await user.settled()
    assert.match(comet.log.join(), /user 7.*disk on fire/)
  })

  test('that cannot be written is an error for the sender, and blocks nothing', async (t) => {
    const storage = memoryStorage()
    const comet = testComet(t, { storage })
    const tenant = await comet.tenant()
    const append = storage.append.bind(storage)
    storage.append = () => Promise.reject(new Error('disk full'))
    await assert.rejects(async () => tenant.sendToUser(7, { event: '', text: 'lost' }), /disk full/)
    storage.append = append
    await tenant.sendToUser(7, { event: '', text: 'kept' })
    const user = await comet.logIn(7)
    await user.next({ data: 'kept' })
    assert.deepEqual(user.dataOf('msg'), ['kept'])
  })
})

test('where the queue cannot be read, the client is to come back: its word for a later message forgets nothing', async (t) => {
  const comet = testComet(t)
  const tenant = await comet.tenant()
  await tenant.sendToUser(7, { event: '', text: 'first' })
  t.mock.method(comet.host.storage, 'read', () => Promise.reject(new Error('disk on fire')), { times: 1 })
  const browser = await comet.logIn(7, { v: '5.0' })
  assert.equal((await browser.closed).code, 1012)
  assert.match(comet.log.join(), /disk on fire/)
  await tenant.sendToUser(7, { event: '', text: 'second' })
  const again = await comet.logIn(7, { v: '5.0' })
  await again.next({ data: 'second' })
  assert.deepEqual(again.dataOf('msg'), ['first', 'second'])
})
