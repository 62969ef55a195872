import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CometEvent } from '../../../lib/client/server-message.ts'
import { begin, connected } from '../support/started-page.ts'

test('web_pipe_send sends JSON; what waits for a connection keeps its order, after the subscriptions', () => {
  const { server, api } = begin()
  assert.equal(api.web_pipe_send('web_chat', 'say', { text: 'two\nlines' }), true)
  api.web_pipe_send('web_chat.say', 'hi')
  api.web_pipe_send('@web_chat', 5)
  api.web_pipe_send('web_chat', 'say', undefined)
  api.subscription('web_chat', () => undefined)
  api.start()
  server.socket.welcome()
  assert.deepEqual(server.socket.received, [
    'subscription\nweb_chat',
    'web_pipe2\nweb_chat\nsay\n*\n{"text":"two\\nlines"}',
    'web_pipe2\nweb_chat\nsay\n*\n"hi"',
    'web_pipe2\n@web_chat\n\n*\n5',
    'web_pipe2\nweb_chat\nsay\n*\nnull',
  ])
})

test('web_pipe_send refuses names that would break the command', () => {
  const { server, api } = connected()
  assert.equal(api.web_pipe_send('web_a\nsubscription', 'x', 1), false)
  assert.equal(api.web_pipe_send('web_a', 'x\ny', 1), false)
  assert.deepEqual(server.socket.received, [])
  assert.equal(server.printed.length, 2)
})

test('of more than 1000 messages that wait the oldest are dropped, and it is told', () => {
  const { server, api } = begin()
  for (let i = 0; i < 1002; i++) api.web_pipe_send('web_chat', i)
  api.start()
  server.socket.welcome()
  assert.equal(server.socket.received.length, 1000)
  assert.match(server.socket.received[0] ?? '', /\n2$/)
  assert.equal(server.printed.length, 2)
})

test('a subscription goes out before what is sent in the same turn', () => {
  const { server, api } = connected()
  api.subscription('web_chat', () => undefined)
  api.count_users_in_pipe('web_chat', () => undefined)
  assert.deepEqual(server.socket.received, ['subscription\nweb_chat', 'pipe_count\nweb_chat\nq1'])
})

test('answers find who asked, once', () => {
  const { server, api } = connected()
  const answers: unknown[] = []
  const note = (event: CometEvent) => answers.push(event.data)
  api.count_users_in_pipe('web_chat', note)
  api.getTrackPipeUsers('track_room', note)
  api.getUserData(7, note)
  assert.deepEqual(server.socket.received, [
    'pipe_count\nweb_chat\nq1',
    'track_pipe_users\ntrack_room\nq2',
    'user_data\nq3\n7',
  ])
  server.socket.line({ pipe: '_answer', event: 'answer', data: { user_data: 'Ann', user_id: 7 }, marker: 'q3' })
  server.socket.line({ pipe: '_answer_pipe_count', event: 'user_in_pipe', data: { user_in_pipe: 4 }, marker: 'q1' })
  server.socket.line({ pipe: '_answer_pipe_count', event: 'user_in_pipe', data: { user_in_pipe: 9 }, marker: 'q1' })
  assert.deepEqual(answers, [{ user_data: 'Ann', user_id: 7 }, { user_in_pipe: 4 }])
})

test('a question without an answer is asked again after a reconnect', () => {
  const { server, api } = begin()
  api.count_users_in_pipe('web_a', () => undefined)
  api.start()
  server.socket.welcome()
  assert.deepEqual(server.socket.received, ['pipe_count\nweb_a\nq1'])
  server.socket.drop()
  server.clock.advance(2000)
  server.socket.welcome()
  assert.deepEqual(server.socket.received, ['pipe_count\nweb_a\nq1'])
  server.socket.line({ pipe: '_answer_pipe_count', event: 'user_in_pipe', data: {}, marker: 'q1' })
  server.socket.drop()
  server.clock.advance(5000)
  server.socket.welcome()
  assert.deepEqual(server.socket.received, [])
})

test('history comes to the callbacks of the pipe and to the one given', () => {
  const { server, api } = connected()
  const seen: unknown[] = []
  api.subscription('news', ({ data, server_info }) => seen.push(['pipe', data, server_info.history]))
  api.get_pipe_log('news', ({ data, server_info }) => seen.push(['asked', data, server_info.history]))
  assert.equal(server.socket.received.at(-1), 'pipe_log\nnews\nq1')
  for (const data of [1, 2]) server.socket.line({ pipe: 'news', event: 'e', data, history: true, marker: 'q1' })
  assert.deepEqual(seen, [
    ['asked', 1, true],
    ['pipe', 1, true],
    ['asked', 2, true],
    ['pipe', 2, true],
  ])
})
