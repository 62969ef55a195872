import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  parseCommand,
  parsePipeQuestion,
  parseSubscription,
  parseUserData,
  parseWebPipe,
  pipeQuestionCommand,
  splitFields,
  statisticsCommand,
  subscriptionCommand,
  userDataCommand,
  webPipeCommand,
} from '../../lib/wire/commands.ts'

test('commands have the form of the protocol', () => {
  assert.equal(subscriptionCommand(['news', 'web_chat']), 'subscription\nnews\nweb_chat')
  assert.equal(subscriptionCommand([]), 'subscription')
  assert.equal(
    webPipeCommand({ pipe: 'web_chat', event: 'say', message: '{"a":1}' }),
    'web_pipe2\nweb_chat\nsay\n*\n{"a":1}',
  )
  assert.equal(pipeQuestionCommand('pipe_log', 'news', 'm1'), 'pipe_log\nnews\nm1')
  assert.equal(pipeQuestionCommand('pipe_count', 'web_a', 'm1'), 'pipe_count\nweb_a\nm1')
  assert.equal(userDataCommand('m1', '7'), 'user_data\nm1\n7')
  assert.equal(statisticsCommand('[1]'), 'statistics\n[1]')
})

test('what was built is parsed to the same fields', () => {
  const fields = { pipe: '@web_chat', event: '', message: '"two\nlines\n"' }
  const { word, rest } = parseCommand(webPipeCommand(fields))
  assert.equal(word, 'web_pipe2')
  assert.deepEqual(parseWebPipe(rest), fields)
  assert.deepEqual(parsePipeQuestion(parseCommand(pipeQuestionCommand('pipe_log', 'news', 'm1')).rest), {
    pipe: 'news',
    marker: 'm1',
  })
  assert.deepEqual(parseUserData(parseCommand(userDataCommand('m1', '7')).rest), { marker: 'm1', userId: '7' })
  assert.deepEqual(parseSubscription(parseCommand(subscriptionCommand(['a1', 'b2'])).rest), ['a1', 'b2'])
})

test('a subscription leaves out empty lines and repetitions', () => {
  assert.deepEqual(parseSubscription('news\n\nchat\nnews\n'), ['news', 'chat'])
  assert.deepEqual(parseSubscription(''), [])
})

test('a command may be a word alone, and missing fields are empty', () => {
  assert.deepEqual(parseCommand('subscription'), { word: 'subscription', rest: '' })
  assert.deepEqual(parseCommand(''), { word: '', rest: '' })
  assert.deepEqual(splitFields('a', 3), ['a', '', ''])
  assert.deepEqual(splitFields('a\nb\nc\nd', 3), ['a', 'b', 'c\nd'])
  assert.deepEqual(splitFields('\n\n', 3), ['', '', ''])
  assert.deepEqual(parseWebPipe('web_chat\nsay'), { pipe: 'web_chat', event: 'say', message: '' })
})
