import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { testComet, type TestComet } from '../../support/comet.ts'
import type { TestBrowser } from '../../support/test-browser.ts'

const message = (text: string, pipe = 'news') => ({ pipe, event: '', text })

test('messages that follow a turn with many writes wait about as long as those took, and leave in one frame', async (t) => {
  const comet = testComet(t)
  const browser = await audience(comet, 300)
  const tenant = await comet.tenant()

  void tenant.publish(message('1'))
  await setImmediate()
  assert.deepEqual(browser.dataOf('news'), ['1'], 'what follows a pause does not wait')

  void tenant.publish(message('2'))
  comet.clock.advance(2)
  await setImmediate()
  void tenant.publish(message('3'))
  await setImmediate()
  assert.deepEqual(browser.dataOf('news'), ['1'])
  comet.clock.advance(1)
  assert.deepEqual(browser.dataOf('news'), ['1', '2', '3'])
  assert.equal(browser.sent.at(-1)?.text.split('\n').length, 2)
})

test('a message that comes later than that goes out at the end of its turn', async (t) => {
  const comet = testComet(t)
  const browser = await audience(comet, 300)
  const tenant = await comet.tenant()
  const { pending } = comet.clock
  for (const text of ['1', '2', '3']) {
    void tenant.publish(message(text))
    await setImmediate()
    assert.equal(browser.dataOf('news').at(-1), text)
    assert.equal(comet.clock.pending, pending)
    comet.clock.advance(3)
  }
})

test('messages for other sessions each time do not wait, once waiting has saved no write a few times', async (t) => {
  const comet = testComet(t)
  const pipes = ['news', 'sport', 'weather']
  const browsers = new Map<string, TestBrowser>()
  for (const pipe of pipes) browsers.set(pipe, await audience(comet, 300, pipe))
  const tenant = await comet.tenant()
  const arrivesAtOnce = async (pipe: string, text: string): Promise<boolean> => {
    void tenant.publish(message(text, pipe))
    await setImmediate()
    return browsers.get(pipe)?.dataOf(pipe).at(-1) === text
  }

  assert.equal(await arrivesAtOnce('news', '1'), true)
  for (const pipe of ['sport', 'weather', 'news']) {
    assert.equal(await arrivesAtOnce(pipe, '2'), false)
    comet.clock.advance(3)
  }
  for (const [index, pipe] of Array.from({ length: 10 }, () => pipes)
    .flat()
    .entries())
    assert.equal(await arrivesAtOnce(pipe, `at once ${index}`), true)

  for (const text of ['3', '4', '5']) await arrivesAtOnce('news', text)
  assert.equal(await arrivesAtOnce('news', '6'), false, 'after a while it is tried again')
  comet.clock.advance(3)
  assert.equal(await arrivesAtOnce('news', '7'), false, 'and goes on where it pays')
})

test('after few writes nothing waits', async (t) => {
  const comet = testComet(t)
  const browser = await audience(comet, 99)
  const tenant = await comet.tenant()
  for (const text of ['1', '2', '3']) {
    void tenant.publish(message(text))
    await setImmediate()
    assert.equal(browser.dataOf('news').at(-1), text)
  }
})

test('nothing waits longer than maxGatherMs, even where the clock is set back; with 0 nothing waits', async (t) => {
  const bounded = testComet(t, { limits: { maxGatherMs: 2 } })
  const browser = await audience(bounded, 500)
  const tenant = await bounded.tenant()
  void tenant.publish(message('1'))
  await setImmediate()
  bounded.clock.setBack(60_000)
  void tenant.publish(message('2'))
  bounded.clock.advance(2)
  assert.deepEqual(browser.dataOf('news'), ['1', '2'])

  const never = testComet(t, { limits: { maxGatherMs: 0 } })
  const other = await audience(never, 500)
  for (const text of ['1', '2', '3']) {
    void (await never.tenant()).publish(message(text))
    await setImmediate()
    assert.equal(other.dataOf('news').at(-1), text)
  }
})

/** One of so many subscribers of a pipe, long after they came. */
async function audience(comet: TestComet, count: number, pipe = 'news'): Promise<TestBrowser> {
  const one = comet.connect()
  const browsers = [one, ...Array.from({ length: count - 1 }, () => comet.connect())]
  for (const browser of browsers) browser.command('subscription', pipe)
  await Promise.all(browsers.map((browser) => browser.next({ event: 'serverInfo' })))
  comet.clock.advance(1000)
  await setImmediate()
  comet.clock.advance(1000)
  return one
}
