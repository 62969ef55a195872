import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { testComet } from '../../support/comet.ts'

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `pipe${index}`)

describe('subscription', () => {
  test('replaces the pipes of this connection by the list', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    await browser.subscribe('news', 'sport')
    await browser.subscribe('sport', 'chat')
    const tenant = await comet.tenant()
    for (const pipe of ['news', 'sport', 'chat']) await tenant.publish({ pipe, event: '', text: pipe })
    await browser.settled()
    assert.deepEqual(
      ['news', 'sport', 'chat'].map((pipe) => browser.dataOf(pipe)),
      [[], ['sport'], ['chat']],
    )
  })

  test('an empty list leaves everything; empty lines, repetitions and msg count for nothing', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    await browser.subscribe('news', '', 'news', 'msg')
    const tenant = await comet.tenant()
    assert.deepEqual([...tenant.pipeNames()], ['news'])
    assert.equal(tenant.pipe('news')?.size, 1)
    await browser.subscribe()
    assert.deepEqual([...tenant.pipeNames()], [])
  })

  test('a name that is not right gets an error message of its own, the others count', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    await browser.subscribe('x', 'news', 'bad name', 'private_a')
    const errors = browser.messages.filter(({ event }) => event === 'error')
    assert.deepEqual(
      errors.map(({ data }) => (data as { info: string }).info),
      ['COMET_ERR_INVALID', 'COMET_ERR_INVALID', 'COMET_ERR_DENIED'],
    )
    assert.deepEqual([...(await comet.tenant()).pipeNames()], ['news'])
  })

  test('the 129th pipe gets an error that names the limit; 128 others may replace the 128', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    await browser.subscribe(...names(129))
    const error = await browser.next({ pipe: 'sys', event: 'error' })
    assert.match((error.data as { error: string }).error, /129.*128 subscriptions \(maxSubscriptions\)/)
    assert.equal([...(await comet.tenant()).pipeNames()].length, 128)
    await browser.subscribe(...names(128).map((name) => `other_${name}`))
    assert.equal(browser.messages.filter(({ event }) => event === 'error').length, 1)
    assert.equal([...(await comet.tenant()).pipeNames()].length, 128)
  })
})

describe('pipe_log', () => {
  test('sends what the pipe keeps, as it was, with history and marker', async (t) => {
    const comet = testComet(t)
    const [sender, reader] = [await comet.logIn(7), comet.connect()]
    const tenant = await comet.tenant()
    await tenant.history.setKeep('web_chat', 2)
    await tenant.publish({ pipe: 'web_chat', event: 'old', text: 'gone' })
    sender.command('web_pipe2', 'web_chat', '', '*', '5')
    await sender.next({ pipe: '_answer_to_web_chat' })
    const time = comet.clock.seconds
    comet.clock.advance(60_000)
    await tenant.publish({ pipe: 'web_chat', event: 'add', text: '5' })
    reader.command('pipe_log', 'web_chat', 'm1')
    const marked = { pipe: 'web_chat', history: true, marker: 'm1' }
    assert.deepEqual(await reader.next(marked), { ...marked, data: 5, event: '', user_id: 7, message_send_time: time })
    assert.deepEqual(await reader.next(marked), {
      ...marked,
      data: '5',
      event: 'add',
      user_id: 0,
      message_send_time: time + 60,
    })
  })

  test('goes to this connection alone; a pipe that keeps nothing sends nothing', async (t) => {
    const comet = testComet(t)
    const [reader, other] = [comet.connect(), comet.connect()]
    const tenant = await comet.tenant()
    await tenant.history.setKeep('news', 5)
    await tenant.publish({ pipe: 'news', event: '', text: 'kept' })
    await other.subscribe('news')
    reader.command('pipe_log', 'news', 'm')
    reader.command('pipe_log', 'sport', 'm')
    await reader.settled()
    await other.settled()
    assert.deepEqual(reader.dataOf('news'), ['kept'])
    assert.deepEqual(other.dataOf('news'), [])
  })

  test('that is large comes in portions, each when the network has taken the one before', async (t) => {
    const comet = testComet(t)
    const tenant = await comet.tenant()
    await tenant.history.setKeep('news', 10)
    for (let i = 0; i < 10; i++) await tenant.publish({ pipe: 'news', event: '', text: String(i).repeat(200_000) })
    const reader = comet.connect()
    reader.takesBytes = false
    reader.command('pipe_log', 'news', 'm')
    await reader.next({ data: '1'.repeat(200_000) })
    await new Promise(setImmediate)
    assert.equal(reader.dataOf('news').length, 2)
    reader.takeAll()
    await reader.next({ data: '3'.repeat(200_000) })
    reader.takesBytes = true
    reader.takeAll()
    await reader.next({ data: '9'.repeat(200_000) })
    assert.equal(reader.dataOf('news').length, 10)
  })

  test('of private_… needs a login', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    browser.command('pipe_log', 'private_a', 'm')
    assert.equal((await browser.next({ pipe: 'sys', event: 'error' })).error, 403)
  })
})

describe('questions', () => {
  test('pipe_count counts the subscribers of web_ and track_ pipes, for anybody', async (t) => {
    const comet = testComet(t)
    const [asker, ...others] = [comet.connect(), comet.connect(), comet.connect()]
    for (const other of others) await other.subscribe('web_chat', 'track_a')
    for (const [pipe, count] of [
      ['web_chat', 2],
      ['track_a', 2],
      ['web_empty', 0],
    ] as const) {
      asker.command('pipe_count', pipe, 'm.1_-')
      const answer = await asker.next({ pipe: '_answer_pipe_count', event: 'user_in_pipe', marker: 'm.1_-' })
      assert.deepEqual(answer.data, { user_in_pipe: count })
    }
    asker.command('pipe_count', 'news', 'm')
    assert.equal((await asker.next({ pipe: 'sys', event: 'error' })).error, 403)
  })

  test('track_pipe_users lists who is in a track_ pipe, with hashed uuids', async (t) => {
    const comet = testComet(t)
    const [user, visitor] = [await comet.logIn(7, { uuid: 'browser-1' }), comet.connect({ uuid: 'browser-2' })]
    await user.subscribe('track_a')
    await visitor.subscribe('track_a')
    visitor.command('track_pipe_users', 'track_a', 'm')
    const { data } = await visitor.next({ pipe: '_answer', event: 'answer', marker: 'm' })
    const members = data as { user_id: number; uuid: string }[]
    assert.deepEqual(
      members.map(({ user_id }) => user_id),
      [7, 0],
    )
    for (const { uuid } of members) assert.match(uuid, /^[0-9a-f]{32}$/)
    assert.notEqual(members[0]?.uuid, members[1]?.uuid)
    visitor.command('track_pipe_users', 'web_chat', 'm')
    assert.equal((await visitor.next({ pipe: 'sys', event: 'error' })).error, 403)
  })

  test('user_data: the text of a user, empty for one without', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    const text = '{"name":"O\'Hara"}\n","user_id":1'
    await (await comet.tenant()).userData.set(7, text)
    browser.command('user_data', 'm1', '7')
    const answer = await browser.next({ pipe: '_answer', event: 'answer', marker: 'm1' })
    assert.deepEqual(answer.data, { user_data: text, user_id: 7 })
    browser.command('user_data', 'm2', '8')
    assert.deepEqual((await browser.next({ marker: 'm2' })).data, { user_data: '', user_id: 8 })
  })

  test('user_status: seconds since the user was online; 0 is now, -1 never', async (t) => {
    const comet = testComet(t, { limits: { presenceGraceMs: 0 } })
    const [asker, user] = [comet.connect(), await comet.logIn(7)]
    const status = async (id: number): Promise<unknown> => {
      asker.command('user_status', String(id))
      return (await asker.next({ pipe: '_answer_user_status', event: `user_status_${id}` })).data
    }
    assert.deepEqual(await status(7), { last_online_time: 0 })
    assert.deepEqual(await status(8), { last_online_time: -1 })
    user.close()
    comet.clock.advance(90_000)
    assert.deepEqual(await status(7), { last_online_time: 90 })
  })

  for (const command of [
    'user_data\nm\n0',
    'user_data\nm\nx',
    'user_status\n-1',
    'user_status\n',
    'user_data\n"\n7',
    'pipe_count\nweb_a\n"',
    'pipe_log\na b\nm',
    `pipe_count\nweb_a\n${'m'.repeat(65)}`,
  ]) {
    test(`${JSON.stringify(command.slice(0, 24))} gets an error, and the connection stays`, async (t) => {
      const comet = testComet(t)
      const browser = comet.connect()
      browser.command(command)
      assert.equal(
        ((await browser.next({ pipe: 'sys', event: 'error' })).data as { error_code: number }).error_code,
        12,
      )
      await browser.settled()
    })
  }
})

describe('other commands', () => {
  test('statistics are accepted and ignored', async (t) => {
    const browser = testComet(t).connect()
    browser.command('statistics', '{"a":1}')
    await browser.settled()
    assert.equal(browser.lines.length, 2, 'serverInfo and the answer that settled() asked for')
  })

  for (const command of ['', 'subscribe\nnews', 'constructor', '__proto__', 'x'.repeat(1000)]) {
    test(`"${command.slice(0, 12)}" is unknown: an error, and the connection stays`, async (t) => {
      const browser = testComet(t).connect()
      browser.command(command)
      const { data } = await browser.next({ pipe: 'sys', event: 'error' })
      assert.equal((data as { info: string }).info, 'COMET_ERR_NOT_IMPLEMENTED')
      await browser.settled()
    })
  }
})

describe('the application is asked', () => {
  test('before every subscription, publication and history request', async (t) => {
    const asked: string[] = []
    const comet = testComet(t, {
      authorize: async ({ session, action, pipe }) => {
        asked.push(`${session.userId} ${action} ${pipe}`)
        return !pipe.endsWith('secret')
      },
    })
    const browser = await comet.logIn(7)
    browser.command('subscription', 'web_secret', 'web_open')
    browser.command('web_pipe2', 'web_secret', '', '*', '1')
    browser.command('web_pipe2', 'web_open', '', '*', '1')
    browser.command('pipe_log', 'web_secret', 'm')
    await browser.settled()
    assert.deepEqual(asked, [
      '7 subscribe web_secret',
      '7 subscribe web_open',
      '7 publish web_secret',
      '7 publish web_open',
      '7 history web_secret',
    ])
    assert.equal(browser.messages.filter(({ error }) => error === 403).length, 3)
    assert.deepEqual([...(await comet.tenant()).pipeNames()], ['web_open'])
  })

  test('and is not asked for what the rules of the pipes do not allow anyway', async (t) => {
    const asked: string[] = []
    const comet = testComet(t, {
      authorize: ({ pipe }) => {
        asked.push(pipe)
        return true
      },
    })
    const browser = comet.connect()
    await browser.subscribe('bad name', 'private_a')
    browser.command('web_pipe2', 'news', '', '*', '1')
    await browser.settled()
    assert.deepEqual(asked, [])
  })

  test('a question that fails allows nothing, and the details stay in the log', async (t) => {
    const comet = testComet(t, { authorize: () => Promise.reject(new Error('no database at 10.0.0.1')) })
    const browser = comet.connect()
    await browser.subscribe('news')
    const error = await browser.next({ pipe: 'sys', event: 'error' })
    assert.equal(error.error, 500)
    assert.ok(!browser.lines.join().includes('10.0.0.1'))
    assert.ok(comet.log.join().includes('10.0.0.1'))
    assert.deepEqual([...(await comet.tenant()).pipeNames()], [])
  })
})
