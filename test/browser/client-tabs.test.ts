import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { launch } from './chromium.ts'
import { listPage, shownTexts, startSite } from './site.ts'

const newsPage = listPage(`
  CometServer().subscription('news', function (event) { show(event.data.n) })
  CometServer().onGap(function () { show('gap') })
  CometServer().start({ dev_id: 0 })
`)

test('two tabs share one socket; when the leading one is closed the other goes on, and nothing is lost or doubled', async (t) => {
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
  const closing = leading.close({ runBeforeUnload: false })
  await once(comet, 'disconnect')
  const since = performance.now()
  await once(comet, 'subscribe')
  const handoverMs = performance.now() - since
  await closing
  await shownTexts(other, published + 100)
  clearInterval(publish)

  const shown = await shownTexts(other, published)
  assert.deepEqual(
    shown,
    Array.from({ length: published }, (_, i) => String(i + 1)),
  )
  assert.ok(handoverMs < 1000, `${handoverMs} ms`)
  assert.equal(connects, 2)
  assert.equal(await other.evaluate('CometServer().isMaster()'), true)
})

test('a tab that crashes hands over as well', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const { comet, url } = await startSite(t, { '/': newsPage })
  const context = await browser.newContext()
  const [leading, other] = [await context.newPage(), await context.newPage()]
  await Promise.all([once(comet, 'subscribe'), leading.goto(url)])
  await other.goto(url)
  await other.waitForFunction('CometServer().isConnected()')
  const handover = once(comet, 'subscribe')
  void leading.goto('chrome://crash').catch(() => undefined)
  await handover
  await comet.publish('news', '', { n: 1 })
  assert.deepEqual(await shownTexts(other, 1), ['1'])
})
