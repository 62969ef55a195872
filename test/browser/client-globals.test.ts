import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { WebSocketServer, type WebSocket } from 'ws'
import { withPage } from './chromium.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** No inline scripts, no eval; connections to the page's own host only. */
const strictPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'"

/** What an old page does, in a file of its own, as the policy wants it. */
const pageScript = `
  window.got = []
  CometServer().subscription('SimplePhpChat', function (event) { got.push(event) })
  CometServer().onAuthFalill(function () { got.push('visitor') })
  CometServer().start({ dev_id: 15 })
`

/** Waits until the page has noted `count` things. Strings would be evaluated in the page, against its policy. */
async function untilGot(page: Page, count: number): Promise<void> {
  await page.waitForFunction((count) => (window as unknown as { got: unknown[] }).got.length === count, count)
}

/** A page below /push/, its client, and a server that says the first words. */
async function serve(t: TestContext) {
  const files = new Map([
    ['/push/CometServerApi.js', ['text/javascript', readFileSync(`${root}/dist/client/CometServerApi.js`, 'utf8')]],
    ['/page.js', ['text/javascript', pageScript]],
    [
      '/',
      ['text/html', '<!doctype html><script src="/push/CometServerApi.js"></script><script src="/page.js"></script>'],
    ],
  ])
  const http = createServer((request, response) => {
    const [type, body] = files.get(request.url ?? '') ?? []
    if (type === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': strictPolicy }).end(body)
  })
  const sockets = new WebSocketServer({ server: http })
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate()
    http.closeAllConnections()
    http.close()
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`, sockets }
}

test('a page of the old client works under a strict policy, and comes back after a lost connection', async (t) => {
  const { url, sockets } = await serve(t)
  const connections: { path: string; socket: WebSocket; commands: string[] }[] = []
  sockets.on('connection', (socket, request) => {
    const commands: string[] = []
    connections.push({ path: request.url ?? '', socket, commands })
    socket.on('message', (data: Buffer) => {
      commands.push(data.toString())
      if (commands.length === 1)
        socket.send(`{"pipe":"SimplePhpChat","event":"e","data":"connection ${connections.length}","user_id":0}`)
    })
    socket.send(
      '{"data":"","pipe":"sys","event":"serverInfo","server":"test","authorized":false,"message_send_time":1}',
    )
  })

  await withPage(t, url, async (page) => {
    await untilGot(page, 2)
    assert.deepEqual(await page.evaluate('got.map((event) => event.data || event)'), ['visitor', 'connection 1'])
    assert.match(connections[0]?.path ?? '', /^\/push\/ws\/sesion=&myid=0&devid=15&v=5\.0&uuid=[0-9a-f]{32}&api=js$/)
    assert.deepEqual(connections[0]?.commands, ['subscription\nSimplePhpChat'])

    connections[0].socket.terminate()
    await untilGot(page, 3)
    assert.equal(await page.evaluate('got[2].data'), 'connection 2')
    assert.equal(connections[1]?.path, connections[0].path, 'the uuid is the same')
  })
})

test('the globals are those of the old client, and no others', async (t) => {
  const { url } = await serve(t)
  await withPage(t, url, async (page) => {
    const added = `(() => {
      const frame = document.body.appendChild(document.createElement('iframe'))
      const usual = new Set(Object.getOwnPropertyNames(frame.contentWindow))
      frame.remove()
      return Object.getOwnPropertyNames(window).filter((name) => !usual.has(name) && name !== 'got' && !/^\\d+$/.test(name))
    })()`
    const names = ['CometServer', '_cometServerApi', 'cometApi', 'cometServerApi', 'tabSignal']
    assert.deepEqual((await page.evaluate<string[]>(added)).sort(), names)
    assert.equal(await page.evaluate('CometServer() === cometApi && CometServer() instanceof cometServerApi'), true)
    assert.equal(
      await page.evaluate('new cometServerApi() !== cometApi && _cometServerApi({ dev_id: 3 }).getDevId() === 3'),
      true,
    )
    const functions = ['connect', 'disconnect', 'emit', 'emitAll', 'send_emit']
    assert.deepEqual(
      await page.evaluate(`${JSON.stringify(functions)}.filter((name) => typeof tabSignal[name] === 'function')`),
      functions,
    )
  })
})

test('signals reach the other tabs', async (t) => {
  const { url } = await serve(t)
  await withPage(t, url, async (page) => {
    const other = await page.context().newPage()
    await other.goto(url)
    await other.evaluate("tabSignal.connect('color', (param) => got.push(param)); got = []")
    await page.evaluate("tabSignal.emitAll('color', { name: 'red' })")
    await untilGot(other, 1)
    assert.deepEqual(await other.evaluate('got'), [{ name: 'red' }])
  })
})

test('a script that is loaded twice leaves one client', async (t) => {
  const { url } = await serve(t)
  await withPage(t, url, async (page) => {
    await page.evaluate('window.first = cometApi')
    await page.addScriptTag({ url: '/push/CometServerApi.js' })
    assert.equal(await page.evaluate('first === cometApi'), true)
  })
})
