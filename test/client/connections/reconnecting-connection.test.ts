import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CometServerApi } from '../../../lib/client/comet-server-api.ts'
import type { WebSocketConstructor } from '../../../lib/client/environment.ts'
import { fakeServer } from '../support/fake-server.ts'

function started() {
  const server = fakeServer()
  const api = new CometServerApi(server.environment)
  api.start()
  return { server, api }
}

/** How many milliseconds pass until the client tries again. */
function untilNextTry(server: ReturnType<typeof fakeServer>): number {
  const tries = server.sockets.length
  for (let ms = 0; ms <= 60_000; ms++) {
    if (server.sockets.length > tries) return ms
    server.clock.advance(1)
  }
  return Infinity
}

test('a good connection that breaks is tried again fast; then the waits double up to 30 seconds, with jitter', () => {
  const { server } = started()
  server.socket.welcome()
  server.clock.advance(10_000)
  const waits: number[] = []
  for (let i = 0; i < 8; i++) {
    server.socket.drop()
    waits.push(untilNextTry(server))
  }
  assert.deepEqual(waits, [150, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
})

test('a server that lets in and closes at once is not hammered', () => {
  const { server } = started()
  const waits: number[] = []
  for (let i = 0; i < 4; i++) {
    server.socket.welcome()
    server.socket.drop(4002, 'too many connections')
    waits.push(untilNextTry(server))
  }
  assert.deepEqual(waits, [1000, 2000, 4000, 8000])
})

test('the clients of a restarting server spread', () => {
  const { server } = started()
  server.socket.welcome()
  server.clock.advance(10_000)
  server.socket.drop(1012, 'the server is stopping')
  assert.equal(untilNextTry(server), 1000)
})

for (const code of [1000, 1001, 1006, 1009, 1012, 4000, 4001, 4002, 4499]) {
  test(`after ${code} the client comes back`, () => {
    const { server } = started()
    server.socket.welcome()
    server.socket.drop(code)
    assert.ok(untilNextTry(server) < 60_000)
  })
}

for (const code of [4500, 4501, 4999]) {
  test(`after ${code} the client stays away`, () => {
    const { server } = started()
    server.socket.welcome()
    server.socket.drop(code)
    assert.equal(server.clock.pending, 0)
    server.window.dispatchEvent(new Event('online'))
    assert.equal(server.sockets.length, 1)
  })
}

test('online, pageshow and a tab that is looked at end the wait', () => {
  const { server } = started()
  for (const wakeUp of [
    () => server.window.dispatchEvent(new Event('online')),
    () => server.window.dispatchEvent(new Event('pageshow')),
    () => server.page.dispatchEvent(new Event('visibilitychange')),
  ]) {
    server.socket.drop()
    const tries = server.sockets.length
    wakeUp()
    assert.equal(server.sockets.length, tries + 1)
    wakeUp()
    assert.equal(server.sockets.length, tries + 1, 'one try at a time')
  }
})

test('a tab that gets hidden does not end the wait', () => {
  const { server } = started()
  server.socket.drop()
  server.page.visibilityState = 'hidden'
  server.page.dispatchEvent(new Event('visibilitychange'))
  assert.equal(server.sockets.length, 1)
})

test('a quiet connection is asked after 45 seconds, and lives when it answers', () => {
  const { server, api } = started()
  const { socket } = server
  socket.welcome()
  for (let asked = 0; asked < 3; asked++) {
    const since = server.clock.now()
    for (let s = 0; s < 60 && socket.received.length === asked; s++) server.clock.advance(1000)
    assert.equal(server.clock.now() - since, 45_000)
    assert.equal(socket.received.at(-1), 'pipe_count\nweb_ping\nping')
    socket.line({ pipe: '_answer_pipe_count', event: 'user_in_pipe', data: { user_in_pipe: 0 }, marker: 'ping' })
  }
  assert.equal(api.isConnected(), true)
  assert.equal(server.sockets.length, 1)
})

test('a connection that carries messages is not asked', () => {
  const { server } = started()
  server.socket.welcome()
  for (let i = 0; i < 20; i++) {
    server.clock.advance(30_000)
    server.socket.line({ pipe: 'news', event: '', data: i })
  }
  assert.deepEqual(server.socket.received, [])
})

test('60 seconds of silence are a dead connection', () => {
  const { server } = started()
  server.socket.welcome()
  const first = server.socket
  server.clock.advance(59_000)
  assert.equal(first.isClosedByClient, false)
  server.clock.advance(2000)
  assert.equal(first.isClosedByClient, true)
  assert.equal(server.sockets.length, 2)
})

test('a page that wakes up asks at once, and does not wait long', () => {
  const { server } = started()
  server.socket.welcome()
  const first = server.socket
  server.clock.sleep(3_600_000)
  server.window.dispatchEvent(new Event('pageshow'))
  assert.equal(first.received.length, 1)
  assert.equal(first.isClosedByClient, false, 'a long sleep alone proves nothing')
  server.clock.advance(5200)
  assert.equal(first.isClosedByClient, true)
  assert.equal(server.sockets.length, 2)
})

test('a server that does not let the client in is given up after 15 seconds', () => {
  const { server } = started()
  const first = server.socket
  first.open()
  server.clock.advance(14_999)
  assert.equal(server.sockets.length, 1)
  server.clock.advance(3000)
  assert.equal(first.isClosedByClient, true)
  assert.equal(server.sockets.length, 2)
})

test('an address that the browser does not take is told, not thrown, and not tried again', () => {
  const server = fakeServer()
  const WebSocket = function (): never {
    throw new SyntaxError('the URL is invalid')
  } as unknown as WebSocketConstructor
  new CometServerApi({ ...server.environment, WebSocket }).start()
  assert.match(server.printed[0] ?? '', /the URL is invalid/)
  assert.equal(server.clock.pending, 0)
})
