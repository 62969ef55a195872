// What the other browser tests show in Chromium, shown in Firefox: the first look at each way that the client goes.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { startNginx } from '../support/nginx.ts'
import { hasProgram } from '../support/programs.ts'
import { startArticle } from './article-site.ts'
import { launchFirefox, type FirefoxPage } from './firefox.ts'
import { strictPages } from './strict-pages.ts'
import { listPage, startSite } from './site.ts'

const newsPage = listPage(`
  CometServer().subscription('news', function (event) { show(event.data.n) })
  CometServer().start({ dev_id: 0 })
`)

async function shownTexts(page: FirefoxPage, count: number): Promise<string[]> {
  await page.waitFor(`document.querySelectorAll('#list li').length >= ${count}`)
  return await page.evaluate("Array.from(document.querySelectorAll('#list li'), (item) => item.textContent)")
}

test('two tabs share one socket; when the leading one is closed the other goes on', async (t) => {
  const browser = await launchFirefox(t)
  if (browser === undefined) return
  const { comet, url } = await startSite(t, { '/': newsPage })
  await comet.query("INSERT INTO pipes_settings (name, length) VALUES ('news', 1000)")
  let connects = 0
  comet.on('connect', () => connects++)
  const [leading, other] = [await browser.newPage(), await browser.newPage()]
  await Promise.all([once(comet, 'subscribe'), leading.goto(url)])
  await other.goto(url)
  await other.waitFor('CometServer().isConnected()')
  assert.equal(connects, 1)
  await comet.publish('news', '', { n: 1 })
  assert.deepEqual(await Promise.all([shownTexts(leading, 1), shownTexts(other, 1)]), [['1'], ['1']])

  await Promise.all([once(comet, 'disconnect'), leading.close()])
  await comet.publish('news', '', { n: 2 })
  assert.deepEqual(await shownTexts(other, 2), ['1', '2'])
  assert.equal(connects, 2)
})

test('what is typed into the page of the article is shown in both windows, by way of its PHP file', async (t) => {
  if (!hasProgram(t, 'php')) return
  const browser = await launchFirefox(t)
  if (browser === undefined) return
  const site = await startArticle(t)
  const windows = [await browser.newPage(), await browser.newPage()] as const
  for (const window of windows) await window.goto(site.url)
  for (const window of windows) await window.waitFor('CometServer().isConnected()')

  const text = `it's "quoted" \\ Привет 🎉`
  await windows[0].evaluate(`$('#msgText').val(${JSON.stringify(text)})`)
  await windows[0].evaluate("document.querySelector('input[type=button]').click()")
  for (const window of windows) {
    await window.waitFor("document.querySelector('#textHolder').textContent !== ''")
    assert.equal(await window.evaluate("document.querySelector('#textHolder').textContent"), text)
  }
})

test('behind an nginx that knows nothing of WebSocket it goes by sse; by polling where that is held back', async (t) => {
  if (!hasProgram(t, 'nginx')) return
  const browser = await launchFirefox(t)
  if (browser === undefined) return
  for (const [settings, transport] of [
    ['', 'sse'],
    ['proxy_ignore_headers X-Accel-Buffering;', 'polling'],
  ] as const) {
    const { comet, port } = await startSite(t, { '/': newsPage })
    const own = await startNginx(t, port, settings)
    const page = await browser.newPage()
    const since = performance.now()
    await Promise.all([once(comet, 'subscribe'), page.goto(`http://127.0.0.1:${own}/`)])
    t.diagnostic(`${transport} after ${Math.round(performance.now() - since)} ms`)
    assert.equal(await page.evaluate('CometServer().getTransport()'), transport)
    for (let n = 1; n <= 20; n++) void comet.publish('news', '', { n })
    assert.equal((await shownTexts(page, 20)).join(), Array.from({ length: 20 }, (_, i) => i + 1).join())
  }
})

test('a strict Content-Security-Policy lets every transport work', async (t) => {
  const browser = await launchFirefox(t)
  if (browser === undefined) return
  const { url } = await startSite(t, strictPages)
  for (const transport of ['websocket', 'sse', 'polling']) {
    const page = await browser.newPage()
    await page.goto(`${url}${transport}`)
    assert.deepEqual(await shownTexts(page, 1), ['0'])
    assert.equal(await page.evaluate('CometServer().getTransport()'), transport)
    await page.close()
  }
})
