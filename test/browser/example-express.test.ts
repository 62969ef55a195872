import { test } from 'node:test'
import { launch } from './chromium.ts'
import { openPage, phone, startExample, untilTexts } from './example.ts'

test('express: what is posted to the app appears in every window', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const { url } = await startExample(t, 'express')
  const first = await openPage(browser, url)
  const second = await openPage(browser, url, phone)
  for (const page of [first, second]) await untilTexts(page, '#connection', ['Connected'])

  for (const text of ['The lift is out of order', 'Ключ <b>у вахтёра</b>']) {
    await first.getByRole('textbox', { name: 'Your notice' }).fill(text)
    await first.getByRole('button', { name: 'Pin' }).click()
    await first.getByText(text).waitFor()
  }

  const notices = ['Ключ <b>у вахтёра</b>', 'The lift is out of order']
  for (const page of [first, second]) await untilTexts(page, '.notice p', notices)
  await second.reload()
  await untilTexts(second, '.notice p', notices)
})
