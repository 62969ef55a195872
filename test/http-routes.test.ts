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
  readonly trustProxy?: boolean | number
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
    ['/ws?', ''],
    ['/ws?token=1', ''],
    ['/ws?v=4.0&xmyid=7', ''],
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
  const headers = { 'x-forwarded-for': '192.0.2.7, 192.0.2.9', 'x-real-ip': '192.0.2.8', 'x-forwarded-proto': 'https' }

  test('is that of the connection; what the headers say is not believed', () => {
    const hello = helloFor({ url: '/ws/', socket, headers })
    assert.equal(hello?.ip, '10.0.0.1')
    assert.equal(hello.secure, false)
  })

  const ip = (sent: Record<string, string>, trustProxy: boolean | number): string | undefined =>
    helloFor({ url: '/ws/', socket, headers: sent, trustProxy })?.ip

  test('is the last of X-Forwarded-For, which our proxy wrote; else X-Real-IP, else that of the connection', () => {
    assert.equal(ip(headers, true), '192.0.2.9')
    assert.equal(ip({ 'x-real-ip': '192.0.2.8' }, true), '192.0.2.8')
    assert.equal(ip({ 'x-forwarded-for': '' }, true), '10.0.0.1')
    assert.equal(ip({}, true), '10.0.0.1')
  })

  for (const [written, address] of [
    ['192.0.2.7:50123', '192.0.2.7'],
    ['[2001:db8::7]:50123', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['2001:db8::7:8', '2001:db8::7:8'],
  ] as const) {
    test(`is ${address} where a proxy writes ${written}: by it the limits of an address go`, () =>
      assert.equal(ip({ 'x-forwarded-for': written }, true), address))
  }

  for (const [hops, address] of [
    [1, '192.0.2.3'],
    [2, '192.0.2.2'],
    [3, '192.0.2.1'],
    [4, '192.0.2.1'],
  ] as const) {
    test(`is found behind ${hops} proxies of ours`, () =>
      assert.equal(ip({ 'x-forwarded-for': '192.0.2.1, 192.0.2.2,192.0.2.3' }, hops), address))
  }

  test('goes with the host that the browser named, where the proxy is trusted', () => {
    const sent = { host: 'backend:8087', 'x-forwarded-host': 'evil.example, shop.example' }
    const hello = (trustProxy: boolean): Hello | undefined => helloFor({ url: '/ws/', headers: sent, trustProxy })
    assert.equal(hello(true)?.headers.host, 'shop.example')
    assert.equal(hello(false)?.headers.host, 'backend:8087')
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
  routes.resource('info', (_request, response) => response.end('info'))
  for (const own of ['a', 'b']) {
    routes.request('poll', (_request, response, _hello, part) => {
      const session = part('session')
      if (session !== undefined && session !== own) return false
      response.end(`poll${session ?? ''}`)
      return true
    })
  }
  const app = (request: IncomingMessage, response: ServerResponse): void => {
    if (!routes.handleRequest(request, response)) response.writeHead(404).end('app')
  }

  for (const [method, path, status, body] of [
    ['GET', '/push/info', 200, 'info'],
    ['GET', '/push/info?x=1', 200, 'info'],
    ['HEAD', '/push/info', 200, ''],
    ['GET', '/comet-server/info', 200, 'info'],
    ['GET', '/push/poll/sesion=&myid=', 200, 'poll'],
    ['POST', '/push/poll?devid=0', 200, 'poll'],
    ['POST', '/push/poll/session=a', 200, 'polla'],
    ['POST', '/push/poll/session=b&seq=1', 200, 'pollb'],
    ['POST', '/push/poll/session=c', 404, 'There is no such session, or not any more: connect again\n'],
    ['POST', '/push/poll/', 404, 'app'],
    ['POST', '/push/poll/mail', 404, 'app'],
    ['POST', '/push/info', 404, 'app'],
    ['DELETE', '/push/info/7', 404, 'app'],
    ['GET', '/push/info/details/1', 404, 'app'],
    ['GET', '/push/info/', 404, 'app'],
    ['GET', '/push/poll', 404, 'app'],
    ['GET', '/push/poll?page=2', 404, 'app'],
    ['GET', '/info', 404, 'app'],
    ['GET', '/push/information', 404, 'app'],
    ['GET', '/push/ws', 404, 'app'],
    ['GET', '/push/ws/rooms', 404, 'app'],
    ['GET', '/push', 404, 'app'],
  ] as const) {
    test(`${method} ${path} is answered ${status} by ${body === 'app' ? 'the app' : 'us'}`, async (t) => {
      const { port } = await serverWith(t, app)
      const answer = await fetchFrom(port, path, {}, method)
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
