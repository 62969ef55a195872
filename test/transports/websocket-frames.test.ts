import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { HttpRoutes } from '../../lib/transports/transport.ts'
import { webSocket } from '../../lib/transports/websocket.ts'
import { testComet } from '../support/comet.ts'
import { frame, text } from '../support/frames.ts'
import { readFrom, serve, startTransport, upgradeRaw } from '../support/http.ts'
import { WebSocketBrowser, visitorPath } from '../support/web-socket-browser.ts'

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
    startTransport(comet, transport, http)
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
