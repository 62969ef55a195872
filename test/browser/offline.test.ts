import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { launch } from './chromium.ts'
import { listPage, shownTexts, startSite } from './site.ts'
import { startTcpProxy } from './tcp-proxy.ts'

const page = (transport: string): string =>
  listPage(`
    CometServer().subscription('news', function (event) { show(event.data) })
    CometServer().onGap(function () { show('gap') })
    CometServer().start({ dev_id: 0, transports: ['${transport}'] })
  `)

for (const transport of ['websocket', 'sse', 'polling']) {
  test(`a browser that was offline gets what a kept pipe got meanwhile, once and in order, by ${transport}`, async (t) => {
    const browser = await launch(t)
    if (browser === undefined) return
    const site = await startSite(t, { '/': page(transport) })
    const network = await startTcpProxy(t, site.port)
    await site.comet.query("INSERT INTO pipes_settings (name, length) VALUES ('news', 1000)")
    const context = await browser.newContext()
    const window = await context.newPage()
    await Promise.all([once(site.comet, 'subscribe'), window.goto(`http://127.0.0.1:${network.port}/`)])
    let published = 0
    const publish = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) await site.comet.publish('news', '', String(++published))
    }

    for (let times = 0; times < 2; times++) {
      await publish(10)
      await shownTexts(window, published)
      // Chromium's emulation leaves open WebSockets alone: the network has to break, too.
      await context.setOffline(true)
      network.isDown = true
      network.cut()
      await publish(10)
      if (transport !== 'polling') await window.waitForFunction('!CometServer().isConnected()')
      network.isDown = false
      const since = performance.now()
      await context.setOffline(false)
      await shownTexts(window, published)
      t.diagnostic(`all there ${Math.round(performance.now() - since)} ms after the network came back`)
    }

    const expected = Array.from({ length: published }, (_, i) => String(i + 1))
    assert.deepEqual(await shownTexts(window, published), expected)
  })
}
