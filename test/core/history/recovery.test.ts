import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { testComet } from '../../support/comet.ts'

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
