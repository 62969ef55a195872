import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { lookUpTenant } from '../../lib/login.ts'
import type { TenantOptions } from '../../lib/options.ts'
import { memoryStorage } from '../../lib/storage/memory.ts'
import { testComet } from '../support/comet.ts'

/** The dev_id of the tenant to which a browser that names `devid` comes. */
async function tenantOf(comet: ReturnType<typeof testComet>, devid: string): Promise<number | undefined> {
  const browser = comet.connect({ devid })
  await browser.settled()
  const connect = comet.events.find(([name]) => name === 'connect')
  return connect?.[0] === 'connect' ? connect[1].devId : undefined
}

describe('which tenant', () => {
  for (const [devid, devId] of [
    ['15', 15],
    ['0', 0],
    ['', 0],
    ['-1', 0],
    ['99', 0],
    ['1.5', 0],
    ['1e3', 0],
    ['__proto__', 0],
  ] as const) {
    test(`devid=${devid} is tenant ${devId}`, async (t) => {
      assert.equal(await tenantOf(testComet(t, { keys: { 0: 'k', 15: 'k' } }), devid), devId)
    })
  }

  test('strict: who names an unknown one is refused with 406', async (t) => {
    const comet = testComet(t, { keys: { 0: 'k', 15: 'k' }, strict: true })
    assert.equal(await tenantOf(comet, '15'), 15)
    for (const devid of ['99', '-1', '']) {
      const browser = comet.connect({ devid })
      assert.equal((await browser.closed).code, 4501)
      assert.equal(browser.messages[0]?.error, 406)
    }
  })

  test('a program that asks for an unknown one gets a sentence', async (t) => {
    const comet = testComet(t, { keys: { 0: 'k' } })
    await assert.rejects(comet.tenant(99), { code: 'COMET_ERR_INVALID', message: /dev_id "99".*tenants/ })
  })

  test('many that ask at once get the same', async (t) => {
    let asked = 0
    const comet = testComet(t, { lookUp: () => Promise.resolve({ key: String(asked++), origins: undefined }) })
    const tenants = await Promise.all([1, 1, 1, 1].map((devId) => comet.tenant(devId)))
    assert.equal(new Set(tenants).size, 1)
    assert.equal(asked, 1)
  })

  test('its own origins come before those of the server', async (t) => {
    const lookUp = () => ({ key: 'k', origins: ['https://tenant.example'] })
    const comet = testComet(t, { lookUp, origins: ['https://server.example'] })
    await comet.connect({ headers: { origin: 'https://tenant.example' } }).settled()
    assert.equal((await comet.connect({ headers: { origin: 'https://server.example' } }).closed).code, 4501)
  })
})

describe('a page of the same origin', () => {
  for (const [origin, secure, isLetIn] of [
    ['https://shop.example', true, true],
    ['http://shop.example', false, true],
    ['http://shop.example', true, false],
    ['https://shop.example', false, false],
    ['https://evil.example', true, false],
  ] as const) {
    test(`${origin} over ${secure ? 'TLS' : 'plain TCP'} is ${isLetIn ? 'let in' : 'refused'}`, async (t) => {
      const comet = testComet(t, { origins: ['same-origin'] })
      const browser = comet.connect({ headers: { origin, host: 'shop.example' }, secure })
      if (isLetIn) await browser.next({ event: 'serverInfo' })
      else assert.equal((await browser.next({ event: 'error' })).error, 423)
    })
  }
})

test('what is wrong with the configuration of a tenant is logged, and not told to browsers', async (t) => {
  const tenants = () => ({ key: 15 }) as unknown as TenantOptions
  const comet = testComet(t, { lookUp: lookUpTenant({ tenants }) })
  const browser = comet.connect({ devid: '15' })
  assert.equal((await browser.next({ event: 'error' })).error, 500)
  assert.match(comet.log.join(), /tenants\(15\)\.key/)
  await assert.rejects(comet.tenant(15), { code: 'COMET_ERR_OPTION' })
})

describe('a tenant in which nobody is', () => {
  test('is freed, and its settings are there with the next visitor', async (t) => {
    const comet = testComet(t)
    const before = await comet.tenant(5)
    await before.history.setKeep('news', 3)
    comet.clock.advance(60_000)
    const after = await comet.tenant(5)
    assert.notEqual(after, before)
    assert.equal(after.history.keepOf('news'), 3)
  })

  test('is not freed while there is a session, a back-end or a user in grace', async (t) => {
    const comet = testComet(t, { limits: { presenceGraceMs: 100_000 } })
    const visitor = comet.connect()
    await visitor.settled()
    const tenant = await comet.tenant()
    comet.clock.advance(120_000)
    assert.equal(await comet.tenant(), tenant)
    tenant.enter()
    visitor.close()
    comet.clock.advance(120_000)
    assert.equal(await comet.tenant(), tenant)
    const user = await comet.logIn(7)
    tenant.exit()
    user.close()
    comet.clock.advance(60_000)
    assert.equal(await comet.tenant(), tenant)
    comet.clock.advance(120_000)
    assert.notEqual(await comet.tenant(), tenant)
  })
})

describe('close', () => {
  test('leaves no timer, and nobody comes in', async (t) => {
    const comet = testComet(t)
    await comet.logIn(7)
    await comet.tenants.close()
    assert.equal(comet.clock.pending, 0)
    await assert.rejects(comet.tenant(), { code: 'COMET_ERR_CLOSED' })
  })

  test('while a tenant is being opened leaves no timer either', async (t) => {
    let answer: (() => void) | undefined
    const comet = testComet(t, {
      lookUp: () => new Promise((resolve) => (answer = () => resolve({ key: 'k', origins: undefined }))),
    })
    await comet.tenants.start()
    const opening = comet.tenant()
    await new Promise(setImmediate)
    await comet.tenants.close()
    answer?.()
    await assert.rejects(opening, { code: 'COMET_ERR_CLOSED' })
    assert.equal(comet.clock.pending, 0)
  })

  test('opens the storage once, and closes it', async (t) => {
    const storage = memoryStorage()
    const calls: string[] = []
    storage.open = async () => void calls.push('open')
    storage.close = async () => void calls.push('close')
    const comet = testComet(t, { storage })
    await Promise.all([comet.tenants.start(), comet.tenants.start(), comet.tenant(1), comet.tenant(2)])
    await comet.tenants.close()
    assert.deepEqual(calls, ['open', 'close'])
  })
})

test('where the other nodes cannot be joined, close still closes the storage, which was opened', async (t) => {
  const storage = memoryStorage()
  let closes = 0
  storage.close = async () => {
    closes++
  }
  const broker = { connect: () => Promise.reject(new Error('no engine')) }
  const comet = testComet(t, { storage, broker })
  await assert.rejects(comet.tenants.start(), /no engine/)
  await comet.tenants.close()
  assert.equal(closes, 1)
})

test('browsers that come before the storage is open wait, and lose no command', async (t) => {
  const storage = memoryStorage()
  let open: (() => void) | undefined
  storage.open = () => new Promise((resolve) => (open = resolve))
  const comet = testComet(t, { storage })
  const browser = comet.connect()
  browser.command('pipe_count', 'web_a', 'm')
  await new Promise(setImmediate)
  assert.deepEqual(browser.lines, [])
  open?.()
  await browser.next({ marker: 'm' })
})
