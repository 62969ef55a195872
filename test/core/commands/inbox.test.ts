import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { testComet, type TestComet } from '../../support/comet.ts'
import type { TestBrowser } from '../../support/test-browser.ts'

const limits = { maxCommandsPerSecond: 10 }
const hits = ({ host }: TestComet): number => host.meter.read(0).limits.maxCommandsPerSecond

/** The markers of the questions that were answered, in order. */
const answered = ({ messages }: TestBrowser): readonly unknown[] =>
  messages.filter(({ pipe }) => pipe === '_answer_pipe_count').map(({ marker }) => marker)

function ask(browser: TestBrowser, from: number, to: number): void {
  for (let i = from; i < to; i++) browser.command('pipe_count', 'web_a', `m${i}`)
}

const upTo = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `m${i}`)

async function visitor(comet: TestComet): Promise<TestBrowser> {
  const browser = comet.connect()
  await browser.next({ event: 'serverInfo' })
  return browser
}

describe('commands of one session', () => {
  test('ten seconds’ worth run at once, the others wait their time, in order', async (t) => {
    const comet = testComet(t, { limits })
    const browser = await visitor(comet)
    ask(browser, 0, 130)
    comet.host.outbox.flush()
    assert.deepEqual(answered(browser), upTo(100))
    comet.clock.advance(1000)
    comet.host.outbox.flush()
    assert.deepEqual(answered(browser), upTo(110))
    ask(browser, 130, 131)
    comet.clock.advance(3000)
    comet.host.outbox.flush()
    assert.deepEqual(answered(browser), upTo(131))
    assert.ok(hits(comet) > 0)
  })

  test('as many as are allowed, for an hour, never wait', async (t) => {
    const comet = testComet(t, { limits })
    const browser = await visitor(comet)
    for (let second = 0; second < 3600; second++) {
      ask(browser, second * 10, second * 10 + 10)
      comet.clock.advance(1000)
    }
    comet.host.outbox.flush()
    assert.equal(answered(browser).length, 36_000)
    assert.equal(hits(comet), 0)
  })

  test('have no bound where maxCommandsPerSecond is Infinity', async (t) => {
    const comet = testComet(t, { limits: { maxCommandsPerSecond: Infinity } })
    const browser = await visitor(comet)
    ask(browser, 0, 5000)
    comet.host.outbox.flush()
    assert.equal(answered(browser).length, 5000)
  })

  test('without end are the end of the session, with an error before, and others never wait', async (t) => {
    const comet = testComet(t, { limits })
    const [flood, other] = [await visitor(comet), await visitor(comet)]
    ask(flood, 0, 5000)
    ask(other, 0, 1)
    comet.host.outbox.flush()
    assert.deepEqual(answered(other), ['m0'])
    assert.deepEqual(await flood.closed, { code: 4001, reason: 'sends more commands than can be run' })
    const error = flood.messages.at(-1)
    assert.equal(error?.error, 429)
    assert.match((error.data as { error: string }).error, /more than 10 commands a second/)
    assert.equal(answered(flood).length, 100)
  })

  test('that are long count once for each 10,000 characters', async (t) => {
    const comet = testComet(t, { limits: { maxCommandsPerSecond: 10 } })
    const [storm, other] = [await visitor(comet), await visitor(comet)]
    await other.subscribe('web_chat')
    const message = JSON.stringify('x'.repeat(99_900))
    for (let i = 0; i < 15; i++) storm.command('web_pipe2', 'web_chat', `say${i}`, '*', message)
    comet.host.outbox.flush()
    assert.equal(other.dataOf('web_chat').length, 10)
    comet.clock.advance(1000)
    comet.host.outbox.flush()
    assert.equal(other.dataOf('web_chat').length, 11)
    comet.clock.advance(4000)
    comet.host.outbox.flush()
    assert.equal(other.dataOf('web_chat').length, 15)
  })

  test('that are longer than all that may come at once are taken, and paid later', async (t) => {
    const comet = testComet(t, { limits: { maxCommandsPerSecond: 1 } })
    const [storm, other] = [await visitor(comet), await visitor(comet)]
    await other.subscribe('web_chat')
    const message = JSON.stringify('x'.repeat(600_000))
    for (let i = 0; i < 2; i++) storm.command('web_pipe2', 'web_chat', `say${i}`, '*', message)
    comet.clock.advance(10_000) // no more is owed than may come at once
    comet.host.outbox.flush()
    assert.equal(other.dataOf('web_chat').length, 1)
    comet.clock.advance(2000)
    comet.host.outbox.flush()
    assert.equal(other.dataOf('web_chat').length, 2)
  })

  test('with long answers count for these, too', async (t) => {
    const comet = testComet(t, { limits: { maxCommandsPerSecond: 10, maxGatherMs: 0 } })
    const members = Array.from({ length: 500 }, (_, i) => comet.connect({ uuid: `browser ${i}` }))
    await Promise.all(members.map((member) => member.subscribe('track_room')))
    const asker = await visitor(comet)
    for (let i = 0; i < 100; i++) asker.command('track_pipe_users', 'track_room')
    comet.host.outbox.flush()
    const lists = asker.dataOf('_answer') as unknown[][]
    assert.equal(lists[0]?.length, 500)
    assert.ok(lists.length > 10 && lists.length < 40, `${lists.length} lists of 28 KB at once`)
    comet.clock.advance(60_000)
    comet.host.outbox.flush()
    assert.equal(asker.dataOf('_answer').length, 100)
  })

  test('that still wait are forgotten with the session, and no timer is left', async (t) => {
    const comet = testComet(t, { limits })
    const browser = await visitor(comet)
    const before = comet.clock.pending
    ask(browser, 0, 101)
    assert.equal(comet.clock.pending, before + 1)
    browser.close()
    assert.equal(comet.clock.pending, before)
  })
})

describe('pipes', () => {
  test('more names than maxPipes get an error each, those that exist take everybody', async (t) => {
    const comet = testComet(t, { limits: { maxPipes: 3 } })
    const [first, second] = [await visitor(comet), await visitor(comet)]
    await first.subscribe('pipe_a', 'pipe_b', 'pipe_c', 'pipe_d')
    const error = first.messages.find(({ event }) => event === 'error')
    assert.match((error?.data as { error: string }).error, /^There are 3 pipes with subscribers: .*maxPipes/)
    await second.subscribe('pipe_a', 'pipe_c')
    assert.equal(second.messages.filter(({ event }) => event === 'error').length, 0)
    const { pipes, subscriptions, limits } = comet.host.meter.read(0)
    assert.deepEqual({ pipes, subscriptions, hits: limits.maxPipes }, { pipes: 3, subscriptions: 5, hits: 1 })
  })

  test('that nobody is subscribed to any more leave room', async (t) => {
    const comet = testComet(t, { limits: { maxPipes: 2 } })
    const [first, second] = [await visitor(comet), await visitor(comet)]
    await first.subscribe('pipe_a', 'pipe_b')
    await first.subscribe()
    await second.subscribe('pipe_c', 'pipe_d')
    assert.equal(comet.host.meter.read(0).pipes, 2)
    first.close()
    second.close()
    assert.equal(comet.host.meter.read(0).pipes, 0)
    assert.equal(comet.host.meter.read(0).subscriptions, 0)
  })
})
