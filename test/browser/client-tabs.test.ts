import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { launch } from './chromium.ts'
import { listPage, shownTexts, startSite } from './site.ts'

const newsPage = listPage(`
  CometServer().subscription('news', function (event) { show(event.data.n) })
  CometServer().onGap(function () { show('gap') })
  CometServer().start({ dev_id: 0 })
`)

/** How the tab that holds the connection ends. */
const endings: readonly (readonly [string, (page: Page) => Promise<unknown>])[] = [
  ['is closed', (page) => page.close({ runBeforeUnload: false })],
  // The renderer dies: the page runs nothing more, and says goodbye to nobody.
  ['crashes', (page) => page.goto('chrome://crash').catch(() => undefined)],
]

for (const [how, end] of endings) {
  test(`two tabs share one socket; when the leading one ${how} the other goes on, and nothing is lost or doubled`, async (t) => {
    const browser = await launch(t)
    if (browser === undefined) return
    const { comet, url } = await startSite(t, { '/': newsPage })
    await comet.query("INSERT INTO pipes_settings (name, length) VALUES ('news', 1000)")
    let connects = 0
    comet.on('connect', () => connects++)
    const context = await browser.newContext()
    const [leading, other] = [await context.newPage(), await context.newPage()]
    await Promise.all([once(comet, 'subscribe'), leading.goto(url)])
    await other.goto(url)
    await other.waitForFunction('CometServer().isConnected()')
    assert.equal(connects, 1)
    assert.deepEqual(await Promise.all([leading, other].map((page) => page.evaluate('CometServer().isMaster()'))), [
      true,
      false,
    ])

    let published = 0
    const publish = setInterval(() => void comet.publish('news', '', { n: ++published }), 2)
    t.after(() => clearInterval(publish))
    await Promise.all([shownTexts(leading, 100), shownTexts(other, 100)])
    const ending = end(leading)
    await once(comet, 'disconnect')
    const since = performance.now()
    await once(comet, 'subscribe')
    const handoverMs = performance.now() - since
    await shownTexts(other, published + 100)
    clearInterval(publish)
    await ending

    const shown = await shownTexts(other, published)
    assert.deepEqual(
      shown,
      Array.from({ length: published }, (_, i) => String(i + 1)),
    )
    t.diagnostic(`handed over in ${Math.round(handoverMs)} ms`)
    assert.ok(handoverMs < 1000, `${handoverMs} ms`)
    assert.equal(connects, 2)
    assert.equal(await other.evaluate('CometServer().isMaster()'), true)
  })
}
