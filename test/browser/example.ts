import { setImmediate } from 'node:timers/promises'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A running example. */
export interface Example {
  /** Where its page is. */
  readonly url: string
  /** What it printed until it was ready. */
  readonly output: string
  /** Ends it as an operating system does; resolves to its exit code. */
  stop(): Promise<number | null>
}

/** Starts `examples/<name>/server.js` on free ports, or on those of `environment`; the test ends it. */
export async function startExample(
  t: TestContext,
  name: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<Example> {
  const child = spawnExample(name, environment)
  const ended = once(child, 'exit') as Promise<[number | null]>
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM')
    return (await ended)[0]
  }
  t.after(stop)
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString()
    t.diagnostic(`The example ${name} complains: ${chunk.toString()}`)
  })
  const output = await Promise.race([
    once(child.stdout, 'data').then(([chunk]: Buffer[]) => String(chunk)),
    ended.then(([code]) => Promise.reject(new Error(`The example ${name} ended with code ${code}: ${complaint}`))),
  ])
  const [url] = /http:\/\/\S+/.exec(output) ?? []
  if (url === undefined) throw new Error(`The example ${name} printed no address: ${output}`)
  return { url, output, stop }
}

/** Runs an example that ends by itself; resolves to its exit code and what it wrote on both outputs. */
export async function runExample(
  name: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawnExample(name, environment)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}

function spawnExample(name: string, environment: NodeJS.ProcessEnv) {
  const env = { ...process.env, PORT: '0', COMETQL_PORT: '0', ...environment }
  return spawn(process.execPath, [`examples/${name}/server.js`], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

export const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

/** What went wrong in the pages. (A hook that threw it would keep the hooks after it from running.) */
const mistakesOf = new WeakMap<Page, string[]>()

/** Opens a page in a browser of somebody else's. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage()
  const mistakes: string[] = []
  mistakesOf.set(page, mistakes)
  page.on('pageerror', (error) => mistakes.push(error.stack ?? error.message))
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) mistakes.push(message.text())
  })
  await page.goto(url)
  return page
}

/** Writes into the field for messages and presses Enter. */
export async function say(page: Page, text: string): Promise<void> {
  const field = page.getByRole('textbox', { name: 'Your message' })
  await field.fill(text)
  await page.keyboard.press('Enter')
  while ((await field.inputValue()) !== '') await setImmediate() // empty again once the server has it
}

/** Waits until the page shows exactly these messages, in this order. */
export async function untilMessages(page: Page, texts: readonly string[]): Promise<void> {
  await untilTexts(page, '#log .text', texts)
}

/**
 * Waits until the elements that `selector` finds have exactly these texts.
 * @throws Error where that takes too long, or where the page has thrown something or was stopped by its policy
 */
export async function untilTexts(page: Page, selector: string, texts: readonly string[]): Promise<void> {
  try {
    await page.waitForFunction(
      ([selector, texts]) => {
        const shown = Array.from(document.querySelectorAll(selector), (element) => element.textContent)
        return JSON.stringify(shown) === JSON.stringify(texts)
      },
      [selector, texts] as const,
      { timeout: 15_000 },
    )
  } catch (error) {
    const shown = await page.locator(selector).allTextContents()
    throw new Error(`The page shows ${JSON.stringify(shown)}, not ${JSON.stringify(texts)}`, { cause: error })
  }
  const mistakes = mistakesOf.get(page) ?? []
  if (mistakes.length > 0) throw new Error(`The page at ${page.url()} made mistakes: ${mistakes.join('; ')}`)
}
