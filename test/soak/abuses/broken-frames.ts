import type { Random } from '../../fuzz/random.ts'
import { frame, text } from '../../support/frames.ts'
import type { Abuse, Place } from './abuse.ts'
import { handshakeOf, openBrowser, pathOf } from './raw-browser.ts'
import { RawSockets } from './raw-socket.ts'

const patienceMs = 2000
const bytes = (...list: readonly number[]): Buffer => Buffer.from(list)

/** What RFC 6455 forbids, and what is cut in the middle; by section. */
const frames: readonly ((random: Random) => Buffer)[] = [
  () => bytes(0x81, 2, 0x68, 0x69), // 5.1: not masked
  () => frame(0xf1, Buffer.from('reserved bits')), // 5.2
  () => frame(0x83, Buffer.from('unknown opcode')),
  () => bytes(0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), // a length with its highest bit set
  () => bytes(0x81, 0xff, 0, 0, 0, 0, 0x7f, 0, 0, 0, 1, 2, 3, 4), // of 2 GB
  () => bytes(0x81, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4, 5), // of 64 KB, of which one byte comes
  () => frame(0x80, Buffer.from('a continuation of nothing')), // 5.4
  () => Buffer.concat([frame(0x01, Buffer.from('begun')), text('and begun again')]),
  () => Buffer.concat(Array.from({ length: 500 }, (_, n) => frame(n === 0 ? 0x01 : 0x00, Buffer.from('x')))), // no end
  () => frame(0x09, Buffer.from('a ping in fragments')), // 5.5
  () => frame(0x89, Buffer.alloc(126)), // a long ping
  () => frame(0x88, bytes(0x03, 0xed)), // 7.4.1: close with 1005
  () => frame(0x88, bytes(0x03)),
  () => Buffer.concat([frame(0x88, bytes(0x03, 0xe8)), text('pipe_count\nweb_x\nm')]), // goes on after its close
  () => frame(0x81, bytes(0xc3, 0x28)), // 8.1: no UTF-8
  () => frame(0x82, Buffer.from('binary')),
  () => text('subscription\nweb_a\nweb_b').subarray(0, 9),
  () => Buffer.concat(Array.from({ length: 300 }, () => frame(0x89, Buffer.from('ping')))),
  () => Buffer.concat(Array.from({ length: 50 }, () => text('nonsense'))),
  (random) => random.bytes(500),
]

const visitor = pathOf({})
const post = (path: string, head: string, body = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${head}\r\n\r\n${body}`

/** What is no handshake, or only half of one. */
const requests: readonly ((random: Random) => string | Buffer)[] = [
  (random) => random.bytes(300),
  (random) => handshakeOf({}).slice(0, random.below(200)),
  () => 'GET / HTTP/9.9\r\n\r\n',
  () => `GET /ws/${visitor} HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  () => handshakeOf({}).replace('Sec-WebSocket-Version: 13', 'Sec-WebSocket-Version: 12'),
  () => handshakeOf({}).replace(/Sec-WebSocket-Key.*\r\n/, ''),
  () => handshakeOf({}).replace(/devid=0&v=4.0/, ''),
  () => handshakeOf({}).replace('/ws/', '/elsewhere/'),
  () => handshakeOf({}).replace('GET', 'POST'),
  () => bytes(0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03), // TLS
  () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  () => 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n',
  () => post(`/poll/${visitor}`, 'Transfer-Encoding: chunked', 'zz\r\n'),
  () => post(`/poll/${visitor}`, 'Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\nGET'),
  () => post('/send/session=unknown', 'Content-Length: 1000000', 'x'.repeat(1000)),
  () => `${handshakeOf({})}${'x'.repeat(50)}`, // frames before the answer
  (random) => Buffer.concat([Buffer.from(handshakeOf({})), text('subscription\nweb_a'), random.bytes(50)]),
]

/** Those who speak another protocol than ours, or ours wrong. */
export function brokenFrames({ port, random }: Place): Abuse {
  const sockets = new RawSockets()
  return {
    perSecond: 40,
    step() {
      const ms = random.below(patienceMs)
      if (random.once(3)) sockets.open(port, random.pick(requests)(random), ms)
      else
        openBrowser(sockets, port, { version: 4 + random.below(2) }, ms, (socket) =>
          socket.write(random.pick(frames)(random)),
        )
    },
    leave: () => sockets.closeAll(),
  }
}
