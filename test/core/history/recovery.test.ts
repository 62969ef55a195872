import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { memoryStorage } from '../../../lib/storage/memory.ts'
import { testComet, type TestComet } from '../../support/comet.ts'
import type { TestBrowser } from '../../support/test-browser.ts'

/** What a client of protocol 5 gets that had `offset` of a pipe of 6 messages, which keeps `keep`. */
async function recovered(t: TestContext, offset: number, keep: number, epoch?: string): Promise<unknown[]> {
  const comet = testComet(t)
  const tenant = await comet.tenant()
  await tenant.history.setKeep('news', keep)
  for (let n = 1; n <= 6; n++) await tenant.publish({ pipe: 'news', event: '', text: String(n) })
  const { epoch: own } = await tenant.history.log('news')
  const browser = comet.connect({ v: '5.0' })
  await browser.subscribe(`news ${epoch ?? own} ${offset}`)
  const told = browser.messages.filter(({ pipe, event }) => pipe === 'news' || event === 'recovering')
  return told.map(({ data }) => (typeof data === 'object' ? (data as { pipes: unknown }).pipes : data))
}

test('where all that was missed comes, the client hears of it before: its position may go with the messages', async (t) => {
  const [first, ...messages] = await recovered(t, 3, 10)
  assert.match(JSON.stringify(first), /^\{"news":\{"epoch":"[^"]+"\}\}$/)
  assert.deepEqual(messages, ['4', '5', '6'])
})

test('where something is lost, or the numbers are others, or nothing was missed, it hears of nothing', async (t) => {
  assert.deepEqual(await recovered(t, 3, 2), ['5', '6'])
  assert.deepEqual(await recovered(t, 5, 3, 'other'), ['4', '5', '6'])
  assert.deepEqual(await recovered(t, 6, 10), [])
})

test('what comes while a slow reader recovers is bounded: what is too much is read again, and all comes once, in order', async (t) => {
  const comet = testComet(t, { limits: { maxBufferedBytes: 10_000 } })
  const tenant = await comet.tenant()
  await tenant.history.setKeep('news', 1000)
  const publish = async (from: number, to: number): Promise<void> => {
    for (let n = from; n <= to; n++) {
      await tenant.publish({ pipe: 'news', event: '', text: `${n} ${'x'.repeat(1000)}` })
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await publish(1, 3)
  const { epoch } = await tenant.history.log('news')
  const read = t.mock.method(comet.host.storage, 'read')
  const browser = comet.connect({ v: '5.0' })
  await browser.settled()
  browser.takesBytes = false
  browser.command('subscription', `news ${epoch} 1`)
  await browser.next({ event: 'recovering' })
  await publish(4, 53)
  assert.equal(browser.dataOf('news').length, 2)
  browser.takesBytes = true
  browser.takeAll()
  const answer = await browser.next({ event: 'subscribed' })
  await publish(54, 55)
  await browser.settled()
  assert.deepEqual(answer.data, { pipes: { news: { epoch, offset: 53, recovered: true } } })
  const numbers = browser.dataOf('news').map((data) => Number.parseInt(String(data), 10))
  assert.deepEqual(
    numbers,
    Array.from({ length: 54 }, (_, index) => index + 2),
  )
  assert.equal(read.mock.callCount(), 2)
})

test('where the history was too short for that, the client is told before it goes on, and at the end', async (t) => {
  const comet = testComet(t, { limits: { maxBufferedBytes: 100 } })
  const tenant = await comet.tenant()
  await tenant.history.setKeep('news', 3)
  const publish = async (n: number): Promise<void> => {
    await tenant.publish({ pipe: 'news', event: '', text: `${n} ${'x'.repeat(100)}` })
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (const n of [1, 2]) await publish(n)
  const { epoch } = await tenant.history.log('news')
  const browser = comet.connect({ v: '5.0' })
  await browser.settled()
  browser.takesBytes = false
  browser.command('subscription', `news ${epoch} 1`)
  await browser.next({ event: 'recovering' })
  for (const n of [3, 4, 5, 6, 7]) await publish(n)
  browser.takesBytes = true
  browser.takeAll()
  await browser.next({ event: 'subscribed' })
  const heard = browser.messages.filter(
    ({ pipe, event }) => pipe === 'news' || event === 'skipped' || event === 'subscribed',
  )
  const told = { news: { recovered: false } }
  assert.deepEqual(
    heard.map(({ offset, data }) => offset ?? (data as { pipes: unknown }).pipes),
    [2, told, 5, 6, 7, { news: { epoch, offset: 7, recovered: false } }],
  )
})

test('the same where it came for a pipe that was read already, while another one was on its way', async (t) => {
  const comet = testComet(t, { limits: { maxBufferedBytes: 1000 } })
  const tenant = await comet.tenant()
  for (const pipe of ['first', 'second']) {
    await tenant.history.setKeep(pipe, 100)
    await tenant.publish({ pipe, event: '', text: '1' })
  }
  const [{ epoch }] = await Promise.all([tenant.history.log('first'), tenant.history.log('second')])
  const browser = comet.connect({ v: '5.0' })
  await browser.settled()
  browser.takesBytes = false
  browser.command('subscription', `first ${epoch} 1`, `second ${epoch} 0`)
  await browser.next({ pipe: 'second' })
  for (let n = 2; n <= 30; n++) {
    await tenant.publish({ pipe: 'first', event: '', text: `${n} ${'x'.repeat(100)}` })
    await new Promise((resolve) => setImmediate(resolve))
  }
  browser.takesBytes = true
  browser.takeAll()
  const answer = await browser.next({ event: 'subscribed' })
  await browser.settled()
  const state = { epoch, recovered: true }
  assert.deepEqual(answer.data, { pipes: { first: { ...state, offset: 30 }, second: { ...state, offset: 1 } } })
  assert.deepEqual(
    browser.dataOf('first').map((data) => Number.parseInt(String(data), 10)),
    Array.from({ length: 29 }, (_, index) => index + 2),
  )
})

describe('what changes while a slow reader recovers portion by portion', () => {
  const large = (n: number): string => `${n} ${'x'.repeat(50_000)}`

  /** A page that has got the first of three or more portions of 20 messages, 2 to 7, and reads slowly. */
  async function halfway(comet: TestComet, keep = 20, without?: string) {
    const tenant = await comet.tenant()
    await tenant.history.setKeep('news', keep)
    for (let n = 1; n <= 20; n++) await tenant.publish({ pipe: 'news', event: '', text: large(n), id: `m${n}` })
    if (without !== undefined) await tenant.history.deleteMessage(without, 'news')
    const { epoch } = await tenant.history.log('news')
    const browser = comet.connect({ v: '5.0' })
    await browser.settled()
    browser.takesBytes = false
    browser.command('subscription', `news ${epoch} 1`)
    await browser.next({ pipe: 'news', offset: 7 })
    return { tenant, epoch, browser }
  }

  async function finish(browser: TestBrowser): Promise<unknown[]> {
    browser.takesBytes = true
    browser.takeAll()
    await browser.next({ event: 'subscribed' })
    await browser.settled()
    return heardBy(browser)
  }

  /** The offsets, and what the server says of the pipe. */
  function heardBy(browser: TestBrowser): unknown[] {
    const told = ['recovering', 'skipped', 'subscribed']
    const heard = browser.messages.filter(({ pipe, event }) => pipe === 'news' || told.includes(String(event)))
    return heard.map(({ offset, data }) => offset ?? (data as { pipes: { news: unknown } }).pipes.news)
  }

  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index)
  const gap = { recovered: false }

  test('nothing: all comes, and what is published meanwhile comes behind it', async (t) => {
    const { browser, epoch, tenant } = await halfway(testComet(t), 100)
    await tenant.publish({ pipe: 'news', event: '', text: 'live' })
    const heard = await finish(browser)
    assert.deepEqual(heard, [{ epoch }, ...range(2, 20), { epoch, offset: 20, recovered: true }, 21])
  })

  test('what the history lets go for newer messages: the page is told before the next one, and at the end', async (t) => {
    const { browser, epoch, tenant } = await halfway(testComet(t))
    for (let n = 21; n <= 30; n++) await tenant.publish({ pipe: 'news', event: '', text: large(n) })
    const heard = await finish(browser)
    assert.deepEqual(heard, [
      { epoch },
      ...range(2, 7),
      gap,
      ...range(11, 20),
      { epoch, offset: 20, recovered: false },
      ...range(21, 30),
    ])
  })

  test('the same where more came than is held back: that is read, too', async (t) => {
    const { browser, epoch, tenant } = await halfway(testComet(t, { limits: { maxBufferedBytes: 600_000 } }))
    for (let n = 21; n <= 40; n++) {
      await tenant.publish({ pipe: 'news', event: '', text: large(n) })
      await new Promise((resolve) => setImmediate(resolve))
    }
    const heard = await finish(browser)
    assert.deepEqual(heard, [{ epoch }, ...range(2, 7), gap, ...range(21, 40), { epoch, offset: 40, recovered: false }])
  })

  test('the history is cleared', async (t) => {
    const { browser, epoch, tenant } = await halfway(testComet(t))
    await tenant.history.clear('news')
    await tenant.publish({ pipe: 'news', event: '', text: 'live' })
    const heard = await finish(browser)
    assert.deepEqual(heard, [{ epoch }, ...range(2, 7), gap, { epoch, offset: 20, recovered: false }, 21])
  })

  test('nothing, but one message was deleted before: the page hears of it when its turn comes', async (t) => {
    for (const [id, deleted] of [
      ['m15', 15],
      ['m20', 20],
    ] as const) {
      const { browser, epoch } = await halfway(testComet(t), 100, id)
      const heard = await finish(browser)
      const others = heard.filter((one) => typeof one === 'number')
      assert.deepEqual(
        others,
        range(2, 20).filter((n) => n !== deleted),
      )
      assert.deepEqual(heard[0], { epoch })
      const told = heard.findIndex((one) => JSON.stringify(one) === JSON.stringify(gap))
      assert.ok(told !== -1 && heard.slice(0, told).every((one) => typeof one !== 'number' || one < deleted))
      assert.deepEqual(heard.at(-1), { epoch, offset: 20, recovered: false })
    }
  })

  test('the storage begins to number anew: all of that comes, with its epoch', async (t) => {
    const comet = testComet(t)
    const { browser, epoch } = await halfway(comet)
    const { storage } = comet.host
    const fresh = memoryStorage()
    const entry = { time: 0, event: '', userId: 0, json: false }
    for (const n of [1, 2])
      await fresh.append('pipes_messages', 0, 'news', { ...entry, id: `new${n}`, message: 'new' }, 20)
    storage.read = fresh.read.bind(fresh)
    const { epoch: other } = await fresh.read('pipes_messages', 0, 'news')
    const heard = await finish(browser)
    assert.deepEqual(heard, [{ epoch }, ...range(2, 7), gap, 1, 2, { epoch: other, offset: 2, recovered: false }])
  })

  test('the storage cannot be read any more: the page is to come back for the rest', async (t) => {
    const comet = testComet(t)
    const { browser, epoch } = await halfway(comet)
    comet.host.storage.read = () => Promise.reject(new Error('disk on fire'))
    browser.takeAll()
    assert.equal((await browser.closed).code, 1012)
    assert.deepEqual(heardBy(browser), [{ epoch }, ...range(2, 7)])
  })
})
