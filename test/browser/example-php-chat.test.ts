import { test } from 'node:test'
import { freePort, hasProgram, start } from '../support/programs.ts'
import { launch } from './chromium.ts'
import { openPage, root, startExample, untilTexts } from './example.ts'

declare global {
  interface Window {
    readonly cometApi: { isConnected(): boolean }
  }
}

test('php-chat: both commands of its first comment, and two windows show what is typed into one', async (t) => {
  if (!hasProgram(t, 'php')) return
  const browser = await launch(t)
  if (browser === undefined) return
  const [phpPort, cometqlPort] = [await freePort(), await freePort()]
  const ports = { COMETQL_PORT: String(cometqlPort), PHP_PORT: String(phpPort) }
  const { url } = await startExample(t, 'php-chat', ports)
  const router = ['-d', `mysqli.default_port=${cometqlPort}`, '-S', `127.0.0.1:${phpPort}`, 'router.php']
  await start(t, 'php', router, 'started', `${root}/examples/php-chat`)
  const windows = [await openPage(browser, url), await openPage(browser, url)] as const
  // The page itself shows no sign of being connected.
  for (const page of windows) await page.waitForFunction(() => window.cometApi.isConnected())

  await windows[0].fill('#msgText', 'Привет!')
  await windows[0].click('input[type=button]')
  for (const page of windows) await untilTexts(page, '#textHolder', ['Привет!'])
})
