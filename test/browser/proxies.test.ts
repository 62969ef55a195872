// Pages behind a real nginx, as people configure it: by forgetting, or on purpose.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { longPoll, sse, webSocket, type CometServerOptions } from '../../lib/index.ts'
import { startNginx } from '../support/nginx.ts'
import { hasProgram } from '../support/programs.ts'
import { launch } from './chromium.ts'
import { listPage, shownTexts, startSite, type Site } from './site.ts'

const page = (options = ''): string =>
  listPage(`
    CometServer().subscription('web_chat', function (event) { show(event.data) })
    CometServer().start({ dev_id: 0 ${options} })
  `)

/** What every page on nginx says of WebSocket. */
const upgrades = `
  proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection "upgrade";`

/** nginx holds events back until it has a buffer full of them, whatever our headers ask for. */
const buffers = 'proxy_ignore_headers X-Accel-Buffering;'

/** A site behind nginx; `url` is that of nginx. Undefined where something is missing. */
async function behind(t: TestContext, settings: string, pageOptions = '', options: CometServerOptions = {}) {
  if (!hasProgram(t, 'nginx')) return undefined
  const site = await startSite(t, { '/': page(pageOptions) }, options)
  const port = await startNginx(t, site.port, settings)
  return { ...site, url: `http://127.0.0.1:${port}/` }
}

async function open(browser: Browser, { comet, url }: Pick<Site, 'comet' | 'url'>): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await Promise.all([once(comet, 'subscribe'), page.goto(url)])
  return page
}

for (const [what, settings, transport] of [
  ['passes upgrades on', upgrades, 'websocket'],
  ['knows nothing of WebSocket', '', 'sse'],
  ['knows nothing of WebSocket, and holds back what streams', buffers, 'polling'],
] as const) {
  test(`behind an nginx that ${what} a page gets and publishes messages by ${transport}`, async (t) => {
    const browser = await launch(t)
    const site = browser === undefined ? undefined : await behind(t, settings)
    if (browser === undefined || site === undefined) return
    const since = performance.now()
    const window = await open(browser, site)
    t.diagnostic(`connected after ${Math.round(performance.now() - since)} ms`)
    assert.equal(await window.evaluate('CometServer().getTransport()'), transport)

    const other = await open(browser, site)
    for (let n = 1; n <= 20; n++) void site.comet.publish('web_chat', '', `it's ${n}`)
    await shownTexts(other, 20)
    await other.evaluate("CometServer().web_pipe_send('web_chat', 'привет\\n<b>')")
    const expected = [...Array.from({ length: 20 }, (_, i) => `it's ${i + 1}`), 'привет\n<b>']
    assert.deepEqual(await shownTexts(window, 21), expected)
  })
}

/** A page whose clock the test moves. */
async function openWithClock(browser: Browser, { comet, url }: Pick<Site, 'comet' | 'url'>): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.clock.install()
  await Promise.all([once(comet, 'subscribe'), page.goto(url)])
  return page
}

test('what worked while WebSocket was refused is tried first when the page is loaded again', async (t) => {
  const browser = await launch(t)
  const site = browser === undefined ? undefined : await behind(t, buffers)
  if (browser === undefined || site === undefined) return
  const page = await openWithClock(browser, site)
  let sockets = 0
  page.on('websocket', () => sockets++)
  await page.clock.fastForward(10_000)
  await page.waitForFunction("Object.keys(localStorage).some((key) => key.startsWith('CometServerApi.transport'))")
  assert.equal(sockets, 1)
  const since = performance.now()
  await Promise.all([once(site.comet, 'subscribe'), page.reload()])
  t.diagnostic(`connected after ${Math.round(performance.now() - since)} ms`)
  assert.equal(await page.evaluate('CometServer().getTransport()'), 'polling')
  assert.equal(sockets, 1)
})

test('a page that met an nginx in trouble goes over to a WebSocket when that is past, and gets every message once', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const folder = await mkdtemp(join(tmpdir(), 'star-comet-trouble-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'trouble'), '')
  const trouble = `
    set $case "$http_upgrade";
    if (-f ${folder}/trouble) { set $case "$case in trouble"; }
    if ($case = "websocket in trouble") { return 503; }`
  const site = await behind(t, `${upgrades} ${trouble}`)
  if (site === undefined) return
  const page = await openWithClock(browser, site)
  assert.equal(await page.evaluate('CometServer().getTransport()'), 'sse')

  await rm(join(folder, 'trouble'))
  let n = 0
  const expected: string[] = []
  const publish = async (): Promise<void> => {
    expected.push(String(++n))
    await site.comet.publish('web_chat', '', String(n))
  }
  await publish()
  const isIn = once(site.comet, 'subscribe')
  await page.clock.fastForward(10_000)
  await isIn
  for (let i = 0; i < 50; i++) await publish()
  await shownTexts(page, 51)
  const isOver = once(site.comet, 'disconnect')
  await page.clock.fastForward(1000)
  for (let i = 0; i < 50; i++) await publish()
  await isOver
  await publish()
  assert.deepEqual(await shownTexts(page, 102), expected)
  assert.equal(await page.evaluate('CometServer().getTransport()'), 'websocket')
})

test('an nginx that cuts what is silent for 2 seconds cuts nothing that is pinged each second', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const cutting = `${upgrades} proxy_read_timeout 2s; proxy_send_timeout 2s;`
  const pinged = [webSocket({ pingIntervalMs: 1000 }), sse({ pingIntervalMs: 1000 }), longPoll({ waitMs: 1000 })]
  const sites: Site[] = []
  for (const transport of ['websocket', 'sse', 'polling']) {
    const site = await behind(t, cutting, `, transports: ['${transport}']`, { transports: pinged })
    if (site === undefined) return
    sites.push(site)
  }
  const unpinged = [webSocket({ pingIntervalMs: Infinity })]
  const silent = await behind(t, cutting, '', { transports: unpinged })
  if (silent === undefined) return

  let cuts = 0
  for (const { comet } of sites) comet.on('disconnect', () => cuts++)
  const windows = await Promise.all(sites.map((site) => open(browser, site)))
  const control = await open(browser, silent)
  for (let i = 0; i < 2; i++) await once(silent.comet, 'subscribe')
  assert.equal(cuts, 0, 'while the control was cut twice')
  await Promise.all([...sites, silent].map(({ comet }) => comet.publish('web_chat', '', 'still here')))
  for (const window of [...windows, control]) assert.deepEqual(await shownTexts(window, 1), ['still here'])
})
