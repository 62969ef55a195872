import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CometEvent } from '../../../lib/client/server-message.ts'
import { begin, connected } from '../support/started-page.ts'

/** Lets what is planned for the end of this turn happen. */
const endOfTurn = (): Promise<void> => Promise.resolve()

test('subscriptions made before start are sent in one command, when the server has let the client in', () => {
  const { server, api } = begin()
  api.subscription('news', () => undefined)
  api.subscription('chat.say\nuser_status_3.online', () => undefined)
  for (const local of ['', 'msg', 'msg.hello', '#web_chat', 'answer_to_web_chat', '_answer'])
    api.subscription(local, () => undefined)
  api.start()
  server.socket.open()
  assert.deepEqual(server.socket.received, [])
  server.socket.welcome()
  assert.deepEqual(server.socket.received, ['subscription\nnews\nchat\nuser_status_3'])
})

test('changes of one turn leave as one command, and only where the list is another', async () => {
  const { server, api } = connected()
  const news = api.subscription('news', () => undefined)
  const again = api.subscription('news.add', () => undefined)
  api.subscription('chat', () => undefined)
  await endOfTurn()
  assert.deepEqual(server.socket.received, ['subscription\nnews\nchat'])
  assert.equal(api.unsubscription(news), true)
  await endOfTurn()
  assert.equal(server.socket.received.length, 1, 'news.add still needs the pipe')
  api.unsubscription(again)
  await endOfTurn()
  assert.equal(server.socket.received[1], 'subscription\nchat')
  api.unsubscriptionAll()
  await endOfTurn()
  assert.equal(server.socket.received[2], 'subscription')
  assert.equal(api.unsubscription(news), false)
})

test('the callbacks of the event come first, then those of the pipe, then those of everything', () => {
  const { server, api } = connected()
  const calls: string[] = []
  const note = (name: string) => () => calls.push(name)
  api.subscription(note('everything'))
  api.subscription('', note('also everything'))
  api.subscription('news', note('news'))
  api.subscription('news.add', note('news.add'))
  api.subscription('news.remove', note('news.remove'))
  api.subscription('news\nnews.add', note('both, once'))
  server.socket.line({ pipe: 'news', event: 'add', data: 'x' })
  assert.deepEqual(calls, ['news.add', 'both, once', 'news', 'everything', 'also everything'])
})

test('a callback gets the data as it was on the wire, and who sent it', () => {
  const { server, api } = connected()
  const events: CometEvent[] = []
  api.subscription('news', (event) => events.push(event))
  const line = { pipe: 'news', event: 'add', data: { id: 1 }, user_id: 7, message_send_time: 5, offset: 3, uuid: 'u' }
  server.socket.line(line)
  assert.deepEqual(events[0], {
    data: { id: 1 },
    server_info: {
      user_id: 7,
      pipe: 'news',
      event: 'add',
      history: false,
      marker: undefined,
      uuid: 'u',
      offset: 3,
      id: undefined,
      message_send_time: 5,
    },
  })
  for (const data of ['"hi"', '123', '{"not": parsed', '{"a":1}']) {
    server.socket.line({ pipe: 'news', event: '', data })
    assert.equal(events.at(-1)?.data, data)
  }
  assert.equal(events.at(-1)?.server_info.user_id, 0)
})

test('a frame may have several lines; what is no message is ignored and told, never evaluated', () => {
  const { server, api } = connected()
  const seen: unknown[] = []
  api.subscription((event) => seen.push(event.data))
  server.socket.text(
    '{"pipe":"a1","data":1}\nalert(1)\n\n[1]\nnull\n{"data":"no pipe"}\n{"pipe":"a1","data":2,"jscode":"throw 1"}\n',
  )
  assert.deepEqual(seen, [1, 2])
  assert.equal(server.printed.length, 4)
  assert.match(server.printed[0] ?? '', /ignored.*alert\(1\)/)
})

test('a callback that throws is reported and does not stop the others', () => {
  const { server, api } = connected()
  const mistake = new Error('of the page')
  let calls = 0
  api.subscription('news', () => {
    throw mistake
  })
  api.subscription('news', () => calls++)
  server.socket.text('{"pipe":"news","data":1}\n{"pipe":"news","data":2}')
  assert.equal(calls, 2)
  assert.deepEqual(server.reported, [mistake, mistake])
})

test('everything means messages, neither answers nor what the server says of itself', () => {
  const { server, api } = begin()
  const everything: string[] = []
  const errors: unknown[] = []
  api.subscription((event) => everything.push(event.server_info.pipe))
  api.subscription('sys.error', (event) => errors.push(event.data))
  api.start()
  server.socket.welcome()
  server.socket.line({ pipe: 'sys', event: 'error', data: { error: 'Access denied' } })
  server.socket.line({ pipe: '_answer_to_web_chat', event: 'answer', data: {} })
  server.socket.line({ pipe: 'msg', event: 'hello', data: 1 })
  assert.deepEqual(everything, ['msg'])
  assert.deepEqual(errors, [{ error: 'Access denied' }])
  assert.match(server.printed[0] ?? '', /Access denied/)
})

test('#pipe and answer_to_pipe get the delivery reports', () => {
  const { server, api } = connected()
  const reports: unknown[] = []
  for (const name of ['#web_chat', 'answer_to_web_chat', '_answer_to_web_chat.answer'])
    api.subscription(name, (event) => reports.push(event.data))
  const data = { number_messages: 2, message: 'hi' }
  server.socket.line({ pipe: '_answer_to_web_chat', event: 'answer', data })
  assert.deepEqual(reports, [data, data, data])
})

test('a name that is none is left out and told', async () => {
  const { server, api } = connected()
  api.subscription('news\nпривет\nx', () => undefined)
  await endOfTurn()
  assert.deepEqual(server.socket.received, ['subscription\nnews'])
  assert.match(server.printed[0] ?? '', /"привет" is no pipe name/)
  assert.match(server.printed[1] ?? '', /"x" is no pipe name/)
})
