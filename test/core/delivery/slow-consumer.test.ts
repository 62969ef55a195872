import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Tenant } from '../../../lib/core/tenant.ts'
import { testComet, type TestComet } from '../../support/comet.ts'
import type { TestBrowser } from '../../support/test-browser.ts'

const slow = 100 * 1024
const pipeRules = { 'prices*': { slowConsumer: 'newest' } } as const

/** Resolves when what was published has been written. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A browser takes nothing from now on: `bytes` wait in its socket. */
function stall(browser: TestBrowser, bytes = slow): void {
  browser.bufferedBytes = bytes
  browser.takesBytes = false
}

/** It reads again. */
async function resume(browser: TestBrowser): Promise<void> {
  browser.bufferedBytes = 0
  browser.takesBytes = true
  for (let i = 0; i < 3; i++) {
    browser.takeAll()
    await turn()
  }
}

async function publish(tenant: Tenant, pipe: string, event: string, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    await tenant.publish({ pipe, event, text: String(n) })
    await turn()
  }
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index))

async function subscribed(comet: TestComet, pipes: readonly string[], v = '4.0'): Promise<TestBrowser> {
  const browser = comet.connect({ v })
  await browser.subscribe(...pipes)
  return browser
}

describe('a pipe of which slow readers get the newest', () => {
  test('100 others get everything in order; who does not read is not closed, and gets the last one then', async (t) => {
    const comet = testComet(t, { pipeRules, limits: { maxGatherMs: 0 } })
    const tenant = await comet.tenant()
    const reader = await subscribed(comet, ['prices'])
    const others = await Promise.all(Array.from({ length: 100 }, () => subscribed(comet, ['prices'])))
    stall(reader)
    await publish(tenant, 'prices', 'gold', 1, 50)
    for (const other of others) assert.deepEqual(other.dataOf('prices'), numbers(1, 50))
    assert.deepEqual(reader.dataOf('prices'), ['1'], 'one is on its way')
    await resume(reader)
    assert.deepEqual(reader.dataOf('prices'), ['1', '50'])
    await publish(tenant, 'prices', 'gold', 51, 53)
    assert.deepEqual(reader.dataOf('prices'), ['1', '50', '51', '52', '53'])
  })

  test('each event has its newest, and they keep the order in which they came', async (t) => {
    const comet = testComet(t, { pipeRules })
    const tenant = await comet.tenant()
    const reader = await subscribed(comet, ['prices', 'prices_eu'])
    stall(reader)
    await publish(tenant, 'prices', 'first', 0, 0)
    await publish(tenant, 'prices', 'gold', 1, 5)
    await publish(tenant, 'prices', 'silver', 6, 7)
    await publish(tenant, 'prices', 'gold', 8, 8)
    await publish(tenant, 'prices_eu', 'gold', 9, 10)
    await resume(reader)
    assert.deepEqual(reader.dataOf('prices'), ['0', '7', '8'])
    assert.deepEqual(reader.dataOf('prices_eu'), ['10'])
  })

  test('of another pipe it gets all, until its budget is spent: then it is closed', async (t) => {
    const comet = testComet(t, { pipeRules })
    const tenant = await comet.tenant()
    const reader = await subscribed(comet, ['prices', 'news'])
    stall(reader)
    await publish(tenant, 'news', '', 1, 20)
    await publish(tenant, 'prices', '', 1, 20)
    assert.deepEqual(reader.dataOf('news'), numbers(1, 20))
    stall(reader, 2 * 1024 * 1024)
    await publish(tenant, 'news', '', 21, 21)
    assert.equal((await reader.closed).code, 4001)
  })

  test('many large events that it does not read are bounded, too', async (t) => {
    const comet = testComet(t, { pipeRules })
    const tenant = await comet.tenant()
    const reader = await subscribed(comet, ['prices'])
    stall(reader)
    const text = 'x'.repeat(200_000)
    for (let n = 0; n < 10; n++) {
      await tenant.publish({ pipe: 'prices', event: `event${n}`, text })
      await turn()
    }
    assert.equal((await reader.closed).code, 4001)
  })

  for (const [what, size] of [
    ['a little', 1],
    ['more than a frame', 300_000],
  ] as const) {
    test(`what its end makes others publish, ${what}, comes at once and after what was before`, async (t) => {
      const comet = testComet(t, {
        pipeRules,
        onEvent: (name) => {
          if (name === 'disconnect') void tenant.publish({ pipe: 'prices', event: 'gone', text: 'x'.repeat(size) })
        },
      })
      const tenant = await comet.tenant()
      const reader = await subscribed(comet, ['prices', 'track_room'])
      const other = await subscribed(comet, ['prices', 'track_room'])
      stall(reader)
      for (let n = 0; n < 6; n++) {
        await tenant.publish({ pipe: 'prices', event: `event${n}`, text: 'x'.repeat(250_000) })
        await turn()
      }
      await turn()
      assert.equal((await reader.closed).code, 4001)
      const events = other.messages.filter(({ pipe }) => pipe === 'prices').map(({ event }) => event)
      assert.deepEqual(events, ['event0', 'event1', 'event2', 'event3', 'event4', 'event5', 'gone'])
      assert.equal(other.messages.filter(({ event }) => event === 'unsubscription').length, 1)
    })
  }

  test('who has left the pipe gets nothing more of it', async (t) => {
    const comet = testComet(t, { pipeRules })
    const tenant = await comet.tenant()
    const reader = await subscribed(comet, ['prices', 'prices_eu'])
    stall(reader)
    await publish(tenant, 'prices', '', 1, 3)
    await publish(tenant, 'prices_eu', '', 1, 3)
    reader.command('subscription', 'prices_eu')
    await turn()
    await resume(reader)
    assert.deepEqual([reader.dataOf('prices'), reader.dataOf('prices_eu')], [['1'], ['3']])
  })

  test('a client of protocol 5 hears that its position has a gap; one that keeps up does not', async (t) => {
    const comet = testComet(t, { pipeRules })
    const tenant = await comet.tenant()
    await tenant.history.setKeep('prices', 100)
    const [reader, other] = [await subscribed(comet, ['prices'], '5.0'), await subscribed(comet, ['prices'], '5.0')]
    stall(reader)
    await publish(tenant, 'prices', 'gold', 1, 1)
    await resume(reader)
    stall(reader)
    await publish(tenant, 'prices', 'gold', 2, 9)
    await resume(reader)
    const heard = reader.messages.filter(({ pipe, event }) => pipe === 'prices' || event === 'skipped')
    assert.deepEqual(
      heard.map(({ offset, data }) => offset ?? data),
      [1, 2, { pipes: { prices: { recovered: false } } }, 9],
    )
    assert.ok(other.messages.every(({ event }) => event !== 'skipped'))
  })

  test('the first rule that fits counts; who comes into a tracked pipe is told in any case', async (t) => {
    const rules = { pricesAll: { slowConsumer: 'close' }, 'prices*': { slowConsumer: 'newest' }, '*': {} } as const
    const comet = testComet(t, { pipeRules: { ...rules, 'track_*': { slowConsumer: 'newest' } } })
    const tenant = await comet.tenant()
    const reader = await subscribed(comet, ['pricesAll', 'track_room'])
    stall(reader)
    await publish(tenant, 'pricesAll', '', 1, 9)
    assert.deepEqual(reader.dataOf('pricesAll'), numbers(1, 9))
    for (let n = 0; n < 3; n++) await subscribed(comet, ['track_room'])
    assert.equal(reader.dataOf('track_room').length, 3)
  })
})

test('without a rule, who does not read is closed; the others got everything in order', async (t) => {
  const comet = testComet(t, { limits: { maxGatherMs: 0 } })
  const tenant = await comet.tenant()
  const reader = await subscribed(comet, ['news'])
  const others = await Promise.all(Array.from({ length: 100 }, () => subscribed(comet, ['news'])))
  stall(reader)
  await publish(tenant, 'news', '', 1, 10)
  stall(reader, 1024 * 1024 + 1)
  await publish(tenant, 'news', '', 11, 20)
  assert.equal((await reader.closed).code, 4001)
  for (const other of others) assert.deepEqual(other.dataOf('news'), numbers(1, 20))
})
