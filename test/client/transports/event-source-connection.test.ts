import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CometServerApi } from '../../../lib/client/comet-server-api.ts'
import type { StartOptions } from '../../../lib/client/options.ts'
import { fakeHttp, settled } from '../support/fake-http.ts'
import { fakeServer } from '../support/fake-server.ts'

/** A page that has come up over Server-Sent Events. */
function connected(options: StartOptions = {}) {
  const http = fakeHttp()
  const server = fakeServer({ EventSource: http.EventSource, fetch: http.fetch })
  const api = new CometServerApi(server.environment, { node: 'c.example', transports: ['sse'], ...options })
  api.start()
  http.source.welcome()
  return { http, server, api }
}

test('messages come as events, commands go by POST to the session', async () => {
  const { http, api } = connected()
  assert.deepEqual([api.isConnected(), api.getTransport()], [true, 'sse'])
  const seen: unknown[] = []
  api.subscription('news', ({ data }) => seen.push(data))
  await settled()
  assert.equal(http.request.url, 'https://c.example/send/session=s1')
  assert.deepEqual(JSON.parse(http.request.body), ['subscription\nnews'])
  assert.deepEqual([http.request.init.method, http.request.init.headers], ['POST', undefined])
  http.source.event('message', '{"pipe":"news","event":"a","data":1}\n{"pipe":"news","event":"a","data":"two"}')
  assert.deepEqual(seen, [1, 'two'])
})

test('commands of a turn go together, and one request at a time', async () => {
  const { http, api } = connected()
  api.web_pipe_send('web_a', 1)
  api.web_pipe_send('web_a', 2)
  await settled()
  assert.equal(http.requests.length, 1)
  assert.deepEqual(JSON.parse(http.request.body), ['web_pipe2\nweb_a\n\n*\n1', 'web_pipe2\nweb_a\n\n*\n2'])
  api.web_pipe_send('web_a', 3)
  await settled()
  assert.equal(http.requests.length, 1, 'the first is not answered')
  await http.request.respond(204)
  assert.equal(http.requests.length, 2)
  assert.deepEqual(JSON.parse(http.request.body), ['web_pipe2\nweb_a\n\n*\n3'])
})

test('a large heap of commands goes in several requests; a server with a lower limit gets each by itself', async () => {
  const { http, api } = connected()
  const text = 'x'.repeat(6000)
  for (let i = 0; i < 3; i++) api.web_pipe_send('web_a', text + String(i))
  await settled()
  const sizes = (): number[] => http.requests.map(({ body }) => (JSON.parse(body) as string[]).length)
  assert.deepEqual(sizes(), [2])
  await http.request.respond(413)
  await http.request.respond(204)
  await http.request.respond(204)
  await http.request.respond(204)
  assert.deepEqual(sizes(), [2, 1, 1, 1])
  assert.equal(api.isConnected(), true)
  assert.match(http.requests[3]?.body ?? '', /x2/)
})

for (const [status, code] of [
  [404, 1006],
  [413, 1009],
  [502, 1006],
] as const) {
  test(`a command answered by ${status} ends the connection with ${code}, and the client comes back`, async () => {
    const { http, server, api } = connected()
    api.setLogLevel(2)
    api.web_pipe_send('web_a', 1)
    await settled()
    const { source } = http
    await http.request.respond(status)
    assert.equal(source.isClosed, true)
    assert.match(server.printed.join(), new RegExp(`connection lost \\(${code} .*${status}`))
    server.clock.advance(5000)
    assert.equal(http.sources.length, 2)
  })
}

test('the server ends the session: with its code and reason', () => {
  const { http, server, api } = connected()
  api.setLogLevel(2)
  http.source.event('close', { code: 4001, reason: 'too slow' })
  assert.equal(http.source.isClosed, true)
  http.source.drop()
  assert.equal(server.printed.filter((line) => line.includes('connection lost (4001 too slow)')).length, 1)
  server.clock.advance(5000)
  assert.equal(http.sources.length, 2)
})

test('what was sent before stop() arrives before the stream ends', async () => {
  const { http, server, api } = connected()
  api.web_pipe_send('web_a', 'last')
  api.stop()
  await settled()
  assert.equal(http.source.isClosed, false)
  assert.equal(http.request.init.keepalive, true)
  await http.request.respond(204)
  assert.equal(http.source.isClosed, true)
  assert.equal(server.clock.pending, 0)
})

test('a request that hangs does not keep the stream open for ever', async () => {
  const { http, server, api } = connected()
  api.web_pipe_send('web_a', 'last')
  await settled()
  api.stop()
  server.clock.advance(5000)
  await settled()
  assert.equal(http.request.isAborted, true)
  assert.equal(http.source.isClosed, true)
})

test('cookies go to other origins where the option says so', async () => {
  for (const [withCredentials, credentials] of [
    [true, 'include'],
    [false, 'same-origin'],
  ] as const) {
    const { http, api } = connected({ withCredentials })
    assert.equal(http.source.withCredentials, withCredentials)
    api.web_pipe_send('web_a', 1)
    await settled()
    assert.equal(http.request.init.credentials, credentials)
  }
})
