import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { build } from 'esbuild'
import { withPage } from './chromium.ts'
import { shownTexts, startSite } from './site.ts'

const entry = fileURLToPath(new URL('../../lib/client/index.ts', import.meta.url))

const page = `<!doctype html>
  <title>A page</title>
  <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; connect-src 'self'" />
  <ul id="list"></ul>
  <script type="module" src="/page.js"></script>`

const script = `
  import { CometClient } from './client.js'
  const show = (text) => {
    const item = document.createElement('li')
    item.textContent = text
    document.getElementById('list').append(item)
  }
  const comet = new CometClient()
  comet.on('connected', async () => {
    show('connected')
    const { receivers } = await comet.publish('web_chat', 'say', 'to nobody')
    show(receivers)
  })
  for await (const { event, data } of comet.messages('news')) {
    show(event + ' ' + data.text)
    if (event === 'end') break
  }
  comet.close()
  show(comet.state)
`

test('the module works in a page under a strict policy: connects to its server, publishes, loops over messages', async (t) => {
  const bundle = await build({ entryPoints: [entry], bundle: true, format: 'esm', write: false, logLevel: 'silent' })
  const client = bundle.outputFiles[0]?.text ?? ''
  const { comet, url } = await startSite(t, { '/': page, '/page.js': script, '/client.js': client })
  await withPage(t, url, async (page) => {
    assert.deepEqual(await shownTexts(page, 2), ['connected', '0'])
    await comet.publish('news', 'add', { text: 'one' })
    await comet.publish('news', 'end', { text: 'two' })
    assert.deepEqual((await shownTexts(page, 5)).slice(2), ['add one', 'end two', 'disconnected'])
  })
})
