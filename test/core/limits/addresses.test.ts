import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { testComet, type TestComet } from '../../support/comet.ts'
import type { TestBrowser, TestHello } from '../../support/test-browser.ts'

const ip = '198.51.100.7'

/** Connects `count` browsers from one address. */
const many = (comet: TestComet, count: number, hello: TestHello): TestBrowser[] =>
  Array.from({ length: count }, () => comet.connect(hello))

/** What the browsers were told: `in`, or the close code and the sentence. */
async function outcomes(browsers: readonly TestBrowser[]): Promise<readonly string[]> {
  return await Promise.all(
    browsers.map(async (browser) => {
      const { pipe, event, data } = await browser.next({ pipe: 'sys' })
      assert.equal(pipe, 'sys')
      if (event === 'serverInfo') return 'in'
      return `${(await browser.closed).code} ${(data as { error: string }).error}`
    }),
  )
}

const hits = ({ host }: TestComet) => host.meter.read(0).limits

describe('connections of one address', () => {
  const limits = { maxConnectionsPerAddress: 3 }

  test('above the limit are refused by an error that names it, and the client is to come back', async (t) => {
    const comet = testComet(t, { limits })
    const told = 'Your address has 3 connections: that is the limit (maxConnectionsPerAddress); wait, and try again'
    assert.deepEqual(await outcomes(many(comet, 5, { ip })), ['in', 'in', 'in', `4002 ${told}`, `4002 ${told}`])
    assert.equal(hits(comet).maxConnectionsPerAddress, 2)
  })

  test('do not count for other addresses', async (t) => {
    const comet = testComet(t, { limits })
    many(comet, 5, { ip })
    assert.deepEqual(await outcomes(many(comet, 3, { ip: '198.51.100.8' })), ['in', 'in', 'in'])
  })

  test('leave room for others when they end, those that were refused give none', async (t) => {
    const comet = testComet(t, { limits })
    const browsers = many(comet, 6, { ip })
    await outcomes(browsers)
    browsers[0]?.close()
    const [first, second] = await outcomes(many(comet, 2, { ip }))
    assert.equal(first, 'in')
    assert.match(second ?? '', /^4002/)
  })

  test('are bounded also where the path is wrong or the login fails', async (t) => {
    const comet = testComet(t, { limits: { maxConnectsPerSecond: 1 } })
    const told = await outcomes(many(comet, 12, { ip, sesion: undefined }))
    assert.equal(told.filter((text) => text.startsWith('4501')).length, 10)
    assert.equal(told.filter((text) => text.startsWith('4002')).length, 2)
  })

  for (const [what, one, other, isSame] of [
    ['an IPv4 address within IPv6 is the IPv4 address', '::ffff:198.51.100.7', '198.51.100.7', true],
    ['IPv6 addresses of one network of 64 bits are one', '2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
    ['IPv6 addresses of two networks are two', '2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['short and long spellings are one', '2001:db8::1', '2001:db8:0:0:0:0:0:2', true],
  ] as const) {
    test(what, async (t) => {
      const comet = testComet(t, { limits: { maxConnectionsPerAddress: 1 } })
      await outcomes(many(comet, 1, { ip: one }))
      assert.equal((await outcomes(many(comet, 1, { ip: other })))[0] !== 'in', isSame)
    })
  }

  for (const inside of [
    '127.0.0.1',
    '::1',
    '10.1.2.3',
    '192.168.0.9',
    '172.16.0.1',
    '172.31.9.9',
    '169.254.1.1',
    '100.64.0.1',
    '100.127.255.1',
    'fd12::1',
    'fe80::1',
    '::ffff:10.0.0.1',
    '',
  ]) {
    test(`"${inside}" has no limit: it is a proxy, or a colleague`, async (t) => {
      const comet = testComet(t, { limits: { maxConnectionsPerAddress: 1, maxConnectsPerSecond: 1 } })
      const told = await outcomes(many(comet, 20, { ip: inside }))
      assert.deepEqual([...new Set(told)], ['in'])
      assert.equal(comet.host.addresses.size, 0)
    })
  }

  test('172.15, 172.32, 100.63 and 100.128 are no private networks', async (t) => {
    const comet = testComet(t, { limits: { maxConnectionsPerAddress: 0 } })
    const beside = ['172.15.0.1', '172.32.0.1', '100.63.0.1', '100.128.0.1']
    const told = await outcomes(beside.flatMap((ip) => many(comet, 1, { ip })))
    assert.ok(told.every((text) => text.startsWith('4002')))
  })
})

describe('connecting', () => {
  test('ten seconds’ worth may come at once, then so many a second', async (t) => {
    const comet = testComet(t, { limits: { maxConnectsPerSecond: 2 } })
    const isIn = async (count: number): Promise<number> =>
      (await outcomes(many(comet, count, { ip }))).filter((told) => told === 'in').length
    assert.equal(await isIn(30), 20)
    comet.clock.advance(1000)
    assert.equal(await isIn(5), 2)
    comet.clock.advance(3600_000)
    assert.equal(await isIn(30), 20)
    assert.equal(hits(comet).maxConnectsPerSecond, 23)
  })

  test('is told to the log once a minute, with what to do where it is a proxy', async (t) => {
    const comet = testComet(t, { limits: { maxConnectsPerSecond: 1 } })
    await outcomes(many(comet, 50, { ip }))
    assert.equal(comet.log.length, 1)
    assert.match(comet.log[0] ?? '', /^The address 198\.51\.100\.7 connects more than 1 times a second, .*trustProxy/)
    comet.clock.advance(61_000)
    await outcomes(many(comet, 50, { ip }))
    assert.equal(comet.log.length, 2)
  })

  test('may be as seldom as less than once in ten seconds, or as often as one likes', async (t) => {
    const seldom = testComet(t, { limits: { maxConnectsPerSecond: 0.05 } })
    assert.deepEqual((await outcomes(many(seldom, 2, { ip })))[0], 'in')
    const often = testComet(t, {
      limits: { maxConnectsPerSecond: Infinity, maxFailedLogins: Infinity, maxGatherMs: 0 },
    })
    await (await often.tenant()).credentials.setHash(7, 'right')
    const guesses = many(often, 100, { ip, myid: '7', sesion: 'a guess' })
    assert.deepEqual(new Set(await outcomes(guesses)), new Set(['in']))
    const user = often.connect({ ip, myid: '7', sesion: 'right' })
    assert.equal((await user.next({ event: 'serverInfo' })).authorized, true)
  })

  test('addresses that are gone are forgotten', async (t) => {
    const comet = testComet(t, { limits: { maxConnectsPerSecond: 10 } })
    const browsers = Array.from({ length: 1000 }, (_, i) => comet.connect({ ip: `203.0.${i >> 8}.${i & 255}` }))
    await outcomes(browsers)
    assert.equal(comet.host.addresses.size, 1000)
    for (const browser of browsers.slice(1)) browser.close()
    comet.clock.advance(61_000)
    assert.equal(comet.host.addresses.size, 1)
    browsers[0]?.close()
    comet.clock.advance(61_000)
    assert.equal(comet.host.addresses.size, 0)
  })
})

describe('logins that fail', () => {
  const limits = { maxFailedLogins: 5 }
  const guess = { ip, myid: '7', sesion: 'a guess' }

  test('above the limit the address has to wait, also with the right key', async (t) => {
    const comet = testComet(t, { limits })
    await (await comet.tenant()).credentials.setHash(7, 'right')
    for (let i = 0; i < 5; i++) assert.deepEqual(await outcomes(many(comet, 1, guess)), ['in']) // as a visitor
    const [refused] = await outcomes(many(comet, 1, { ip, myid: '7', sesion: 'right' }))
    assert.match(refused ?? '', /^4002 Your address failed to log in more than 5 times a minute: .*maxFailedLogins/)
    assert.equal(hits(comet).maxFailedLogins, 1)
    comet.clock.advance(12_000)
    const late = comet.connect({ ip, myid: '7', sesion: 'right' })
    assert.equal((await late.next({ event: 'serverInfo' })).authorized, true)
  })

  test('visitors from there come in, and users from elsewhere', async (t) => {
    const comet = testComet(t, { limits })
    await outcomes(many(comet, 10, guess))
    assert.deepEqual(await outcomes(many(comet, 1, { ip })), ['in'])
    const other = await comet.logIn(8, { ip: '198.51.100.9' })
    assert.equal(other.messages.at(-1)?.authorized, true)
  })

  test('count on an open connection, too', async (t) => {
    const comet = testComet(t, { limits })
    const browser = comet.connect({ ip, v: '5.0' })
    await browser.next({ event: 'serverInfo' })
    for (let i = 0; i < 6; i++) browser.command('auth', '7', `guess ${i}`)
    const error = await browser.next({ pipe: 'sys', event: 'error', error: 429 })
    assert.match((error.data as { error: string }).error, /maxFailedLogins/)
  })

  test('logins that are right do not count', async (t) => {
    const comet = testComet(t, { limits })
    for (let i = 0; i < 10; i++) {
      const browser = await comet.logIn(7, { ip })
      browser.close()
    }
  })
})
