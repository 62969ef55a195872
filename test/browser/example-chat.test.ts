import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { hasProgram, run } from '../support/programs.ts'
import { launch } from './chromium.ts'
import { openPage, phone, runExample, say, startExample, untilMessages, untilTexts } from './example.ts'

async function comeIn(browser: Browser, url: string, name: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await openPage(browser, url, options)
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Come in' }).click()
  return page
}

function openRoom(page: Page, name: string): Promise<void> {
  return page.getByRole('navigation').getByRole('button', { name }).click()
}

test('chat: two visitors see each other, talk, and whisper', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const { url } = await startExample(t, 'chat')
  const ann = await comeIn(browser, url, 'Ann')
  const boris = await comeIn(browser, url, 'Борис', phone)
  const guest = await comeIn(browser, url, 'Guest')
  await untilTexts(ann, '#rooms .room-name', ['Everyone', 'Борис', 'Guest'])
  await untilTexts(ann, '#subtitle', ['3 people are here'])

  const nasty = `it's "quoted" \\ <b>not bold</b> 🎉`
  await say(ann, 'Hello, Борис')
  await untilMessages(boris, ['Hello, Борис'])
  await say(boris, nasty)
  for (const page of [ann, boris, guest]) await untilMessages(page, ['Hello, Борис', nasty])
  await untilTexts(guest, '#log .who b', ['Ann', 'Борис'])

  await openRoom(ann, 'Борис')
  await say(ann, 'Only for you')
  await untilMessages(ann, ['Only for you'])
  await untilTexts(boris, '#rooms .unread', ['1 new'])
  await openRoom(boris, 'Ann')
  await say(boris, 'Никто не видит')
  for (const page of [ann, boris]) await untilMessages(page, ['Only for you', 'Никто не видит'])
  assert.equal(await guest.locator('#log .text').count(), 2)

  await guest.context().close()
  await openRoom(ann, 'Everyone')
  await untilTexts(ann, '#subtitle', ['2 people are here'])
})

test('chat: a reload keeps who one is, the last 20 messages, and the private ones', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const { url } = await startExample(t, 'chat')
  const ann = await comeIn(browser, url, 'Ann')
  const boris = await comeIn(browser, url, 'Борис')
  const texts = Array.from({ length: 22 }, (_, index) => `message ${index + 1}`)
  for (const [index, text] of texts.entries()) {
    await say(ann, text)
    await untilMessages(ann, texts.slice(0, index + 1))
  }
  await openRoom(ann, 'Борис')
  await say(ann, 'private')
  await untilMessages(ann, ['private'])

  await ann.reload()

  await untilMessages(ann, texts.slice(2))
  await untilTexts(ann, '#me', ['Ann'])
  await openRoom(ann, 'Борис')
  await untilMessages(ann, ['private'])
  await openRoom(boris, 'Ann')
  await untilMessages(boris, ['private'])
})

test('chat: the printed command line, pasted into a shell, shows up on the page', async (t) => {
  if (!hasProgram(t, 'mysql')) return
  const browser = await launch(t)
  if (browser === undefined) return
  const { url, output } = await startExample(t, 'chat')
  const ann = await comeIn(browser, url, 'Ann')
  await untilTexts(ann, '#connection', ['Connected'])
  const command = output.split('\n').find((line) => line.startsWith('mysql')) ?? ''

  await run('sh', ['-c', command])
  await run('sh', ['-c', command.replace('hello from SQL', `it\\'s <b>plain</b> text`)])

  await untilMessages(ann, ['hello from SQL', `it's <b>plain</b> text`])
  await untilTexts(ann, '#log .message:first-child .who b', ['server'])
})

test('chat: the server stops and starts: everybody comes back and goes on', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const first = await startExample(t, 'chat')
  const ann = await comeIn(browser, first.url, 'Ann')
  const boris = await comeIn(browser, first.url, 'Борис')
  await say(ann, 'before')
  await untilMessages(boris, ['before'])

  assert.equal(await first.stop(), 0)
  for (const page of [ann, boris]) await untilTexts(page, '#connection', ['Connecting again…'])
  await startExample(t, 'chat', { PORT: new URL(first.url).port })

  await untilTexts(ann, '#rooms .room:has(.here) .room-name', ['Борис'])
  await untilTexts(boris, '#rooms .room:has(.here) .room-name', ['Ann'])
  await say(boris, 'after')
  for (const page of [ann, boris]) await untilMessages(page, ['before', 'after'])
})

test('chat: a port in use ends it with one sentence, exit code 1', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  t.after(() => other.close())
  await once(other, 'listening')
  const port = String((other.address() as AddressInfo).port)

  for (const variable of ['PORT', 'COMETQL_PORT']) {
    const { code, output } = await runExample('chat', { [variable]: port })
    assert.equal(code, 1)
    const sentence = `Port ${port} is in use: end what listens there, or choose another one with ${variable}=…\n`
    assert.equal(output, sentence)
  }
})

test('chat: a port that is none ends it with one sentence, exit code 1', async () => {
  for (const variable of ['PORT', 'COMETQL_PORT']) {
    const ended = await runExample('chat', { [variable]: '99999' })
    assert.deepEqual(ended, { code: 1, output: `${variable} is "99999": it must be a number from 0 to 65535\n` })
  }
})
