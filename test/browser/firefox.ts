import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { connectRemote, startBrowser, type Remote } from './remote.ts'

const executablePath = process.env.FIREFOX ?? '/usr/bin/firefox-esr'

/** What is not for this machine goes to a proxy that is not there: updates and telemetry reach nobody. */
const preferences = {
  'network.proxy.type': 1,
  'network.proxy.http': '127.0.0.1',
  'network.proxy.http_port': 9,
  'network.proxy.ssl': '127.0.0.1',
  'network.proxy.ssl_port': 9,
  'network.proxy.no_proxies_on': '127.0.0.1',
}

/**
 * Firefox, driven by WebDriver BiDi: playwright-core drives only builds of its own.
 * Source: https://w3c.github.io/webdriver-bidi/
 */
export interface Firefox {
  /** A new tab; all tabs share one storage. */
  newPage(): Promise<FirefoxPage>
}

/** A tab. */
export interface FirefoxPage {
  /** Resolves when the page has loaded. */
  goto(url: string): Promise<void>
  /** Resolves to what a JavaScript expression gives; it must be something that JSON can say. */
  evaluate<Value>(expression: string): Promise<Value>
  /** Resolves when the expression gives true. */
  waitFor(expression: string): Promise<void>
  close(): Promise<void>
}

/**
 * Starts Firefox for one test, which closes it. Without Firefox the test is skipped and undefined is returned, but where
 * CI=true the test fails. The environment variable FIREFOX names another executable than /usr/bin/firefox-esr.
 */
export async function launchFirefox(t: TestContext): Promise<Firefox | undefined> {
  if (!existsSync(executablePath)) {
    const missing = `Firefox is missing at ${executablePath}: install it, or set FIREFOX to its path`
    if (process.env.CI === 'true') throw new Error(missing)
    t.skip(missing)
    return undefined
  }
  const argsFor = (profile: string): string[] => [
    ...['--headless', '--no-remote', '--remote-debugging-port=0'],
    ...['--profile', profile],
  ]
  const lines = Object.entries(preferences).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`)
  const files = { 'user.js': lines.join('\n') }
  const address = await startBrowser(t, executablePath, argsFor, /WebDriver BiDi listening on (ws:\/\/\S+)/, files)
  const bidi = await connectRemote(t, `${address}/session`)
  await bidi.send('session.new', { capabilities: {} })
  return {
    async newPage() {
      const { context } = await bidi.send<{ context: string }>('browsingContext.create', { type: 'tab' })
      return pageOf(bidi, context)
    },
  }
}

function pageOf(bidi: Remote, context: string): FirefoxPage {
  const evaluate = async <Value>(expression: string): Promise<Value> => {
    const text = `Promise.resolve(${expression}).then((value) => JSON.stringify(value))`
    const options = { expression: text, target: { context }, awaitPromise: true }
    const answer = await bidi.send<Evaluated>('script.evaluate', options)
    if (answer.type !== 'success') throw new Error(`${expression}: ${answer.exceptionDetails?.text}`)
    return JSON.parse(answer.result?.value ?? 'null') as Value
  }
  return {
    evaluate,
    async goto(url) {
      await bidi.send('browsingContext.navigate', { context, url, wait: 'complete' })
    },
    waitFor: (expression) =>
      evaluate(`new Promise((resolve) => {
        const look = () => ((${expression}) ? resolve(true) : setTimeout(look, 10))
        look()
      })`),
    async close() {
      await bidi.send('browsingContext.close', { context })
    },
  }
}

interface Evaluated {
  readonly type: 'success' | 'exception'
  readonly result?: { readonly value?: string }
  readonly exceptionDetails?: { readonly text: string }
}
