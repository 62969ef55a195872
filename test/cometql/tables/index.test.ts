import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { cometTables } from '../../../lib/cometql/tables/index.ts'
import { backEnd } from '../back-end.ts'

test('the tables and their columns, in the order of `*`', () => {
  const columns = Object.fromEntries(
    Array.from(cometTables.values(), (table) => [table.name, table.columns.map(({ name }) => name).join(' ')]),
  )
  assert.deepEqual(columns, {
    pipes: 'name users',
    pipes_messages: 'id time name index event message user_id',
    pipes_settings: 'name length',
    revoked_tokens: 'token',
    users_auth: 'id hash',
    users_data: 'id data',
    users_in_pipes: 'name user_id user_uuid user_agent ip origin language',
    users_messages: 'id index event message',
    users_time: 'id time',
  })
})

describe('pipes_messages', () => {
  test('shows the history, oldest message first', async (t) => {
    const db = await backEnd(t)
    await db.ok("INSERT INTO pipes_settings (name, length) VALUES ('p1', 2)")
    for (const text of ['a', 'b', 'c'])
      await db.ok("INSERT INTO pipes_messages (name, event, message) VALUES ('p1', 'e', ?)", text)
    const rows = await db.rows("SELECT * FROM pipes_messages WHERE name = 'p1'")
    assert.deepEqual(
      rows.map(({ id, ...rest }) => ({ ...rest, idLength: String(id).length })),
      ['b', 'c'].map((message, index) => ({
        time: db.comet.clock.seconds,
        name: 'p1',
        index,
        event: 'e',
        message,
        user_id: 0,
        idLength: 36,
      })),
    )
    assert.deepEqual(await db.values('SELECT message FROM pipes_messages LIMIT 1'), [['b']])
  })
})

describe('pipes and users_in_pipes', () => {
  test('count and list the subscribers', async (t) => {
    const db = await backEnd(t)
    const user = await db.comet.logIn(5)
    const visitor = db.comet.connect({ headers: { 'user-agent': 'Test/1', 'accept-language': 'ru' } })
    await user.subscribe('p1')
    await visitor.subscribe('p1', 'p2')
    assert.deepEqual(await db.values("SELECT * FROM pipes WHERE name IN ('p1', 'p2', 'p3')"), [
      ['p1', 2],
      ['p2', 1],
      ['p3', 0],
    ])
    const members = await db.rows("SELECT * FROM users_in_pipes WHERE name = 'p1' ORDER BY user_id")
    assert.deepEqual(
      members.map(({ name, user_id, user_agent, ip }) => [name, user_id, user_agent, ip]),
      [
        ['p1', 0, 'Test/1', '127.0.0.1'],
        ['p1', 5, '', '127.0.0.1'],
      ],
    )
    assert.deepEqual((await db.values('SELECT DISTINCT name FROM users_in_pipes LIMIT 9')).flat().sort(), ['p1', 'p2'])
  })
})

describe('pipes_settings', () => {
  test('replaces, and takes more than 1000 for 1000', async (t) => {
    const db = await backEnd(t)
    await db.ok("INSERT INTO pipes_settings (name, length) VALUES ('p1', 5)")
    await db.ok("INSERT INTO pipes_settings (name, length) VALUES ('p1', '5000')")
    assert.deepEqual(await db.values("SELECT * FROM pipes_settings WHERE name IN ('p1', 'p2')"), [['p1', 1000]])
  })
})

describe('users_messages', () => {
  test('reaches every session of the user, or waits', async (t) => {
    const db = await backEnd(t)
    const user = await db.comet.logIn(5)
    assert.deepEqual(await db.ok("INSERT INTO users_messages (id, event, message) VALUES (5, 'e', 'now')"), {
      affectedRows: 1,
      insertId: 5,
    })
    assert.equal((await user.next({ pipe: 'msg' })).data, 'now')
    await db.ok("INSERT INTO users_messages (id, event, message) VALUES (6, 'e', 'a')")
    await db.ok("INSERT INTO users_messages (id, event, message) VALUES (6, 'e', 'b')")
    assert.deepEqual(await db.values('SELECT * FROM users_messages WHERE id IN (5, 6)'), [
      [6, 0, 'e', 'a'],
      [6, 1, 'e', 'b'],
    ])
  })
})

describe('users_time', () => {
  test('has a row for every id: 0 online, -1 never, else when', async (t) => {
    const db = await backEnd(t)
    const gone = await db.comet.logIn(2)
    await db.comet.logIn(3)
    const left = db.comet.clock.seconds
    gone.close()
    db.comet.clock.advance(5000)
    assert.deepEqual(await db.values('SELECT * FROM users_time WHERE id IN (2, 3, 145)'), [
      [2, left],
      [3, 0],
      [145, -1],
    ])
    assert.deepEqual((await db.values('SELECT id FROM users_time LIMIT 10')).flat().sort(), [2, 3])
  })
})

describe('users_auth', () => {
  test('deleting a hash logs the user out', async (t) => {
    const db = await backEnd(t)
    const user = await db.comet.logIn(5)
    assert.deepEqual(await db.values('SELECT * FROM users_auth WHERE id = 5'), [[5, 'hash5']])
    await db.ok('DELETE FROM users_auth WHERE id = 5')
    await user.next({ authorized: false })
  })

  test('ids beyond 32 bits', async (t) => {
    const db = await backEnd(t)
    assert.equal(
      (await db.ok("INSERT INTO users_auth (id, hash) VALUES (9007199254740991, 'x')")).insertId,
      Number.MAX_SAFE_INTEGER,
    )
    const [column] = await db.columns('SELECT id FROM users_auth WHERE id = 9007199254740991')
    assert.equal(column?.type, 'bigint')
  })
})

describe('users_data', () => {
  test('replaces', async (t) => {
    const db = await backEnd(t)
    for (const data of ['{}', 'привет 👋'])
      assert.equal((await db.ok('INSERT INTO users_data (id, data) VALUES (5, ?)', data)).insertId, 5)
    assert.deepEqual(await db.values('SELECT * FROM users_data WHERE id IN (5, 6)'), [[5, 'привет 👋']])
  })
})

describe('a text that is too long', () => {
  const limit = 1000
  for (const [table, columns, values, column, size] of [
    ['users_data', 'id, data', "5, ''", 'data', 1001],
    ['users_messages', 'id, event, message', "5, '', ''", 'message', 1001],
    ['pipes_messages', 'name, event, message', "'p1', '', ''", 'message', 1001],
    ['revoked_tokens', 'token', "''", 'token', 4097],
  ] as const) {
    test(`in ${table}.${column} is refused, in a transaction too, and with IGNORE left out`, async (t) => {
      const db = await backEnd(t, { limits: { maxMessageBytes: limit } })
      const insert = (rest: string): string =>
        `INTO ${table} (${columns}) VALUES (${values.replace(/''$/, '?')})${rest === '' ? '' : `, (${values.replace(/''$/, '?')})`}`
      const long = 'x'.repeat(size)
      const sentence = new RegExp(`^${column} is too long: ${size} (bytes|characters), the limit is ${size - 1}$`)
      for (const before of ['', 'BEGIN']) {
        if (before !== '') await db.ok(before)
        const error = await db.error(`INSERT ${insert('')}`, long)
        assert.equal(error.number, 11)
        assert.match(error.message, sentence)
        assert.match((await db.error(`INSERT ${insert(', …')}`, 'short', long)).message, sentence)
      }
      assert.equal((await db.ok(`INSERT IGNORE ${insert(', …')}`, 'short', long)).affectedRows, 1)
      assert.equal((await db.ok(`INSERT ${insert('')}`, long.slice(1))).affectedRows, 1)
    })
  }

  test('is counted in bytes, and for programs in the process too', async (t) => {
    const db = await backEnd(t, { limits: { maxMessageBytes: limit } })
    const query = (data: string) =>
      db.cometql.query(db.session.tenant, 'INSERT INTO users_data (id, data) VALUES (5, ?)', [data])
    await assert.rejects(query('я'.repeat(501)), { number: 11, message: /data is too long: 1002 bytes.* 1000$/ })
    await query('я'.repeat(500))
  })

  test('does not wait in a transaction with too many others', async (t) => {
    const db = await backEnd(t, { limits: { maxMessageBytes: 20 * 1024 * 1024 } })
    await db.ok('BEGIN')
    const data = 'x'.repeat(20 * 1024 * 1024)
    for (let id = 1; id <= 3; id++) await db.ok('INSERT INTO users_data (id, data) VALUES (?, ?)', id, data)
    const { message } = await db.error('INSERT INTO users_data (id, data) VALUES (4, ?)', data)
    assert.match(message, /^transaction is too long: /)
  })
})

describe('revoked_tokens', () => {
  test('are listed without a condition', async (t) => {
    const db = await backEnd(t)
    await db.ok("INSERT INTO revoked_tokens (token) VALUES ('a.b.c')")
    assert.deepEqual(await db.values('SELECT * FROM revoked_tokens'), [['a.b.c']])
    assert.deepEqual(await db.values("SELECT token FROM revoked_tokens WHERE token IN ('x', 'a.b.c')"), [['a.b.c']])
    assert.equal((await db.ok("DELETE FROM revoked_tokens WHERE token = 'a.b.c'")).affectedRows, 1)
    assert.deepEqual(await db.values('SELECT * FROM revoked_tokens'), [])
  })
})
