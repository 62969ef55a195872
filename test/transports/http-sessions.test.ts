import { describe, test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { createServer as createTlsServer, request as requestTls } from 'node:https'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import express, { type RequestHandler as Middleware } from 'express'
import { Routes } from '../../lib/http-routes.ts'
import { longPoll } from '../../lib/transports/long-poll.ts'
import { sse } from '../../lib/transports/sse.ts'
import type { HttpSessionOptions } from '../../lib/transports/http-sessions.ts'
import { testComet, type Settings, type TestComet } from '../support/comet.ts'
import { fetchFrom, openRaw, readFrom, serve, serverWith, startTransport } from '../support/http.ts'
import { PollBrowser, SseBrowser, visitorParts, type HttpBrowser } from '../support/http-browsers.ts'

/** The transports whose sessions consist of requests, and how their browsers come in. */
const kinds = [
  { name: 'sse', method: 'GET', path: `/sse/${visitorParts}`, transport: sse, browser: SseBrowser },
  { name: 'longPoll', method: 'POST', path: `/poll/${visitorParts}`, transport: longPoll, browser: PollBrowser },
] as const

type Kind = (typeof kinds)[number]

interface Scene {
  readonly comet: TestComet
  readonly port: number
  readonly browser: HttpBrowser
}

async function scene(t: TestContext, { transport, browser }: Kind, options: HttpSessionOptions = {}): Promise<Scene> {
  const comet = testComet(t)
  const port = await serve(t, comet, transport(options))
  return { comet, port, browser: await browser.connect(t, { port }) }
}

/** Serves sessions behind `middleware`, as a host's application does. */
async function behind(t: TestContext, { transport }: Kind, ...middleware: readonly Middleware[]): Promise<number> {
  const comet = testComet(t)
  const routes = new Routes('', false)
  const started = transport()
  startTransport(comet, started, routes)
  const app = express()
  for (const one of middleware) app.use(one)
  app.use('/push', (asked, response) => {
    if (!routes.handleRequest(asked, response)) response.writeHead(404).end('app')
  })
  t.after(() => started.close())
  return (await serverWith(t, app as RequestListener)).port
}

for (const kind of kinds) {
  describe(`${kind.name}: commands`, () => {
    test('of one body are run in order; the answer says nothing', async (t) => {
      const { browser } = await scene(t, kind)
      const { status, body } = await browser.post(JSON.stringify(['pipe_count\nweb_a\nm1', 'pipe_count\nweb_a\nm2']))
      assert.deepEqual([status, body], [204, ''])
      await browser.next({ marker: 'm2' })
      assert.deepEqual(
        browser.messages.flatMap(({ marker }) => marker ?? []),
        ['m1', 'm2'],
      )
      assert.equal((await browser.post('[]')).status, 204)
    })

    for (const [body, shown] of [
      ['', ''],
      ['subscription\nnews', 'subscription\nnews'],
      ['{"a":1}', '{"a":1}'],
      ['[1]', '[1]'],
      ['"x"', '"x"'],
      ['['.repeat(100), `${'['.repeat(64)}…`],
    ]) {
      test(`that are none are answered 400 with a sentence: ${JSON.stringify(body).slice(0, 30)}`, async (t) => {
        const { browser } = await scene(t, kind)
        const answer = await browser.post(body ?? '')
        assert.equal(answer.status, 400)
        const rule = 'it must be a JSON array of strings, each one command, for example ["subscription\\nnews"]'
        assert.equal(answer.body, `The body is ${shown}; ${rule}\n`)
        assert.equal((await browser.post('[]')).status, 204)
      })
    }

    test('that are too many, or too large, are answered 413', async (t) => {
      const { browser } = await scene(t, kind, { maxBodyBytes: 20_000 })
      assert.equal((await browser.post(JSON.stringify(Array(1000).fill('statistics')))).status, 204)
      const many = await browser.post(JSON.stringify(Array(1001).fill('statistics')))
      assert.deepEqual(
        [many.status, many.body],
        [413, 'The body has 1001 commands, the limit is 1000: send fewer at once\n'],
      )
      const large = await browser.post(`["${'x'.repeat(20_000)}"]`)
      assert.deepEqual(
        [large.status, large.body],
        [413, 'The body has 20004 bytes, the limit is 20000 (maxBodyBytes): send fewer commands at once\n'],
      )
      const chunked = await browser.post(`["${'x'.repeat(20_000)}"]`, { 'transfer-encoding': 'chunked' })
      assert.equal(chunked.status, 413)
      assert.equal((await browser.post('[]')).status, 204)
    })

    test('that come too slowly are answered 408, and the connection ends', async (t) => {
      const { browser, port } = await scene(t, kind, { bodyTimeoutMs: 20 })
      const head = `POST /send/session=${browser.session} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n[`
      const answer = String(await readFrom(await openRaw(t, port, head)))
      assert.match(answer, /^HTTP\/1.1 408 [^]*took longer than 20 ms \(bodyTimeoutMs\)/)
      assert.equal((await browser.post('[]')).status, 204)
    })

    test('while others of the session are being read are answered 409; one cut short lets the next in', async (t) => {
      const { browser, port } = await scene(t, kind)
      const head = `POST /send/session=${browser.session} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n[`
      const socket = await openRaw(t, port, head)
      let status = (await browser.post('[]')).status
      while (status === 204) status = (await browser.post('[]')).status
      assert.equal(status, 409)
      socket.destroy()
      while (status === 409) status = (await browser.post('[]')).status
      assert.equal(status, 204)
    })

    test('for an unknown session are answered 404, always the same, which pages of all origins may read', async (t) => {
      const { port, browser } = await scene(t, kind)
      const origin = 'https://any.example'
      const answers = ['x', '', 'a'.repeat(24), '__proto__', browser.session.slice(1), '%00'].map(async (session) => {
        const { status, body, headers } = await fetchFrom(port, `/send/session=${session}`, { origin }, 'POST')
        return [status, body, headers['access-control-allow-origin'], headers['access-control-allow-credentials']]
      })
      for (const answer of await Promise.all(answers)) {
        assert.deepEqual(answer, [404, 'There is no such session, or not any more: connect again\n', origin, 'true'])
      }
    })

    test('do not keep a stopping server waiting', async (t) => {
      const comet = testComet(t)
      const transport = kind.transport()
      const port = await serve(t, comet, transport)
      const browser = await kind.browser.connect(t, { port })
      const head = `POST /send/session=${browser.session} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n[`
      const socket = await openRaw(t, port, head)
      let status = (await browser.post('[]')).status
      while (status === 204) status = (await browser.post('[]')).status
      const ended = readFrom(socket).catch(() => Buffer.alloc(0))
      await transport.close()
      await ended
    })
  })

  describe(`${kind.name}: methods`, () => {
    test('others than its own are answered 405', async (t) => {
      const { port, browser } = await scene(t, kind)
      for (const method of ['PUT', 'DELETE', 'HEAD', kind.method === 'GET' ? 'POST' : 'GET']) {
        const { status, headers } = await fetchFrom(port, kind.path, {}, method)
        assert.deepEqual([status, headers.allow], [405, `${kind.method}, OPTIONS`])
      }
      const sent = await fetchFrom(port, `/send/session=${browser.session}`)
      assert.deepEqual([sent.status, sent.headers.allow], [405, 'POST, OPTIONS'])
      assert.equal(sent.body, 'This address takes POST, OPTIONS, not GET\n')
    })
  })

  describe(`${kind.name}: pages of other origins`, () => {
    const origin = 'https://shop.example'

    async function headersFor(t: TestContext, settings: Settings, from = origin): Promise<IncomingHttpHeaders> {
      const port = await serve(t, testComet(t, settings), kind.transport())
      return (await fetchFrom(port, kind.path, { origin: from }, 'OPTIONS')).headers
    }

    test('may read what a visitor gets where their origin is allowed', async (t) => {
      const comet = testComet(t, { origins: [origin] })
      const port = await serve(t, comet, kind.transport())
      const browser = await kind.browser.connect(t, { port, headers: { origin } })
      for (const { headers } of [await browser.post('[]'), await browser.leave()]) {
        assert.equal(headers['access-control-allow-origin'], origin)
        assert.equal(headers['access-control-allow-credentials'], undefined)
        assert.equal(headers.vary, 'Origin')
      }
    })

    test('may not where it is not', async (t) => {
      const headers = await headersFor(t, { origins: [origin] }, 'https://evil.example')
      assert.equal(headers['access-control-allow-origin'], undefined)
      assert.equal(headers.vary, 'Origin')
    })

    test('may where everybody may, but never with the cookies of their users', async (t) => {
      const headers = await headersFor(t, { origins: ['*'], authenticate: () => 7 })
      assert.equal(headers['access-control-allow-origin'], origin)
      assert.equal(headers['access-control-allow-credentials'], undefined)
    })

    test('may with cookies where these are the login and the origin is named', async (t) => {
      const headers = await headersFor(t, { origins: ['*', 'https://*.example'], authenticate: () => 7 })
      assert.equal(headers['access-control-allow-origin'], origin)
      assert.equal(headers['access-control-allow-credentials'], 'true')
    })

    test('are asked for by the tenant of the path', async (t) => {
      const lookUp: Settings['lookUp'] = (devId) => ({ key: 'k', origins: devId === 0 ? [origin] : [] })
      const port = await serve(t, testComet(t, { lookUp }), kind.transport())
      for (const [devId, allowed] of [
        [0, origin],
        [1, undefined],
      ] as const) {
        const path = kind.path.replace('devid=0', `devid=${devId}`)
        const { headers } = await fetchFrom(port, path, { origin }, 'OPTIONS')
        assert.equal(headers['access-control-allow-origin'], allowed)
      }
    })

    test('are told before what they may send', async (t) => {
      const comet = testComet(t, { origins: [origin] })
      const port = await serve(t, comet, kind.transport())
      const browser = await kind.browser.connect(t, { port, headers: { origin } })
      for (const [path, method] of [
        [kind.path, kind.method],
        [`/send/session=${browser.session}`, 'POST'],
      ]) {
        const { status, headers } = await fetchFrom(port, path ?? '', { origin }, 'OPTIONS')
        assert.equal(status, 204)
        assert.equal(headers['access-control-allow-origin'], origin)
        assert.equal(headers['access-control-allow-methods'], method)
        assert.equal(headers['access-control-allow-headers'], 'Content-Type')
        assert.equal(headers['access-control-max-age'], '7200')
      }
    })

    test('are refused where who they belong to cannot be known', async (t) => {
      const headers = await headersFor(t, {
        lookUp: () => {
          throw new Error('no database')
        },
      })
      assert.equal(headers['access-control-allow-origin'], undefined)
    })
  })

  describe(`${kind.name}: in a host's application`, () => {
    for (const [what, middleware] of [
      ['nothing', []],
      ['express.json() of everything', [express.json({ type: () => true })]],
      ['express.json()', [express.json()]],
      ['express.text()', [express.text({ limit: '4mb' })]],
      ['express.raw()', [express.raw({ type: () => true })]],
    ] as const) {
      test(`behind ${what}`, async (t) => {
        const port = await behind(t, kind, ...middleware)
        const browser = await kind.browser.connect(t, { port, mount: '/push' })
        browser.command('pipe_count', 'web_a', 'm')
        await browser.next({ marker: 'm' })
        assert.equal((await browser.leave()).status, 204)
      })
    }

    test('behind what reads the body and leaves nothing: a sentence says so', async (t) => {
      const port = await behind(t, kind, (asked, _response, next) => asked.resume().on('end', next))
      const browser = await kind.browser.connect(t, { port, mount: '/push' })
      const { status, body } = await browser.post('["x"]')
      assert.equal(status, 400)
      assert.match(body, /^The body was read by the host's middleware, which did not leave it in request\.body/)
    })

    test('behind express.json(), what is nested deeply is answered', async (t) => {
      const port = await behind(t, kind, express.json({ type: () => true }))
      const browser = await kind.browser.connect(t, { port, mount: '/push' })
      const { status, body } = await browser.post('['.repeat(45_000) + ']'.repeat(45_000))
      assert.equal(status, 400)
      assert.match(body, /^The body is nested too deeply; it must be a JSON array of strings/)
    })

    test('whose timeout answers before us nothing breaks', async (t) => {
      const port = await behind(t, kind, (_asked, response, next) => {
        next()
        response.writeHead(503).end('late')
      })
      assert.equal(
        (await fetchFrom(port, `/push${kind.path}`, { origin: 'https://a.example' }, kind.method)).body,
        'late',
      )
    })

    test('over HTTP/2, without a word to the log', async (t) => {
      const comet = testComet(t)
      const routes = new Routes('', false)
      const transport = kind.transport()
      startTransport(comet, transport, routes)
      const warnings = t.mock.method(process, 'emitWarning', () => undefined)
      const server = createHttp2Server((asked, response) => {
        routes.handleRequest(asked as unknown as IncomingMessage, response as unknown as ServerResponse)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      t.after(() => {
        client.destroy()
        server.close()
      })
      t.after(() => transport.close())
      const stream = client.request({ ':path': kind.path, ':method': kind.method })
      let text = ''
      stream.on('data', (chunk: Buffer) => (text += chunk.toString())).end()
      while (!text.includes('serverInfo')) await once(stream, 'data')
      const session = /"session":"([\w-]{24})"/.exec(text)?.[1] ?? ''
      const post = client.request({ ':path': `/send/session=${session}&close=1`, ':method': 'POST' })
      const [headers] = (await once(post, 'response')) as [Record<string, unknown>]
      assert.equal(headers[':status'], 204)
      assert.equal(warnings.mock.callCount(), 0)
    })

    test('over https', async (t) => {
      const comet = testComet(t)
      const routes = new Routes('', false)
      const transport = kind.transport()
      startTransport(comet, transport, routes)
      const file = (name: string): Buffer => readFileSync(new URL(`../support/tls/${name}`, import.meta.url))
      const server = createTlsServer({ key: file('key.pem'), cert: file('cert.pem') }, (asked, response) => {
        routes.handleRequest(asked, response)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      t.after(() => {
        server.closeAllConnections()
        server.close()
      })
      t.after(() => transport.close())
      const { port } = server.address() as AddressInfo
      const tls = { port, path: kind.path, method: kind.method, rejectUnauthorized: false, agent: false }
      const received = await new Promise<string>((resolve, reject) => {
        const asked = requestTls(tls, (response) => {
          let text = ''
          response
            .on('error', () => undefined)
            .on('data', (chunk: Buffer) => {
              text += chunk.toString()
              if (text.includes('serverInfo')) resolve(text)
            })
        })
        asked.on('error', reject).end()
        t.after(() => asked.destroy())
      })
      assert.match(received, /"session":"[\w-]{24}"/)
    })
  })
}

test('an id is good for its own transport only', async (t) => {
  const comet = testComet(t)
  const routes = new Routes('', false)
  const transports = [sse(), longPoll({ waitMs: 20 })]
  for (const one of transports) startTransport(comet, one, routes)
  t.after(() => Promise.all(transports.map((one) => one.close())))
  const { port } = await serverWith(t, (asked, response) => void routes.handleRequest(asked, response))
  const [stream, poll] = [await SseBrowser.connect(t, { port }), await PollBrowser.connect(t, { port })]
  assert.equal((await fetchFrom(port, `/poll/session=${stream.session}&seq=1`, {}, 'POST')).status, 404)
  const events = await fetchFrom(port, `/sse/session=${poll.session}`)
  assert.match(events.body, /event: close\ndata: \{"code":4501/)
  for (const browser of [stream, poll]) {
    browser.command('pipe_count', 'web_a', 'm')
    await browser.next({ marker: 'm' })
  }
})
