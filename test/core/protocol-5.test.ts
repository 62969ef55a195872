import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { SignJWT } from 'jose'
import { testComet, type TestComet } from '../support/comet.ts'
import type { TestBrowser } from '../support/test-browser.ts'

const v = '5.0'

/** A user with a stored hash, connected by a client of protocol 5. */
async function connectUser(comet: TestComet, userId: number): Promise<TestBrowser> {
  await (await comet.tenant()).credentials.setHash(userId, `hash${userId}`)
  return comet.connect({ v, myid: String(userId), sesion: `hash${userId}` })
}

/** A JWT of the tenant 0 of the tests, that ends in `seconds`. */
function token(comet: TestComet, userId: number, seconds: number): Promise<string> {
  const secret = new TextEncoder().encode('secret0')
  const exp = Math.floor(comet.clock.now() / 1000) + seconds
  return new SignJWT({ user_id: userId, exp }).setProtectedHeader({ alg: 'HS256' }).sign(secret)
}

describe('private messages are acknowledged', () => {
  async function waitingIds(comet: TestComet): Promise<string[]> {
    return (await (await comet.tenant()).mailbox.waiting(7)).map(({ id }) => id)
  }

  test('a message to who is online waits until its client has acknowledged it', async (t) => {
    const comet = testComet(t)
    const browser = await connectUser(comet, 7)
    await browser.next({ event: 'serverInfo' })
    const tenant = await comet.tenant()
    for (const text of ['a', 'b', 'c']) await tenant.sendToUser(7, { event: '', text })
    const { id: second } = await browser.next({ pipe: 'msg', data: 'b' })
    const { id: third } = await browser.next({ pipe: 'msg', data: 'c' })
    assert.equal((await waitingIds(comet)).length, 3)
    browser.command('ack', String(second))
    await browser.settled()
    assert.deepEqual(await waitingIds(comet), [third])
  })

  test('what was not acknowledged comes again, oldest first, and nothing is forgotten by sending it', async (t) => {
    const comet = testComet(t)
    const first = await connectUser(comet, 7)
    await first.next({ event: 'serverInfo' })
    const tenant = await comet.tenant()
    for (const text of ['a', 'b']) await tenant.sendToUser(7, { event: '', text })
    first.close()
    const again = await connectUser(comet, 7)
    const b = await again.next({ pipe: 'msg', data: 'b' })
    assert.equal(b.fromQueue, true)
    assert.deepEqual(again.dataOf('msg'), ['a', 'b'])
    assert.equal((await waitingIds(comet)).length, 2)
    again.command('ack', String(b.id))
    await again.settled()
    assert.deepEqual(await waitingIds(comet), [])
  })

  test('a visitor who acknowledges changes nothing', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    await tenant.sendToUser(7, { event: '', text: 'a' })
    const [id = ''] = await waitingIds(comet)
    const visitor = comet.connect({ v })
    visitor.command('ack', id)
    await visitor.settled()
    assert.deepEqual(await waitingIds(comet), [id])
  })
})

describe('auth', () => {
  test('logs a visitor in, who gets what waited; the subscriptions of the visitor are gone', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    await tenant.credentials.setHash(7, 'hash7')
    await tenant.sendToUser(7, { event: '', text: 'waited' })
    const browser = comet.connect({ v })
    await browser.next({ event: 'serverInfo', authorized: false })
    browser.command('subscription', 'news')
    browser.command('auth', '7', 'hash7')
    await browser.next({ event: 'serverInfo', authorized: true })
    await browser.next({ pipe: 'msg', data: 'waited' })
    assert.equal(tenant.pipe('news'), undefined)
    assert.equal(tenant.presence.sessionsOf(7).length, 1)
  })

  test('a wrong key is an error, and the login before stays', async (t) => {
    const comet = testComet(t)
    const browser = await connectUser(comet, 7)
    await browser.next({ event: 'serverInfo' })
    browser.command('auth', '7', 'wrong')
    const { data, error } = await browser.next({ event: 'error' })
    assert.deepEqual([error, (data as { info: string }).info], [401, 'COMET_ERR_CREDENTIALS'])
    assert.equal((await comet.tenant()).presence.sessionsOf(7).length, 1)
  })

  async function withToken(t: TestContext, seconds: number): Promise<{ comet: TestComet; browser: TestBrowser }> {
    const comet = testComet(t)
    const browser = comet.connect({ v, myid: '7', sesion: await token(comet, 7, seconds) })
    await browser.next({ event: 'serverInfo', authorized: true })
    return { comet, browser }
  }

  test('the end of a token is announced a minute ahead; a fresh one keeps the session logged in', async (t) => {
    const { comet, browser } = await withToken(t, 300)
    browser.command('subscription', 'private_news')
    await browser.settled()
    comet.clock.advance(239_000)
    assert.equal(
      browser.messages.some(({ event }) => event === 'expiring'),
      false,
    )
    comet.clock.advance(2_000)
    const { data } = await browser.next({ pipe: 'sys', event: 'expiring' })
    assert.ok((data as { after: number }).after <= 60_000, JSON.stringify(data))
    browser.command('auth', '7', await token(comet, 7, 300))
    await browser.next({ event: 'serverInfo', authorized: true })
    comet.clock.advance(120_000)
    assert.equal((await comet.tenant()).presence.sessionsOf(7).length, 1)
    assert.equal((await comet.tenant()).pipe('private_news')?.size, 1)
  })

  test('without a fresh one the session is logged out, and stays connected', async (t) => {
    const { comet, browser } = await withToken(t, 300)
    comet.clock.advance(302_000)
    await browser.next({ event: 'serverInfo', authorized: false })
    assert.equal((await comet.tenant()).presence.sessionsOf(7).length, 0)
  })
})

describe('the report to who published', () => {
  for (const keep of [10, 0]) {
    test(`names the message, so that its sender knows it when it comes again: of a pipe that keeps ${keep}`, async (t) => {
      const comet = testComet(t)
      await (await comet.tenant()).history.setKeep('web_chat', keep)
      const sender = comet.connect({ v })
      const reader = comet.connect({ v })
      reader.command('subscription', 'web_chat')
      await reader.settled()
      sender.command('web_pipe2', 'web_chat', 'add', '*', '"hello"')
      const report = await sender.next({ pipe: '_answer_to_web_chat' })
      const { id, offset } = await reader.next({ pipe: 'web_chat' })
      assert.equal(typeof id, 'string')
      assert.deepEqual([report.id, report.offset], [id, offset])
    })
  }

  test('has no id for older clients', async (t) => {
    const comet = testComet(t)
    await (await comet.tenant()).history.setKeep('web_kept', 10)
    const browser = comet.connect({ v: '4.0' })
    browser.command('web_pipe2', 'web_kept', '', '*', '"hello"')
    assert.ok(!('id' in (await browser.next({ pipe: '_answer_to_web_kept' }))))
  })
})
