import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launch } from './chromium.ts'
import { openPage, say, startExample, untilMessages, untilTexts } from './example.ts'

async function logIn(browser: Browser, url: string, name: string, password = 'secret'): Promise<Page> {
  const page = await openPage(browser, url)
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
  return page
}

test('auth-chat: people with accounts see who is online and write to each other', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const { url } = await startExample(t, 'auth-chat')
  const ann = await logIn(browser, url, 'Ann')
  await untilTexts(ann, '#connection', ['Connected'])
  const boris = await logIn(browser, url, 'Борис')

  for (const page of [ann, boris]) await untilTexts(page, '#subtitle', ['Online'])
  await say(ann, `Привет, it's me`)
  await untilMessages(boris, [`Привет, it's me`])
  await say(boris, 'Hello, Ann')
  await untilMessages(ann, [`Привет, it's me`, 'Hello, Ann'])
})

test('auth-chat: who was away gets the messages on coming back', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const { url } = await startExample(t, 'auth-chat')
  const ann = await logIn(browser, url, 'Ann')
  const boris = await logIn(browser, url, 'Борис')
  await untilTexts(ann, '#subtitle', ['Online'])

  await boris.context().close()
  await ann.waitForFunction(() => document.querySelector('#subtitle')?.textContent.startsWith('Away since'))
  await say(ann, 'Read this later')
  await untilMessages(ann, ['Read this later'])

  const back = await logIn(browser, url, 'Борис')
  await untilMessages(back, ['Read this later'])
  await untilTexts(ann, '#subtitle', ['Online'])
})

test('auth-chat: no way in with a wrong password; logging out ends all windows of the user', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const { url } = await startExample(t, 'auth-chat')
  const first = await logIn(browser, url, 'Ann')
  await untilTexts(first, '#me', ['Ann'])

  const thief = await logIn(browser, url, 'Ann', 'guessed')
  await untilTexts(thief, '#problem', ['This name has another password.'])

  const second = await logIn(browser, url, 'Ann')
  await untilTexts(second, '#connection', ['Connected'])
  let navigations = 0
  first.on('request', (request) => (navigations += Number(request.isNavigationRequest())))
  await first.getByRole('button', { name: 'Log out' }).click()
  for (const page of [first, second]) await page.waitForURL('**/login.html')
  equal(navigations, 1)
})
