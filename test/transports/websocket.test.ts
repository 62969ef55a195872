import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { webSocket, type WebSocketOptions } from '../../lib/transports/websocket.ts'
import { testComet } from '../support/comet.ts'
import { text } from '../support/frames.ts'
import { readFrom, serve, upgradeRaw } from '../support/http.ts'
import { WebSocketBrowser, visitorPath } from '../support/web-socket-browser.ts'
import { publishUntilClosed } from './slow-reader.ts'

const query = 'sesion=&myid=&devid=0&v=4.0&uuid=u&api=js'

describe('the path', () => {
  for (const [path, mount] of [
    [`/ws/${query}`, ''],
    [`/ws?${query}`, ''],
    [`/ws/?${query}`, ''],
    [`//ws/${query}`, ''],
    [`///ws/${query}`, ''],
    [`/comet-server/ws/${query}`, ''],
    [`/comet-server/ws/${query}`, '/mounted/here'],
    [`/mounted/here/ws/${query}`, '/mounted/here'],
    [`/mounted/here/ws?${query}`, '/mounted/here'],
    [`/ws/${query.replace('devid=0&', '')}&devid=0`, ''],
    ['/ws/sesion=undefined&myid=undefined&devid=0&v=4.0', ''],
  ] as const) {
    test(`${path.slice(0, 40)} mounted at "${mount}"`, async (t) => {
      const port = await serve(t, testComet(t), webSocket(), mount)
      const browser = await WebSocketBrowser.connect(t, port, path)
      assert.equal(browser.messages[0]?.authorized, false)
    })
  }

  test('carries the credentials, percent-encoded or not', async (t) => {
    const comet = testComet(t)
    await (await comet.tenant(5)).credentials.setHash(7, 'a+b/c=d')
    const port = await serve(t, comet, webSocket())
    for (const sesion of ['a+b/c=d', 'a%2Bb%2Fc%3Dd']) {
      const browser = await WebSocketBrowser.connect(t, port, `/ws/sesion=${sesion}&myid=7&devid=5&v=4.0`)
      assert.equal(browser.messages[0]?.authorized, true, sesion)
    }
  })
})

describe('a request that cannot be accepted', () => {
  for (const [what, path, origin, code] of [
    ['no sesion', '/ws/myid=&devid=0&v=4.0', 'https://shop.example', 401],
    ['no myid', '/ws/sesion=&devid=0&v=4.0', 'https://shop.example', 401],
    ['nothing at all', '/ws/', 'https://shop.example', 401],
    ['no devid', '/ws/sesion=&myid=&v=4.0', 'https://shop.example', 406],
    ['no v', '/ws/sesion=&myid=&devid=0', 'https://shop.example', 418],
    ['a foreign origin', visitorPath, 'https://evil.example', 423],
  ] as const) {
    test(`${what}: handshake, one error message with ${code}, close`, async (t) => {
      const port = await serve(t, testComet(t, { origins: ['https://shop.example'] }), webSocket())
      const browser = new WebSocketBrowser(port, path, { origin })
      await once(browser.socket, 'open')
      assert.equal((await browser.closed).code, 4501)
      assert.equal(browser.lines.length, 1)
      assert.equal(browser.messages[0]?.pipe, 'sys')
      assert.equal(browser.messages[0].error, code)
    })
  }
})

describe('a browser that', () => {
  test('leaves is told to the core with its code and reason', async (t) => {
    const comet = testComet(t)
    const port = await serve(t, comet, webSocket())
    const [browser, watcher] = [await WebSocketBrowser.connect(t, port), await WebSocketBrowser.connect(t, port)]
    await watcher.subscribe('track_a')
    await browser.subscribe('track_a')
    browser.socket.close(4123, 'bye')
    await watcher.next({ event: 'unsubscription' })
    const disconnect = comet.events.find(([name]) => name === 'disconnect')
    assert.deepEqual(disconnect?.[2], { code: 4123, reason: 'bye' })
  })

  test('vanishes without a word is told too', async (t) => {
    const comet = testComet(t)
    const port = await serve(t, comet, webSocket())
    const [browser, watcher] = [await WebSocketBrowser.connect(t, port), await WebSocketBrowser.connect(t, port)]
    await watcher.subscribe('track_a')
    await browser.subscribe('track_a')
    browser.socket.terminate()
    await watcher.next({ event: 'unsubscription' })
  })

  test('is silent and answers no pings is dropped; one that answers stays', async (t) => {
    const comet = testComet(t)
    const port = await serve(t, comet, webSocket({ pingIntervalMs: 20 }))
    const alive = await WebSocketBrowser.connect(t, port)
    const dead = await WebSocketBrowser.connect(t, port, visitorPath, { autoPong: false })
    assert.equal((await dead.closed).code, 1006)
    alive.command('pipe_count', 'web_a', 'alive')
    await alive.next({ marker: 'alive' })
  })

  test('never reads is closed; the others get everything', async (t) => {
    const comet = testComet(t, { limits: { maxBufferedBytes: 100_000 } })
    const port = await serve(t, comet, webSocket())
    const quick = await WebSocketBrowser.connect(t, port)
    const slow = await upgradeRaw(t, port, visitorPath, text('subscription\nnews'))
    await quick.subscribe('news')
    const tenant = await comet.tenant()
    while (tenant.pipe('news')?.size !== 2) await new Promise(setImmediate)
    slow.pause()
    await publishUntilClosed(comet, quick)
  })
})

describe('options', () => {
  const table: readonly (readonly [options: unknown, sentence: string])[] = [
    [{ pingIntervalMs: -1 }, 'Option "webSocket.pingIntervalMs" is -1; it must be a number from 1 to 2147483647'],
    [{ pingIntervalMs: 0 }, 'Option "webSocket.pingIntervalMs" is 0; it must be a number from 1 to 2147483647'],
    [{ pingIntervalMs: NaN }, 'Option "webSocket.pingIntervalMs" is NaN; it must be a number from 1 to 2147483647'],
    [
      { pingIntervalMs: 2 ** 31 },
      'Option "webSocket.pingIntervalMs" is 2147483648; it must be a number from 1 to 2147483647',
    ],
    [{ maxPayloadBytes: '1M' }, 'Option "webSocket.maxPayloadBytes" is 1M; it must be a number from 1 to 2147483647'],
    [
      { maxPayload: 1 },
      'Option "webSocket.maxPayload" is not known; it must be one of maxPayloadBytes, pingIntervalMs',
    ],
    [null, 'Option "webSocket" is null; it must be called with an object, or nothing'],
  ]
  for (const [options, message] of table) {
    test(message, () => {
      assert.throws(() => webSocket(options as WebSocketOptions), { code: 'COMET_ERR_OPTION', message })
    })
  }

  test('that are undefined have their defaults', async (t) => {
    const options: Record<string, unknown> = { pingIntervalMs: undefined, maxPayloadBytes: undefined }
    await WebSocketBrowser.connect(t, await serve(t, testComet(t), webSocket(options)))
  })

  for (const maxMessageBytes of [100, 2_000_000]) {
    test(`frames may be as long as messages of ${maxMessageBytes} bytes need, where nothing else is said`, async (t) => {
      const port = await serve(t, testComet(t, { limits: { maxMessageBytes } }), webSocket())
      const [sender, receiver] = [await WebSocketBrowser.connect(t, port), await WebSocketBrowser.connect(t, port)]
      await receiver.subscribe('web_chat')
      const message = 'x'.repeat(maxMessageBytes - 2)
      sender.command('web_pipe2', 'web_chat', '', '*', JSON.stringify(message))
      assert.ok((await receiver.next({ pipe: 'web_chat' })).data === message)
      sender.socket.send('x'.repeat(maxMessageBytes + 1025))
      assert.equal((await sender.closed).code, 1009)
    })
  }

  test('a transport that was never started has no timer, and closes', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    const timers = t.mock.method(globalThis, 'setInterval')
    await webSocket().close()
    assert.equal(timers.mock.callCount(), 0)
  })
})

describe('close', () => {
  test('says 1012 to all and resolves when they are gone', async (t) => {
    const comet = testComet(t)
    const transport = webSocket()
    const port = await serve(t, comet, transport)
    const browsers = [await WebSocketBrowser.connect(t, port), await WebSocketBrowser.connect(t, port)]
    await transport.close()
    for (const browser of browsers) assert.equal((await browser.closed).code, 1012)
    assert.equal(comet.events.filter(([name]) => name === 'disconnect').length, 2)
  })

  test('does not wait for ever for a browser that does not answer', async (t) => {
    const transport = webSocket()
    const port = await serve(t, testComet(t), transport)
    const socket = await upgradeRaw(t, port, visitorPath)
    await readFrom(socket, (bytes) => bytes.includes('serverInfo'))
    socket.pause()
    await transport.close()
  })

  test('who comes afterwards gets no handshake', async (t) => {
    const transport = webSocket()
    const port = await serve(t, testComet(t), transport)
    await transport.close()
    const socket = await upgradeRaw(t, port, visitorPath)
    assert.match(String(await readFrom(socket)), /^HTTP\/1\.1 503/)
  })
})
