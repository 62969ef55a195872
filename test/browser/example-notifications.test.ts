import { test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { hasProgram, run } from '../support/programs.ts'
import { launch } from './chromium.ts'
import { openPage, phone, root, startExample, untilTexts } from './example.ts'

/** Opens the page as somebody, once it is connected. */
async function comeAs(browser: Browser, url: string, name: string, options?: BrowserContextOptions): Promise<Page> {
  const page = await openPage(browser, url, options)
  await page.getByLabel('You are').selectOption(name)
  await untilTexts(page, '#connection', ['Connected'])
  return page
}

async function notify(page: Page, name: string, title: string, text: string): Promise<void> {
  await page.getByLabel('To', { exact: true }).selectOption(name)
  await page.getByLabel('Title').fill(title)
  await page.getByLabel('Text').fill(text)
  const sent = page.waitForResponse('**/notify')
  await page.getByRole('button', { name: 'Send' }).click()
  await sent
}

test('notifications: who is there sees it at once, and nobody else does', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const { url } = await startExample(t, 'notifications')
  const ann = await comeAs(browser, url, 'Ann')
  const boris = await comeAs(browser, url, 'Boris')
  const chen = await comeAs(browser, url, 'Chen', phone)

  await notify(ann, 'Boris', 'Lunch?', `At <b>one</b>, it's Friday`)
  await untilTexts(boris, '#badge', ['1'])
  await untilTexts(boris, '.toast b', ['Lunch?'])
  await boris.getByRole('button', { name: 'Notifications' }).click()
  await boris.locator('#notices').getByText(`At <b>one</b>, it's Friday`).waitFor()
  await untilTexts(boris, '.toast', [])
  await boris.getByRole('button', { name: 'Mark all as read' }).click()
  await boris.locator('#badge').waitFor({ state: 'hidden' })
  await untilTexts(boris, '#notices .fresh', [])

  await notify(ann, 'Chen', 'Last', 'This one is for Chen')
  await untilTexts(chen, '#notices b', ['Last'])
  await untilTexts(ann, '#notices li', ['Nothing yet'])
})

test('notifications: what came from back-ends while the user was away is there on coming back, once', async (t) => {
  if (!hasProgram(t, 'php') || !hasProgram(t, 'mysql')) return
  const browser = await launch(t)
  if (browser === undefined) return
  const { url, output } = await startExample(t, 'notifications')
  const commands = output.split('\n')
  await run('sh', ['-c', commands.find((line) => line.startsWith('mysql')) ?? ''])
  await run('sh', ['-c', commands.find((line) => line.includes('php')) ?? ''], root)

  const ann = await comeAs(browser, url, 'Ann')
  await untilTexts(ann, '#notices b', ['Build passed', 'Order 1042'])
  await untilTexts(ann, '#notices p', ['All 512 tests are green', 'It has left the warehouse'])
  await untilTexts(ann, '#badge', ['2'])

  const tab = await ann.context().newPage()
  await tab.goto(url)
  await untilTexts(tab, '#badge', ['2'])
  await tab.getByRole('button', { name: 'Notifications' }).click()
  await tab.getByRole('button', { name: 'Mark all as read' }).click()
  await ann.locator('#badge').waitFor({ state: 'hidden' })
  await notify(ann, 'Ann', 'To myself', 'in two windows')
  for (const window of [ann, tab]) await untilTexts(window, '#notices b', ['To myself', 'Build passed', 'Order 1042'])
  await ann.reload()
  await untilTexts(ann, '#notices b', ['To myself', 'Build passed', 'Order 1042'])
})

test('notifications: the server starts anew: who was logged in is, and gets what comes', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const first = await startExample(t, 'notifications')
  const ann = await comeAs(browser, first.url, 'Ann')
  const boris = await comeAs(browser, first.url, 'Boris')
  await first.stop()
  for (const page of [ann, boris]) await untilTexts(page, '#connection', ['Connecting again…'])
  await startExample(t, 'notifications', { PORT: new URL(first.url).port })
  for (const page of [ann, boris]) await untilTexts(page, '#connection', ['Connected'])

  await notify(ann, 'Boris', 'Again', 'after the start')
  await untilTexts(boris, '#notices b', ['Again'])
})
