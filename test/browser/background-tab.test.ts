// What Chromium does to tabs that nobody looks at: their timers run once a second, and later nothing at all. Playwright
// shows pages as if they were always looked at, so that this speaks the DevTools protocol itself.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { longPoll, sse, webSocket } from '../../lib/index.ts'
import { chromiumArgs, chromiumPath } from './chromium.ts'
import { connectRemote, startBrowser, type Remote } from './remote.ts'
import { listPage, startSite } from './site.ts'

const page = (transport: string): string =>
  listPage(`
    CometServer().subscription('news', function (event) { show(event.data) })
    CometServer().onGap(function () { show('gap') })
    CometServer().start({ dev_id: 0, transports: ['${transport}'] })
  `)

/** So that the server would notice several times what Chromium takes from a tab. */
const transports = [webSocket({ pingIntervalMs: 300 }), sse({ pingIntervalMs: 300 }), longPoll({ waitMs: 300 })]

/** How long a tab takes for five timers of a millisecond, one after the other; and whether it is looked at. */
const fiveTimers = `new Promise((resolve) => {
  const since = performance.now()
  let left = 5
  const tick = () => (left-- > 0 ? setTimeout(tick, 1) : resolve([performance.now() - since, document.visibilityState]))
  tick()
})`

/** Opens a tab and hides it behind another one. */
async function openHidden(t: TestContext, executablePath: string, url: string): Promise<Remote> {
  const argsFor = (profile: string): string[] => [
    ...chromiumArgs,
    ...['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`],
  ]
  const host = await startBrowser(t, executablePath, argsFor, /DevTools listening on ws:\/\/([^/]+)/)
  const open = async (page: string): Promise<{ webSocketDebuggerUrl: string }> => {
    const answer = await fetch(`http://${host}/json/new?${page}`, { method: 'PUT' })
    return (await answer.json()) as { webSocketDebuggerUrl: string }
  }
  const { webSocketDebuggerUrl } = await open(url)
  await open('about:blank')
  return await connectRemote(t, webSocketDebuggerUrl)
}

async function evaluate<Value>(tab: Remote, expression: string): Promise<Value> {
  const options = { expression, awaitPromise: true, returnByValue: true }
  return (await tab.send<{ result: { value: Value } }>('Runtime.evaluate', options)).result.value
}

/** Resolves once Chromium slows down the timers of the tab, which is hidden. */
async function untilSlowed(tab: Remote): Promise<void> {
  const [ms, visibility] = await evaluate<[number, string]>(tab, fiveTimers)
  assert.equal(visibility, 'hidden')
  if (ms <= 1000) await untilSlowed(tab)
}

for (const transport of ['websocket', 'sse', 'polling']) {
  test(`a tab that is hidden keeps its connection; one that is frozen gets everything when it thaws, by ${transport}`, async (t) => {
    const executablePath = chromiumPath(t)
    if (executablePath === undefined) return
    const site = await startSite(t, { '/': page(transport) }, { transports })
    await site.comet.query("INSERT INTO pipes_settings (name, length) VALUES ('news', 1000)")
    let disconnects = 0
    site.comet.on('disconnect', () => disconnects++)
    const subscribed = once(site.comet, 'subscribe')
    const tab = await openHidden(t, executablePath, site.url)
    await subscribed

    let published = 0
    const publish = setInterval(() => void site.comet.publish('news', '', String(++published)), 20)
    t.after(() => clearInterval(publish))
    await untilSlowed(tab)
    assert.equal(disconnects, 0)
    // A frozen tab may answer no pings, and be dropped: then it comes back.
    await tab.send('Page.setWebLifecycleState', { state: 'frozen' })
    await wait(3000) // Nothing happens in there: it is the time that matters.
    await tab.send('Page.setWebLifecycleState', { state: 'active' })
    clearInterval(publish)

    await site.comet.publish('news', '', 'last')
    const texts = "Array.from(document.querySelectorAll('#list li'), (item) => item.textContent)"
    await evaluate(
      tab,
      `new Promise((resolve) => {
      const look = () => ${texts}.includes('last') ? resolve() : setTimeout(look, 10)
      look()
    })`,
    )
    const expected = [...Array.from({ length: published }, (_, i) => String(i + 1)), 'last']
    assert.deepEqual(await evaluate(tab, texts), expected)
  })
}
