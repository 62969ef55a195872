import { describe, test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { createConnection } from 'mysql2/promise'
import { createCometServer } from '../../../lib/index.ts'
import { backEnd, type BackEnd } from '../back-end.ts'

async function filled(t: TestContext): Promise<BackEnd> {
  const db = await backEnd(t)
  await db.ok("INSERT INTO users_auth (id, hash) VALUES (1, 'a'), (2, 'b'), (3, 'c')")
  await db.ok("INSERT INTO users_data (id, data) VALUES (1, 'one'), (2, 'two')")
  await db.ok("INSERT INTO pipes_settings (name, length) VALUES ('p1', 10), ('p2', 20)")
  return db
}

const all = {
  users_auth: 'SELECT * FROM users_auth ORDER BY id LIMIT 9',
  users_data: 'SELECT * FROM users_data ORDER BY id LIMIT 9',
  pipes_settings: 'SELECT * FROM pipes_settings ORDER BY name LIMIT 9',
}

describe('UPDATE', () => {
  const cases: readonly (readonly [sql: string, affected: number, table: keyof typeof all, left: unknown[]])[] = [
    ["UPDATE users_auth SET hash = 'x' WHERE id = 2", 1, 'users_auth', ['a', 'x', 'c']],
    ["update `users_auth` u set u.hash = 'x' where u.id in (1, '3', 99)", 2, 'users_auth', ['x', 'b', 'x']],
    ["UPDATE users_auth SET hash = 'b' WHERE id IN (1, 2)", 1, 'users_auth', ['b', 'b', 'c']],
    ["UPDATE users_auth SET hash = 'x' WHERE id IN (1, 2) AND hash = 'a'", 1, 'users_auth', ['x', 'b', 'c']],
    [
      "UPDATE users_auth SET hash = 'x' WHERE id IN (1, 2, 3) ORDER BY id DESC LIMIT 1",
      1,
      'users_auth',
      ['a', 'b', 'x'],
    ],
    ["UPDATE users_auth SET id = 1, hash = 'x' WHERE id = 1", 1, 'users_auth', ['x', 'b', 'c']],
    ["UPDATE users_auth SET hash = 'x' WHERE id = 99", 0, 'users_auth', ['a', 'b', 'c']],
    ["UPDATE users_data SET data = CONCAT(data, '!', id) WHERE id IN (1, 2)", 2, 'users_data', ['one!1', 'two!2']],
    ["UPDATE users_data SET data = 'x', data = CONCAT(data, 'y') WHERE id = 1", 1, 'users_data', ['xy', 'two']],
    [
      'UPDATE users_data SET data = (SELECT hash FROM users_auth WHERE id = 3) WHERE id = 1',
      1,
      'users_data',
      ['c', 'two'],
    ],
    ["UPDATE pipes_settings SET length = length + 5 WHERE name = 'p1'", 1, 'pipes_settings', [15, 20]],
    ['UPDATE pipes_settings SET `length` = 7 WHERE name = p2', 1, 'pipes_settings', [10, 7]],
  ]
  for (const [sql, affected, table, left] of cases) {
    test(sql, async (t) => {
      const db = await filled(t)
      assert.equal((await db.ok(sql)).affectedRows, affected)
      assert.equal(await db.value('SELECT ROW_COUNT()'), affected)
      assert.deepEqual(
        (await db.values(all[table])).map((row) => row[1]),
        left,
      )
    })
  }

  test('says how many rows there were and how many are different', async (t) => {
    const { info } = await (await filled(t)).ok("UPDATE users_auth SET hash = 'b' WHERE id IN (1, 2)")
    assert.equal(info, 'Rows matched: 2  Changed: 1  Warnings: 0')
  })

  test('for a client that counts the rows found (CLIENT_FOUND_ROWS) unchanged ones count', async (t) => {
    const db = await backEnd(t, { login: { countsFoundRows: true } })
    await db.ok("INSERT INTO users_auth (id, hash) VALUES (1, 'a')")
    assert.equal((await db.ok("UPDATE users_auth SET hash = 'a' WHERE id = 1")).affectedRows, 1)
  })

  const refused: readonly (readonly [sql: string, number: number, message: RegExp])[] = [
    ["UPDATE users_auth SET hash = 'x'", 13, /UPDATE needs a condition on the key of users_auth/],
    ["UPDATE users_auth SET hash = 'x' WHERE hash = 'a'", 13, /WHERE id = 7/],
    ["UPDATE users_auth SET hash = 'x' LIMIT 1", 13, /needs a condition/],
    ['UPDATE users_auth SET id = 5 WHERE id = 1', 2, /Changing id, the key of users_auth/],
    ["UPDATE users_auth SET nonsense = 'x' WHERE id = 1", 14, /no column "nonsense"/],
    ["UPDATE users_auth SET hash = 'ü' WHERE id = 1", 12, /^hash "ü"/],
    ['UPDATE users_auth SET hash = NULL WHERE id = 1', 12, /hash is required/],
    ["UPDATE users_auth SET hash = IF(id = 2, 'ü', 'x') WHERE id IN (1, 2)", 12, /^hash "ü"/],
    ["UPDATE users_auth SET hash = 'x' WHERE id = '1 OR 1=1'", 12, /^id "1 OR 1=1" is not valid/],
    ["UPDATE pipes SET users = 1 WHERE name = 'p1'", 10, /Table pipes is read only: it has no UPDATE/],
    ["UPDATE pipes_messages SET message = 1 WHERE name = 'p1'", 2, /a message that was sent stays/],
    ['UPDATE users_messages SET message = 1 WHERE id = 1', 2, /a message that was sent stays/],
    ["UPDATE information_schema.TABLES SET ENGINE = 'x' WHERE TABLE_NAME = 'x'", 10, /no UPDATE/],
    ["UPDATE nosuch SET a = 1 WHERE id = 'x'", 15, /nosuch/],
  ]
  for (const [sql, number, message] of refused) {
    test(`${sql} changes nothing`, async (t) => {
      const db = await filled(t)
      const error = await db.error(sql)
      assert.equal(error.number, number, error.message)
      assert.match(error.message, message)
      assert.deepEqual(
        (await db.values(all.users_auth)).map((row) => row[1]),
        ['a', 'b', 'c'],
      )
    })
  }

  test('within a transaction: seen by it at once, by others after COMMIT', async (t) => {
    const db = await filled(t)
    await db.ok('BEGIN')
    await db.ok("UPDATE users_auth SET hash = 'x' WHERE id = 1")
    assert.equal(await db.value('SELECT hash FROM users_auth WHERE id = 1'), 'x')
    await db.ok('ROLLBACK')
    assert.equal(await db.value('SELECT hash FROM users_auth WHERE id = 1'), 'a')
  })

  test('over the wire, prepared', async (t) => {
    const comet = createCometServer({ password: 'secret', cometql: { port: 0 }, transports: [] })
    t.after(() => comet.close())
    await comet.ready
    await comet.query("INSERT INTO users_data VALUES (1, 'a')")
    const login = { host: '127.0.0.1', port: comet.address()?.port ?? 0, user: 'root', password: 'secret' }
    const connection = await createConnection(login)
    const [done] = await connection.execute('UPDATE users_data SET data = ? WHERE id = ?', ['a', 1])
    const { affectedRows, info } = done as { affectedRows: number; info: string }
    assert.equal(affectedRows, 1) // this driver counts the rows found
    assert.match(info, /Rows matched: 1 {2}Changed: 0 {2}Warnings: 0/)
    await connection.end()
  })
})

describe('INSERT of a row that is there', () => {
  const insert = "INSERT INTO users_auth (id, hash) VALUES (1, 'new')"
  const cases: readonly (readonly [sql: string, affected: number, hash: string])[] = [
    [insert, 1, 'new'],
    [insert.replace('INSERT', 'REPLACE'), 1, 'new'],
    [insert.replace('INSERT', 'INSERT IGNORE'), 0, 'a'],
    [`${insert} ON DUPLICATE KEY UPDATE \`id\` = \`id\``, 0, 'a'],
    [`${insert} ON DUPLICATE KEY UPDATE users_auth.id = users_auth.id`, 0, 'a'],
    [`${insert} ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)`, 0, 'a'],
    [`${insert} ON DUPLICATE KEY UPDATE hash = VALUES(hash)`, 1, 'new'],
    [`${insert} ON DUPLICATE KEY UPDATE id = VALUES(id), hash = VALUES(hash)`, 1, 'new'],
    [`${insert} AS n ON DUPLICATE KEY UPDATE hash = n.hash`, 1, 'new'],
    [`${insert} ON DUPLICATE KEY UPDATE hash = 'other'`, 1, 'other'],
    [`${insert} ON DUPLICATE KEY UPDATE hash = 'a'`, 0, 'a'],
    [`${insert} ON DUPLICATE KEY UPDATE id = id, hash = CONCAT(hash, VALUES(hash), users_auth.hash)`, 1, 'anewa'],
    [`${insert} AS n ON DUPLICATE KEY UPDATE hash = CONCAT(hash, n.hash)`, 1, 'anew'],
    [`${insert} ON DUPLICATE KEY UPDATE hash = (SELECT data FROM users_data WHERE id = 1)`, 1, 'one'],
  ]
  for (const [sql, affected, hash] of cases) {
    test(sql, async (t) => {
      const db = await filled(t)
      const done = await db.ok(sql)
      assert.deepEqual([done.affectedRows, done.insertId], [affected, 1])
      assert.equal(await db.value('SELECT hash FROM users_auth WHERE id = 1'), hash)
      await db.ok(sql.replace('(1,', '(5,'))
      assert.equal(await db.value('SELECT hash FROM users_auth WHERE id = 5'), 'new')
    })
  }

  test('several rows: those that are there are duplicates', async (t) => {
    const db = await filled(t)
    const sql = "INSERT INTO users_auth (id, hash) VALUES (1, 'x'), (7, 'y') ON DUPLICATE KEY UPDATE `id`=`id`"
    const { affectedRows, info } = await db.ok(sql)
    assert.deepEqual([affectedRows, info], [1, 'Records: 2  Duplicates: 1  Warnings: 0'])
    assert.deepEqual(
      (await db.values(all.users_auth)).map((row) => row[1]),
      ['a', 'b', 'c', 'y'],
    )
  })

  test('messages: one with an id is sent once; without one every time; none is ever changed', async (t) => {
    const db = await filled(t)
    const sql = "INSERT INTO pipes_messages (id, name, event, message) VALUES ('m1', 'p1', 'e', 'hi')"
    const rules = ['', ' ON DUPLICATE KEY UPDATE id = id', ' ON DUPLICATE KEY UPDATE message = VALUES(message)']
    const counts = []
    for (const rule of rules) counts.push((await db.ok(sql + rule)).affectedRows)
    assert.deepEqual(counts, [1, 0, 0])
    const error = await db.error(`${sql} ON DUPLICATE KEY UPDATE message = 'other'`)
    assert.match(error.message, /ON DUPLICATE KEY UPDATE of pipes_messages/)
    const send =
      "INSERT INTO users_messages (id, event, message) VALUES (9, 'e', 'm') ON DUPLICATE KEY UPDATE event = 'x'"
    for (const affected of [1, 1]) assert.equal((await db.ok(send)).affectedRows, affected)
  })

  test('what cannot be is named', async (t) => {
    const db = await filled(t)
    assert.match((await db.error(`${insert} ON DUPLICATE KEY UPDATE id = 9`)).message, /Changing id, the key/)
    assert.match((await db.error(`${insert} ON DUPLICATE KEY UPDATE hash = VALUES(x)`)).message, /no column ".*x"/)
    assert.match((await db.error('SELECT VALUES(hash) FROM users_auth WHERE id = 1')).message, /VALUES\(\) but of/)
  })
})

test('a value of INSERT may be a subquery', async (t) => {
  const db = await filled(t)
  await db.ok('INSERT INTO users_data (id, data) VALUES (9, (SELECT hash FROM users_auth WHERE id = 2))')
  assert.equal(await db.value('SELECT data FROM users_data WHERE id = 9'), 'b')
})

describe('LAST_INSERT_ID()', () => {
  test('keeps its value until the next INSERT with an id', async (t) => {
    const db = await backEnd(t)
    const last = (): Promise<unknown> => db.value('SELECT LAST_INSERT_ID()')
    assert.equal(await last(), 0)
    await db.ok("INSERT INTO users_auth (id, hash) VALUES (7, 'x')")
    assert.equal(await last(), 7)
    const published = await db.ok("INSERT INTO pipes_messages (name, event, message) VALUES ('news', '', 'x')")
    assert.equal(published.insertId, 0)
    await db.ok("INSERT INTO pipes_settings VALUES ('news', 3)")
    await db.ok("UPDATE users_auth SET hash = 'y' WHERE id = 7")
    await db.ok('DELETE FROM users_auth WHERE id = 7')
    await db.error("INSERT INTO users_auth (id, hash) VALUES (0, 'x')")
    assert.equal(await last(), 7)
    await db.ok("INSERT INTO pipes_messages (name, event, message) VALUES ('news', '', 'x')")
    assert.equal(await last(), 1)
    await db.ok("INSERT INTO users_data (id, data) VALUES (8, 'x'), (9, 'y')")
    assert.equal(await last(), 8)
  })

  test('of a value is that value, and stays', async (t) => {
    const db = await backEnd(t)
    assert.equal(await db.value('SELECT LAST_INSERT_ID(41 + 1)'), 42)
    assert.deepEqual(await db.values('SELECT LAST_INSERT_ID(), @@last_insert_id, @@identity'), [[42, 42, 42]])
  })
})
