import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { createCometServer, type CometServer, type CometServerOptions } from '../../lib/index.ts'

/** An ordinary http server with pages of its own, and the library attached to it. */
export interface Site {
  readonly comet: CometServer
  readonly url: string
  readonly port: number
  readonly cometqlPort: number
  /** Ends it before the test does. */
  close(): Promise<void>
}

/** The bodies of pages and scripts by their paths; those that end in `.js` are scripts. */
export type Pages = Readonly<Record<string, string>>

export const password = 'password of the test'

/**
 * Serves `pages` on `port` (default: a free one) until the end of the test. `pagesAt` gets the port, for pages that
 * name it.
 */
export async function startSite(
  t: TestContext,
  pagesAt: Pages | ((port: number) => Pages),
  { port = 0, ...options }: CometServerOptions & { readonly port?: number } = {},
): Promise<Site> {
  const comet = createCometServer({ password, cometql: { port: 0 }, ...options })
  const http = createServer((request, response) => {
    const path = request.url ?? ''
    const body = (typeof pagesAt === 'function' ? pagesAt(portOf(http.address())) : pagesAt)[path]
    const type = path.endsWith('.js') ? 'text/javascript' : 'text/html'
    if (body === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body)
  })
  const close = async (): Promise<void> => {
    await comet.close()
    http.close()
    http.closeAllConnections()
  }
  t.after(close)
  comet.attach(http)
  await comet.ready
  http.listen(port, '127.0.0.1')
  await once(http, 'listening')
  const taken = portOf(http.address())
  return { comet, url: `http://127.0.0.1:${taken}/`, port: taken, cometqlPort: comet.address()?.port ?? 0, close }
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A page that runs `script`, in which `show(text)` appends to a list, by textContent. */
export function listPage(script: string): string {
  return `<!doctype html>
    <title>A page</title>
    <ul id="list"></ul>
    <script src="/CometServerApi.js"></script>
    <script>
      function show(text) {
        var item = document.createElement('li')
        item.textContent = text
        document.getElementById('list').append(item)
      }
      ${script}
    </script>`
}

/** Opens a window of a browser that is nobody else's; resolves when the page has subscribed to a pipe. */
export async function openSubscribed(browser: Browser, { comet, url }: Pick<Site, 'comet' | 'url'>): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await Promise.all([once(comet, 'subscribe'), page.goto(url)])
  return page
}

/** Waits until the page's list has as many items as `count`; resolves to their texts. */
export async function shownTexts(page: Page, count: number): Promise<(string | null)[]> {
  await page.waitForFunction((count) => document.querySelectorAll('#list li').length >= count, count)
  return await page.evaluate(() => Array.from(document.querySelectorAll('#list li'), (item) => item.textContent))
}
