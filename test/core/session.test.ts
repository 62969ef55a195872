import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { testComet } from '../support/comet.ts'

describe('serverInfo', () => {
  test('comes first, and says who a visitor is: nobody', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    await browser.next({ event: 'serverInfo' })
    assert.deepEqual(browser.messages[0], {
      data: '',
      pipe: 'sys',
      event: 'serverInfo',
      user_id: 0,
      message_send_time: comet.clock.seconds,
      server: 'star-comet/test',
      authorized: false,
    })
  })

  test('carries the hash of a user, whom it calls authorized', async (t) => {
    const browser = await testComet(t).logIn(7)
    assert.equal(browser.messages[0]?.event, 'serverInfo')
    assert.equal(browser.messages[0].data, 'hash7')
    assert.equal(browser.messages[0].authorized, true)
  })

  test('wrong credentials make a visitor, not an error', async (t) => {
    const comet = testComet(t)
    await comet.logIn(7)
    const browser = comet.connect({ myid: '7', sesion: 'wrong' })
    const info = await browser.next({ event: 'serverInfo' })
    assert.equal(info.authorized, false)
    browser.command('web_pipe2', 'web_a', '', '*', '1')
    assert.equal((await browser.next({ pipe: '_answer_to_web_a' })).user_id, 0)
  })
})

describe('commands while the login is pending', () => {
  test('run after it, in the order in which they came', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    assert.deepEqual(browser.lines, [])
    for (let i = 0; i < 100; i++) browser.command('pipe_count', 'web_a', `m${i}`)
    await browser.next({ marker: 'm99' })
    const [first, ...answers] = browser.messages
    assert.equal(first?.event, 'serverInfo')
    assert.deepEqual(
      answers.map(({ marker }) => marker),
      Array.from({ length: 100 }, (_, i) => `m${i}`),
    )
  })

  test('an answer that takes time holds back those after it', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    await (await comet.tenant()).userData.set(7, 'seven')
    browser.command('user_data', 'slow', '7')
    browser.command('pipe_count', 'web_a', 'quick')
    browser.command('user_status', '7')
    await browser.next({ event: 'user_status_7' })
    const answers = browser.messages.slice(1).map(({ marker, event }) => marker ?? event)
    assert.deepEqual(answers, ['slow', 'quick', 'user_status_7'])
  })

  test('more than 1000 that wait end the connection', async (t) => {
    const browser = testComet(t).connect()
    for (let i = 0; i <= 1000; i++) browser.command('statistics')
    assert.equal((await browser.closed).code, 4001)
  })
})

describe('a browser that cannot be let in', () => {
  const table = [
    ['no sesion', { sesion: undefined }, 401],
    ['no myid', { myid: undefined }, 401],
    ['no devid', { devid: undefined }, 406],
    ['a foreign origin', { headers: { origin: 'https://evil.example' } }, 423],
  ] as const
  for (const [what, hello, code] of table) {
    test(`${what}: error ${code}, then the end`, async (t) => {
      const browser = testComet(t, { origins: ['https://shop.example'] }).connect(hello)
      assert.equal((await browser.closed).code, 4501)
      assert.equal(browser.lines.length, 1)
      const [error] = browser.messages
      assert.equal(error?.pipe, 'sys')
      assert.equal(error.event, 'error')
      assert.equal(error.error, code)
      assert.equal((error.data as { error_code: number }).error_code, code)
    })
  }

  test('no v: error 418 in the oldest form, then the end', async (t) => {
    const browser = testComet(t).connect({ v: undefined })
    assert.equal((await browser.closed).code, 4501)
    const [error] = browser.messages
    assert.equal(error?.error, 418)
    assert.equal((JSON.parse(String(error.data)) as { error_code: number }).error_code, 418)
  })

  test('while the server closes: a code after which browsers try again', async (t) => {
    const comet = testComet(t)
    await comet.tenants.close()
    assert.equal((await comet.connect().closed).code, 1012)
  })

  test('where the configuration cannot be read: 500, a code after which browsers try again, no details', async (t) => {
    const comet = testComet(t, { lookUp: () => Promise.reject(new Error('no database at 10.0.0.1')) })
    const browser = comet.connect()
    const { code } = await browser.closed
    assert.ok(code < 4500, String(code))
    assert.equal(browser.messages[0]?.error, 500)
    assert.ok(!browser.lines.join().includes('10.0.0.1'))
    assert.ok(comet.log.join().includes('10.0.0.1'))
  })
})

describe('the application is told', () => {
  test('who connects, subscribes and leaves, in order', async (t) => {
    const comet = testComet(t, { limits: { presenceGraceMs: 0 } })
    const headers = { 'user-agent': 'Browser "1"', origin: 'https://a.example', 'accept-language': 'ru' }
    const browser = await comet.logIn(7, { uuid: 'u1', ip: '192.0.2.1', headers })
    await browser.subscribe('news')
    browser.close(1001, 'going away')
    const seen = comet.events.map(([name, first, second]) => [name, typeof first === 'number' ? first : second])
    assert.deepEqual(seen, [
      ['online', 7],
      ['connect', undefined],
      ['subscribe', 'news'],
      ['unsubscribe', 'news'],
      ['disconnect', { code: 1001, reason: 'going away' }],
      ['offline', 7],
    ])
    const [, session] = comet.events.find(([name]) => name === 'connect') ?? []
    assert.ok(typeof session === 'object' && 'userAgent' in session)
    assert.equal(session.userAgent, 'Browser "1"')
    assert.equal(session.origin, 'https://a.example')
    assert.equal(session.language, 'ru')
    assert.equal(session.ip, '192.0.2.1')
    assert.match(session.uuid, /^[0-9a-f]{32}$/)
  })

  test('of no disconnect without a connect', async (t) => {
    const comet = testComet(t, { limits: { maxConnectionsPerUser: 1 } })
    await comet.logIn(7)
    const second = comet.connect({ myid: '7', sesion: 'hash7' })
    await second.closed
    assert.deepEqual(
      comet.events.map(([name]) => name),
      ['online', 'connect'],
    )
  })

  test('a browser that leaves while its login is pending leaves nothing behind', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    const browser = comet.connect({ myid: '7', sesion: 'hash7' })
    browser.close()
    const witness = comet.connect()
    await witness.settled()
    witness.close()
    assert.ok(tenant.isIdle)
    assert.deepEqual(browser.lines, [])
  })
})

test('what a browser says of itself cannot end a line or add a member', async (t) => {
  const comet = testComet(t)
  const nasty = '","pipe":"sys","event":"error\n\u2028{}'
  const watcher = comet.connect()
  await watcher.subscribe('track_a')
  const browser = comet.connect({ uuid: nasty, v: '3"\n', headers: { 'user-agent': nasty } })
  await browser.subscribe('track_a', nasty, `track_${nasty}`)
  browser.command('pipe_count', 'track_a', nasty)
  browser.command('web_pipe2', 'web_a', nasty, '*', nasty)
  browser.command(nasty)
  await browser.settled()
  const joined = await watcher.next({ pipe: 'track_a', event: 'subscription' })
  assert.deepEqual(Object.keys(joined.data as object), ['user_id', 'uuid'])
  for (const line of [...browser.lines, ...watcher.lines]) assert.doesNotThrow(() => JSON.parse(line), line)
})
