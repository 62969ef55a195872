import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { memoryStorage } from '../../../lib/storage/memory.ts'
import type { TestComet } from '../../support/comet.ts'
import { testComet } from '../../support/comet.ts'

const never = <Result>(): Promise<Result> => new Promise<Result>(() => undefined)

/** Resolves when everything that was begun has come to where it waits. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** What the application, or the storage, never says. */
const silent: Readonly<Record<string, (t: TestContext) => Parameters<typeof testComet>[1]>> = {
  authenticate: () => ({ authenticate: never }),
  tenants: () => ({ lookUp: never }),
  'a storage that does not open': (t) => {
    const opened = endOf(t)
    return { storage: { ...memoryStorage(), open: () => opened } }
  },
  'a storage that does not read settings': () => ({ storage: { ...memoryStorage(), get: never } }),
}

/** So that the server can be closed then. */
function endOf(t: TestContext): Promise<void> {
  return new Promise((resolve) => t.after(() => resolve()))
}

function sessionsAndTimers(comet: TestComet): readonly number[] {
  return [comet.host.sessions.size, comet.clock.pending]
}

describe('a login that is never answered', () => {
  for (const [what, settings] of Object.entries(silent)) {
    test(`${what}: after 10 s the browser is told to come again, and the owner why`, async (t) => {
      const comet = testComet(t, settings(t))
      const browser = comet.connect({ myid: '7', sesion: 'cookie' })
      browser.command('subscription', 'news')
      await turn()
      comet.clock.advance(9_999)
      await turn()
      assert.deepEqual(browser.lines, [])
      comet.clock.advance(1)
      assert.equal((await browser.closed).code, 1012)
      assert.equal(browser.messages[0]?.error, 504)
      assert.match(JSON.stringify(browser.messages), /10000 ms \(loginTimeoutMs\)/)
      assert.match(comet.log.join(), /could not be let in.*loginTimeoutMs/)
    })
  }

  test('nothing is left of it: no session, no timer, and the tenant is idle', async (t) => {
    const comet = testComet(t, { authenticate: never, limits: { loginTimeoutMs: 500 } })
    const tenant = await comet.tenant()
    const before = sessionsAndTimers(comet)
    const browser = comet.connect()
    await turn()
    assert.equal(tenant.isIdle, false)
    comet.clock.advance(500)
    await browser.closed
    await turn()
    assert.equal(tenant.isIdle, true)
    assert.deepEqual(sessionsAndTimers(comet), before)
  })

  test('nor of a browser that leaves meanwhile, of which nothing is logged', async (t) => {
    const comet = testComet(t, { authenticate: never })
    const tenant = await comet.tenant()
    const before = sessionsAndTimers(comet)
    const browser = comet.connect()
    await turn()
    browser.close()
    await turn()
    assert.equal(tenant.isIdle, true)
    assert.deepEqual(sessionsAndTimers(comet), before)
    comet.clock.advance(20_000)
    assert.deepEqual([comet.log, comet.events, browser.lines], [[], [], []])
  })
})

test('a login that is answered in time leaves no timer, and the session stays', async (t) => {
  const comet = testComet(t, { authenticate: () => 7 })
  const browser = comet.connect()
  await browser.next({ event: 'serverInfo', authorized: true })
  comet.clock.advance(3_600_000)
  await browser.settled()
})

test('an answer that comes after the deadline lets nobody in', async (t) => {
  let answer: (userId: number) => void = () => undefined
  const comet = testComet(t, { authenticate: () => new Promise((resolve) => (answer = resolve)) })
  const browser = comet.connect()
  await turn()
  comet.clock.advance(10_000)
  await browser.closed
  answer(7)
  await turn()
  assert.deepEqual([...(await comet.tenant()).presence.onlineUserIds()], [])
  assert.deepEqual(comet.events, [])
})

test('a question to "tenants" that got lost is asked again for those who come later, and one tenant comes of it', async (t) => {
  const answers: ((config: { key: string; origins: undefined }) => void)[] = []
  const comet = testComet(t, { lookUp: () => new Promise((resolve) => answers.push(resolve)) })
  const first = comet.connect()
  await turn()
  comet.clock.advance(10_000)
  await first.closed
  await turn()
  const second = comet.connect()
  await turn()
  assert.equal(answers.length, 2)
  for (const answer of answers) answer({ key: 'k', origins: undefined })
  await second.next({ event: 'serverInfo' })
  await turn()
  await second.subscribe('news')
  assert.equal((await comet.tenant()).pipe('news')?.size, 1)
})
