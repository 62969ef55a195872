import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CometServerApi } from '../../lib/client/comet-server-api.ts'
import type { CometEvent } from '../../lib/client/server-message.ts'
import { fakeServer, type EnvironmentOptions } from './fake-server.ts'

/** Lets what is planned for the end of this turn happen. */
const endOfTurn = (): Promise<void> => Promise.resolve()

function begin(options: EnvironmentOptions = {}) {
  const server = fakeServer(options)
  return { server, api: new CometServerApi(server.environment) }
}

function connected(options: EnvironmentOptions = {}) {
  const { server, api } = begin(options)
  api.start({ dev_id: 15 })
  server.socket.welcome()
  return { server, api }
}

test('start connects to the host of the script, with its credentials in the path', () => {
  const { server, api } = begin()
  api.start({ dev_id: 15, user_id: 2, user_key: 'a/b?c' })
  assert.equal(server.socket.url, 'wss://page.example/ws/sesion=a%2Fb%3Fc&myid=2&devid=15&v=5.0&uuid=uuid1&api=js')
})

test('start without options is a visitor of tenant 0; the same start again does nothing', () => {
  const { server, api } = begin()
  api.start()
  api.start()
  api.start({ dev_id: 0 })
  assert.equal(server.sockets.length, 1)
  assert.match(server.socket.url, /sesion=&myid=0&devid=0&/)
})

test('start and restart keep the options that are not given anew', () => {
  const { server, api } = begin()
  api.start({ dev_id: 15, user_id: 2, user_key: 'k' })
  api.restart({ user_key: 'k2' })
  assert.equal(server.sockets.length, 2)
  assert.equal(server.sockets[0]?.isClosedByClient, true)
  assert.match(server.socket.url, /sesion=k2&myid=2&devid=15&/)
  api.start({ user_id: 3 })
  assert.match(server.socket.url, /sesion=k2&myid=3&devid=15&/)
  assert.deepEqual([api.getUserId(), api.getUserKey(), api.getDevId()], [3, 'k2', 15])
})

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

test('authorization is unknown, then told on every change and to who asks later', () => {
  const { server, api } = begin()
  const told: string[] = []
  api.onAuthSuccess(() => told.push('yes'))
  api.onAuthFalill(() => told.push('no'))
  api.start({ user_id: 2, user_key: 'k' })
  assert.equal(api.isAuthorized(), undefined)
  server.socket.welcome(true, 'hash')
  assert.equal(api.isAuthorized(), true)
  assert.equal(api.getRealUserKey(), 'hash')
  api.onAuthSuccess(() => told.push('yes, later'))
  server.socket.welcome(false)
  assert.equal(api.isAuthorized(), false)
  api.restart({ user_id: 3 })
  assert.equal(api.isAuthorized(), undefined)
  server.socket.welcome(false)
  assert.deepEqual(told, ['yes', 'yes, later', 'no', 'no'])
})

test('a reconnect of the same user is no news', () => {
  const { server, api } = begin()
  let told = 0
  api.onAuthSuccess(() => told++)
  api.start({ user_id: 2, user_key: 'k' })
  server.socket.welcome(true)
  server.socket.drop()
  server.clock.advance(5000)
  server.socket.welcome(true)
  assert.equal(told, 1)
})

test('after a lost connection the client comes back with its subscriptions and what was sent meanwhile', async () => {
  const { server, api } = connected()
  api.subscription('news', () => undefined)
  await endOfTurn()
  server.socket.drop()
  assert.equal(api.isConnected(), false)
  api.web_pipe_send('web_chat', 'late')
  server.clock.advance(5000)
  assert.equal(server.sockets.length, 2)
  server.socket.welcome()
  assert.equal(api.isConnected(), true)
  assert.deepEqual(server.socket.received, ['subscription\nnews', 'web_pipe2\nweb_chat\n\n*\n"late"'])
})

test('stop stays stopped, leaves no timer, and start begins anew', () => {
  const { server, api } = connected()
  api.multi_web_pipe_send('web_chat', 'e', 1, 5, 1000)
  api.stop()
  assert.equal(server.socket.isClosedByClient, true)
  assert.equal(api.isConnected(), false)
  assert.equal(server.clock.pending, 0)
  server.window.dispatchEvent(new Event('online'))
  assert.equal(server.sockets.length, 1)
  api.start()
  assert.equal(server.sockets.length, 2)
})

test('a refused client says why and stays away', () => {
  const { server, api } = begin()
  api.start()
  server.socket.open()
  server.socket.line({
    pipe: 'sys',
    event: 'error',
    data: { error: 'Pages of this origin may not connect', error_code: 423 },
  })
  server.socket.drop(4501, 'COMET_ERR_ORIGIN')
  server.clock.advance(600_000)
  assert.equal(server.sockets.length, 1)
  assert.match(server.printed.join('\n'), /may not connect[^]*refused the connection \(4501 COMET_ERR_ORIGIN\)/)
  api.start()
  assert.equal(server.sockets.length, 2)
})

test('multi_web_pipe_send sends several times', () => {
  const { server, api } = connected()
  api.multi_web_pipe_send('web_chat', 'e', 1, 3, 1000)
  assert.equal(server.socket.received.length, 1)
  server.clock.advance(10_000)
  assert.equal(server.socket.received.length, 3)
})

test('with several nodes the client goes to the next one when one fails', () => {
  const { server, api } = begin()
  api.start({ node: ['a.example', 'b.example:8087/comet'] })
  const hosts = [new URL(server.socket.url).host]
  server.socket.drop()
  server.clock.advance(5000)
  hosts.push(new URL(server.socket.url).host)
  assert.deepEqual(hosts.sort(), ['a.example', 'b.example:8087'])
})

test('the uuid of the browser outlives the page, the uuid of the tab does not', () => {
  const items = new Map<string, string>()
  const storage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => items.set(key, value),
  }
  const server = fakeServer({ storage })
  const [first, second] = [new CometServerApi(server.environment), new CometServerApi(server.environment)]
  assert.equal(first.getUUID(), second.getUUID())
  assert.notEqual(first.getTabUUID(), second.getTabUUID())
  second.start({ uuid: 'mine' })
  assert.match(server.socket.url, /&uuid=mine&/)
})

test('a browser that denies storage gets a uuid all the same', () => {
  const deny = (): never => {
    throw new Error('denied')
  }
  const { api } = begin({ storage: { getItem: deny, setItem: deny } })
  assert.match(api.getUUID(), /^uuid\d$/)
})

test('what old pages ask for has an answer', () => {
  const { server, api } = connected()
  assert.equal(api.isMaster(), true)
  assert.equal(api.isUseWss(), true)
  api.UseWss(false)
  assert.equal(api.isUseWss(), false)
  api.restart({ custom_string: 'mine' })
  assert.match(server.socket.url, /^ws:/)
  assert.equal(api.getCustomString(), 'mine')
  assert.equal(api.UseWebSocket(), true)
  api.setRealUserKey('key')
  assert.equal(api.getRealUserKey(), 'key')
  assert.equal(api.getLogLevel(), 1)
  api.setLogLevel(3)
  server.socket.welcome()
  api.sendStatistics('page', 1)
  assert.equal(server.socket.received[0], 'statistics\n["page",1]')
  assert.match(server.printed.at(-1) ?? '', /sent statistics/)
})
