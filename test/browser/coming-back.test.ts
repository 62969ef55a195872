import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { launch } from './chromium.ts'
import { listPage, openSubscribed, shownTexts, startSite } from './site.ts'

const privatePage = listPage(`
  CometServer().subscription('msg.note', function (event) { show(event.data) })
  CometServer().subscription('hall')
  CometServer().start({ dev_id: 0, user_id: 7, user_key: 'secret' })
`)

const newsPage = listPage(`
  CometServer().subscription('news', function (event) { show(event.data) })
  CometServer().start({ dev_id: 0 })
`)

const historyPage = listPage(`
  CometServer().subscription('news', function (event) {
    show((event.server_info.history ? 'before: ' : 'now: ') + event.data)
  })
  CometServer().subscription('sys.serverInfo', function () {
    CometServer().get_pipe_log('news')
    // Answers come in the order of the questions, so that this one says that the history is complete.
    CometServer().count_users_in_pipe('web_any', function () { show('complete') })
  })
  CometServer().start({ dev_id: 0 })
`)

test('a window that was away gets its private messages when it comes back, once', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const site = await startSite(t, { '/': privatePage })
  await site.comet.query("INSERT INTO users_auth (id, hash) VALUES (7, 'secret')")
  const page = await openSubscribed(browser, site)
  await site.comet.sendToUser(7, 'note', 'while here')
  assert.deepEqual(await shownTexts(page, 1), ['while here'])

  await Promise.all([once(site.comet, 'disconnect'), page.close()])
  await site.comet.sendToUser(7, 'note', 'while away')
  await site.comet.query("INSERT INTO users_messages (id, event, message) VALUES (7, 'note', 'it\\'s still away')")

  const back = await openSubscribed(browser, site)
  assert.deepEqual(await shownTexts(back, 2), ['while away', "it's still away"])

  await Promise.all([once(site.comet, 'subscribe'), back.reload()])
  await site.comet.sendToUser(7, 'note', 'after a reload')
  assert.deepEqual(await shownTexts(back, 1), ['after a reload'])
})

test('a reload keeps the history: its last messages, in order', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const site = await startSite(t, { '/': historyPage })
  await site.comet.query("INSERT INTO pipes_settings (name, length) VALUES ('news', 3)")
  const page = await openSubscribed(browser, site)
  assert.deepEqual(await shownTexts(page, 1), ['complete'])
  for (const text of ['one', 'два', 'three', 'four']) await site.comet.publish('news', '', text)
  assert.deepEqual(await shownTexts(page, 5), ['complete', 'now: one', 'now: два', 'now: three', 'now: four'])

  await page.reload()

  assert.deepEqual(await shownTexts(page, 4), ['before: два', 'before: three', 'before: four', 'complete'])
})

test('the server stops and starts: the page connects again by itself and goes on', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const first = await startSite(t, { '/': newsPage })
  const page = await openSubscribed(browser, first)
  await first.comet.publish('news', '', 'before the stop')

  await first.close()
  const second = await startSite(t, { '/': newsPage }, { port: first.port })
  await once(second.comet, 'subscribe')
  await second.comet.publish('news', '', 'after the start')

  assert.deepEqual(await shownTexts(page, 2), ['before the stop', 'after the start'])
})

for (const transport of ['websocket', 'sse', 'polling']) {
  test(`the server knows at once that a page is gone, by ${transport}`, async (t) => {
    const browser = await launch(t)
    if (browser === undefined) return
    const site = await startSite(t, { '/': newsPage.replace('dev_id: 0', `dev_id: 0, transports: ['${transport}']`) })
    for (const leave of [(page: Page) => page.goto('about:blank'), (page: Page) => page.close()]) {
      const page = await openSubscribed(browser, site)
      await site.comet.publish('news', '', 'here')
      await shownTexts(page, 1)
      const since = performance.now()
      await Promise.all([once(site.comet, 'disconnect'), leave(page)])
      const ms = performance.now() - since
      assert.ok(ms < 3000, `${ms} ms`)
    }
  })
}

test('a page whose origin is not on the list is refused and told so; one that is on it is let in', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const script = (node: string): string => `
    CometServer().subscription('sys.error', function (event) { show(event.data.error_code + ' ' + event.data.error) })
    CometServer().subscription('news', function (event) { show(event.data) })
    CometServer().start({ dev_id: 0, node: '${node}' })
  `
  const home = await startSite(t, (port) => ({ '/': listPage(script(`127.0.0.1:${port}`)) }), {
    origins: ['same-origin'],
  })
  const foreign = await startSite(t, { '/': listPage(script(`127.0.0.1:${home.port}`)) })

  const stranger = await (await browser.newContext()).newPage()
  await stranger.goto(foreign.url)
  const [refusal = ''] = await shownTexts(stranger, 1)
  assert.match(refusal ?? '', /^423 .*http:\/\/127\.0\.0\.1/)

  const guest = await openSubscribed(browser, home)
  const { receivers } = await home.comet.publish('news', '', 'for those inside')
  assert.equal(receivers, 1)
  assert.deepEqual(await shownTexts(guest, 1), ['for those inside'])
})
