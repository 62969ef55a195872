import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { Routes } from '../lib/http-routes.ts'
import type { Hello } from '../lib/transports/transport.ts'
import { fetchFrom, serverWith } from './support/http.ts'

interface Asked {
  readonly url: string
  readonly headers?: Record<string, string>
  readonly socket?: { remoteAddress?: string; encrypted?: boolean }
  readonly mount?: string
  readonly trustProxy?: boolean
}

/** What the upgrade handler of `ws` is given; undefined where the path is not ours. */
function helloFor({ url, headers = {}, socket = {}, mount = '', trustProxy = false }: Asked): Hello | undefined {
  const routes = new Routes(mount, trustProxy)
  let seen: Hello | undefined
  routes.upgrade('ws', (_request, _socket, _head, hello) => (seen = hello))
  const request = { url, headers, socket } as unknown as IncomingMessage
  const isOurs = routes.handleUpgrade(request, new PassThrough(), Buffer.alloc(0))
  assert.equal(isOurs, seen !== undefined)
  return seen
}

describe('paths of ours', () => {
  for (const [url, mount] of [
    ['/ws/', ''],
    ['/ws?', ''],
    ['/ws/?', ''],
    ['//ws/', ''],
    ['/comet-server/ws/', ''],
    ['/comet-server/ws/', '/push'],
    ['/push/ws/', '/push'],
    ['//push//ws/', '/push'],
    ['/comet-server/v2/ws/', '/comet-server/v2'],
  ] as const) {
    test(`${url} where we are mounted at "${mount}"`, () => {
      assert.equal(helloFor({ url: `${url}sesion=k&myid=7`, mount })?.myid, '7')
    })
  }
})

describe('paths of others', () => {
  for (const [url, mount] of [
    ['/', ''],
    ['/ws', ''],
    ['/wss/sesion=', ''],
    ['/WS/sesion=', ''],
    ['/graphql', ''],
    ['/chat/ws/sesion=', ''],
    ['/ws/sesion=', '/push'],
    ['/pushed/ws/sesion=', '/push'],
    ['/push', '/push'],
    ['/__proto__/', ''],
    ['', ''],
  ] as const) {
    test(`"${url}" where we are mounted at "${mount}"`, () => assert.equal(helloFor({ url, mount }), undefined))
  }
})

describe('the parts of the path', () => {
  test('in any order, missing ones undefined', () => {
    const hello = helloFor({ url: '/ws/v=4.09&devid=15&api=js&sesion=a.b-c_d' })
    assert.deepEqual(
      [hello?.sesion, hello?.myid, hello?.devid, hello?.v, hello?.uuid],
      ['a.b-c_d', undefined, '15', '4.09', undefined],
    )
  })

  for (const [value, decoded] of [
    ['', ''],
    ['undefined', ''],
    ['null', ''],
    ['a%20b', 'a b'],
    ['a+b/c=d', 'a+b/c=d'],
    ['%E0%A4%A', '%E0%A4%A'],
    ['%00', '\0'],
  ] as const) {
    test(`sesion=${value}`, () => assert.equal(helloFor({ url: `/ws/sesion=${value}&myid=7` })?.sesion, decoded))
  }

  test('a part whose name only ends the same is another one', () => {
    assert.equal(helloFor({ url: '/ws/xmyid=8&myid=7' })?.myid, '7')
  })
})

describe('the address of the browser', () => {
  const socket = { remoteAddress: '::ffff:10.0.0.1' }
  const headers = { 'x-forwarded-for': '192.0.2.7, 10.0.0.9', 'x-real-ip': '192.0.2.8', 'x-forwarded-proto': 'https' }

  test('is that of the connection; what the headers say is not believed', () => {
    const hello = helloFor({ url: '/ws/', socket, headers })
    assert.equal(hello?.ip, '10.0.0.1')
    assert.equal(hello.secure, false)
  })

  test('is the first of X-Forwarded-For behind a trusted proxy, else X-Real-IP, else that of the connection', () => {
    const ip = (sent: Record<string, string>): string | undefined =>
      helloFor({ url: '/ws/', socket, headers: sent, trustProxy: true })?.ip
    assert.equal(ip(headers), '192.0.2.7')
    assert.equal(ip({ 'x-real-ip': '192.0.2.8' }), '192.0.2.8')
    assert.equal(ip({}), '10.0.0.1')
  })

  test('came over TLS if the socket says so, or the trusted proxy', () => {
    assert.equal(helloFor({ url: '/ws/', socket: { encrypted: true } })?.secure, true)
    assert.equal(helloFor({ url: '/ws/', headers, trustProxy: true })?.secure, true)
    assert.equal(helloFor({ url: '/ws/', trustProxy: true })?.secure, false)
  })
})

describe('plain requests', () => {
  const routes = new Routes('/push', false)
  routes.upgrade('ws', () => undefined)
  routes.request('info', (_request, response) => response.end('info'))
  const app = (request: IncomingMessage, response: ServerResponse): void => {
    if (!routes.handleRequest(request, response)) response.writeHead(404).end('app')
  }

  for (const [path, status, body] of [
    ['/push/info', 200, 'info'],
    ['/push/info?x=1', 200, 'info'],
    ['/comet-server/info', 200, 'info'],
    ['/info', 404, 'app'],
    ['/push/information', 404, 'app'],
    ['/push/ws', 404, 'app'],
    ['/push', 404, 'app'],
  ] as const) {
    test(`${path} is answered ${status} by ${status === 200 ? 'us' : 'the app'}`, async (t) => {
      const { port } = await serverWith(t, app)
      const answer = await fetchFrom(port, path)
      assert.deepEqual([answer.status, answer.body], [status, body])
    })
  }

  test('the WebSocket address without an upgrade is answered 426 with a sentence', async (t) => {
    const { port } = await serverWith(t, app)
    const answer = await fetchFrom(port, '/push/ws/sesion=&myid=')
    assert.equal(answer.status, 426)
    assert.equal(answer.headers.upgrade, 'websocket')
    assert.match(answer.body, /CometServerApi\.js/)
  })
})
