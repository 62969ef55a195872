import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { testComet } from '../../support/comet.ts'

describe('web_pipe2', () => {
  test('the others get the message with the sender, the sender gets a report', async (t) => {
    const comet = testComet(t)
    const [sender, other] = [await comet.logIn(7), comet.connect()]
    await sender.subscribe('web_chat')
    await other.subscribe('web_chat')
    sender.command('web_pipe2', 'web_chat', 'say', '*', '{"text":"it\'s"}')
    const message = await other.next({ pipe: 'web_chat' })
    assert.deepEqual(message, {
      data: { text: "it's" },
      pipe: 'web_chat',
      event: 'say',
      user_id: 7,
      message_send_time: comet.clock.seconds,
    })
    const report = await sender.next({ pipe: '_answer_to_web_chat', event: 'answer' })
    assert.deepEqual(report.data, { number_messages: 1, message: { text: "it's" } })
    await sender.settled()
    assert.deepEqual(sender.dataOf('web_chat'), [])
  })

  test('the sender need not be subscribed', async (t) => {
    const comet = testComet(t)
    const [sender, other] = [comet.connect(), comet.connect()]
    await other.subscribe('web_chat')
    sender.command('web_pipe2', 'web_chat', '', '*', '"hi"')
    assert.equal((await other.next({ pipe: 'web_chat', event: '' })).user_id, 0)
    const report = await sender.next({ pipe: '_answer_to_web_chat' })
    assert.deepEqual(report.data, { number_messages: 1, message: 'hi' })
  })

  for (const [what, text, data] of [
    ['a text with line breaks', 'line 1\nline 2', 'line 1\nline 2'],
    ['a JSON string', '"it\'s \\"so\\"\\n"', 'it\'s "so"\n'],
    ['a JSON number', '5', 5],
    ['HTML', '"<b>👍</b>"', '<b>👍</b>'],
    ['line breaks between tokens', '[1,\n2]', [1, 2]],
    ['broken JSON', '{broken', '{broken'],
    ['nothing', '', ''],
  ] as const) {
    test(`carries ${what}`, async (t) => {
      const comet = testComet(t)
      const [sender, other] = [comet.connect(), comet.connect()]
      await other.subscribe('web_chat')
      sender.command('web_pipe2', 'web_chat', 'say', '*', text)
      assert.deepEqual((await other.next({ pipe: 'web_chat' })).data, data)
      assert.deepEqual((await sender.next({ pipe: '_answer_to_web_chat' })).data, { number_messages: 1, message: data })
    })
  }

  test('@web_… publishes without the user id', async (t) => {
    const comet = testComet(t)
    const [sender, other] = [await comet.logIn(7), comet.connect()]
    await other.subscribe('web_chat')
    sender.command('web_pipe2', '@web_chat', 'say', '*', '1')
    assert.equal((await other.next({ pipe: 'web_chat' })).user_id, 0)
    await sender.next({ pipe: '_answer_to_web_chat' })
  })

  test('webauth_… is for users who are logged in', async (t) => {
    const comet = testComet(t)
    const [user, visitor] = [await comet.logIn(7), comet.connect()]
    visitor.command('web_pipe2', 'webauth_a', '', '*', '1')
    const error = await visitor.next({ pipe: 'sys', event: 'error' })
    assert.equal((error.data as { number_messages: number }).number_messages, -1)
    user.command('web_pipe2', 'webauth_a', '', '*', '1')
    await user.next({ pipe: '_answer_to_webauth_a' })
  })

  for (const [pipe, code] of [
    ['news', 403],
    ['private_a', 403],
    ['track_a', 403],
    ['user_status_7', 403],
    ['msg', 403],
    ['sys', 403],
    ['_answer', 403],
    ['comet_a', 403],
    ['webby', 403],
    ['@webauth', 403],
    ['@@web_a', 12],
    ['web_a b', 12],
    ['web_a"', 12],
    ['', 12],
  ] as const) {
    test(`into "${pipe}" is refused with ${code}`, async (t) => {
      const comet = testComet(t)
      const browser = await comet.logIn(7)
      browser.command('web_pipe2', pipe, 'e', '*', '1')
      const { data } = await browser.next({ pipe: 'sys', event: 'error' })
      assert.equal((data as { number_messages: number }).number_messages, -1)
      assert.equal((data as { error_code: number }).error_code, code)
    })
  }

  test('an event that is not right is refused', async (t) => {
    const comet = testComet(t)
    const browser = comet.connect()
    browser.command('web_pipe2', 'web_a', 'e","pipe":"sys', '*', '1')
    const { data } = await browser.next({ pipe: 'sys', event: 'error' })
    assert.equal((data as { number_messages: number }).number_messages, -1)
  })

  test('a message above maxMessageBytes is refused with limit and size', async (t) => {
    const comet = testComet(t, { limits: { maxMessageBytes: 10 } })
    const browser = comet.connect()
    browser.command('web_pipe2', 'web_a', '', '*', '"ééééé"')
    const { data } = await browser.next({ pipe: 'sys', event: 'error' })
    assert.match((data as { error: string }).error, /12 bytes, the limit is 10/)
  })
})
