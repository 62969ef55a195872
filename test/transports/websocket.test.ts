import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { HttpRoutes } from '../../lib/transports/transport.ts'
import { webSocket, type WebSocketOptions } from '../../lib/transports/websocket.ts'
import { testComet } from '../support/comet.ts'
import { frame, text } from '../support/frames.ts'
import { readFrom, serve, upgradeRaw } from '../support/http.ts'
import { WebSocketBrowser, visitorPath } from '../support/web-socket-browser.ts'

const query = 'sesion=&myid=&devid=0&v=4.0&uuid=u&api=js'

const visitor = { sesion: '', myid: '', devid: '0', v: '4.0', uuid: '', ip: '127.0.0.1', secure: false, headers: {} }
const upgradeRequest = Object.assign(new IncomingMessage(new Socket()), {
  method: 'GET',
  headers: { upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
})

/** A socket that tells each of its writes. */
function writtenTo(tell: (text: string) => void): Duplex {
  return new Duplex({
    read: () => undefined,
    write(chunk, _, done) {
      tell(String(chunk))
      done()
    },
    writev(chunks, done) {
      tell(chunks.map(({ chunk }) => String(chunk)).join(''))
      done()
    },
  })
}

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

describe('frames of the browser', () => {
  test('several in one TCP segment, the handshake included, are all taken, in order', async (t) => {
    const port = await serve(t, testComet(t), webSocket())
    const commands = Array.from({ length: 20 }, (_, i) => text(`pipe_count\nweb_a\nm${i}`))
    const socket = await upgradeRaw(t, port, visitorPath, Buffer.concat(commands))
    const received = String(await readFrom(socket, (bytes) => bytes.includes('"m19"')))
    const markers = [...received.matchAll(/"marker":"(m\d+)"/g)].map(([, marker]) => marker)
    assert.deepEqual(
      markers,
      commands.map((_, i) => `m${i}`),
    )
  })

  test('fragments are joined, with a ping between them, cut within a character', async (t) => {
    const comet = testComet(t)
    const port = await serve(t, comet, webSocket())
    const receiver = await WebSocketBrowser.connect(t, port)
    await receiver.subscribe('web_chat')
    const command = Buffer.from('web_pipe2\nweb_chat\nsay\n*\n"👍"')
    const parts = [
      frame(0x01, command.subarray(0, 3)),
      frame(0x89, Buffer.from('are you there')),
      frame(0x00, command.subarray(3, -3)),
      frame(0x80, command.subarray(-3)),
    ]
    const socket = await upgradeRaw(t, port, visitorPath, Buffer.concat(parts))
    assert.equal((await receiver.next({ pipe: 'web_chat' })).data, '👍')
    const pong = Buffer.concat([Buffer.from([0x8a, 13]), Buffer.from('are you there')])
    await readFrom(socket, (bytes) => bytes.includes(pong))
  })

  test('one byte at a time', async (t) => {
    const port = await serve(t, testComet(t), webSocket())
    const socket = await upgradeRaw(t, port, visitorPath)
    socket.setNoDelay(true)
    for (const byte of text('pipe_count\nweb_a\nslow')) {
      socket.write(Buffer.from([byte]))
      await new Promise(setImmediate)
    }
    await readFrom(socket, (bytes) => bytes.includes('"slow"'))
  })

  test('above 64 KB, up to the limit', async (t) => {
    const port = await serve(t, testComet(t), webSocket())
    const [sender, receiver] = [await WebSocketBrowser.connect(t, port), await WebSocketBrowser.connect(t, port)]
    await receiver.subscribe('web_chat')
    const message = 'x'.repeat(1024 * 1024 - 2)
    sender.command('web_pipe2', 'web_chat', '', '*', JSON.stringify(message))
    assert.ok((await receiver.next({ pipe: 'web_chat' })).data === message)
  })

  for (const [what, bytes, code] of [
    ['a binary frame', frame(0x82, Buffer.from('subscription\nnews')), 4500],
    ['a frame above the limit', frame(0x81, Buffer.alloc(1025, 'x')), 1009],
    [
      'fragments above the limit together',
      Buffer.concat([frame(0x01, Buffer.alloc(600)), frame(0x80, Buffer.alloc(600))]),
      1009,
    ],
    ['text that is not UTF-8', frame(0x81, Buffer.from([0xff, 0xfe])), 1007],
    ['a frame without a mask', Buffer.from([0x81, 0x01, 0x61]), 1002],
    ['a reserved opcode', frame(0x83, Buffer.from('a')), 1002],
  ] as const) {
    test(`${what} is closed with ${code}`, async (t) => {
      const comet = testComet(t)
      const port = await serve(t, comet, webSocket({ maxPayloadBytes: 1024 }))
      const socket = await upgradeRaw(t, port, visitorPath)
      await readFrom(socket, (received) => received.includes('serverInfo'))
      socket.write(bytes)
      const close = Buffer.from([0x88, 0, code >> 8, code & 0xff])
      const isClose = (received: Buffer): boolean => {
        const at = received.indexOf(0x88)
        return at !== -1 && received.length >= at + 4
      }
      const received = await readFrom(socket, isClose)
      const at = received.indexOf(0x88)
      assert.deepEqual(received.subarray(at + 2, at + 4), close.subarray(2))
    })
  }
})

describe('frames of the server', () => {
  test('begin in one write with the answer to the handshake, where the browser can be let in at once', async (t) => {
    const comet = testComet(t)
    await comet.tenant()
    const transport = webSocket()
    const http: HttpRoutes = {
      upgrade: (_, upgrade) => upgrade(upgradeRequest, socket, Buffer.alloc(0), visitor),
      request: () => undefined,
    }
    const writes: string[] = []
    const socket = writtenTo((text) => writes.push(text))
    t.after(() => transport.close())
    t.after(() => socket.destroy())
    transport.start(comet.tenants.accept, http, comet.host.limits, comet.tenants.rightsOf)
    while (writes.length === 0) await new Promise(setImmediate)
    await new Promise(setImmediate)
    assert.equal(writes.length, 1)
    assert.match(writes[0] ?? '', /^HTTP\/1.1 101[^]*serverInfo/)
  })

  test('are exactly one text frame for each turn', async (t) => {
    const comet = testComet(t)
    const port = await serve(t, comet, webSocket())
    const socket = await upgradeRaw(t, port, visitorPath, text('subscription\nnews'))
    await readFrom(socket, (bytes) => bytes.includes('serverInfo'))
    const tenant = await comet.tenant()
    while (tenant.pipe('news') === undefined) await new Promise(setImmediate)
    for (const data of ['1', '2', '3']) void tenant.publish({ pipe: 'news', event: '', text: data })
    const line = (data: string): string =>
      `{"data":"${data}","pipe":"news","event":"","user_id":0,"message_send_time":${comet.clock.seconds}}`
    const payload = Buffer.from(['1', '2', '3'].map(line).join('\n'))
    const expected = Buffer.concat([Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]), payload])
    assert.deepEqual(await readFrom(socket, (bytes) => bytes.length >= expected.length), expected)
  })

  test('do not mix with pings, pongs and the close that ws sends', async (t) => {
    const comet = testComet(t)
    const port = await serve(t, comet, webSocket({ pingIntervalMs: 1 }))
    const browser = await WebSocketBrowser.connect(t, port)
    await browser.subscribe('news')
    const tenant = await comet.tenant()
    const texts = Array.from({ length: 200 }, (_, i) => `${i}`.repeat(1000))
    for (const data of texts) {
      browser.socket.ping('x'.repeat(125))
      void tenant.publish({ pipe: 'news', event: '', text: data })
      await new Promise(setImmediate)
    }
    await browser.next({ data: texts.at(-1) })
    assert.deepEqual(browser.dataOf('news'), texts)
  })

  test('what was sent before a close comes before it', async (t) => {
    const comet = testComet(t)
    const transport = webSocket()
    const port = await serve(t, comet, transport)
    const browser = await WebSocketBrowser.connect(t, port)
    await browser.subscribe('news')
    const big = 'x'.repeat(500_000)
    void (await comet.tenant()).publish({ pipe: 'news', event: '', text: big })
    comet.host.outbox.flush()
    await transport.close()
    assert.equal((await browser.closed).code, 1012)
    assert.ok(browser.dataOf('news')[0] === big)
  })
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
    let sent = 0
    while (tenant.pipe('news')?.size === 2 && sent < 1000) {
      void tenant.publish({ pipe: 'news', event: '', text: `${sent++}`.padEnd(100_000) })
      await quick.next({ pipe: 'news' })
    }
    const disconnect = comet.events.find(([name]) => name === 'disconnect')
    assert.deepEqual(disconnect?.[2], { code: 4001, reason: 'reads too slowly' })
    assert.equal(quick.dataOf('news').length, sent)
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
