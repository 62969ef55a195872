import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { backEnd } from '../back-end.ts'

const injection = "'; DELETE FROM users_auth; --"

describe('INSERT INTO pipes_messages', () => {
  test('publishes, and answers without a promise where nothing is kept', async (t) => {
    const db = await backEnd(t)
    const result = db.run("INSERT INTO pipes_messages (name, event, message) VALUES ('news', 'add', '{\"id\":1}')")
    assert.deepEqual(result, { affectedRows: 1, insertId: 0 })
    assert.deepEqual(db.published, [{ pipe: 'news', event: 'add', message: '{"id":1}' }])
  })

  test('reaches a browser', async (t) => {
    const db = await backEnd(t)
    const browser = db.comet.connect()
    await browser.subscribe('news')
    await db.ok("INSERT INTO pipes_messages (name, event, message) VALUES ('news', '', 'hi')")
    assert.equal((await browser.next({ pipe: 'news' })).data, 'hi')
  })

  const forms: readonly (readonly [sql: string, ...params: string[]])[] = [
    ['INSERT INTO pipes_messages (message, name, event) VALUES (?, ?, ?)', 'm', 'p1', 'e'],
    ["insert pipes_messages set name=p1, event=e, message='m';"],
    ["REPLACE INTO `CometQL_v1`.`PIPES_MESSAGES` (`Name`, `EVENT`, `message`) VALUES ('p1', 'e', 'm')"],
    ["INSERT INTO pipes_messages VALUES (DEFAULT, NULL, 'p1', 0, 'e', 'm', 0)"],
    [
      "INSERT IGNORE INTO pipes_messages (name, event, message, time, `index`, user_id, id) VALUES ('p1', 'e', 'm', 1, 2, 3, '')",
    ],
    ["INSERT INTO pipes_messages (name, event, message) VALUES (CONCAT('p', 1), LOWER('E'), X'6d')"],
  ]
  for (const [sql, ...params] of forms) {
    test(sql, async (t) => {
      const db = await backEnd(t)
      assert.equal((await db.ok(sql, ...params)).affectedRows, 1)
      assert.deepEqual(db.published, [{ pipe: 'p1', event: 'e', message: 'm' }])
    })
  }

  test('numbers become their digits, bytes their text', async (t) => {
    const db = await backEnd(t)
    await db.ok('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', Buffer.from('p1'), 12, 1.5)
    assert.deepEqual(db.published, [{ pipe: 'p1', event: '12', message: '1.5' }])
  })

  test('escapes are decoded once', async (t) => {
    const db = await backEnd(t)
    await db.ok(String.raw`INSERT INTO pipes_messages (name, event, message) VALUES ('p1', '', 'a\'b\\n\n"\"')`)
    assert.equal(db.published[0]?.message, 'a\'b\\n\n""')
  })

  test('insert id is the offset of a message that is kept', async (t) => {
    const db = await backEnd(t)
    await db.ok("INSERT INTO pipes_settings (name, length) VALUES ('p1', 5)")
    const insert = "INSERT INTO pipes_messages (name, event, message) VALUES ('p1', '', 'x')"
    assert.deepEqual(await db.ok(insert), { affectedRows: 1, insertId: 1 })
    assert.deepEqual(await db.ok(insert), { affectedRows: 1, insertId: 2 })
    assert.equal((await db.ok(`${insert}, ('p1', '', 'y')`)).insertId, 3)
    assert.equal(await db.value('SELECT LAST_INSERT_ID()'), 3)
  })
})

describe('several rows', () => {
  for (const [table, columns, value] of [
    ['users_data', 'id, data', (row: number) => `(${row}, 'x')`],
    ['pipes_settings', 'name, length', (row: number) => `('pipe${row}', 1)`],
  ] as const) {
    test(`of ${table} with IGNORE take time in proportion to their number`, async (t) => {
      const db = await backEnd(t)
      const timeOf = async (count: number): Promise<number> => {
        const rows = Array.from({ length: count }, (_, row) => value(row + 1))
        const start = performance.now()
        const { affectedRows } = await db.ok(`INSERT IGNORE INTO ${table} (${columns}) VALUES ${rows.join()}`)
        const time = performance.now() - start
        assert.equal(affectedRows, count)
        await db.ok(
          `DELETE FROM ${table} WHERE ${columns.split(',')[0] ?? ''} IN (${rows.map((row) => row.slice(1).split(',')[0]).join()})`,
        )
        return time
      }
      await timeOf(2000)
      const few = await timeOf(2000)
      const many = await timeOf(20_000)
      // 10 times as long; 100 times if each row looked at all before it.
      assert(many < few * 40, `2,000 rows: ${few} ms, 20,000 rows: ${many} ms`)
    })
  }

  test('are published in order', async (t) => {
    const db = await backEnd(t)
    const { affectedRows, info } = await db.ok(
      "INSERT INTO pipes_messages (name, event, message) VALUES ('p1', '', 1), ('p2', '', 2), ('p1', '', 3)",
    )
    assert.equal(affectedRows, 3)
    assert.equal(info, 'Records: 3  Duplicates: 0  Warnings: 0')
    assert.deepEqual(
      db.published.map(({ message }) => message),
      ['1', '2', '3'],
    )
  })

  test('are all or nothing', async (t) => {
    const db = await backEnd(t)
    const sql = "INSERT INTO pipes_messages (name, event, message) VALUES ('p1', '', 1), ('no pipe', '', 2)"
    assert.equal((await db.error(sql)).number, 12)
    assert.deepEqual(db.published, [])
  })

  test('with IGNORE those with mistakes become warnings', async (t) => {
    const db = await backEnd(t)
    const result = await db.ok("INSERT IGNORE INTO users_auth (id, hash) VALUES (1, 'a'), (0, 'b'), (2, 'c')")
    assert.deepEqual([result.affectedRows, result.insertId, result.warnings], [2, 1, 1])
    const [warning] = await db.rows('SHOW WARNINGS')
    assert.equal(warning?.Level, 'Warning')
    assert.equal(warning.Code, 12)
    assert.equal(await db.value('SELECT @@warning_count'), 1)
    await db.ok('SET @x = 1')
    assert.deepEqual(await db.rows('SHOW WARNINGS'), [])
  })
})

test('what is in a value is only data', async (t) => {
  const db = await backEnd(t)
  await db.ok("INSERT INTO users_auth (id, hash) VALUES (1, 'kept')")
  const quoted = injection.replaceAll("'", "''")
  await db.ok(`INSERT INTO users_data (id, data) VALUES (1, '${quoted}')`)
  assert.equal(await db.value('SELECT data FROM users_data WHERE id = 1'), injection)
  await db.ok('INSERT INTO users_data (id, data) VALUES (?, ?)', 1, injection)
  assert.equal(await db.value('SELECT data FROM users_data WHERE id = 1'), injection)
  for (const column of ['name', 'event']) {
    const values = { name: 'p1', event: 'e', [column]: injection }
    const error = await db.error(
      'INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)',
      values.name,
      values.event,
      'm',
    )
    assert.equal(error.code, 'COMET_ERR_INVALID')
  }
  assert.equal(
    (await db.error('INSERT INTO users_auth (id, hash) VALUES (?, ?)', 2, injection)).code,
    'COMET_ERR_INVALID',
  )
  assert.equal(
    (await db.error('INSERT INTO users_auth (id, hash) VALUES (?, ?)', injection, 'x')).code,
    'COMET_ERR_INVALID',
  )
  assert.deepEqual(await db.values('SELECT * FROM pipes WHERE name = ?', injection), [[injection, 0]])
  assert.deepEqual(await db.values('SELECT * FROM users_auth WHERE id = ?', injection), [])
  assert.deepEqual(await db.values('SELECT * FROM users_auth WHERE id = 1'), [[1, 'kept']])
})

describe('mistakes in an INSERT', () => {
  const cases: readonly (readonly [sql: string, number: number, message: RegExp])[] = [
    ["INSERT INTO pipes (name, users) VALUES ('p1', 1)", 10, /Table pipes is read only: it has no INSERT/],
    ['INSERT INTO users_time (id, time) VALUES (1, 1)', 10, /users_time/],
    ["INSERT INTO information_schema.TABLES (TABLE_NAME) VALUES ('x')", 10, /TABLES/],
    ['INSERT INTO nosuch VALUES (1)', 15, /nosuch/],
    [
      "INSERT INTO users_auth (id, hsah) VALUES (1, 'x')",
      14,
      /no column "hsah"; the columns of users_auth are id, hash/,
    ],
    ["INSERT INTO users_auth (id, ID) VALUES (1, 'x')", 14, /"ID" is there twice/],
    ['INSERT INTO users_auth (id, hash) VALUES (1)', 14, /values \(1\) .* columns \(2\)/],
    ['INSERT INTO users_auth (id) VALUES (1)', 12, /hash is required/],
    ['INSERT INTO users_auth (id, hash) VALUES (1, NULL)', 12, /hash is required/],
    ["INSERT INTO users_auth (id, hash) VALUES (-1, 'x')", 12, /id "-1" is not valid/],
    [
      `INSERT INTO users_auth (id, hash) VALUES (1, '${'x'.repeat(33)}')`,
      11,
      /hash is too long: 33 characters, the limit is 32/,
    ],
    ["INSERT INTO pipes_messages (name, message) VALUES ('p1', 'x')", 12, /event is required/],
    ["INSERT INTO pipes_messages (name, event) VALUES ('p1', 'x')", 12, /message is required/],
    ["INSERT INTO pipes_messages (name, event, message) VALUES ('p', '', 'x')", 17, /name is too short/],
    [
      `INSERT INTO pipes_messages (name, event, message) VALUES ('${'p'.repeat(65)}', '', 'x')`,
      11,
      /name is too long: 65/,
    ],
    [
      `INSERT INTO pipes_messages (name, event, message) VALUES ('p1', '${'e'.repeat(65)}', 'x')`,
      11,
      /event is too long/,
    ],
    ["INSERT INTO pipes_messages (name, event, message) VALUES ('p1', 'a b', 'x')", 12, /event "a b"/],
    ["INSERT INTO pipes_settings (name, length) VALUES ('p1', 'many')", 12, /length "many"/],
    ["INSERT INTO pipes_settings (name, length) VALUES ('p1', -1)", 12, /length "-1"/],
    ["INSERT INTO users_messages (id, event, message) VALUES (0, '', 'x')", 12, /id "0"/],
    ["INSERT INTO revoked_tokens (token) VALUES ('')", 12, /token is required/],
  ]
  for (const [sql, number, message] of cases) {
    test(sql.slice(0, 100), async (t) => {
      const error = await (await backEnd(t)).error(sql)
      assert.equal(error.number, number, error.stack)
      assert.match(error.message, message)
    })
  }

  test('a message of more bytes than allowed', async (t) => {
    const db = await backEnd(t, { limits: { maxMessageBytes: 10 } })
    const sql = 'INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)'
    const error = await db.error(sql, 'p1', '', 'приветы')
    assert.equal(error.message, 'message is too long: 14 bytes, the limit is 10')
    await db.ok('BEGIN')
    assert.equal((await db.error(sql, 'p1', '', 'приветы')).number, 11)
  })
})

describe('an INSERT that names the id', () => {
  const insert = "INSERT INTO pipes_messages (name, event, message, id) VALUES ('news', '', ?, ?)"

  test('is answered and not sent again where the pipe keeps that id, also at the same time', async (t) => {
    const db = await backEnd(t)
    await db.ok("INSERT INTO pipes_settings (name, length) VALUES ('news', 2)")
    const page = db.comet.connect()
    await page.subscribe('news')
    const results = await Promise.all([
      db.ok(insert, 'a', 'id-1'),
      db.ok(insert, 'a', 'id-1'),
      db.ok(insert, 'b', 'id-2'),
    ])
    assert.deepEqual(
      results.map(({ affectedRows, insertId }) => [affectedRows, insertId]),
      [
        [1, 1],
        [0, 1],
        [1, 2],
      ],
    )
    await page.settled()
    assert.deepEqual(page.dataOf('news'), ['a', 'b'])
  })

  test('is a new message when the pipe does not keep the old one any more, and in a pipe that keeps none', async (t) => {
    const db = await backEnd(t)
    assert.equal((await db.ok(insert, 'a', 'id-1')).affectedRows, 1)
    assert.equal((await db.ok(insert, 'a', 'id-1')).affectedRows, 1)
    await db.ok("INSERT INTO pipes_settings (name, length) VALUES ('news', 1)")
    for (const id of ['id-1', 'id-2', 'id-1']) assert.equal((await db.ok(insert, 'a', id)).affectedRows, 1)
  })

  test('keeps its place among the messages of one statement, and counts duplicates', async (t) => {
    const db = await backEnd(t)
    await db.ok("INSERT INTO pipes_settings (name, length) VALUES ('news', 10)")
    const many =
      "INSERT INTO pipes_messages (name, event, message, id) VALUES ('news', '', 'a', 'id-1'), ('news', '', 'b', NULL), ('news', '', 'a', 'id-1')"
    const { affectedRows, info } = await db.ok(many)
    assert.deepEqual([affectedRows, info], [2, 'Records: 3  Duplicates: 1  Warnings: 0'])
    assert.deepEqual(await db.values("SELECT message FROM pipes_messages WHERE name = 'news'"), [['a'], ['b']])
  })
})
