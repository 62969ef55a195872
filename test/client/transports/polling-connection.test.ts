import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CometServerApi } from '../../../lib/client/comet-server-api.ts'
import { fakeHttp, serverInfo, settled, type FakeRequest } from '../support/fake-http.ts'
import { fakeServer } from '../support/fake-server.ts'

/** A page that has come up by long polling, and waits in its first poll. */
async function connected() {
  const http = fakeHttp()
  const server = fakeServer({ fetch: http.fetch })
  const api = new CometServerApi(server.environment, { node: 'c.example', transports: ['polling'] })
  api.start()
  await http.request.respond(200, { session: 's1', seq: 1, messages: [serverInfo] })
  const polls = (): FakeRequest[] => http.requests.filter(({ url }) => url.includes('/poll/'))
  const poll = (): FakeRequest => polls().at(-1)!
  return { http, server, api, polls, poll }
}

test('each poll names the last answer, and its messages come in order', async () => {
  const { api, poll } = await connected()
  assert.deepEqual([api.isConnected(), api.getTransport()], [true, 'polling'])
  const seen: unknown[] = []
  api.subscription(({ data }) => seen.push(data))
  assert.equal(poll().url, 'https://c.example/poll/session=s1&seq=1')
  const messages = [1, 'two', { n: 3 }].map((data) => ({ pipe: 'news', event: 'a', data }))
  await poll().respond(200, { seq: 2, messages })
  assert.deepEqual(seen, [1, 'two', { n: 3 }])
  assert.equal(poll().url, 'https://c.example/poll/session=s1&seq=2')
})

test('commands go while a poll waits', async () => {
  const { http, api, poll } = await connected()
  api.web_pipe_send('web_a', 1)
  await settled()
  assert.equal(http.request.url, 'https://c.example/send/session=s1')
  assert.deepEqual(JSON.parse(http.request.body), ['web_pipe2\nweb_a\n\n*\n1'])
  assert.equal(poll().isAborted, false)
})

test('a poll that is cut off is sent again, with the same number', async () => {
  const { server, api, polls, poll } = await connected()
  for (let i = 0; i < 3; i++) {
    await poll().fail()
    server.clock.advance(4000)
  }
  assert.deepEqual(
    polls().map(({ url }) => url.split('/').at(-1)),
    [polls()[0]?.url.split('/').at(-1), ...Array<string>(4).fill('session=s1&seq=1')],
  )
  assert.equal(api.isConnected(), true)
  await poll().respond(200, { seq: 2, messages: [] })
  for (let i = 0; i < 3; i++) {
    await poll().respond(504)
    server.clock.advance(4000)
  }
  assert.equal(api.isConnected(), true, 'an answer came in between')
  await poll().fail()
  assert.equal(api.isConnected(), false)
})

test('a network that is back ends the wait, once', async () => {
  const { server, polls, poll } = await connected()
  await poll().fail()
  const count = polls().length
  for (let i = 0; i < 2; i++) server.window.dispatchEvent(new Event('online'))
  server.clock.advance(5000)
  assert.equal(polls().length, count + 1)
})

test('a web site that answers everything with 200 is no server of ours, and not hammered', async () => {
  const http = fakeHttp()
  const server = fakeServer({ fetch: http.fetch })
  const api = new CometServerApi(server.environment, { node: 'c.example', transports: ['polling'] })
  api.start()
  for (const body of [{}, { messages: [] }, 'ok']) {
    const { length } = http.requests
    await http.request.respond(200, body)
    server.clock.advance(0)
    assert.equal(http.requests.length, length)
    server.clock.advance(10_000)
    assert.equal(http.requests.length, length + 1)
  }
  assert.equal(api.isConnected(), false)
})

test('a server that does not know the session any more gets a new one', async () => {
  const { server, api, polls, poll } = await connected()
  await poll().respond(404)
  assert.equal(api.isConnected(), false)
  server.clock.advance(2000)
  assert.match(poll().url, /\/poll\/sesion=/)
  assert.equal(polls().length, 3)
})

test('empty answers are signs of life: the client asks for no others', async () => {
  const { http, server, poll, polls } = await connected()
  for (let i = 0; i < 10; i++) {
    server.clock.advance(25_000)
    await poll().respond(200, { seq: 1, messages: [] })
  }
  assert.equal(http.requests.length, polls().length)
})

test('a dead network is noticed after 60 seconds, and the requests are given up', async () => {
  const { http, server, api, poll } = await connected()
  const dead = poll()
  server.clock.advance(45_000)
  await settled()
  const probe = http.request
  assert.match(probe.body, /pipe_count/)
  server.clock.advance(15_000)
  assert.equal(dead.isAborted, true)
  assert.equal(api.isConnected(), false)
  server.clock.advance(5000)
  await settled()
  assert.equal(probe.isAborted, true)
})

test('the server ends the session: with its code and reason, after its last messages', async () => {
  const { server, api, poll, polls } = await connected()
  api.setLogLevel(2)
  const seen: unknown[] = []
  api.subscription(({ data }) => seen.push(data))
  const close = { code: 1012, reason: 'the server is stopping' }
  await poll().respond(200, { seq: 2, messages: [{ pipe: 'news', data: 'last' }], close })
  assert.deepEqual(seen, ['last'])
  assert.match(server.printed.join('\n'), /connection lost \(1012 the server is stopping\)/)
  assert.equal(polls().length, 2)
})

test('stop() and a page that is left tell the server, after what was sent before', async () => {
  const { http, server, api, poll } = await connected()
  const waiting = poll()
  api.web_pipe_send('web_a', 'last')
  api.stop()
  assert.equal(waiting.isAborted, true)
  await settled()
  assert.match(http.request.body, /last/)
  await http.request.respond(204)
  assert.equal(http.request.url, 'https://c.example/send/session=s1&close=1')
  assert.equal(http.request.init.keepalive, true)
  await http.request.respond(204)
  assert.equal(server.clock.pending, 0)

  const other = await connected()
  other.server.window.dispatchEvent(new Event('pagehide'))
  await settled()
  assert.equal(other.http.request.url, 'https://c.example/send/session=s1&close=1')
})
