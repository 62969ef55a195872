import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { describe, test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { createGunzip } from 'node:zlib'
import {
  createCometServer,
  longPoll,
  sse,
  webSocket,
  type CometServer,
  type CometServerOptions,
  type SessionInfo,
} from '../../lib/index.ts'
import { attach, fetchFrom } from '../support/http.ts'
import { PollBrowser, SseBrowser, visitorParts } from '../support/http-browsers.ts'
import { startNginx } from '../support/nginx.ts'
import { hasProgram } from '../support/programs.ts'
import { WebSocketBrowser } from '../support/web-socket-browser.ts'

/** How often the streams and polls of these tests show a sign of life, in milliseconds. */
const signMs = 200

const kinds = [
  { name: 'an event stream', Browser: SseBrowser, transport: () => sse({ pingIntervalMs: signMs }) },
  { name: 'long polling', Browser: PollBrowser, transport: () => longPoll({ waitMs: signMs }) },
] as const

/** A comet server behind nginx, both on ports of their own. */
async function behindNginx(
  t: TestContext,
  location?: string,
  options: CometServerOptions = {},
): Promise<{ comet: CometServer; port: number } | undefined> {
  if (!hasProgram(t, 'nginx')) return undefined
  const comet = createCometServer({ transports: kinds.map(({ transport }) => transport()), ...options })
  return { comet, port: await startNginx(t, await attach(t, comet), location) }
}

for (const { name, Browser } of kinds) {
  describe(`${name} through nginx`, () => {
    test('as it is by default, which buffers: messages come at once, in both directions', async (t) => {
      const scene = await behindNginx(t)
      if (scene === undefined) return
      const { comet, port } = scene
      const browser = await Browser.connect(t, { port })
      await browser.subscribe('news')
      for (let i = 0; i < 20; i++) {
        await comet.publish('news', '', i)
        await browser.next({ pipe: 'news', data: i })
      }
      assert.ok(browser.statuses.every((status) => status === 204))
    })

    test('that cuts idle connections: signs of life keep it', async (t) => {
      const scene = await behindNginx(t, `proxy_read_timeout ${signMs * 10}ms;`)
      if (scene === undefined) return
      const { comet, port } = scene
      const browser = await Browser.connect(t, { port })
      await browser.subscribe('news')
      const signs = (): number =>
        browser instanceof PollBrowser ? browser.answers.length : browser.raw.split('\n\n:').length
      let end: unknown
      void browser.closed.then((closed) => (end = closed))
      await until(() => signs() > 15 || end !== undefined)
      assert.equal(end, undefined)
      await comet.publish('news', '', 'after 15 signs of life')
      await browser.next({ data: 'after 15 signs of life' })
    })

    test('that a page leaves without a word: the session ends', async (t) => {
      const scene = await behindNginx(t, undefined, { transports: [sse(), longPoll({ sessionTimeoutMs: 50 })] })
      if (scene === undefined) return
      const { comet, port } = scene
      const browser = await Browser.connect(t, { port })
      await browser.subscribe('news')
      const gone = once(comet, 'disconnect')
      browser.vanish()
      await gone
    })

    test('that ends TLS: where the page came from is read from X-Forwarded-*', async (t) => {
      const headers = ['Host $http_host', 'X-Forwarded-For 192.0.2.9', 'X-Forwarded-Proto https']
      const location = headers.map((header) => `proxy_set_header ${header};`).join('\n')
      const scene = await behindNginx(t, location, { trustProxy: true, origins: ['same-origin'] })
      if (scene === undefined) return
      const { comet, port } = scene
      const connected = once(comet, 'connect') as Promise<[SessionInfo]>
      await Browser.connect(t, { port, headers: { origin: `https://localhost:${port}` } })
      assert.equal((await connected)[0].ip, '192.0.2.9')
      const foreign = new Browser({ port, headers: { origin: `http://localhost:${port}` } })
      t.after(() => foreign.vanish())
      assert.equal((await foreign.next({ event: 'error' })).error, 423)
    })
  })
}

test('nginx that compresses everything holds back no event', async (t) => {
  const scene = await behindNginx(t, 'gzip on; gzip_types *; gzip_proxied any; gzip_min_length 0;')
  if (scene === undefined) return
  const { comet, port } = scene
  const asked = get({ port, path: `/sse/${visitorParts}`, headers: { 'accept-encoding': 'gzip' }, agent: false })
  t.after(() => asked.destroy())
  const [stream] = (await once(asked, 'response')) as [IncomingMessage]
  assert.equal(stream.headers['content-encoding'], 'gzip')
  let text = ''
  stream.pipe(createGunzip()).on('data', (chunk: Buffer) => (text += chunk.toString()))
  stream.on('error', () => undefined)
  await until(() => text.includes('serverInfo'))
  const session = /"session":"([\w-]+)"/.exec(text)?.[1] ?? ''
  const browser = await PollBrowser.connect(t, { port, headers: { 'accept-encoding': 'identity' } })
  browser.session = session // whose commands it sends from now on
  await browser.post('["subscription\\nnews"]')
  await until(() => text.includes('subscribed'))
  await comet.publish('news', '', 'compressed')
  await until(() => text.includes('compressed'))
})

test('nginx that passes on no upgrades refuses WebSockets, and the page hears why', async (t) => {
  const scene = await behindNginx(t, undefined, { transports: [webSocket()] })
  if (scene === undefined) return
  const { port } = scene
  const browser = new WebSocketBrowser(port)
  await assert.rejects(once(browser.socket, 'open'), /Unexpected server response: 4\d\d/)
  assert.equal((await fetchFrom(port, '/info')).status, 200)
})

/** Resolves once it is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate)
}
