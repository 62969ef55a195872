// A page on a fallback: when it tries the WebSocket again, and how it goes over to it.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { CometServerApi } from '../../../lib/client/comet-server-api.ts'
import { moduleEnvironment, type WebSocketConstructor } from '../../../lib/client/environment.ts'
import type { StartOptions } from '../../../lib/client/options.ts'
import { createCometServer } from '../../../lib/index.ts'
import { fakeHttp, serverInfo, settled } from '../support/fake-http.ts'
import { fakeServer } from '../support/fake-server.ts'

/** `random` is 0.5 in these tests: the middle of the second half of 10 seconds. */
const firstMs = 7500
const quietMs = 1000

/** A page that got no WebSocket, and is connected by Server-Sent Events. */
function onFallback(options: StartOptions = {}, pipes: readonly string[] = []) {
  const http = fakeHttp()
  const server = fakeServer({ EventSource: http.EventSource, fetch: http.fetch })
  const api = new CometServerApi(server.environment)
  const seen: unknown[] = []
  for (const pipe of pipes) api.subscription(pipe, ({ data }) => seen.push(data))
  api.start(options)
  server.socket.drop()
  server.clock.advance(0)
  http.source.welcome()
  const message = (n: number, offset?: number) => ({ pipe: pipes[0] ?? '', event: '', data: n, id: `m${n}`, offset })
  return { http, server, api, seen, message }
}

test('the WebSocket is tried again behind the fallback, ever more rarely', () => {
  const { http, server, api } = onFallback()
  const waits: number[] = []
  for (let tries = 1; tries <= 5; tries++) {
    const since = server.clock.now()
    while (server.sockets.length === tries) {
      http.source.event('message', '')
      server.clock.advance(2500)
    }
    waits.push(server.clock.now() - since)
    server.socket.drop()
    assert.equal(api.getTransport(), 'sse')
  }
  assert.deepEqual(waits, [7500, 45_000, 225_000, 1_350_000, 1_350_000])
})

test('one that does not answer within 5 seconds is given up', () => {
  const { server } = onFallback()
  server.clock.advance(firstMs)
  const { socket } = server
  server.clock.advance(4999)
  assert.equal(socket.isClosedByClient, false)
  server.clock.advance(1)
  assert.equal(socket.isClosedByClient, true)
  server.clock.advance(45_000)
  assert.equal(server.sockets.length, 3)
})

test('one that is let in takes over; what comes by both in between comes once and in order', async () => {
  const { http, server, api, seen, message } = onFallback({}, ['news', 'track_room'])
  http.source.event('message', {
    pipe: 'sys',
    event: 'subscribed',
    data: { pipes: { news: { epoch: 'a', offset: 3 } } },
  })
  http.source.event('message', message(4, 4))
  const { source } = http
  await settled()
  await http.request.respond(204)
  server.clock.advance(firstMs)
  server.socket.welcome()
  assert.deepEqual(server.socket.received, ['subscription\nnews a 4'], 'who is in a tracked pipe sees no second one')
  http.source.event('message', message(5, 5))
  server.socket.line(message(5, 5))
  server.socket.line({
    pipe: 'sys',
    event: 'subscribed',
    data: { pipes: { news: { epoch: 'a', offset: 5, recovered: true } } },
  })
  server.socket.line(message(6, 6))
  http.source.event('message', message(6, 6))
  server.socket.line(message(7, 7))
  assert.deepEqual(seen, [4, 5, 6], 'the fallback goes on')
  assert.equal(api.getTransport(), 'sse')
  server.clock.advance(quietMs)
  await settled()
  assert.deepEqual([api.getTransport(), api.isConnected(), source.isClosed], ['websocket', true, true])
  assert.deepEqual(seen, [4, 5, 6, 7])
  assert.equal(server.socket.received.at(-1), 'subscription\nnews\ntrack_room')

  server.socket.line(message(8, 8))
  server.socket.drop()
  server.clock.advance(1000)
  server.socket.welcome()
  assert.deepEqual(server.socket.received, ['subscription\nnews a 8\ntrack_room'])
  assert.equal(http.sources.length, 1)
})

for (const isKept of [false, true]) {
  test(`however much comes by both meanwhile, it comes once; the pipe keeps ${isKept ? 'messages' : 'nothing'}`, async () => {
    const { http, server, api, seen, message } = onFallback({}, ['news'])
    const answer = (offset: number) =>
      ({ pipe: 'sys', event: 'subscribed', data: { pipes: isKept ? { news: { epoch: 'a', offset } } : {} } }) as const
    http.source.event('message', answer(0))
    await settled()
    await http.request.respond(204)
    server.clock.advance(firstMs)
    server.socket.welcome()
    server.socket.line(answer(0))
    for (let n = 1; n <= 2500; n++) {
      http.source.event('message', message(n, isKept ? n : undefined))
      server.socket.line(message(n, isKept ? n : undefined))
    }
    server.socket.line(message(2501, isKept ? 2501 : undefined))
    server.clock.advance(quietMs)
    await settled()
    assert.equal(api.getTransport(), 'websocket')
    assert.deepEqual(
      seen,
      Array.from({ length: 2501 }, (_, i) => i + 1),
    )
  })
}

test('what the page publishes meanwhile does not come back to it, also where the pipe keeps nothing', async () => {
  const { http, server, api, seen, message } = onFallback({}, ['web_chat'])
  http.source.event('message', { pipe: 'sys', event: 'subscribed', data: { pipes: {} } })
  await settled()
  await http.request.respond(204)
  server.clock.advance(firstMs)
  server.socket.welcome()
  server.socket.line({ pipe: 'sys', event: 'subscribed', data: { pipes: {} } })
  server.socket.line(message(1))
  http.source.event('message', { ...message(1), pipe: '_answer_to_web_chat', event: 'answer' })
  server.socket.line(message(2))
  server.clock.advance(quietMs)
  await settled()
  assert.equal(api.getTransport(), 'websocket')
  assert.deepEqual(seen, [2])
})

test('the fallback is left only when the server has said that the pipes come by the other way', async () => {
  const { server, api } = onFallback({}, ['news'])
  server.clock.advance(firstMs)
  server.socket.welcome()
  server.clock.advance(3000)
  await settled()
  assert.equal(api.getTransport(), 'sse', 'the subscription may still be on its way')
  server.clock.advance(6999)
  assert.equal(server.socket.isClosedByClient, false)
  server.clock.advance(1)
  assert.equal(server.socket.isClosedByClient, true, 'not for ever: what comes is kept')
  server.clock.advance(45_000)
  server.socket.welcome()
  server.socket.line({ pipe: 'sys', event: 'subscribed', data: { pipes: {} } })
  server.clock.advance(quietMs)
  await settled()
  assert.equal(api.getTransport(), 'websocket')
})

test('what was asked by the fallback has time for its answer', async () => {
  const { http, server, api } = onFallback()
  server.clock.advance(firstMs)
  server.socket.welcome()
  for (let n = 0; n < 3; n++) {
    server.clock.advance(quietMs - 1)
    api.web_pipe_send('web_chat', n)
    await settled()
    await http.request.respond(204)
  }
  assert.equal(api.getTransport(), 'sse')
  server.clock.advance(quietMs)
  await settled()
  assert.equal(api.getTransport(), 'websocket')
  assert.deepEqual(server.socket.received, [], 'each was sent once')
})

test('what is subscribed to meanwhile is told to the server anew', async () => {
  const { server, api, seen } = onFallback({}, ['news'])
  server.clock.advance(firstMs)
  const early = server.socket
  early.welcome()
  api.subscription('talk', ({ data }) => seen.push(data))
  await settled()
  assert.equal(early.isClosedByClient, true)
  server.clock.advance(45_000)
  server.socket.welcome()
  assert.deepEqual(server.socket.received, ['subscription\nnews\ntalk'])
})

test('a page that changes its subscriptions every second tries the WebSocket no more often than one that does not', async () => {
  const { http, server, api } = onFallback({}, ['news'])
  await settled()
  await http.request.respond(204)
  for (let second = 0; second < 600; second++) {
    api.subscription(`pipe${second}`, () => undefined)
    await settled()
    await http.request.respond(204)
    http.source.event('message', '')
    const before = server.sockets.length
    server.clock.advance(1000)
    if (server.sockets.length > before) server.socket.welcome()
  }
  assert.equal(server.sockets.length, 4, 'the first of all, and three in ten minutes')
  assert.equal(api.getTransport(), 'sse')
})

test('a server that refuses by WebSocket, or does not take us for who we are, leaves us where we are', () => {
  const { server, api } = onFallback()
  server.clock.advance(firstMs)
  server.socket.open()
  server.socket.line({ pipe: 'sys', event: 'error', data: { error: 'too many', error_code: 429 } })
  server.socket.drop(4501, 'COMET_ERR_ORIGIN')
  server.clock.advance(45_000)
  server.socket.welcome(true)
  assert.equal(server.socket.isClosedByClient, true)
  assert.deepEqual([api.getTransport(), server.sockets.length], ['sse', 3])
})

test('one that was let in before the fallback logged in does not take over', async () => {
  const { http, server, api } = onFallback({ user_id: 7 })
  server.clock.advance(firstMs)
  const early = server.socket
  early.welcome()
  http.source.event('message', { ...serverInfo, authorized: true })
  server.clock.advance(quietMs)
  await settled()
  assert.deepEqual([api.isAuthorized(), api.getTransport(), early.isClosedByClient], [true, 'sse', true])
})

test('a WebSocket that breaks after the server has let us in is not remembered as refused', () => {
  const { http, server } = onFallback({}, ['news'])
  server.clock.advance(firstMs)
  server.socket.welcome()
  server.socket.drop()
  http.source.drop()
  server.clock.advance(1000)
  assert.deepEqual([server.sockets.length, http.sources.length], [3, 1])
})

test('after going over it is the other server that is tried when the connection is lost', async () => {
  const { server } = onFallback({ node: ['a.example', 'b.example'] })
  server.clock.advance(firstMs)
  server.socket.welcome()
  server.clock.advance(quietMs)
  await settled()
  const before = new URL(server.socket.url).host
  server.socket.drop()
  server.clock.advance(1000)
  assert.notEqual(new URL(server.socket.url).host, before)
})

test('a fallback that breaks meanwhile ends the try, and the next one begins with the WebSocket', () => {
  const { http, server } = onFallback()
  server.clock.advance(firstMs)
  const early = server.socket
  early.welcome()
  http.source.drop()
  assert.equal(early.isClosedByClient, true)
  server.clock.advance(1000)
  assert.deepEqual([server.sockets.length, http.sources.length], [3, 1])
})

test('stop leaves nothing behind, whenever it comes', async () => {
  for (const untilMs of [0, firstMs, firstMs + quietMs]) {
    const { http, server, api } = onFallback()
    server.clock.advance(untilMs)
    if (untilMs > 0) server.socket.welcome()
    if (untilMs > firstMs) server.clock.advance(quietMs)
    api.stop()
    await settled()
    assert.deepEqual([server.clock.pending, api.isConnected(), http.source.isClosed], [0, false, true])
    if (untilMs > 0) assert.equal(server.socket.isClosedByClient, true)
  }
})

test('where WebSocket may not be used it is not tried', async () => {
  const http = fakeHttp()
  const server = fakeServer({ fetch: http.fetch })
  const api = new CometServerApi(server.environment)
  api.start({ transports: ['polling'] })
  await http.request.respond(200, { session: 's1', seq: 1, messages: [serverInfo] })
  assert.equal(api.getTransport(), 'polling')
  server.clock.advance(firstMs)
  assert.equal(server.sockets.length, 0)
})

test('through a real server no message is lost, doubled or out of order while the page goes over', async (t) => {
  const http = createServer()
  const comet = createCometServer()
  comet.attach(http)
  await comet.query("INSERT INTO pipes_settings (name, length) VALUES ('kept', 1000)")
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  t.after(() => comet.close({ drainMs: 0 }).then(() => http.close()))

  let tries = 0
  class Socket extends WebSocket {
    constructor(url: string) {
      // The first one finds nobody there.
      super(++tries === 1 ? 'ws://127.0.0.1:1' : url)
    }
  }
  // A minute passes in a second.
  const clock = {
    now: () => Date.now() * 60,
    setTimeout: (run: () => void, ms: number) => setTimeout(run, ms / 60),
    clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
  }
  const environment = { ...moduleEnvironment(Socket), WebSocket: Socket as unknown as WebSocketConstructor, clock }
  const api = new CometServerApi(environment)
  t.after(() => api.stop())
  const seen: Record<string, unknown[]> = { kept: [], plain: [] }
  for (const pipe of ['kept', 'plain']) api.subscription(pipe, ({ data }) => seen[pipe]?.push(data))
  const isIn = once(comet, 'subscribe')
  api.start({ node: `127.0.0.1:${(http.address() as AddressInfo).port}`, wss: false })
  await isIn
  while (!api.isConnected()) await settled()
  assert.equal(api.getTransport(), 'polling')

  let n = 0
  const sendOne = async (): Promise<void> => {
    n++
    await Promise.all(['kept', 'plain'].map((pipe) => comet.publish(pipe, '', n)))
    await settled()
  }
  while (api.getTransport() !== 'websocket') await sendOne()
  for (const until = n + 100; n < until;) await sendOne()
  const all = Array.from({ length: n }, (_, i) => i + 1)
  while (seen.kept?.at(-1) !== n || seen.plain?.at(-1) !== n) await settled()
  t.diagnostic(`${n} messages, ${tries} tries of a WebSocket`)
  assert.deepEqual(seen, { kept: all, plain: all })
})
