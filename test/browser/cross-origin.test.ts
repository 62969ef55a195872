// A page from one origin, its comet server at another.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Browser } from 'playwright-core'
import { freePort } from '../support/programs.ts'
import { launch } from './chromium.ts'
import { listPage, shownTexts, startSite } from './site.ts'

const page = (options: string): string =>
  listPage(`
    CometServer().subscription('sys.serverInfo', function () { show('logged in: ' + CometServer().isAuthorized()) })
    CometServer().subscription('#web_chat', function (event) { show('sent: ' + event.data.message) })
    CometServer().web_pipe_send('web_chat', 'hello')
    CometServer().start({ ${options} })
  `)

/** The texts that a page shows which starts with `options`; its server takes the cookie of user 7 from that origin. */
async function shownWith(t: TestContext, browser: Browser, options: string): Promise<(string | null)[]> {
  const port = await freePort()
  const server = await startSite(
    t,
    {},
    {
      origins: [`http://127.0.0.1:${port}`],
      authenticate: ({ headers }) => (headers.cookie === 'login=7' ? 7 : undefined),
    },
  )
  const pages = await startSite(t, { '/': page(`node: '127.0.0.1:${server.port}', ${options}`) }, { port })
  const context = await browser.newContext()
  await context.addCookies([{ name: 'login', value: '7', url: server.url }])
  const window = await context.newPage()
  await window.goto(pages.url)
  return await shownTexts(window, 2)
}

for (const [transport, options, isLoggedIn] of [
  ['websocket', '', true],
  ['sse', '', false],
  ['sse', 'withCredentials: true', true],
  ['polling', '', false],
  ['polling', 'withCredentials: true', true],
] as const) {
  const cookies = isLoggedIn ? 'with cookies' : 'without cookies'
  test(`a page of an origin that is allowed gets and sends by ${transport}, ${cookies}`, async (t) => {
    const browser = await launch(t)
    if (browser === undefined) return
    const shown = await shownWith(t, browser, `transports: ['${transport}'], ${options}`)
    assert.deepEqual(shown, [`logged in: ${isLoggedIn}`, 'sent: hello'])
  })
}
