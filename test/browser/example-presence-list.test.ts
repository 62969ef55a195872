import { test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launch } from './chromium.ts'
import { openPage, phone, startExample, untilTexts } from './example.ts'

/** Opens the page, which comes as a guest, and then is somebody of the team. */
async function comeAs(browser: Browser, url: string, name: string, options?: BrowserContextOptions): Promise<Page> {
  const page = await openPage(browser, url, options)
  await page.locator('#team .guest').waitFor() // else it may never have been here as a guest
  await page.getByLabel('You are').selectOption(name)
  await page.locator('#team .present b', { hasText: name }).waitFor()
  return page
}

test('presence-list: people and guests come, are counted, and leave', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const { url } = await startExample(t, 'presence-list')
  const ann = await comeAs(browser, url, 'Ann')
  await untilTexts(ann, '#subtitle', ['1 person and 0 guests'])
  const boris = await comeAs(browser, url, 'Boris', phone)
  const guest = await openPage(browser, url)

  for (const page of [ann, boris, guest]) {
    await untilTexts(page, '#subtitle', ['2 people and 1 guest'])
    await untilTexts(page, '#team .present b', ['Ann', 'Boris'])
    await untilTexts(page, '#team .guest b', ['1 guest'])
  }
  await untilTexts(ann, '#team .away .state', ['Was never here', 'Was never here', 'Was never here', 'Was never here'])

  await guest.context().close()
  await boris.context().close()
  await untilTexts(ann, '#subtitle', ['1 person and 0 guests'])
  await untilTexts(ann, '#team .away:nth-child(2) :is(b, .state)', ['Boris', 'Left just now'])
  const told = ['Boris left', 'A guest left', 'A guest came', 'Boris came', 'A guest left', 'A guest came']
  await untilTexts(ann, '#feed span:not(.avatar)', told)
})

test('presence-list: a second browser and a reload are no coming and going of the person', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const { url } = await startExample(t, 'presence-list')
  const boris = await comeAs(browser, url, 'Boris')
  const ann = await comeAs(browser, url, 'Ann')

  const second = await comeAs(browser, url, 'Boris')
  await untilTexts(ann, '#team .present .state', ['Here', 'Here, in 2 browsers'])
  await boris.reload()
  await untilTexts(ann, '#team .present .state', ['Here', 'Here, in 2 browsers'])
  await boris.context().close()
  await untilTexts(ann, '#team .present .state', ['Here', 'Here'])
  await untilTexts(ann, '#feed b', ['A guest', 'A guest'])
  await second.context().close()
  await untilTexts(ann, '#feed li:first-child span:not(.avatar)', ['Boris left'])
})

test('presence-list: the server stops and starts: the list is right again', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const first = await startExample(t, 'presence-list')
  const ann = await comeAs(browser, first.url, 'Ann')
  const boris = await comeAs(browser, first.url, 'Boris')
  const guest = await openPage(browser, first.url)
  await untilTexts(ann, '#subtitle', ['2 people and 1 guest'])

  await first.stop()
  await untilTexts(ann, '#connection', ['Connecting again…'])
  await boris.context().close()
  await startExample(t, 'presence-list', { PORT: new URL(first.url).port })

  for (const page of [ann, guest]) await untilTexts(page, '#subtitle', ['1 person and 1 guest'])
  await untilTexts(guest, '#team .present b', ['Ann'])
})
