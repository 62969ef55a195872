import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { hasProgram } from '../support/programs.ts'
import { articleKey, articlePages, startArticle } from './article-site.ts'
import { launch } from './chromium.ts'
import { openSubscribed, startSite } from './site.ts'

async function waitForText(page: Page, text: string): Promise<void> {
  await page.waitForFunction((text) => document.querySelector('#textHolder')?.textContent === text, text)
}

test('what is typed into the page of the article is shown in both windows, by way of its PHP file', async (t) => {
  if (!hasProgram(t, 'php')) return
  const browser = await launch(t)
  if (browser === undefined) return
  const site = await startArticle(t)
  const windows = [await openSubscribed(browser, site), await openSubscribed(browser, site)] as const

  let shown = ''
  for (const text of ['Привет из первого окна', `it's "quoted" \\ and <b>not bold</b> 🎉`]) {
    await windows[0].fill('#msgText', text)
    await windows[0].click('input[type=button]')
    shown += text
    for (const window of windows) await waitForText(window, shown)
  }

  assert.equal(await windows[1].locator('#textHolder b').count(), 0)
  // The page empties the field when PHP has answered without an error.
  await windows[0].waitForFunction(() => document.querySelector<HTMLInputElement>('#msgText')?.value === '')
})

test('the page of the article shows what Node publishes to its tenant, and nothing of another one', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const tenants = { 15: { key: articleKey }, 16: { key: 'another' } }
  const site = await startSite(t, articlePages, { tenants })
  const window = await openSubscribed(browser, site)

  await site.comet.tenant(16).publish('SimplePhpChat', '', 'for others')
  await site.comet.tenant(15).publish('SimplePhpChat', '', 'for us')

  await waitForText(window, 'for us')
})
