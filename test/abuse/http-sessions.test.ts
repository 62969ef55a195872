// Sessions over plain requests: what is opened costs whoever opens it little, so it must go by itself.
import { test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { longPoll, sse } from '../../lib/index.ts'
import { fetchFrom, openRaw, readFrom } from '../support/http.ts'
import { scene, type Scene } from './scene.ts'

const opening = 'sesion=&myid=&devid=0&v=5.0'

test('300 sessions of long polling that are opened and left are gone after their time', async (t) => {
  const transports = [longPoll({ sessionTimeoutMs: 500, waitMs: 500 })]
  const { comet, port } = await scene(t, { transports })
  let gone = 0
  const allGone = new Promise<void>((resolve) => {
    comet.on('disconnect', () => {
      if (++gone === 300) resolve()
    })
  })
  await Promise.all(Array.from({ length: 300 }, () => fetchFrom(port, `/poll/${opening}`, {}, 'POST')))
  assert.ok(comet.metrics().connections === 300, 'all were let in')
  await allGone
  assert.equal(comet.metrics().sessions, 0)
})

for (const [name, method, transport] of [
  ['sse', 'GET', sse()],
  ['poll', 'POST', longPoll()],
] as const) {
  test(`${name}: sessions of one address are bounded, also by X-Forwarded-For; other addresses come in`, async (t) => {
    const limits = { maxConnectionsPerAddress: 3 }
    const { comet, port } = await scene(t, { transports: [transport], trustProxy: true, limits })
    const first = async (from: string): Promise<string> => {
      const head = `Host: a\r\nX-Forwarded-For: ${from}\r\nContent-Length: 0`
      const socket = await openRaw(t, port, `${method} /${name}/${opening} HTTP/1.1\r\n${head}\r\n\r\n`)
      return String(await readFrom(socket, (bytes) => /serverInfo|COMET_ERR/.test(String(bytes))))
    }
    const own = await Promise.all(Array.from({ length: 10 }, () => first('198.51.100.7')))
    assert.equal(own.filter((answer) => answer.includes('maxConnectionsPerAddress')).length, 7)
    assert.match(await first('198.51.100.8'), /serverInfo/)
    assert.equal(comet.metrics().limits.maxConnectionsPerAddress, 7)
  })
}

test('requests of one address have no more tenants looked up than it may connect; other addresses come in', async (t) => {
  const asked: number[] = []
  const tenants = (devId: number): { key: string } => {
    asked.push(devId)
    return { key: 'secret' }
  }
  const { comet, port } = await scene(t, { tenants, trustProxy: true, limits: { maxConnectsPerSecond: 1 } })
  const ask = (devId: number, method: string, from: string): Promise<{ body: string }> => {
    const headers = { Origin: 'https://page.example', 'X-Forwarded-For': from }
    return fetchFrom(port, `/poll/sesion=&myid=&devid=${devId}&v=5.0`, headers, method)
  }
  for (const method of ['OPTIONS', 'GET', 'POST'])
    await Promise.all(Array.from({ length: 50 }, (_, i) => ask(100 + i, method, '198.51.100.7')))
  assert.ok(asked.length <= 12, `${asked.length} were looked up`)
  assert.match((await ask(1, 'POST', '198.51.100.8')).body, /serverInfo/)
  assert.match((await ask(1, 'POST', '198.51.100.8')).body, /serverInfo/)
  assert.equal(asked.filter((devId) => devId === 1).length, 1)
  assert.ok(comet.metrics().limits.maxConnectsPerSecond > 100)
})

test('a body that comes byte by byte is given up, and its session goes on', async (t) => {
  const { port } = await scene(t, { transports: [longPoll({ bodyTimeoutMs: 100 })] })
  const { session } = JSON.parse((await fetchFrom(port, `/poll/${opening}`, {}, 'POST')).body) as { session: string }
  const head = `POST /send/session=${session} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n`
  const slow = await openRaw(t, port, head)
  slow.on('error', () => undefined)
  const drip = setInterval(() => slow.write(' '), 10)
  t.after(() => clearInterval(drip))
  assert.match(String(await readFrom(slow, (bytes) => bytes.includes('bodyTimeoutMs'))), /^HTTP\/1\.1 408/)
  assert.equal((await fetchFrom(port, `/send/session=${session}&close=1`, {}, 'POST')).status, 204)
})

/** Opens a session and subscribes it to `news`; resolves to its id. */
async function openSubscribed(port: number): Promise<string> {
  const { session } = JSON.parse((await fetchFrom(port, `/poll/${opening}`, {}, 'POST')).body) as { session: string }
  const body = JSON.stringify(['subscription\nnews'])
  const sent = await fetch(`http://127.0.0.1:${port}/send/session=${session}`, { method: 'POST', body })
  assert.equal(sent.status, 204)
  return session
}

/** Polls from a connection that never reads; resolves to the server's side of it. */
async function pollUnread(t: TestContext, { http, port }: Scene, session: string, seq: number): Promise<Socket> {
  const accepted = once(http, 'connection')
  const head = `POST /poll/session=${session}&seq=${seq} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`
  const stranger = await openRaw(t, port, head)
  stranger.on('error', () => undefined).pause()
  const [socket] = (await accepted) as [Socket]
  while (socket.writableLength === 0) await new Promise(setImmediate)
  return socket
}

for (const [what, next] of [
  ['is asked for again from elsewhere', 1],
  ['is said to have come, which it has not', 2],
] as const) {
  test(`an answer to a poll that nobody reads goes when it ${what}`, async (t) => {
    const large = { maxMessageBytes: 32 * 1024 * 1024, maxBufferedBytes: 64 * 1024 * 1024 }
    const at = await scene(t, { transports: [longPoll()], limits: large })
    const session = await openSubscribed(at.port)
    await at.comet.publish('news', '', 'x'.repeat(24 * 1024 * 1024))
    const first = await pollUnread(t, at, session, 1)
    const gone = once(first, 'close')
    await at.comet.publish('news', '', 'y'.repeat(24 * 1024 * 1024))
    await pollUnread(t, at, session, next)
    await gone
  })
}

test('an answer to a poll that nobody reads goes some time after its session', async (t) => {
  const large = { maxMessageBytes: 32 * 1024 * 1024, maxBufferedBytes: 64 * 1024 * 1024 }
  const at = await scene(t, { transports: [longPoll({ sessionTimeoutMs: 2000 })], limits: large })
  const session = await openSubscribed(at.port)
  await at.comet.publish('news', '', 'x'.repeat(24 * 1024 * 1024))
  const socket = await pollUnread(t, at, session, 1)
  await once(socket, 'close')
  assert.equal(at.comet.metrics().sessions, 0)
})

test('an answer to a poll that is read slowly comes whole, though its session has ended meanwhile', async (t) => {
  const large = { maxMessageBytes: 32 * 1024 * 1024, maxBufferedBytes: 64 * 1024 * 1024 }
  const at = await scene(t, { transports: [longPoll({ sessionTimeoutMs: 2000 })], limits: large })
  const session = await openSubscribed(at.port)
  await at.comet.publish('news', '', 'x'.repeat(24 * 1024 * 1024))
  const ended = once(at.comet, 'disconnect')
  const head = `POST /poll/session=${session}&seq=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`
  const reader = await openRaw(t, at.port, head)
  reader.pause()
  await ended
  let size = 0
  reader.on('data', (bytes: Buffer) => (size += bytes.length))
  reader.resume()
  await once(reader, 'close')
  assert.ok(size > 24 * 1024 * 1024, `${size} bytes`)
})

test('polls that are pipelined behind an answer that nobody read get none', async (t) => {
  const at = await scene(t, { transports: [longPoll()] })
  const session = await openSubscribed(at.port)
  await at.comet.publish('news', '', 'x'.repeat(900_000))
  const poll = `/poll/session=${session}&seq=1`
  assert.match((await fetchFrom(at.port, poll, {}, 'POST')).body, /"seq":2/)
  const before = process.resourceUsage().maxRSS
  const accepted = once(at.http, 'connection')
  const stranger = await openRaw(t, at.port, `POST ${poll} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(500))
  stranger.on('error', () => undefined)
  const [socket] = (await accepted) as [Socket]
  if (!socket.closed) await once(socket, 'close')
  const more = (process.resourceUsage().maxRSS - before) / 1024
  assert.ok(more < 100, `${Math.round(more)} MiB for 500 polls`)
})

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test('a body in pieces of one byte takes no more memory than one in a piece', async (t) => {
  const at = await scene(t, { transports: [longPoll()] })
  const session = await openSubscribed(at.port)
  const heap = (): number => {
    collectGarbage()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return (heapUsed + arrayBuffers) / 1024 / 1024
  }
  const pieces = 500_000
  const sent = Buffer.from('1\r\nx\r\n'.repeat(pieces))
  const before = heap()
  const accepted = once(at.http, 'connection')
  const head = `POST /send/session=${session} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`
  const stranger = await openRaw(t, at.port, head)
  const [socket] = (await accepted) as [Socket]
  stranger.write(sent)
  while (socket.bytesRead < head.length + sent.length) await new Promise(setImmediate)
  const more = heap() - before
  assert.ok(more < 5, `${Math.round(more)} MiB for half a MiB`)
})

test('guessed session ids are answered 404, each the same, and open nothing', async (t) => {
  const { comet, port } = await scene(t, { transports: [sse(), longPoll()] })
  const guess = (i: number): Promise<{ status: number | undefined; body: string }> =>
    fetchFrom(port, `/${i % 2 === 0 ? 'send' : 'poll'}/session=${i}&seq=1`, {}, 'POST')
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => guess(i)))
  assert.deepEqual(
    [...new Set(answers.map(({ status, body }) => `${status} ${body}`))],
    ['404 There is no such session, or not any more: connect again\n'],
  )
  assert.equal(comet.metrics().connections, 0)
})

test('a head that is too large is refused by the http server', async (t) => {
  const { comet, port } = await scene(t, {})
  const socket = await openRaw(t, port, `GET /ws/${opening} HTTP/1.1\r\nX: ${'x'.repeat(100_000)}`)
  socket.on('error', () => undefined)
  assert.match(String(await readFrom(socket, (bytes) => bytes.includes('\r\n\r\n'))), /^HTTP\/1\.1 431/)
  assert.equal(comet.metrics().connections, 0)
})
