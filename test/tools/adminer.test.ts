// Adminer, which many administrators have, as they use it: in a browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cometTables } from '../../lib/cometql/tables/index.ts'
import { launch } from '../browser/chromium.ts'
import { Adminer, hasAdminer, startSite } from './adminer.ts'

const password = "the administrator's"

test('Adminer logs in, lists the tables, shows their columns and rows, inserts, deletes and runs SQL', async (t) => {
  if (!hasAdminer(t)) return
  const browser = await launch(t)
  if (browser === undefined) return
  const { comet, cometqlPort, openNews } = await startSite(t, password)
  const news = await openNews(browser)
  const shown = news.locator('#list li')
  await comet.query("INSERT INTO pipes_settings (name, length) VALUES ('news', 10)")
  await comet.query("INSERT INTO users_auth (id, hash) VALUES (2, 'two'), (3, 'three')")
  await comet.query("INSERT INTO users_data (id, data) VALUES (2, '<b>Olga</b>')")
  await comet.query("INSERT INTO users_messages (id, event, message) VALUES (2, 'greet', 'hello')")
  const adminer = await Adminer.open(t, browser, cometqlPort, password)

  await t.test('the nine tables, each with what it is for', async () => {
    await adminer.go('')
    assert.deepEqual(await adminer.texts('#tables a.structure'), [...cometTables.keys()])
    const rows = await adminer.rows('table.checkable')
    const comments = rows.map((cells) => cells.at(-1)).slice(0, cometTables.size)
    assert.deepEqual(
      comments,
      Array.from(cometTables.values(), ({ comment }) => comment),
    )
  })

  await t.test('the columns of each table, and its keys', async () => {
    for (const { name, columns, key } of cometTables.values()) {
      await adminer.go(`&table=${name}`)
      const types = await adminer.rows('table.nowrap')
      assert.deepEqual(
        await adminer.texts('table.nowrap tbody th'),
        columns.map((column) => column.name),
      )
      assert.deepEqual(
        types.map(([type = '']) => type.split(' ')[0]),
        columns.map((column) => column.sqlType),
      )
      assert((await adminer.texts('h3#indexes + table td')).includes(key), `the key of ${name}`)
    }
  })

  await t.test('the rows of each table that can be listed', async () => {
    await adminer.go('&select=users_in_pipes')
    const [session] = await adminer.records()
    assert.deepEqual([session?.name, session?.user_id, session?.ip], ['news', '0', '127.0.0.1'])
    assert.match(session?.user_agent ?? '', /Chrom/)

    const listed: Readonly<Record<string, readonly Record<string, string>[]>> = {
      pipes: [{ name: 'news', users: '1' }],
      pipes_settings: [{ name: 'news', length: '10' }],
      users_auth: [
        { id: '2', hash: 'two' },
        { id: '3', hash: 'three' },
      ],
      users_data: [{ id: '2', data: '<b>Olga</b>' }],
      users_time: [
        { id: '2', time: '-1' },
        { id: '3', time: '-1' },
      ],
    }
    for (const [table, rows] of Object.entries(listed)) {
      await adminer.go(`&select=${table}`)
      assert.deepEqual(await adminer.records(), rows, table)
    }
  })

  await t.test('a table that cannot be listed says what it needs, and then shows its rows', async () => {
    const search = '&where[0][col]=id&where[0][op]=%3D&where[0][val]=2'
    await assert.rejects(adminer.go('&select=users_messages'), /needs a condition on the key .* WHERE id = 7/)
    await adminer.go(`&select=users_messages${search}`)
    assert.deepEqual(await adminer.records(), [{ id: '2', index: '0', event: 'greet', message: 'hello' }])
  })

  await t.test('a message that its form inserts is on the page', async () => {
    await adminer.go('&edit=pipes_messages')
    await adminer.page.fill('[name="fields[name]"]', 'news')
    await adminer.page.fill('[name="fields[event]"]', 'add')
    await adminer.page.fill('[name="fields[message]"]', `it's "Adminer" \\ <b>here</b>`)
    await adminer.page.click('input[value=Save]')
    await adminer.page.waitForSelector('.message')
    assert.deepEqual(await adminer.errors(), [])
    await shown.first().waitFor()
    assert.deepEqual(await shown.allInnerTexts(), [`it's "Adminer" \\ <b>here</b>`])
  })

  await t.test('SQL commands, one after the other', async () => {
    const sql =
      "INSERT INTO pipes_messages (name, event, message) VALUES ('news', 'add', 'by SQL');\nSELECT * FROM pipes"
    await adminer.go(`&sql=${encodeURIComponent(sql)}`)
    await adminer.page.click('input[value=Execute]')
    await adminer.page.waitForSelector('text=1 row affected')
    assert.match((await adminer.errors())[0] ?? '', /\(13\): SELECT needs a condition on the key of pipes/)
    await shown.nth(1).waitFor()
    assert.equal(await shown.nth(1).innerText(), 'by SQL')
  })

  await t.test('the rows that were chosen are deleted', async () => {
    adminer.page.once('dialog', (dialog) => void dialog.accept())
    await adminer.go('&select=users_auth&where[0][col]=id&where[0][op]=%3D&where[0][val]=3')
    await adminer.page.check('input[name="check[]"]')
    await adminer.page.click('input[name=delete]')
    await adminer.page.waitForSelector('text=1 item has been affected')
    assert.deepEqual(await comet.query('SELECT id FROM users_auth WHERE id IN (2, 3)'), [{ id: 2 }])
  })

  await t.test('its pages about the server', async () => {
    for (const page of ['&processlist=', '&variables=', '&status=', '&schema=', '&dump=']) await adminer.go(page)
  })
})
