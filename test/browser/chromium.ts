import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { chromium, type Browser, type Page } from 'playwright-core'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** What Chromium is started with. */
export const chromiumArgs: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * The path of Chromium. Without it the test is skipped and undefined is returned, but where CI=true the test fails. The
 * environment variable CHROMIUM names another one than /usr/bin/chromium.
 */
export function chromiumPath(t: TestContext): string | undefined {
  if (existsSync(executablePath)) return executablePath
  const missing = `Chromium is missing at ${executablePath}: install it, or set CHROMIUM to its path`
  if (process.env.CI === 'true') throw new Error(missing)
  t.skip(missing)
  return undefined
}

/** Starts Chromium for one test, which closes it. Without Chromium undefined is returned, see `chromiumPath`. */
export async function launch(t: TestContext): Promise<Browser | undefined> {
  const executablePath = chromiumPath(t)
  if (executablePath === undefined) return undefined
  const browser = await chromium.launch({ executablePath, args: [...chromiumArgs] })
  t.after(() => browser.close())
  return browser
}

/** Runs `use` with the page at `url`. Mistakes of the page fail the test. Skips as `launch` does. */
export async function withPage(
  t: TestContext,
  url: string,
  use: (page: Page, browser: Browser) => Promise<void>,
): Promise<void> {
  const browser = await launch(t)
  if (browser === undefined) return
  const page = await (await browser.newContext()).newPage()
  const mistakes: Error[] = []
  page.on('pageerror', (error) => mistakes.push(error))
  await page.goto(url)
  await use(page, browser)
  if (mistakes.length > 0) throw new AggregateError(mistakes, `The page has thrown: ${mistakes.map(String).join('; ')}`)
}
