import { test } from 'node:test'
import { launch } from './chromium.ts'
import { openPage, phone, say, startExample, untilMessages, untilTexts } from './example.ts'

test('js-chat: browsers talk without a back-end, and know what was delivered', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const { url } = await startExample(t, 'js-chat')
  const ann = await openPage(browser, url)
  await untilTexts(ann, '#subtitle', ['Only you are here'])
  await ann.getByLabel('Your name').fill('Ann')
  await say(ann, 'Anybody here?')
  await untilTexts(ann, '.report', ['kept, nobody else is here'])

  const boris = await openPage(browser, url, phone)
  await untilMessages(boris, ['Anybody here?'])
  await boris.getByLabel('Your name').fill('Борис')
  await say(boris, 'Да, <b>я</b> здесь')

  await untilMessages(ann, ['Anybody here?', 'Да, <b>я</b> здесь'])
  await untilTexts(boris, '.report', ['delivered to 1 other'])
  for (const page of [ann, boris]) await untilTexts(page, '#subtitle', ['2 people are here'])

  await boris.reload()
  await untilMessages(boris, ['Anybody here?', 'Да, <b>я</b> здесь'])
  await untilTexts(boris, '#log .who b', ['Ann', 'Борис'])
})
