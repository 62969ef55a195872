// Through the public face: which transport is tried when, with a server that the test plays.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CometServerApi } from '../../../lib/client/comet-server-api.ts'
import type { StartOptions } from '../../../lib/client/options.ts'
import { fakeHttp, settled } from '../support/fake-http.ts'
import { fakeServer, type EnvironmentOptions } from '../support/fake-server.ts'

function fakeStorage() {
  const items = new Map<string, string>()
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  }
}

/** A page; `tried` has the way of each try. */
function page(options: StartOptions = {}, parts: EnvironmentOptions = {}) {
  const http = fakeHttp()
  const server = fakeServer({ EventSource: http.EventSource, fetch: http.fetch, ...parts })
  const api = new CometServerApi(server.environment, options)
  const tried = (): { sockets: number; sources: number; polls: number } => ({
    sockets: server.sockets.length,
    sources: http.sources.length,
    polls: http.requests.filter(({ url }) => url.includes('/poll/sesion=')).length,
  })
  return { http, server, api, tried }
}

const welcomeByPoll = { session: 's1', seq: 1, messages: [{ pipe: 'sys', event: 'serverInfo', authorized: false }] }

test('where WebSocket fails the next transports are tried at once, then it begins again, later', async () => {
  const { http, server, api, tried } = page()
  api.start()
  assert.deepEqual(tried(), { sockets: 1, sources: 0, polls: 0 })
  server.socket.drop()
  server.clock.advance(0)
  assert.deepEqual(tried(), { sockets: 1, sources: 1, polls: 0 })
  http.source.drop()
  assert.equal(http.source.isClosed, true, 'it would come back by itself')
  server.clock.advance(0)
  assert.deepEqual(tried(), { sockets: 1, sources: 1, polls: 1 })
  await http.request.fail()
  server.clock.advance(900)
  assert.deepEqual(tried(), { sockets: 1, sources: 1, polls: 1 }, 'the server is gone, it seems: no hurry')
  server.clock.advance(100)
  assert.deepEqual(tried(), { sockets: 2, sources: 1, polls: 1 })
})

test('the addresses of the fallbacks carry what that of the WebSocket does', async () => {
  const { http, server, api } = page({ dev_id: 3, user_id: 2, user_key: 'a b', uuid: 'mine', node: 'c.example/push' })
  api.start()
  server.socket.drop()
  server.clock.advance(0)
  http.source.drop()
  server.clock.advance(0)
  const parameters = 'sesion=a%20b&myid=2&devid=3&v=5.0&uuid=mine&api=js'
  assert.equal(server.socket.url, `wss://c.example/push/ws/${parameters}`)
  assert.equal(http.source.url, `https://c.example/push/sse/${parameters}`)
  assert.equal(http.request.url, `https://c.example/push/poll/${parameters}`)
})

test('a transport that brings nothing within 5 seconds has failed; the last one gets 15', async () => {
  const { http, server, api, tried } = page()
  api.start()
  const { socket } = server
  socket.open()
  server.clock.advance(4999)
  assert.deepEqual(tried(), { sockets: 1, sources: 0, polls: 0 })
  server.clock.advance(1)
  assert.equal(socket.isClosedByClient, true)
  assert.deepEqual(tried(), { sockets: 1, sources: 1, polls: 0 })
  http.source.event('session', { session: 's1' })
  server.clock.advance(5000)
  await settled()
  assert.equal(http.source.isClosed, true)
  assert.deepEqual(tried(), { sockets: 1, sources: 1, polls: 1 })
  const poll = http.request
  server.clock.advance(14_999)
  assert.equal(poll.isAborted, false)
  server.clock.advance(1)
  assert.equal(poll.isAborted, true)
})

test('a server that refuses by WebSocket is not asked by other transports', () => {
  const { server, api, tried } = page()
  api.start()
  server.socket.open()
  server.socket.drop(4501, 'COMET_ERR_ORIGIN')
  server.clock.advance(600_000)
  assert.deepEqual(tried(), { sockets: 1, sources: 0, polls: 0 })
})

test('what worked while WebSocket was refused is tried first in any page of the browser, for a day', async () => {
  const storage = fakeStorage()
  const first = page({}, { storage })
  first.api.start()
  first.server.socket.drop()
  first.server.clock.advance(0)
  first.http.source.welcome()
  assert.deepEqual([first.api.isConnected(), first.api.getTransport()], [true, 'sse'])
  const early = page({}, { storage, clock: first.server.clock })
  early.api.start()
  assert.deepEqual(early.tried(), { sockets: 1, sources: 0, polls: 0 }, 'the server may have restarted')
  early.api.stop()
  first.server.clock.advance(10_000)
  first.server.socket.drop()

  const second = page({}, { storage, clock: first.server.clock })
  second.api.start()
  assert.deepEqual(second.tried(), { sockets: 0, sources: 1, polls: 0 })
  second.http.source.drop()
  second.server.clock.advance(0)
  first.server.clock.advance(0)
  assert.deepEqual(second.tried(), { sockets: 0, sources: 1, polls: 1 })
  await second.http.request.respond(200, welcomeByPoll)
  assert.equal(second.api.getTransport(), 'polling')

  const elsewhere = page({ node: 'other.example' }, { storage, clock: first.server.clock })
  elsewhere.api.start()
  assert.deepEqual(elsewhere.tried(), { sockets: 1, sources: 0, polls: 0 }, 'another server')

  first.server.clock.sleep(24 * 3_600_000)
  const tomorrow = page({}, { storage, clock: first.server.clock })
  tomorrow.api.start()
  assert.deepEqual(tomorrow.tried(), { sockets: 1, sources: 0, polls: 0 })
})

test('when what is remembered fails, and all below it, it begins again from WebSocket', async () => {
  const { http, server, api, tried } = page({}, { storage: undefined })
  api.start()
  server.socket.drop()
  server.clock.advance(0)
  http.source.welcome()
  server.clock.advance(10_000)
  server.socket.drop()
  http.source.drop()
  assert.equal(api.getTransport(), undefined)
  server.clock.advance(1000)
  assert.deepEqual(tried(), { sockets: 2, sources: 2, polls: 0 })
  http.source.drop()
  server.clock.advance(0)
  await http.request.respond(502)
  server.clock.advance(2000)
  assert.deepEqual(tried(), { sockets: 3, sources: 2, polls: 1 })
})

test('a server that refuses WebSockets for a moment, as when it restarts, has them back at the next reconnect', () => {
  const storage = fakeStorage()
  const { http, server, api, tried } = page({}, { storage })
  api.start()
  server.socket.drop()
  server.clock.advance(0)
  http.source.welcome()
  assert.equal(api.getTransport(), 'sse')
  server.clock.advance(7000)
  http.source.drop()
  server.clock.advance(1000)
  assert.deepEqual(tried(), { sockets: 2, sources: 1, polls: 0 })
  const next = page({}, { storage, clock: server.clock })
  next.api.start()
  assert.equal(next.server.sockets.length, 1)
})

test('each server is tried by all transports before the next one', async () => {
  const { http, server, api } = page({ node: ['a.example', 'b.example'] })
  api.start()
  const first = new URL(server.socket.url).host
  server.socket.drop()
  server.clock.advance(0)
  http.source.drop()
  server.clock.advance(0)
  await http.request.fail()
  server.clock.advance(2000)
  const hosts = [http.source, http.request, server.socket].map(({ url }) => new URL(url).host)
  assert.deepEqual(hosts.slice(0, 2), [first, first])
  assert.notEqual(hosts[2], first)
})

test('"transports" and UseWebSocket(false) say what may be used', () => {
  const polling = page({ transports: ['polling'] })
  polling.api.start()
  assert.deepEqual(polling.tried(), { sockets: 0, sources: 0, polls: 1 })

  const { server, api, tried } = page()
  api.start()
  server.socket.welcome()
  assert.equal(api.UseWebSocket(false), false)
  api.start()
  assert.equal(server.socket.isClosedByClient, true)
  assert.deepEqual(tried(), { sockets: 1, sources: 1, polls: 0 })

  const none = page({ transports: [] })
  none.api.start()
  assert.match(none.server.printed[0] ?? '', /none of the transports "".*websocket,sse,polling/)
})

test('what the platform does not have is left out', () => {
  const { server, api, tried } = page({}, { EventSource: undefined })
  api.start()
  server.socket.drop()
  server.clock.advance(0)
  assert.deepEqual(tried(), { sockets: 1, sources: 0, polls: 1 })
})

test('a getToken that fails is no failure of a transport', async () => {
  let calls = 0
  const getToken = (): Promise<string> => (++calls === 1 ? Promise.reject(new Error('offline')) : Promise.resolve('k'))
  const { server, api, tried } = page({ user_id: 2, getToken })
  api.start()
  await settled()
  server.clock.advance(0)
  assert.equal(calls, 1, 'not asked again at once')
  server.clock.advance(1000)
  await settled()
  assert.deepEqual(tried(), { sockets: 1, sources: 0, polls: 0 })
})
