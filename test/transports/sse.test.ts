import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { sse, type SseOptions } from '../../lib/transports/sse.ts'
import { testComet } from '../support/comet.ts'
import { fetchFrom, openRaw, readFrom, serve } from '../support/http.ts'
import { SseBrowser, visitorParts } from '../support/http-browsers.ts'
import { publishUntilClosed } from './slow-reader.ts'

const path = `/sse/${visitorParts}`

describe('the stream', () => {
  test('has the head that keeps proxies from holding it back, and no framing of its own', async (t) => {
    const port = await serve(t, testComet(t), sse())
    const { headers, stream } = await SseBrowser.connect(t, { port })
    assert.equal(stream?.statusCode, 200)
    assert.equal(headers['content-type'], 'text/event-stream; charset=utf-8')
    assert.equal(headers['cache-control'], 'no-cache, no-store, no-transform')
    assert.equal(headers['x-accel-buffering'], 'no')
    assert.equal(headers['transfer-encoding'], undefined)
    assert.equal(headers['content-length'], undefined)
    assert.equal(headers.connection, 'close')
  })

  test('begins with the session, whose id nobody can guess', async (t) => {
    const port = await serve(t, testComet(t), sse())
    const [one, other] = [await SseBrowser.connect(t, { port }), await SseBrowser.connect(t, { port })]
    assert.match(one.raw, /^event: session\ndata: \{"session":"[\w-]{24}"\}\n\ndata: \{/)
    assert.notEqual(one.session, other.session)
  })

  test('carries the messages of a turn as one event, a line of data for each', async (t) => {
    const comet = testComet(t)
    const browser = await SseBrowser.connect(t, { port: await serve(t, comet, sse()) })
    await browser.subscribe('news')
    const tenant = await comet.tenant()
    for (const text of ['1', '2', 'a\r\nb\u2028c', '3']) void tenant.publish({ pipe: 'news', event: '', text })
    await browser.next({ pipe: 'news', data: '3' })
    assert.deepEqual(browser.dataOf('news'), ['1', '2', 'a\r\nb\u2028c', '3'])
    assert.match(browser.raw, /\n\n(data: \{[^\n]*\n){4}\n$/)
  })

  test('speaks to browsers of HTTP/1.0', async (t) => {
    const port = await serve(t, testComet(t), sse())
    const socket = await openRaw(t, port, `GET ${path} HTTP/1.0\r\n\r\n`)
    const head = String(await readFrom(socket, (bytes) => bytes.includes('serverInfo')))
    assert.ok(!head.includes('chunked'))
  })

  test('gets a comment in every period, each stream at a moment of its own', async (t) => {
    const port = await serve(t, testComet(t), sse({ pingIntervalMs: 20 }))
    const browser = await SseBrowser.connect(t, { port })
    while (!browser.raw.includes('\n\n:\n\n:\n\n')) await once(browser.stream!, 'data')
  })

  test('without a message or a command for the time of the option is dead; one whose browser asks is not', async (t) => {
    const port = await serve(t, testComet(t), sse({ pingIntervalMs: 50, silenceMs: 1000 }))
    const [alive, dead] = [await SseBrowser.connect(t, { port }), await SseBrowser.connect(t, { port })]
    let isOver = false
    void dead.closed.then(() => (isOver = true))
    while (!isOver) assert.equal((await alive.post('[]')).status, 204)
    assert.deepEqual(await dead.closed, { code: 4000, reason: 'the browser is silent' })
    assert.equal((await alive.post('[]')).status, 204)
  })

  test('is closed by a browser that leaves: the others hear it at once, and nothing is found under its id', async (t) => {
    const comet = testComet(t)
    const port = await serve(t, comet, sse())
    const [browser, watcher] = [await SseBrowser.connect(t, { port }), await SseBrowser.connect(t, { port })]
    await watcher.subscribe('track_a')
    await browser.subscribe('track_a')
    assert.equal((await browser.leave()).status, 204)
    await watcher.next({ event: 'unsubscription' })
    assert.deepEqual(comet.events.find(([name]) => name === 'disconnect')?.[2], {
      code: 1001,
      reason: 'the browser left',
    })
    assert.equal((await browser.post('[]')).status, 404)
  })

  test('whose browser vanishes without a word ends', async (t) => {
    const comet = testComet(t)
    const port = await serve(t, comet, sse())
    const [browser, watcher] = [await SseBrowser.connect(t, { port }), await SseBrowser.connect(t, { port })]
    await watcher.subscribe('track_a')
    await browser.subscribe('track_a')
    browser.vanish()
    await watcher.next({ event: 'unsubscription' })
    assert.deepEqual(comet.events.find(([name]) => name === 'disconnect')?.[2], { code: 1006, reason: '' })
  })

  test('that waits in a pipeline behind another ends with the connection', async (t) => {
    const comet = testComet(t)
    const port = await serve(t, comet, sse())
    const socket = await openRaw(t, port, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(2))
    await readFrom(socket, (bytes) => bytes.includes('serverInfo'))
    assert.equal([...comet.host.sessions].length, 2)
    socket.destroy()
    while (comet.host.sessions.size > 0) await new Promise(setImmediate)
  })

  test('whose browser never reads is closed; the others get everything', async (t) => {
    const comet = testComet(t, { limits: { maxBufferedBytes: 100_000 } })
    const port = await serve(t, comet, sse())
    const [quick, slow] = [await SseBrowser.connect(t, { port }), await SseBrowser.connect(t, { port })]
    await quick.subscribe('news')
    await slow.subscribe('news')
    slow.stream?.socket.pause()
    await publishUntilClosed(comet, quick)
    slow.stream?.socket.resume()
    assert.deepEqual(await slow.closed, { code: 4001, reason: 'reads too slowly' })
  })

  test('is not for images and links of other pages, which would bring the cookies of their users', async (t) => {
    const comet = testComet(t)
    const port = await serve(t, comet, sse())
    for (const mode of ['no-cors', 'navigate']) {
      const answer = await fetchFrom(port, path, { 'sec-fetch-mode': mode })
      assert.equal(answer.status, 403)
      assert.match(answer.body, /EventSource/)
    }
    assert.equal(comet.events.length, 0)
    await SseBrowser.connect(t, { port, headers: { 'sec-fetch-mode': 'cors' } })
  })
})

describe('close', () => {
  test('ends every stream with 1012 after what was sent before, and resolves', async (t) => {
    const comet = testComet(t)
    const transport = sse()
    const port = await serve(t, comet, transport)
    const browser = await SseBrowser.connect(t, { port })
    await browser.subscribe('news')
    const big = 'x'.repeat(500_000)
    void (await comet.tenant()).publish({ pipe: 'news', event: '', text: big })
    comet.host.outbox.flush()
    await transport.close()
    assert.deepEqual(await browser.closed, { code: 1012, reason: 'the server is stopping' })
    assert.ok(browser.dataOf('news')[0] === big)
    assert.equal(comet.host.sessions.size, 0)
    assert.equal((await fetchFrom(port, path)).status, 503)
  })

  test('does not wait for ever for browsers that do not read, nor for those that were closed before', async (t) => {
    const comet = testComet(t, { limits: { maxBufferedBytes: 100_000_000 } })
    const transport = sse()
    const port = await serve(t, comet, transport)
    const browsers = [await SseBrowser.connect(t, { port }), await SseBrowser.connect(t, { port })]
    for (const browser of browsers) {
      await browser.subscribe('news')
      browser.stream?.socket.pause()
    }
    const tenant = await comet.tenant()
    for (let i = 0; i < 16; i++) void tenant.publish({ pipe: 'news', event: '', text: 'x'.repeat(1_000_000) })
    comet.host.outbox.flush()
    const [first] = comet.host.sessions
    first?.close(4001, 'reads too slowly')
    assert.equal(comet.host.sessions.size, 1)
    await transport.close()
    assert.equal(comet.host.sessions.size, 0)
    for (const { stream, closed } of browsers) {
      stream?.socket.resume()
      assert.deepEqual(await closed, { code: 0, reason: 'the stream ended' }) // cut off before the close
    }
  })

  test('leaves nothing: no timer, no session', async (t) => {
    const timers = t.mock.method(globalThis, 'setInterval')
    await sse().close()
    assert.equal(timers.mock.callCount(), 0)
  })
})

describe('options', () => {
  for (const [options, message] of [
    [{ pingIntervalMs: 0 }, 'Option "sse.pingIntervalMs" is 0; it must be a number from 1 to 2147483647'],
    [{ bodyTimeoutMs: Infinity }, 'Option "sse.bodyTimeoutMs" is Infinity; it must be a number from 1 to 2147483647'],
    [
      { ping: 1 },
      'Option "sse.ping" is not known; it must be one of maxBodyBytes, bodyTimeoutMs, pingIntervalMs, silenceMs',
    ],
    [7, 'Option "sse" is 7; it must be called with an object, or nothing'],
  ] as const) {
    test(message, () => {
      assert.throws(() => sse(options as SseOptions), { code: 'COMET_ERR_OPTION', message })
    })
  }

  test('pings may be turned off', async (t) => {
    await SseBrowser.connect(t, { port: await serve(t, testComet(t), sse({ pingIntervalMs: Infinity })) })
  })
})
