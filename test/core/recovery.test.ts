import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { testComet } from '../support/comet.ts'

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
