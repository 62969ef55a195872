import { test } from 'node:test'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { createCometServer, memory, webSocket } from '../../lib/index.ts'
import { frame, text } from '../support/frames.ts'
import { openRaw, readFrom, upgradeRaw } from '../support/http.ts'
import { WebSocketBrowser, visitorPath } from '../support/web-socket-browser.ts'
import { scene } from './scene.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Resolves when the socket is closed; that a write meets the end is no fault. */
function closed(socket: Socket): Promise<unknown> {
  socket.on('error', () => undefined)
  return new Promise((resolve) => socket.resume().once('close', resolve))
}

/** The heap in use, in MiB. */
function heap(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed / 1024 / 1024
}

test('slowloris on HTTP: heads that never end are the http server’s to end, and nobody else waits', async (t) => {
  const { port } = await scene(t, {}, { headersTimeout: 100, connectionsCheckingInterval: 20 })
  const head = `GET ${visitorPath} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nX-Slow: `
  const slow = await Promise.all(Array.from({ length: 200 }, () => openRaw(t, port, head)))
  const page = await WebSocketBrowser.connect(t, port)
  assert.equal(page.messages[0]?.event, 'serverInfo')
  const ends = await Promise.all(slow.map(async (socket) => String(await readFrom(socket))))
  assert.deepEqual([...new Set(ends.map((end) => end.slice(0, 12)))], ['HTTP/1.1 408'])
})

test('slowloris on WebSocket: a frame that comes byte by byte and never ends is no sign of life', async (t) => {
  const { comet, port } = await scene(t, { transports: [webSocket({ pingIntervalMs: 40 })] })
  const socket = await upgradeRaw(t, port, visitorPath)
  await readFrom(socket, (bytes) => bytes.includes('serverInfo'))
  const long = frame(0x81, Buffer.alloc(1000, 'x'))
  let sent = 0
  const drip = setInterval(() => socket.write(long.subarray(sent, ++sent)), 5)
  t.after(() => clearInterval(drip))
  await Promise.all([once(comet, 'disconnect'), closed(socket)])
  assert.ok(sent < long.length, 'it was ended before the frame was')
  assert.equal(comet.metrics().sessions, 0)
})

test('slowloris on WebSocket: a message that never ends is given up, though pings are answered', async (t) => {
  const { comet, port } = await scene(t, { transports: [webSocket({ pingIntervalMs: 40 })] })
  const [slow, quiet] = [await upgradeRaw(t, port, visitorPath), await WebSocketBrowser.connect(t, port)]
  await readFrom(slow, (bytes) => bytes.includes('serverInfo'))
  const drip = setInterval(
    () => slow.write(Buffer.concat([frame(0x8a, Buffer.alloc(0)), frame(0, Buffer.alloc(1))])),
    5,
  )
  t.after(() => clearInterval(drip))
  const pinger = await upgradeRaw(t, port, visitorPath)
  const pings = Buffer.concat(Array.from({ length: 2000 }, () => frame(0x89, Buffer.alloc(100))))
  const nothing = frame(0x8a, Buffer.alloc(0))
  pinger.on('error', () => undefined).on('data', () => pinger.write(nothing))
  pinger.write(pings)
  slow.write(frame(0x01, Buffer.alloc(200_000, 'x')))
  await Promise.all([once(comet, 'disconnect'), closed(slow)])
  assert.equal(comet.metrics().sessions, 2, 'who says nothing, or only pings, stays')
  quiet.command('pipe_count', 'web_a', 'alive')
  await quiet.next({ marker: 'alive' })
})

test('what was uploaded on a connection before its upgrade, as proxies do it, is no part of a message', async (t) => {
  const { comet, port } = await scene(t, { transports: [webSocket({ pingIntervalMs: 40 })] })
  const socket = await openRaw(t, port, `POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n`)
  socket.write(Buffer.alloc(200_000, 'x'))
  await readFrom(socket, (bytes) => bytes.includes('the application'))
  const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13'
  socket.write(`GET ${visitorPath} HTTP/1.1\r\nHost: a\r\n${upgrade}\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`)
  const end = once(comet, 'disconnect').then(() => 'ended')
  let pings = 0
  const stays = new Promise<string>((resolve) => {
    socket.on('data', () => {
      socket.write(frame(0x8a, Buffer.alloc(0)))
      if (++pings === 8) resolve('stays') // an end would have come with the third or fourth
    })
  })
  assert.equal(await Promise.race([stays, end]), 'stays')
})

test('a body that is packed is not unpacked', async (t) => {
  const { port } = await scene(t)
  const opened = await fetch(`http://127.0.0.1:${port}/poll/sesion=&myid=&devid=0&v=5.0`, { method: 'POST' })
  const { session } = (await opened.json()) as { session: string }
  const bomb = gzipSync(JSON.stringify(['x'.repeat(50_000_000)]))
  const response = await fetch(`http://127.0.0.1:${port}/send/session=${session}`, {
    method: 'POST',
    body: bomb,
    headers: { 'content-encoding': 'gzip' },
  })
  assert.equal(response.status, 400)
})

test('100,000 subscriptions of one page: those above the limit cost one error, and no memory', async (t) => {
  const { comet, port } = await scene(t)
  const page = await WebSocketBrowser.connect(t, port)
  const names = Array.from({ length: 90_000 }, (_, i) => `pipe${i}`)
  page.socket.send(`subscription\n${names.join('\n')}`)
  await page.subscribe(...names.slice(0, 128)) // the same once more changes nothing
  const errors = page.messages.filter(({ event }) => event === 'error')
  assert.equal(errors.length, 1)
  assert.match(JSON.stringify(errors[0]), /maxSubscriptions/)
  const { pipes, subscriptions, limits } = comet.metrics()
  assert.deepEqual([pipes, subscriptions, limits.maxSubscriptions], [128, 128, 1])
})

test('200,000 names published to, and 100,000 subscribed to and left, leave nothing behind', async (t) => {
  const transport = memory()
  const comet = createCometServer({ transports: [transport], limits: { maxCommandsPerSecond: 1e9 } })
  t.after(() => comet.close())
  await comet.ready
  await comet.publish('first', '', 'x')
  const page = transport.connect()
  const subscribeTo = (from: number): void => {
    page.send(`subscription\n${Array.from({ length: 100 }, (_, i) => `pipe${from + i}`).join('\n')}`)
  }
  const before = heap()
  for (let i = 0; i < 200_000; i += 1000) {
    await Promise.all(Array.from({ length: 1000 }, (_, j) => comet.publish(`pipe${i + j}`, '', 'x')))
  }
  for (let i = 0; i < 100_000; i += 100) subscribeTo(i)
  await new Promise(setImmediate)
  assert.equal(comet.metrics().published, 200_001)
  assert.equal(comet.metrics().pipes, 100)
  assert.ok(heap() - before < 20, `${Math.round(heap() - before)} MiB more`)
})

test('a publish storm of one page: the others are served at once, the storm is slowed and then ended', async (t) => {
  const { comet, port } = await scene(t)
  const [storm, other] = [await upgradeRaw(t, port, visitorPath), await WebSocketBrowser.connect(t, port)]
  await other.subscribe('web_chat', 'news')
  const one = text('web_pipe2\nweb_chat\nsay\n*\n"x"')
  const end = closed(storm)
  storm.write(Buffer.concat(Array.from({ length: 50_000 }, () => one)))
  await comet.publish('news', '', 'for everybody')
  await other.next({ pipe: 'news' })
  const { published } = comet.metrics()
  assert.ok(published < 3000, `${published} messages of the storm were let through before`)
  await end
  assert.ok(comet.metrics().limits.maxCommandsPerSecond > 0)
  other.command('pipe_count', 'web_chat', 'alive')
  await other.next({ marker: 'alive' })
})

test('a storm of large messages of one page: who listens stays, gets what others say, and the storm is ended', async (t) => {
  const { comet, port } = await scene(t)
  const [storm, listener, speaker] = await Promise.all([1, 2, 3].map(() => WebSocketBrowser.connect(t, port)))
  assert(storm !== undefined && listener !== undefined && speaker !== undefined)
  await listener.subscribe('web_chat')
  const message = JSON.stringify('x'.repeat(50_000))
  for (let i = 0; i < 1000; i++) storm.command('web_pipe2', 'web_chat', 'storm', '*', message)
  speaker.command('web_pipe2', 'web_chat', 'say', '*', '"something"')
  await listener.next({ pipe: 'web_chat', event: 'say' })
  assert.equal((await storm.closed).code, 4001)
  const { published, limits, sessions } = comet.metrics()
  assert.ok(published < 300, `${published} messages were let through`)
  // It has sent too much, or has not read the answers to that.
  assert.ok(limits.maxCommandsPerSecond + limits.maxBufferedBytes > 0)
  assert.equal(sessions, 2)
})
