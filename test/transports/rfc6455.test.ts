import { describe, test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { webSocket } from '../../lib/transports/websocket.ts'
import { testComet } from '../support/comet.ts'
import { frame, serverFrames, text, type ServerFrame } from '../support/frames.ts'
import { readFrom, serve, upgradeRaw } from '../support/http.ts'
import { WebSocketBrowser, visitorPath } from '../support/web-socket-browser.ts'

const fin = 0x80
const [continuation, textOpcode, binary, close, ping, pong] = [0x0, 0x1, 0x2, 0x8, 0x9, 0xa]

/** Is answered once everything before it was taken. */
const last = text('pipe_count\nweb_a\nlast')
const isAnswer = ({ payload }: ServerFrame): boolean => payload.includes('"marker":"last"')
const isClose = ({ firstByte }: ServerFrame): boolean => (firstByte & 0xf) === close

/** What the server sends to somebody who sends `bytes`, until it has answered `last` or closed. */
async function answers(t: TestContext, ...bytes: readonly Uint8Array[]): Promise<readonly ServerFrame[]> {
  const port = await serve(t, testComet(t), webSocket({ maxPayloadBytes: 100_000 }))
  const socket = await upgradeRaw(t, port, visitorPath, Buffer.concat(bytes))
  const received = await readFrom(socket, (received) => {
    return serverFrames(received).some((frame) => isAnswer(frame) || isClose(frame))
  })
  return serverFrames(received)
}

/** The code with which the server closes after `bytes`. */
async function closeCode(t: TestContext, ...bytes: readonly Uint8Array[]): Promise<number | undefined> {
  const frame = (await answers(t, ...bytes, last)).find(isClose)
  return frame && frame.payload.length >= 2 ? frame.payload.readUInt16BE() : undefined
}

const closeFrame = (code: number, reason: string | Uint8Array = ''): Buffer =>
  frame(fin | close, Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]))

/** A command of `length` bytes that sends letters to all who are subscribed to web_chat. */
const commandOf = (length: number): string => sending('m'.repeat(length - sending('').length))
const sending = (message: string): string => `web_pipe2\nweb_chat\nsay\n*\n"${message}"`

/** Asserts that `bytes` are taken as `command`: somebody else receives its message. */
async function arrives(t: TestContext, command: string, ...bytes: readonly Uint8Array[]): Promise<void> {
  const port = await serve(t, testComet(t), webSocket({ maxPayloadBytes: 100_000 }))
  const receiver = await WebSocketBrowser.connect(t, port)
  await receiver.subscribe('web_chat')
  await upgradeRaw(t, port, visitorPath, Buffer.concat(bytes))
  const { data } = await receiver.next({ pipe: 'web_chat' })
  assert.equal(sending(String(data)), command)
}

async function handshake(t: TestContext, headers: Record<string, string>, method = 'GET'): Promise<IncomingMessage> {
  const port = await serve(t, testComet(t), webSocket())
  const asked = request({ port, path: visitorPath, method, headers, agent: false })
  t.after(() => asked.destroy())
  asked.end()
  const ended = await Promise.race([once(asked, 'response'), once(asked, 'upgrade')])
  return ended[0] as IncomingMessage
}

const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

/** The handshake, but for one header. */
function without(name: keyof typeof upgrade): Record<string, string> {
  return Object.fromEntries(Object.entries(upgrade).filter(([other]) => other !== name))
}

describe('RFC 6455, 4.2: the handshake', () => {
  test('is answered with 101 and the key of the example', async (t) => {
    const { statusCode, headers } = await handshake(t, upgrade)
    assert.deepEqual([statusCode, headers['sec-websocket-accept']], [101, 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='])
  })

  test('agrees to no extension and no subprotocol that it does not speak', async (t) => {
    const offer = { 'sec-websocket-extensions': 'permessage-deflate, x-webkit', 'sec-websocket-protocol': 'mqtt, soap' }
    const { statusCode, headers } = await handshake(t, { ...upgrade, ...offer })
    assert.equal(statusCode, 101)
    assert.equal(headers['sec-websocket-extensions'], undefined)
    assert.ok([undefined, 'mqtt'].includes(headers['sec-websocket-protocol']))
  })

  for (const [what, headers, method, status] of [
    ['a key that is not 16 bytes', { ...upgrade, 'sec-websocket-key': 'short' }, 'GET', 400],
    ['a version that nobody speaks', { ...upgrade, 'sec-websocket-version': '99' }, 'GET', 400],
    ['a version before the standard', { ...upgrade, 'sec-websocket-version': '0' }, 'GET', 400],
    ['no version', without('sec-websocket-version'), 'GET', 400],
    ['no key', without('sec-websocket-key'), 'GET', 400],
    ['two keys', { ...upgrade, 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==, AAAA' }, 'GET', 400],
    ['an upgrade to something else', { ...upgrade, upgrade: 'h2c' }, 'GET', 400],
    ['no upgrade', without('upgrade'), 'GET', 426],
    ['an upgrade that the connection does not name', { ...upgrade, connection: 'keep-alive' }, 'GET', 426],
    ['another method', upgrade, 'POST', 405],
  ] as const) {
    test(`${what} is refused with ${status}`, async (t) => {
      assert.equal((await handshake(t, headers, method)).statusCode, status)
    })
  }

  test('of another version is told which one is spoken', async (t) => {
    const { headers } = await handshake(t, { ...upgrade, 'sec-websocket-version': '99' })
    assert.match(String(headers['sec-websocket-version']), /\b13\b/)
  })

  test('takes the names of headers and their values in any case, among others', async (t) => {
    const other = { ...without('upgrade'), UPGRADE: 'WebSocket', connection: 'keep-alive, upgrade' }
    assert.equal((await handshake(t, other)).statusCode, 101)
  })
})

describe('RFC 6455, 5.2: lengths', () => {
  for (const length of [125, 126, 127, 128, 65_535, 65_536, 99_000]) {
    test(`${length} bytes`, async (t) => {
      await arrives(t, commandOf(length), text(commandOf(length)))
    })
  }

  test('that the limit forbids are refused by the header alone', async (t) => {
    const header = Buffer.from([fin | textOpcode, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4])
    const frames = await answers(t, header)
    assert.equal(frames.find(isClose)?.payload.readUInt16BE(), 1009)
  })

  for (const [what, first] of [
    ['above 2^53', 0x7f],
    ['with the highest bit, which must be 0,', 0x80],
  ] as const) {
    test(`${what} are refused`, async (t) => {
      const length = [first, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
      const frames = await answers(t, Buffer.from([fin | textOpcode, 0xff, ...length, 1, 2, 3, 4]))
      assert.equal(frames.find(isClose)?.payload.readUInt16BE(), 1009)
    })
  }
})

describe('RFC 6455, 5.2: reserved bits and opcodes', () => {
  for (const bit of [0x40, 0x20, 0x10]) {
    test(`the bit 0x${bit.toString(16)} fails the connection`, async (t) => {
      assert.equal(await closeCode(t, frame(fin | bit | textOpcode, Buffer.from('a'))), 1002)
    })

    test(`the bit 0x${bit.toString(16)} of a continuation and of a ping, too`, async (t) => {
      const begun = frame(textOpcode, Buffer.from('a'))
      assert.equal(await closeCode(t, begun, frame(fin | bit | continuation, Buffer.from('a'))), 1002)
      assert.equal(await closeCode(t, frame(fin | bit | ping, Buffer.alloc(0))), 1002)
    })
  }

  for (const opcode of [0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe, 0xf]) {
    test(`the opcode 0x${opcode.toString(16)} fails the connection`, async (t) => {
      assert.equal(await closeCode(t, frame(fin | opcode, Buffer.from('a'))), 1002)
    })
  }

  test('5.1: a frame without a mask fails the connection', async (t) => {
    for (const first of [fin | textOpcode, fin | ping, fin | close]) {
      assert.equal(await closeCode(t, Buffer.from([first, 2, 0x03, 0xe8])), 1002)
    }
  })
})

describe('RFC 6455, 5.4: fragmentation', () => {
  const command = Buffer.from(commandOf(200))

  for (const [what, size] of [
    ['pieces of one byte', 1],
    ['pieces of 64 bytes', 64],
  ] as const) {
    test(`${what} make one message, empty ones among them`, async (t) => {
      const pieces = [frame(textOpcode, Buffer.alloc(0))]
      for (let at = 0; at < command.length; at += size) {
        pieces.push(frame(continuation, command.subarray(at, at + size)), frame(continuation, Buffer.alloc(0)))
      }
      pieces.push(frame(fin | continuation, Buffer.alloc(0)))
      await arrives(t, String(command), ...pieces)
    })
  }

  test('control frames may come in between, and are answered before the message', async (t) => {
    const pings = [frame(fin | ping, Buffer.from('one')), frame(fin | pong, Buffer.from('unasked'))]
    const question = Buffer.from('pipe_count\nweb_a\nlast')
    const frames = await answers(
      t,
      frame(textOpcode, question.subarray(0, 9)),
      ...pings,
      frame(fin | continuation, question.subarray(9)),
    )
    const pongAt = frames.findIndex(({ firstByte }) => firstByte === (fin | pong))
    assert.equal(String(frames[pongAt]?.payload), 'one')
    assert.ok(frames.findIndex(isAnswer) > pongAt)
  })

  test('a close in between is answered; the message is none', async (t) => {
    const command = Buffer.from('pipe_count\nweb_a\nlast')
    const begun = frame(textOpcode, command)
    const frames = await answers(t, begun, closeFrame(1000), frame(fin | continuation, Buffer.alloc(0)))
    assert.equal(frames.find(isClose)?.payload.readUInt16BE(), 1000)
    assert.equal(frames.some(isAnswer), false)
  })

  for (const [what, ...bytes] of [
    ['a continuation of nothing', frame(fin | continuation, Buffer.from('a'))],
    ['a new message before the end of the last one', frame(textOpcode, Buffer.from('a')), text('b')],
    [
      'a binary message before the end of a text',
      frame(textOpcode, Buffer.from('a')),
      frame(fin | binary, Buffer.from('b')),
    ],
  ] as const) {
    test(`${what} fails the connection`, async (t) => {
      assert.equal(await closeCode(t, ...bytes), 1002)
    })
  }

  test('fragments that together are too long fail the connection, however small they are', async (t) => {
    const piece = frame(continuation, Buffer.alloc(999, 'x'))
    const pieces = Array.from({ length: 101 }, () => piece)
    assert.equal(await closeCode(t, frame(textOpcode, Buffer.from('x')), ...pieces), 1009)
  })
})

describe('RFC 6455, 5.5: control frames', () => {
  for (const payload of ['', 'hello', 'x'.repeat(125)]) {
    test(`a ping of ${payload.length} bytes comes back as a pong`, async (t) => {
      const frames = await answers(t, frame(fin | ping, Buffer.from(payload)), last)
      const pongs = frames.filter(({ firstByte }) => firstByte === (fin | pong))
      assert.deepEqual(
        pongs.map(({ payload }) => String(payload)),
        [payload],
      )
    })
  }

  test('ten pings are answered by pongs with what the last one holds', async (t) => {
    const pings = Array.from({ length: 10 }, (_, i) => frame(fin | ping, Buffer.from(`ping ${i}`)))
    const pongs = (await answers(t, ...pings, last)).filter(({ firstByte }) => firstByte === (fin | pong))
    assert.equal(String(pongs.at(-1)?.payload), 'ping 9')
  })

  test('pongs that nobody asked for are ignored', async (t) => {
    assert.equal(await closeCode(t, frame(fin | pong, Buffer.alloc(0)), frame(fin | pong, Buffer.from('x'))), undefined)
  })

  for (const [what, bytes] of [
    ['a ping of 126 bytes', frame(fin | ping, Buffer.alloc(126))],
    ['a pong of 126 bytes', frame(fin | pong, Buffer.alloc(126))],
    ['a fragmented ping', frame(ping, Buffer.from('a'))],
    ['a fragmented close', frame(close, Buffer.from([3, 0xe8]))],
    ['a close of 126 bytes', closeFrame(1000, 'x'.repeat(124))],
  ] as const) {
    test(`${what} fails the connection`, async (t) => {
      assert.equal(await closeCode(t, bytes), 1002)
    })
  }
})

describe('RFC 6455, 7: close', () => {
  for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]) {
    test(`${code} is answered with the same code, and nothing after it is taken`, async (t) => {
      const frames = await answers(t, closeFrame(code, 'bye'), last)
      assert.equal(frames.find(isClose)?.payload.readUInt16BE(), code)
      assert.equal(frames.some(isAnswer), false)
    })
  }

  for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]) {
    test(`${code}, which may not be sent, fails the connection`, async (t) => {
      assert.equal(await closeCode(t, closeFrame(code)), 1002)
    })
  }

  test('with the longest reason is answered', async (t) => {
    assert.equal(await closeCode(t, closeFrame(1000, 'x'.repeat(123))), 1000)
  })

  test('is the end of the connection, too: the server ends it first', async (t) => {
    const port = await serve(t, testComet(t), webSocket())
    const socket = await upgradeRaw(t, port, visitorPath, closeFrame(1000))
    await readFrom(socket) // resolves at the end
  })

  test('without a code is answered without one', async (t) => {
    const ended = (await answers(t, frame(fin | close, Buffer.alloc(0)), last)).find(isClose)
    assert.equal(ended?.payload.length, 0)
  })

  test('with half a code fails the connection', async (t) => {
    assert.equal(await closeCode(t, frame(fin | close, Buffer.from([3]))), 1002)
  })

  test('with a reason that is not UTF-8 fails the connection', async (t) => {
    assert.equal(await closeCode(t, closeFrame(1000, Buffer.from([0xce, 0xba, 0xe1, 0xbd]))), 1007)
  })
})

describe('RFC 6455, 8.1: text is UTF-8', () => {
  for (const [what, bytes] of [
    ['a lone continuation byte', [0x80]],
    ['a sequence that ends early', [0xce, 0xba, 0xe1, 0xbd]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong NUL of three bytes', [0xe0, 0x80, 0x80]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a sequence of five bytes', [0xf8, 0x88, 0x80, 0x80, 0x80]],
    ['the byte 0xff', [0xff]],
  ] as const) {
    test(`${what} fails the connection`, async (t) => {
      assert.equal(await closeCode(t, frame(fin | textOpcode, Buffer.from(bytes))), 1007)
    })

    test(`${what}, cut into fragments, fails the connection`, async (t) => {
      const pieces = bytes.map((byte) => frame(continuation, Buffer.from([byte])))
      const message = [frame(textOpcode, Buffer.from('κόσμε')), ...pieces, frame(fin | continuation, Buffer.alloc(0))]
      assert.equal(await closeCode(t, ...message), 1007)
    })
  }

  test('characters may be cut anywhere by fragments', async (t) => {
    const command = Buffer.from(sending('aκ€😀'))
    const pieces = [...command].map((byte) => frame(continuation, Buffer.from([byte])))
    const end = frame(fin | continuation, Buffer.alloc(0))
    await arrives(t, String(command), frame(textOpcode, Buffer.alloc(0)), ...pieces, end)
  })

  test('characters of all lengths arrive as they were', async (t) => {
    const command = sending('aκ€😀\u{10ffff}\ue000\ufffd')
    await arrives(t, command, text(command))
  })
})
