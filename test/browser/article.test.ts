import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { freePort, hasProgram, start } from '../support/programs.ts'
import { launch } from './chromium.ts'
import { openSubscribed, startSite, type Site } from './site.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const key = 'lPXBFPqNg3f661JcegBY0N0dPXqUBdHXqj2cHf04PZgLHxT6z55e20ozojvMRvB8'
const page = readFileSync(`${root}/examples/php-chat/index.html`, 'utf8')
const jquery = readFileSync(`${root}/node_modules/jquery/dist/jquery.min.js`, 'utf8')

/** The article's page in an http server of ours, and its PHP file in PHP's own server. */
async function startArticle(t: TestContext): Promise<Site> {
  const phpPort = await freePort()
  const pages = (port: number) => ({
    '/': page.replaceAll('127.0.0.1:8087', `127.0.0.1:${port}`).replaceAll('127.0.0.1:8088', `127.0.0.1:${phpPort}`),
    '/doc/CometQL/simplePhpChat/jquery.min.js': jquery,
  })
  const site = await startSite(t, pages, { tenants: { 15: { key } } })
  const php = ['-d', `mysqli.default_port=${site.cometqlPort}`, '-S', `127.0.0.1:${phpPort}`]
  await start(t, 'php', [...php, `${root}/examples/php-chat/router.php`], 'started')
  return site
}

async function waitForText(page: Page, text: string): Promise<void> {
  await page.waitForFunction((text) => document.querySelector('#textHolder')?.textContent === text, text)
}

test('what is typed into the page of the article is shown in both windows, by way of its PHP file', async (t) => {
  if (!hasProgram(t, 'php')) return
  const browser = await launch(t)
  if (browser === undefined) return
  const site = await startArticle(t)
  const windows = [await openSubscribed(browser, site), await openSubscribed(browser, site)] as const

  let shown = ''
  for (const text of ['Привет из первого окна', `it's "quoted" \\ and <b>not bold</b> 🎉`]) {
    await windows[0].fill('#msgText', text)
    await windows[0].click('input[type=button]')
    shown += text
    for (const window of windows) await waitForText(window, shown)
  }

  assert.equal(await windows[1].locator('#textHolder b').count(), 0)
  // The page empties the field when PHP has answered without an error.
  await windows[0].waitForFunction(() => document.querySelector<HTMLInputElement>('#msgText')?.value === '')
})

test('the page of the article shows what Node publishes to its tenant, and nothing of another one', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const site = await startSite(
    t,
    (port) => ({
      '/': page.replaceAll('127.0.0.1:8087', `127.0.0.1:${port}`),
      '/doc/CometQL/simplePhpChat/jquery.min.js': jquery,
    }),
    { tenants: { 15: { key }, 16: { key: 'another' } } },
  )
  const window = await openSubscribed(browser, site)

  await site.comet.tenant(16).publish('SimplePhpChat', '', 'for others')
  await site.comet.tenant(15).publish('SimplePhpChat', '', 'for us')

  await waitForText(window, 'for us')
})
