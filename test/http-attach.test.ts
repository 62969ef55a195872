import { describe, test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { createServer, Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { PassThrough, type Duplex } from 'node:stream'
import express from 'express'
import { WebSocket, WebSocketServer } from 'ws'
import { attachTo, type AttachMode } from '../lib/http-attach.ts'
import { Routes } from '../lib/http-routes.ts'
import { webSocket } from '../lib/transports/websocket.ts'
import { testComet } from './support/comet.ts'
import { fetchFrom, readFrom, serverWith, startTransport, upgradeRaw } from './support/http.ts'
import { WebSocketBrowser, visitorPath } from './support/web-socket-browser.ts'

/** Routes with everything that a comet server has at `path`. */
function cometRoutes(t: TestContext, path = ''): Routes {
  const routes = new Routes(path, false)
  const transport = webSocket()
  const comet = testComet(t)
  startTransport(comet, transport, routes)
  t.after(() => transport.close())
  routes.resource('info', (_request, response) => response.end('{"status":"ok"}'))
  routes.resource('CometServerApi.js', (_request, response) => response.end('script'))
  return routes
}

function attach(t: TestContext, server: Server, routes = cometRoutes(t), mode: AttachMode = 'intercept'): () => void {
  const undo = attachTo(server, routes, undefined, mode)
  t.after(undo)
  return undo
}

/** A neighbour that echoes, as its documentation says: one that destroys all upgrades which are not its own. */
function neighbour(t: TestContext, server: Server): void {
  const graphql = new WebSocketServer({ server, path: '/graphql' })
  graphql.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
  t.after(() => graphql.close())
}

async function assertEcho(t: TestContext, port: number): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`)
  t.after(() => socket.terminate())
  await once(socket, 'open')
  socket.send('echo')
  const [data] = (await once(socket, 'message')) as [Buffer]
  assert.equal(String(data), 'echo')
}

async function assertComet(t: TestContext, port: number, path?: string): Promise<void> {
  const browser = await WebSocketBrowser.connect(t, port, path)
  browser.command('pipe_count', 'web_a', 'm')
  await browser.next({ marker: 'm' })
}

describe('a WebSocket server of somebody else on the same http server', () => {
  for (const order of ['before us', 'after us'] as const) {
    test(`that was there ${order} works, and so do we`, async (t) => {
      const { server, port } = await serverWith(t)
      if (order === 'before us') neighbour(t, server)
      attach(t, server)
      if (order === 'after us') neighbour(t, server)
      await assertComet(t, port)
      await assertEcho(t, port)
      await assertComet(t, port)
    })
  }

  test('that answers others late, as socket.io does, does not end our connections', async (t) => {
    const { server, port } = await serverWith(t)
    const destroyed: Duplex[] = []
    server.on('upgrade', (_request, socket: Duplex) => {
      destroyed.push(socket)
      socket.destroy()
    })
    attach(t, server)
    await assertComet(t, port)
    assert.equal(destroyed.length, 0)
  })

  test('still gets the paths that are nobody’s, and we stay out of it', async (t) => {
    const { server, port } = await serverWith(t)
    attach(t, server)
    neighbour(t, server)
    assert.match(String(await readFrom(await upgradeRaw(t, port, '/nobody'))), /^HTTP\/1\.1 400/)
  })
})

describe('as the only listener', () => {
  for (const mode of ['intercept', 'listener'] as const) {
    test(`a foreign path is answered 404 and not left hanging (${mode})`, async (t) => {
      const { server, port } = await serverWith(t)
      attach(t, server, cometRoutes(t), mode)
      const answer = String(await readFrom(await upgradeRaw(t, port, '/foreign')))
      assert.match(answer, /^HTTP\/1\.1 404 Not Found\r\n/)
    })
  }

  test('who asks for a foreign path and does not end its side is not kept', async (t) => {
    const { server, port } = await serverWith(t)
    attach(t, server)
    const accepted = once(server, 'connection')
    const stranger = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    t.after(() => stranger.destroy())
    stranger.on('error', () => undefined)
    stranger.write('GET /foreign HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    const [socket] = (await accepted) as [Socket]
    const closed = once(socket, 'close')
    assert.match(String(await readFrom(stranger)), /^HTTP\/1\.1 404/)
    await closed
  })

  test('a foreign browser that resets the connection harms nobody', async (t) => {
    const { server, port } = await serverWith(t)
    attach(t, server)
    const socket = new PassThrough()
    server.emit('upgrade', { url: '/foreign', headers: {} }, socket, Buffer.alloc(0))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.destroy(new Error('read ECONNRESET'))
    await closed
    assert.equal((await fetchFrom(port, '/info')).status, 200)
  })
})

describe('an app', () => {
  test('that answers 404 to everything lets our paths through, and keeps its own', async (t) => {
    const { server, port } = await serverWith(t, (_request, response) => response.writeHead(404).end('app'))
    attach(t, server)
    assert.equal((await fetchFrom(port, '/info')).body, '{"status":"ok"}')
    assert.equal((await fetchFrom(port, '/comet-server/info')).body, '{"status":"ok"}')
    assert.equal((await fetchFrom(port, '/CometServerApi.js')).body, 'script')
    assert.equal((await fetchFrom(port, '/index.html')).body, 'app')
    await assertComet(t, port)
  })

  test('of Express works the same', async (t) => {
    const app = express()
    app.get('/', (_request, response) => response.send('app'))
    const { server, port } = await serverWith(t, app as Parameters<typeof createServer>[1])
    attach(t, server, cometRoutes(t, '/push'))
    assert.equal((await fetchFrom(port, '/')).body, 'app')
    assert.equal((await fetchFrom(port, '/info')).status, 404)
    assert.equal((await fetchFrom(port, '/push/info')).status, 200)
    await assertComet(t, port, `/push${visitorPath}`)
  })

  test('without upgrades of its own still answers a plain request that offers one', async (t) => {
    const { server, port } = await serverWith(t, (_request, response) => response.end('app'))
    attach(t, server)
    assert.equal((await fetchFrom(port, '/page')).body, 'app')
  })
})

test('in mode "listener" our upgrades are taken, and requests are left to the app', async (t) => {
  const { server, port } = await serverWith(t, (_request, response) => response.end('app'))
  attach(t, server, cometRoutes(t), 'listener')
  assert.ok(!Object.hasOwn(server, 'emit'))
  await assertComet(t, port)
  assert.equal((await fetchFrom(port, '/info')).body, 'app')
})

describe('the undo', () => {
  for (const mode of ['intercept', 'listener'] as const) {
    test(`leaves the server as it was (${mode})`, async (t) => {
      const { server, port } = await serverWith(t, (_request, response) => response.end('app'))
      neighbour(t, server)
      const before = server.eventNames().map((name) => [name, server.listenerCount(name)])
      const undo = attach(t, server, cometRoutes(t), mode)
      undo()
      assert.deepEqual(
        server.eventNames().map((name) => [name, server.listenerCount(name)]),
        before,
      )
      assert.ok(!Object.hasOwn(server, 'emit'))
      undo()
      assert.equal((await fetchFrom(port, '/info')).body, 'app')
      await assertEcho(t, port)
    })
  }

  for (const order of ['the first one first', 'the last one first'] as const) {
    test(`of two comet servers on one http server: ${order}`, async (t) => {
      const { server, port } = await serverWith(t, (_request, response) => response.end('app'))
      const undos = [attach(t, server, cometRoutes(t, '/a')), attach(t, server, cometRoutes(t, '/b'))]
      const paths: [string, string] = ['/a', '/b']
      if (order === 'the last one first') {
        undos.reverse()
        paths.reverse()
      }
      const [gone, stays] = paths
      for (const path of paths) await assertComet(t, port, path + visitorPath)
      undos[0]?.()
      assert.equal((await fetchFrom(port, `${gone}/info`)).body, 'app')
      await assertComet(t, port, stays + visitorPath)
      undos[1]?.()
      assert.equal((await fetchFrom(port, `${stays}/info`)).body, 'app')
      assert.equal(server.listenerCount('upgrade'), 0)
    })
  }

  test('leaves what somebody put around us later', async (t) => {
    const { server, port } = await serverWith(t, (_request, response) => response.end('app'))
    const undo = attach(t, server)
    const inner = server.emit.bind(server)
    const seen: string[] = []
    server.emit = (event: string, ...args: unknown[]) => {
      seen.push(event)
      return inner(event, ...args)
    }
    undo()
    assert.equal((await fetchFrom(port, '/info')).body, 'app')
    assert.ok(seen.includes('request'))
  })
})
