import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withPage } from './chromium.ts'
import { shownTexts, startSite } from './site.ts'
import { strictPages } from './strict-pages.ts'

for (const transport of ['websocket', 'sse', 'polling']) {
  test(`a strict Content-Security-Policy lets ${transport} work`, async (t) => {
    const { url } = await startSite(t, strictPages)
    await withPage(t, `${url}${transport}`, async (page) => {
      assert.deepEqual(await shownTexts(page, 1), ['0'])
      assert.equal(await page.evaluate('CometServer().getTransport()'), transport)
    })
  })
}
