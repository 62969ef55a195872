import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { createCometServer, type CometServer } from '../../lib/index.ts'
import { listen } from '../support/http.ts'
import { freePort, hasProgram, start } from '../support/programs.ts'

/** Debian's package `adminer`. */
const sources = '/usr/share/adminer'

/** Whether Adminer and PHP are installed; without them the test is skipped with one line, but where CI=true it fails. */
export function hasAdminer(t: TestContext): boolean {
  if (!hasProgram(t, 'php')) return false
  if (existsSync(sources)) return true
  const missing = `Adminer is missing at ${sources}: install the package "adminer" to run this test`
  if (process.env.CI === 'true') throw new Error(missing)
  t.skip(missing)
  return false
}

/** A page of one site that is subscribed to the pipe `news`. */
const newsPage = `<!doctype html>
  <title>News</title>
  <ul id="list"></ul>
  <script src="/CometServerApi.js"></script>
  <script>
    CometServer().subscription('news', function (event) {
      var item = document.createElement('li')
      item.textContent = event.data
      document.getElementById('list').append(item)
    })
    CometServer().start({ dev_id: 0 })
  </script>`

export interface Site {
  readonly comet: CometServer
  readonly cometqlPort: number
  /** A window that shows the page of the pipe `news`, and is subscribed. */
  readonly openNews: (browser: Browser) => Promise<Page>
}

/** An http server with the page, and a comet server with a CometQL port; both end with the test. */
export async function startSite(t: TestContext, password: string): Promise<Site> {
  const comet = createCometServer({ password, cometql: { port: 0 } })
  const http = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(newsPage)
  })
  t.after(() => comet.close())
  comet.attach(http)
  await comet.ready
  const url = `http://127.0.0.1:${await listen(t, http)}/`
  return {
    comet,
    cometqlPort: comet.address()?.port ?? 0,
    async openNews(browser) {
      const page = await (await browser.newContext()).newPage()
      await Promise.all([once(comet, 'subscribe', { signal: AbortSignal.timeout(20_000) }), page.goto(url)])
      return page
    },
  }
}

/** Adminer in a window of its own: the tests go to its pages as its links do. */
export class Adminer {
  readonly page: Page
  readonly #url: string
  readonly #database: string

  private constructor(page: Page, url: string, server: string) {
    this.page = page
    this.#url = url
    this.#database = `${url}?server=${encodeURIComponent(server)}&username=root&db=CometQL_v1`
  }

  /** Serves Adminer with PHP's own web server, and logs in to the CometQL port. */
  static async open(t: TestContext, browser: Browser, cometqlPort: number, password: string): Promise<Adminer> {
    const port = await freePort()
    const folder = await mkdtemp(join(tmpdir(), 'star-comet-adminer-'))
    t.after(() => rm(folder, { recursive: true }))
    // Debian's folder for sessions is not everybody's.
    const settings = ['-d', `session.save_path=${folder}`, '-d', `sys_temp_dir=${folder}`]
    await start(t, 'php', [...settings, '-S', `127.0.0.1:${port}`, '-t', sources], 'started')
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 1000 } })).newPage()
    // Adminer asks its home for news, which is not this test's business.
    await page.route(
      ({ hostname }) => hostname !== '127.0.0.1',
      (route) => route.abort(),
    )
    const adminer = new Adminer(page, `http://127.0.0.1:${port}/adminer/`, `127.0.0.1:${cometqlPort}`)
    await adminer.#logIn(`127.0.0.1:${cometqlPort}`, password)
    return adminer
  }

  async #logIn(server: string, password: string): Promise<void> {
    await this.page.goto(this.#url)
    await this.page.fill('[name="auth[server]"]', server)
    await this.page.fill('[name="auth[username]"]', 'root')
    await this.page.fill('[name="auth[password]"]', password)
    await this.page.click('input[value=Login]')
    await this.page.waitForSelector('text=Logged as')
  }

  /** Goes to a page of the database CometQL_v1; fails where Adminer shows an error. */
  async go(query: string): Promise<void> {
    await this.page.goto(`${this.#database}${query}`)
    const [error] = await this.errors()
    if (error !== undefined) throw new Error(`Adminer shows at ${query}: ${error}`)
  }

  /** What Adminer complains of. */
  async errors(): Promise<string[]> {
    return (await this.texts('.error')).filter((text) => text !== '')
  }

  /** The texts of all that `selector` means, without what only scripts see. */
  async texts(selector: string): Promise<string[]> {
    return (await this.page.locator(selector).allInnerTexts()).map((text) => text.trim())
  }

  /** The rows of a table that is shown, cell by cell. */
  async rows(selector: string): Promise<string[][]> {
    const rows = await this.page.locator(`${selector} tbody tr`).all()
    const cells = await Promise.all(rows.map((row) => row.locator('td').allInnerTexts()))
    return cells.map((row) => row.map((text) => text.trim()))
  }

  /** The rows of a SELECT by the names of their columns; those that Adminer folds away are not among them. */
  async records(): Promise<Record<string, string>[]> {
    const names = await this.texts('#table thead th > a > span')
    // Before the columns there may be a link that edits the row.
    return (await this.rows('#table')).map((cells) =>
      Object.fromEntries(names.map((name, index) => [name, cells.at(index - names.length) ?? ''])),
    )
  }
}
