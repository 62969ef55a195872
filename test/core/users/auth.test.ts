import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import { Credentials, sameText } from '../../../lib/core/users/auth.ts'
import { memoryStorage } from '../../../lib/storage/memory.ts'
import { testComet, type TestComet } from '../../support/comet.ts'
import type { Message } from '../../support/inbox.ts'
import type { ManualClock } from '../../support/manual-clock.ts'
import type { TestBrowser } from '../../support/test-browser.ts'

const hour = 3600

function sign(payload: JWTPayload, secret: string, alg = 'HS256'): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg, typ: 'JWT' }).sign(new TextEncoder().encode(secret))
}

/** A right JWT for user 7 of tenant 0, good for an hour. */
const goodToken = (clock: ManualClock): Promise<string> => sign({ user_id: 7, exp: clock.seconds + hour }, 'secret0')

/** Connects as user 7 and resolves to the first serverInfo. */
async function attempt(comet: TestComet, sesion: string, devid = '0'): Promise<[TestBrowser, Message]> {
  const browser = comet.connect({ myid: '7', sesion, devid })
  return [browser, await browser.next({ event: 'serverInfo' })]
}

describe('a stored hash', () => {
  test('logs in who has it, and nobody else', async (t) => {
    const comet = testComet(t)
    const { credentials } = await comet.tenant()
    await credentials.setHash(7, 'abc')
    for (const [sesion, isRight] of [
      ['abc', true],
      ['abd', false],
      ['ab', false],
      ['abcd', false],
      ['ABC', false],
      ['', false],
    ] as const) {
      const [, info] = await attempt(comet, sesion)
      assert.equal(info.authorized, isRight, sesion)
      assert.equal(info.data, isRight ? 'abc' : '')
    }
  })

  test('that is empty never logs anybody in', async (t) => {
    const comet = testComet(t)
    await (await comet.tenant()).credentials.setHash(7, '')
    assert.equal((await attempt(comet, ''))[1].authorized, false)
  })

  for (const myid of ['0', '', '-7', '7.0', '07 ', 'undefined', '8']) {
    test(`is nothing for myid=${myid}`, async (t) => {
      const comet = testComet(t)
      await (await comet.tenant()).credentials.setHash(7, 'abc')
      const info = await comet.connect({ myid, sesion: 'abc' }).next({ event: 'serverInfo' })
      assert.equal(info.authorized, false)
    })
  }

  test('is replaced by the next', async (t) => {
    const comet = testComet(t)
    const { credentials } = await comet.tenant()
    await credentials.setHash(7, 'old')
    await credentials.setHash(7, 'new')
    assert.equal((await attempt(comet, 'old'))[1].authorized, false)
    assert.equal((await attempt(comet, 'new'))[1].authorized, true)
  })

  test('that is deleted logs all sessions of the user out: they leave private_ pipes and stay as visitors', async (t) => {
    const comet = testComet(t)
    const [user, other] = [await comet.logIn(7), await comet.logIn(8)]
    for (const browser of [user, other]) await browser.subscribe('private_a', 'news')
    const tenant = await comet.tenant()
    assert.equal(await tenant.credentials.deleteHashes([7, 9]), 1)
    const info = await user.next({ event: 'serverInfo', authorized: false })
    assert.equal(info.data, '')
    assert.equal(tenant.pipe('private_a')?.size, 1)
    assert.equal(tenant.pipe('news')?.size, 2)
    await tenant.sendToUser(7, { event: '', text: 'secret' })
    await user.settled()
    assert.deepEqual(user.dataOf('msg'), [])
    user.command('subscription', 'private_a')
    assert.equal((await user.next({ event: 'error' })).error, 403)
    await other.settled()
    assert.equal(other.messages.filter(({ event }) => event === 'serverInfo').length, 1)
  })
})

describe('a JWT', () => {
  test('logs in; the key it gets is neither the JWT nor the stored hash', async (t) => {
    const comet = testComet(t)
    const { credentials } = await comet.tenant()
    await credentials.setHash(7, 'stored')
    const token = await goodToken(comet.clock)
    const [, info] = await attempt(comet, token)
    assert.equal(info.authorized, true)
    assert.match(String(info.data), /^[0-9A-Za-z_-]{1,32}$/)
    assert.ok(!['stored', token].includes(String(info.data)))
    assert.deepEqual([...(await credentials.hashes([7]))], [[7, 'stored']])
  })

  test('of a user without a stored hash stores a fresh random one', async (t) => {
    const comet = testComet(t)
    const { credentials } = await comet.tenant()
    await attempt(comet, await goodToken(comet.clock))
    assert.match((await credentials.hashes([7])).get(7) ?? '', /^[0-9a-f]{32}$/)
  })

  test('user_id may be a number or its digits', async (t) => {
    const comet = testComet(t)
    const token = await sign({ user_id: '7', exp: comet.clock.seconds + hour }, 'secret0')
    assert.equal((await attempt(comet, token))[1].authorized, true)
  })

  test('of 600 characters is nothing special', async (t) => {
    const comet = testComet(t)
    const token = await sign({ user_id: 7, exp: comet.clock.seconds + hour, name: 'x'.repeat(500) }, 'secret0')
    assert.ok(token.length > 600)
    assert.equal((await attempt(comet, token))[1].authorized, true)
  })

  test('of another tenant is good there and nowhere else', async (t) => {
    const comet = testComet(t)
    const token = await sign({ user_id: 7, exp: comet.clock.seconds + hour }, 'secret15')
    assert.equal((await attempt(comet, token, '15'))[1].authorized, true)
    assert.equal((await attempt(comet, token))[1].authorized, false)
  })

  const refused: readonly (readonly [string, (clock: ManualClock) => Promise<string> | string])[] = [
    ['signed with another secret', ({ seconds }) => sign({ user_id: 7, exp: seconds + hour }, 'wrong')],
    ['signed with the key alone', ({ seconds }) => sign({ user_id: 7, exp: seconds + hour }, 'secret')],
    ['without a signature (alg none)', ({ seconds }) => new UnsecuredJWT({ user_id: 7, exp: seconds + hour }).encode()],
    ['signed with HS512', ({ seconds }) => sign({ user_id: 7, exp: seconds + hour }, 'secret0', 'HS512')],
    ['of another user', ({ seconds }) => sign({ user_id: 8, exp: seconds + hour }, 'secret0')],
    ['of no user', ({ seconds }) => sign({ exp: seconds + hour }, 'secret0')],
    ['that has expired', ({ seconds }) => sign({ user_id: 7, exp: seconds - 1 }, 'secret0')],
    ['that expires now', ({ seconds }) => sign({ user_id: 7, exp: seconds }, 'secret0')],
    ['without exp', () => sign({ user_id: 7 }, 'secret0')],
    ['that is not valid yet', ({ seconds }) => sign({ user_id: 7, exp: seconds + hour, nbf: seconds + 60 }, 'secret0')],
    ['whose payload was changed', async (clock) => (await goodToken(clock)).replace(/\.[^.]+\./, '.e30.')],
    ['that is none', () => '..'],
  ]
  for (const [what, token] of refused) {
    test(`${what} is refused`, async (t) => {
      const comet = testComet(t)
      const [, info] = await attempt(comet, await token(comet.clock))
      assert.equal(info.authorized, false)
      assert.equal(info.data, '')
      assert.deepEqual([...(await (await comet.tenant()).credentials.hashes())], [])
    })
  }

  test('is no login where the tenant has no key', async (t) => {
    const comet = testComet(t, { lookUp: () => ({ key: undefined, origins: undefined }) })
    const token = await sign({ user_id: 7, exp: comet.clock.seconds + hour }, 'undefined0')
    assert.equal((await attempt(comet, token))[1].authorized, false)
  })

  test('is no login where the key is empty: anybody could sign it', async (t) => {
    const comet = testComet(t, { lookUp: () => ({ key: '', origins: undefined }) })
    const token = await sign({ user_id: 7, exp: comet.clock.seconds + hour }, '0')
    assert.equal((await attempt(comet, token))[1].authorized, false)
  })

  test('that is revoked is refused, until the revocation is deleted', async (t) => {
    const comet = testComet(t)
    const { credentials } = await comet.tenant()
    const token = await goodToken(comet.clock)
    await credentials.revoke(token)
    assert.deepEqual(await credentials.revoked(), [token])
    assert.equal((await attempt(comet, token))[1].authorized, false)
    assert.equal(await credentials.unrevoke([token, 'x']), 1)
    assert.equal((await attempt(comet, token))[1].authorized, true)
  })

  test('that is revoked logs out its sessions, not the others of the user', async (t) => {
    const comet = testComet(t)
    const token = await goodToken(comet.clock)
    const [byToken] = await attempt(comet, token)
    const byHash = await comet.logIn(7)
    for (const browser of [byToken, byHash]) await browser.subscribe('private_a')
    const tenant = await comet.tenant()
    await tenant.credentials.revoke(token)
    await byToken.next({ event: 'serverInfo', authorized: false })
    assert.equal(tenant.pipe('private_a')?.size, 1)
    await tenant.sendToUser(7, { event: '', text: 'secret' })
    await byHash.next({ pipe: 'msg' })
    await byToken.settled()
    assert.deepEqual(byToken.dataOf('msg'), [])
  })

  test('what is no JWT can be revoked without harm', async (t) => {
    const comet = testComet(t)
    const { credentials } = await comet.tenant()
    await credentials.revoke('nonsense')
    assert.deepEqual(await credentials.revoked(['nonsense', 'other']), ['nonsense'])
  })

  test('ends to the second: the session is logged out and leaves private_ pipes', async (t) => {
    const comet = testComet(t)
    const [browser] = await attempt(comet, await goodToken(comet.clock))
    await browser.subscribe('private_a', 'news')
    comet.clock.advance((hour - 1) * 1000)
    await browser.settled()
    assert.equal(browser.messages.filter(({ event }) => event === 'serverInfo').length, 1)
    comet.clock.advance(1000)
    await browser.next({ event: 'serverInfo', authorized: false })
    assert.deepEqual([...(await comet.tenant()).pipeNames()], ['news'])
  })

  test('of a session that has gone leaves no timer', async (t) => {
    const comet = testComet(t)
    const [browser] = await attempt(comet, await goodToken(comet.clock))
    browser.close()
    comet.clock.advance(120_000)
    assert.equal(comet.clock.pending, 0)
  })
})

describe('the session hash that a JWT got', () => {
  test('logs in like it, for the same user and tenant only', async (t) => {
    const comet = testComet(t)
    const [, { data }] = await attempt(comet, await goodToken(comet.clock))
    const hash = String(data)
    const [, again] = await attempt(comet, hash)
    assert.equal(again.authorized, true)
    assert.equal(again.data, hash)
    const other = await comet.connect({ myid: '8', sesion: hash }).next({ event: 'serverInfo' })
    assert.equal(other.authorized, false)
    assert.equal((await attempt(comet, hash, '1'))[1].authorized, false)
  })

  test('with one character changed is nothing', async (t) => {
    const comet = testComet(t)
    const [, { data }] = await attempt(comet, await goodToken(comet.clock))
    const hash = String(data)
    for (let i = 0; i < hash.length; i++) {
      const changed = hash.slice(0, i) + (hash[i] === 'a' ? 'b' : 'a') + hash.slice(i + 1)
      assert.equal((await attempt(comet, changed))[1].authorized, false, changed)
    }
  })

  test('ends with the JWT', async (t) => {
    const comet = testComet(t)
    const [, { data }] = await attempt(comet, await goodToken(comet.clock))
    const [live] = await attempt(comet, String(data))
    comet.clock.advance(hour * 1000)
    await live.next({ event: 'serverInfo', authorized: false })
    assert.equal((await attempt(comet, String(data)))[1].authorized, false)
  })

  test('ends with the revocation of the JWT', async (t) => {
    const comet = testComet(t)
    const token = await goodToken(comet.clock)
    const [, { data }] = await attempt(comet, token)
    const [live] = await attempt(comet, String(data))
    await (await comet.tenant()).credentials.revoke(token)
    await live.next({ event: 'serverInfo', authorized: false })
    assert.equal((await attempt(comet, String(data)))[1].authorized, false)
  })

  test('ends with a revocation by another process, and lives again when that is deleted', async (t) => {
    const comet = testComet(t)
    const { host, clock } = comet
    const token = await goodToken(clock)
    const [, { data }] = await attempt(comet, token)
    const elsewhere = new Credentials(host.storage, clock, 0, 'secret', () => undefined)
    await elsewhere.revoke('of somebody else')
    assert.equal((await attempt(comet, String(data)))[1].authorized, true)
    await elsewhere.revoke(token)
    assert.equal((await attempt(comet, String(data)))[1].authorized, false)
    assert.deepEqual((await (await comet.tenant()).credentials.revoked()).sort(), [token, 'of somebody else'].sort())
    assert.equal(await elsewhere.unrevoke([token]), 1)
    assert.equal((await attempt(comet, String(data)))[1].authorized, true)
    assert.equal(await elsewhere.unrevoke([token]), 0)
  })

  test('is checked without reading all that is revoked', async (t) => {
    const storage = memoryStorage()
    const asked: (readonly string[] | undefined)[] = []
    const get = storage.get.bind(storage)
    storage.get = (table, devId, keys) => {
      if (table === 'revoked_tokens') asked.push(keys)
      return get(table, devId, keys)
    }
    const comet = testComet(t, { storage })
    const [, { data }] = await attempt(comet, await goodToken(comet.clock))
    await attempt(comet, String(data))
    assert.deepEqual(
      asked.map((keys) => keys?.length),
      [1, 1],
    )
  })
})

describe("the application's own login", () => {
  test('is asked where the credentials are not right, and believed', async (t) => {
    const comet = testComet(t, { authenticate: async ({ headers }) => (headers.cookie === 'id=9' ? 9 : undefined) })
    const browser = comet.connect({ headers: { cookie: 'id=9' } })
    assert.equal((await browser.next({ event: 'serverInfo' })).authorized, true)
    browser.command('web_pipe2', 'webauth_a', '', '*', '1')
    assert.equal((await browser.next({ pipe: '_answer_to_webauth_a' })).user_id, 9)
    assert.equal((await comet.connect().next({ event: 'serverInfo' })).authorized, false)
    await (await comet.tenant()).credentials.setHash(7, 'abc')
    browser.close()
    const [user] = await attempt(comet, 'abc')
    user.command('web_pipe2', 'webauth_a', '', '*', '1')
    assert.equal((await user.next({ pipe: '_answer_to_webauth_a' })).user_id, 7)
  })

  for (const [known, sentence] of [
    ['7', /"authenticate" returned something of type string: return the user's id, a whole number above 0/],
    [{ id: 7, hash: 'hunter2' }, /something of type object/],
    [true, /something of type boolean/],
    [-7, /returned -7:/],
    [7.5, /returned 7.5:/],
    [NaN, /returned NaN:/],
    [2 ** 53, /returned 9007199254740992:/],
    [undefined, /^$/],
    [null, /^$/],
    [0, /^$/],
  ] as const) {
    test(`that returns ${inspect(known)} lets a visitor in`, async (t) => {
      const comet = testComet(t, { authenticate: () => known as unknown as number })
      const info = await comet.connect().next({ event: 'serverInfo' })
      assert.equal(info.authorized, false)
      assert.match(comet.log.join(), sentence)
      assert.ok(!comet.log.join().includes('hunter2'))
    })
  }

  test('that fails refuses with 500, keeps the details, and frees the tenant', async (t) => {
    const comet = testComet(t, { authenticate: () => Promise.reject(new Error('session store at 10.0.0.1')) })
    const browser = comet.connect()
    await browser.closed
    assert.equal(browser.messages[0]?.error, 500)
    assert.ok(!browser.lines.join().includes('10.0.0.1'))
    assert.ok((await comet.tenant()).isIdle)
  })
})

test('texts are compared in full', () => {
  assert.ok(sameText('', '') && sameText('ключ', 'ключ'))
  assert.ok(!sameText('a', 'b') && !sameText('a', 'aa') && !sameText('', 'a'))
})
