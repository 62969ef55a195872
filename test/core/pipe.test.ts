import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import type { NewMessage } from '../../lib/core/tenant.ts'
import { memoryStorage } from '../../lib/storage/memory.ts'
import { testComet } from '../support/comet.ts'

const news = (text: string): NewMessage => ({ pipe: 'news', event: 'add', text })

describe('a turn of the event loop', () => {
  test('is one write for each session, whatever came in it', async (t) => {
    const comet = testComet(t)
    const browser = await comet.logIn(7)
    await browser.subscribe('news', 'sport')
    const tenant = await comet.tenant()
    const before = browser.sent.length
    for (let i = 0; i < 50; i++) {
      void tenant.publish(news(`n${i}`))
      void tenant.publish({ pipe: 'sport', event: '', text: `s${i}` })
    }
    void tenant.sendToUser(7, { event: '', text: 'private' })
    browser.command('pipe_count', 'web_a', 'last')
    await browser.next({ marker: 'last' })
    await browser.settled()
    assert.equal(browser.sent.length, before + 2, 'one for the turn, one for settled()')
    assert.equal(browser.frames[before]?.split('\n').length, 102)
  })

  test('makes one Frame for all sessions to which the same happened', async (t) => {
    const comet = testComet(t)
    const browsers = Array.from({ length: 10 }, () => comet.connect())
    const other = comet.connect({ v: '3.2' })
    for (const browser of [...browsers, other]) await browser.subscribe('news', 'sport')
    const tenant = await comet.tenant()
    for (const text of ['1', '2']) void tenant.publish(news(text))
    void tenant.publish({ pipe: 'sport', event: '', text: '3' })
    for (const browser of [...browsers, other]) await browser.next({ pipe: 'sport' })
    const frames = new Set(browsers.map(({ sent }) => sent.at(-1)))
    assert.equal(frames.size, 1)
    assert.ok(!frames.has(other.sent.at(-1)), 'another form')
  })

  test('keeps the order within a pipe', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    await browser.subscribe('news')
    const tenant = await comet.tenant()
    const texts = Array.from({ length: 1000 }, (_, i) => `n${i}`)
    for (const text of texts) {
      void tenant.publish(news(text))
      if (text.endsWith('7')) await Promise.resolve()
      if (text.endsWith('99')) await new Promise(setImmediate)
    }
    await browser.next({ data: 'n999' })
    assert.deepEqual(browser.dataOf('news'), texts)
  })

  test('that gathers more than 256 K characters is cut into several writes, in order', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    await browser.subscribe('news')
    const tenant = await comet.tenant()
    const before = browser.sent.length
    for (let i = 0; i < 10; i++) void tenant.publish(news(String(i).repeat(100_000)))
    await browser.next({ data: '9'.repeat(100_000) })
    assert.equal(browser.sent.length, before + 4)
    assert.deepEqual(
      browser.dataOf('news').map((data) => String(data)[0]),
      Array.from({ length: 10 }, (_, i) => String(i)),
    )
  })

  test('of very short messages is cut, too: what is around each counts', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    await browser.subscribe('news')
    const tenant = await comet.tenant()
    const before = browser.sent.length
    for (let i = 0; i < 20_000; i++) void tenant.publish(news(''))
    await browser.settled()
    const frames = browser.frames.slice(before)
    assert.equal(browser.dataOf('news').length, 20_000)
    assert.ok(Math.max(...frames.map((frame) => frame.length)) < 1024 * 1024)
  })
})

test('many pipes together gather 2 M characters, then all are written', async (t) => {
  const comet = testComet(t)
  const browser = comet.connect()
  const names = Array.from({ length: 24 }, (_, i) => `news${i}`)
  await browser.subscribe(...names)
  const tenant = await comet.tenant()
  const received = (): number => names.flatMap((name) => browser.dataOf(name)).length
  const before = names.map((pipe) => {
    void tenant.publish({ pipe, event: '', text: 'x'.repeat(90_000) })
    return received()
  })
  assert.deepEqual(before, [...Array.from({ length: 23 }, () => 0), 24])
})

describe('publishing', () => {
  test('waits for nothing where the pipe keeps nothing: delivered before publish returns', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    await browser.subscribe('news')
    const tenant = await comet.tenant()
    assert.deepEqual(tenant.publish(news('1')), { receivers: 1 })
    comet.host.outbox.flush()
    assert.deepEqual(browser.dataOf('news'), ['1'])
  })

  test('says how many get it: 0 where nobody listens', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    assert.deepEqual(tenant.publish(news('1')), { receivers: 0 })
  })

  test('in a kept pipe stores first, then delivers, in the stored order', async (t) => {
    const storage = memoryStorage()
    const comet = testComet(t, { storage })
    const browser = comet.connect()
    await browser.subscribe('news')
    const tenant = await comet.tenant()
    await tenant.history.setKeep('news', 3)
    const texts = Array.from({ length: 50 }, (_, i) => `n${i}`)
    const published = await Promise.all(texts.map(async (text) => tenant.publish(news(text))))
    assert.deepEqual(
      published.map(({ offset }) => offset),
      texts.map((_, index) => index + 1),
    )
    await browser.next({ data: 'n49' })
    assert.deepEqual(browser.dataOf('news'), texts)
    assert.deepEqual(
      (await tenant.history.read('news')).map(({ message }) => message),
      ['n47', 'n48', 'n49'],
    )
    storage.append = () => Promise.reject(new Error('disk full'))
    await assert.rejects(async () => tenant.publish(news('lost')), /disk full/)
    await browser.settled()
    assert.deepEqual(browser.dataOf('news'), texts)
  })

  test('carries the sender; json tells a number from its digits', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    await browser.subscribe('news')
    const tenant = await comet.tenant()
    void tenant.publish({ ...news('5'), userId: 7 })
    void tenant.publish({ ...news('5'), json: true })
    assert.equal((await browser.next({ pipe: 'news', user_id: 7 })).data, '5')
    assert.equal((await browser.next({ pipe: 'news', user_id: 0 })).data, 5)
  })

  test('tells the application what was published, also where nobody listens', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    void tenant.publish(news('"1"'))
    assert.deepEqual(comet.events, [['message', { devId: 0, pipe: 'news', event: 'add', message: '"1"', userId: 0 }]])
  })

  for (const [what, message, code] of [
    ['a name', { pipe: 'a b', event: '', text: '' }, 'COMET_ERR_INVALID'],
    ['a dotted name', { pipe: 'a.b', event: '', text: '' }, 'COMET_ERR_INVALID'],
    ['an event', { pipe: 'news', event: '"', text: '' }, 'COMET_ERR_INVALID'],
    ['an id', { pipe: 'news', event: '', text: '', id: 'x'.repeat(37) }, 'COMET_ERR_TOO_LONG'],
    ['a text', { pipe: 'news', event: '', text: 'é'.repeat(6) }, 'COMET_ERR_TOO_LONG'],
  ] as const) {
    test(`refuses ${what} that is not right, at once`, async (t) => {
      const tenant = await testComet(t, { limits: { maxMessageBytes: 10 } }).tenant()
      assert.throws(() => tenant.publish(message), { code })
    })
  }

  test('takes a text of exactly maxMessageBytes', async (t) => {
    const tenant = await testComet(t, { limits: { maxMessageBytes: 10 } }).tenant()
    assert.deepEqual(tenant.publish({ pipe: 'news', event: '', text: 'é'.repeat(5) }), { receivers: 0 })
  })
})

describe('who gets a message', () => {
  test('not the sender, all others; in a busy turn each its own', async (t) => {
    const comet = testComet(t)
    const [a, b, c] = [comet.connect(), comet.connect(), comet.connect()]
    for (const browser of [a, b, c]) await browser.subscribe('web_chat')
    a.command('web_pipe2', 'web_chat', '', '*', '"a1"')
    b.command('web_pipe2', 'web_chat', '', '*', '"b1"')
    a.command('web_pipe2', 'web_chat', '', '*', '"a2"')
    for (const browser of [a, b, c]) await browser.settled()
    assert.deepEqual(a.dataOf('web_chat'), ['b1'])
    assert.deepEqual(b.dataOf('web_chat'), ['a1', 'a2'])
    assert.deepEqual(c.dataOf('web_chat'), ['a1', 'b1', 'a2'])
  })

  test('also when the pipe keeps history', async (t) => {
    const comet = testComet(t)
    const [a, b] = [comet.connect(), comet.connect()]
    await (await comet.tenant()).history.setKeep('web_chat', 5)
    for (const browser of [a, b]) await browser.subscribe('web_chat')
    a.command('web_pipe2', 'web_chat', '', '*', '"a1"')
    assert.deepEqual((await a.next({ pipe: '_answer_to_web_chat' })).data, { number_messages: 1, message: 'a1' })
    await b.next({ data: 'a1' })
    assert.deepEqual(a.dataOf('web_chat'), [])
  })

  test('who subscribes within a turn gets what comes later, not what came before', async (t) => {
    const comet = testComet(t)
    const [early, late] = [comet.connect(), comet.connect()]
    await early.subscribe('news')
    await late.settled()
    const tenant = await comet.tenant()
    void tenant.publish(news('before'))
    late.command('subscription', 'news')
    void tenant.publish(news('after'))
    await late.next({ data: 'after' })
    assert.deepEqual(late.dataOf('news'), ['after'])
    assert.deepEqual(early.dataOf('news'), ['before', 'after'])
  })

  test('who unsubscribes within a turn gets what came before, not what comes later', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    await browser.subscribe('news')
    const tenant = await comet.tenant()
    void tenant.publish(news('before'))
    browser.command('subscription')
    void tenant.publish(news('after'))
    await browser.settled()
    assert.deepEqual(browser.dataOf('news'), ['before'])
  })

  test('nobody who has left, and the pipe is freed', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    await browser.subscribe('news')
    const tenant = await comet.tenant()
    void tenant.publish(news('on its way'))
    browser.close()
    assert.equal(tenant.pipe('news'), undefined)
    assert.deepEqual(tenant.publish(news('later')), { receivers: 0 })
    assert.ok(tenant.isIdle)
  })
})

describe('a track_ pipe', () => {
  test('tells those who are there who joins and leaves; the one who joins nothing about itself', async (t) => {
    const comet = testComet(t)
    const [watcher, user] = [comet.connect(), await comet.logIn(7, { uuid: 'u' })]
    await watcher.subscribe('track_a')
    await user.subscribe('track_a')
    const uuid = (await comet.tenant()).publicUuid('u')
    assert.deepEqual((await watcher.next({ pipe: 'track_a', event: 'subscription' })).data, { user_id: 7, uuid })
    await user.subscribe()
    assert.deepEqual((await watcher.next({ pipe: 'track_a', event: 'unsubscription' })).data, { user_id: 7, uuid })
    assert.deepEqual(user.dataOf('track_a'), [])
  })

  test('a connection that ends leaves it', async (t) => {
    const comet = testComet(t)
    const [watcher, user] = [comet.connect(), await comet.logIn(7)]
    for (const browser of [watcher, user]) await browser.subscribe('track_a')
    user.close()
    const left = await watcher.next({ pipe: 'track_a', event: 'unsubscription' })
    assert.equal((left.data as { user_id: number }).user_id, 7)
  })

  test('the same list again joins and leaves nothing', async (t) => {
    const comet = testComet(t)
    const [watcher, user] = [comet.connect(), comet.connect()]
    await watcher.subscribe('track_a')
    await user.subscribe('track_a', 'track_b')
    await user.subscribe('track_b', 'track_a')
    await user.subscribe('track_a', 'track_b', 'news')
    await watcher.settled()
    assert.equal(watcher.dataOf('track_a').length, 1)
  })
})

describe('a session that reads too slowly', () => {
  test('is closed with 4001 when more than the budget waits; the others get everything', async (t) => {
    const comet = testComet(t, { limits: { maxBufferedBytes: 1000 } })
    const [slow, quick] = [comet.connect(), comet.connect()]
    for (const browser of [slow, quick]) await browser.subscribe('news')
    const tenant = await comet.tenant()
    slow.bufferedBytes = 1000
    void tenant.publish(news('1'))
    await slow.next({ data: '1' })
    slow.bufferedBytes = 1001
    for (const text of ['2', '3']) void tenant.publish(news(text))
    assert.equal((await slow.closed).code, 4001)
    await quick.next({ data: '3' })
    assert.deepEqual(slow.dataOf('news'), ['1'])
    assert.deepEqual(quick.dataOf('news'), ['1', '2', '3'])
    assert.equal(tenant.pipe('news')?.size, 1)
  })
})
