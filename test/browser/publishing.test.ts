import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createConnection } from 'mysql2/promise'
import type { Page } from 'playwright-core'
import { hasProgram, run } from '../support/programs.ts'
import { launch } from './chromium.ts'
import { listPage, openSubscribed, password, shownTexts, startSite, type Site } from './site.ts'

/** What breaks where a text is escaped once too often, or not at all. */
const texts = [
  `it's "quoted", 'twice', and \`thrice\``,
  'back\\slash, \\n that is none, C:\\new\\table, 100%_sure',
  'two\nlines\r\nand\ta tab',
  'Кириллица, ελληνικά, 中文, עברית',
  'emoji 🎉👩‍👩‍👧‍👦 and a zero\u200bwidth space',
  '<b>bold?</b> &amp; <script>alert(1)</script>',
  '-- no comment; /* neither */ # nor this; DROP TABLE pipes',
  '  spaces at both ends  ',
  '',
]

const newsPage = listPage(`
  CometServer().subscription('news', function (event) { show(event.data) })
  CometServer().start({ dev_id: 0 })
`)

async function openNews(t: TestContext): Promise<{ site: Site; page: Page } | undefined> {
  const browser = await launch(t)
  if (browser === undefined) return undefined
  const site = await startSite(t, { '/': newsPage })
  return { site, page: await openSubscribed(browser, site) }
}

/** As SQL wants it. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

test('mariadb -e "INSERT …" is shown exactly', async (t) => {
  if (!hasProgram(t, 'mariadb')) return
  const opened = await openNews(t)
  if (opened === undefined) return
  const { site, page } = opened
  const login = ['--loose-skip-ssl', '-h', '127.0.0.1', '-P', String(site.cometqlPort), '-u', 'root', `-p${password}`]

  for (const text of texts) {
    const sql = `INSERT INTO pipes_messages (name, event, message) VALUES ('news', 'add', ${quoted(text)})`
    await run('mariadb', [...login, '--default-character-set=utf8mb4', 'CometQL_v1', '-e', sql])
  }

  assert.deepEqual(await shownTexts(page, texts.length), texts)
})

test('mysql2 with placeholders, prepared or escaped, is shown exactly', async (t) => {
  const opened = await openNews(t)
  if (opened === undefined) return
  const { site, page } = opened
  const connection = await createConnection({
    host: '127.0.0.1',
    port: site.cometqlPort,
    user: 'root',
    password,
    database: 'CometQL_v1',
  })
  t.after(() => connection.end())

  const sql = 'INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)'
  for (const text of texts) await connection.execute(sql, ['news', 'add', text])
  for (const text of texts) await connection.query(sql, ['news', 'add', text])

  assert.deepEqual(await shownTexts(page, 2 * texts.length), [...texts, ...texts])
})

test('comet.publish is shown exactly', async (t) => {
  const opened = await openNews(t)
  if (opened === undefined) return
  const { site, page } = opened

  for (const text of texts) await site.comet.publish('news', 'add', text)

  assert.deepEqual(await shownTexts(page, texts.length), texts)
})

test('values that are no texts arrive as what they are', async (t) => {
  const browser = await launch(t)
  if (browser === undefined) return
  const script = `
    CometServer().subscription('news', function (event) { show(typeof event.data + ' ' + JSON.stringify(event.data)) })
    CometServer().start({ dev_id: 0 })
  `
  const site = await startSite(t, { '/': listPage(script) })
  const page = await openSubscribed(browser, site)

  for (const value of [{ id: 1, text: "it's" }, ['a', null], 5, '5', true, 'null']) {
    await site.comet.publish('news', 'add', value)
  }

  assert.deepEqual(await shownTexts(page, 6), [
    `object {"id":1,"text":"it's"}`,
    'object ["a",null]',
    'number 5',
    'string "5"',
    'boolean true',
    'string "null"',
  ])
})
