import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { backEnd, type BackEnd } from '../back-end.ts'

const insert = 'INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)'
const texts = (db: BackEnd) => db.published.map(({ message }) => message)
const status = (db: BackEnd) => db.cometql.handler.status?.(db.session)

describe('a transaction', () => {
  test('publishes at COMMIT, in order', async (t) => {
    const db = await backEnd(t)
    await db.ok('BEGIN')
    assert.deepEqual(status(db), { autocommit: true, inTransaction: true })
    assert.equal((await db.ok(insert, 'p1', '', '1')).affectedRows, 1)
    await db.ok(insert, 'p2', '', '2')
    await db.ok(insert, 'p1', '', '3')
    assert.deepEqual(texts(db), [])
    await db.ok('COMMIT')
    assert.deepEqual(texts(db), ['1', '2', '3'])
    assert.deepEqual(status(db), { autocommit: true, inTransaction: false })
  })

  test('never was after ROLLBACK', async (t) => {
    const db = await backEnd(t)
    await db.ok('START TRANSACTION')
    await db.ok(insert, 'p1', '', '1')
    await db.ok("INSERT INTO users_auth (id, hash) VALUES (1, 'a')")
    await db.ok("INSERT INTO users_messages (id, event, message) VALUES (1, '', 'x')")
    await db.ok('ROLLBACK')
    await db.ok('COMMIT')
    assert.deepEqual(texts(db), [])
    assert.deepEqual(await db.values('SELECT * FROM users_auth WHERE id = 1'), [])
    assert.deepEqual(await db.values('SELECT * FROM users_messages WHERE id = 1'), [])
  })

  test('never was when the connection is lost', async (t) => {
    const db = await backEnd(t)
    await db.ok('BEGIN')
    await db.ok(insert, 'p1', '', '1')
    db.cometql.handler.closed?.(db.session)
    assert.deepEqual(texts(db), [])
  })

  test('of messages of one pipe nobody comes between', async (t) => {
    const db = await backEnd(t)
    await db.ok("INSERT INTO pipes_settings (name, length) VALUES ('p1', 10)")
    const other = await backEnd(t, { comet: db.comet, login: { connectionId: 8 } })
    await db.ok('BEGIN')
    for (const text of ['1', '2', '3']) await db.ok(insert, 'p1', '', text)
    const commit = db.ok('COMMIT')
    const between = other.ok(insert, 'p1', '', 'other')
    await Promise.all([commit, between])
    assert.match(texts(db).join(','), /^(other,)?1,2,3(,other)?$/)
  })

  test('finds a mistake when the statement runs, and goes on after it', async (t) => {
    const db = await backEnd(t)
    await db.ok('BEGIN')
    await db.ok(insert, 'p1', '', '1')
    assert.equal((await db.error(insert, 'no pipe', '', '2')).number, 12)
    assert.equal((await db.error(insert, 'p1', 'no event', '2')).number, 12)
    assert.equal((await db.error("INSERT INTO users_messages (id, event, message) VALUES (0, '', 'x')")).number, 12)
    assert.equal(
      (
        await db.error(
          'INSERT INTO pipes_messages (name, event, message, id) VALUES (?, ?, ?, ?)',
          'p1',
          '',
          '',
          'x'.repeat(37),
        )
      ).number,
      11,
    )
    await db.ok('COMMIT')
    assert.deepEqual(texts(db), ['1'])
  })

  test('sees what it did, and nobody else does', async (t) => {
    const db = await backEnd(t)
    const other = await backEnd(t, { comet: db.comet, login: { connectionId: 8 } })
    await db.ok("INSERT INTO users_auth (id, hash) VALUES (1, 'a'), (2, 'b')")
    await db.ok("INSERT INTO revoked_tokens (token) VALUES ('t1')")
    await db.ok('BEGIN')
    await db.ok("INSERT INTO users_auth (id, hash) VALUES (1, 'new'), (3, 'c')")
    assert.equal((await db.ok('DELETE FROM users_auth WHERE id IN (2, 3, 4)')).affectedRows, 2)
    await db.ok("INSERT INTO users_data (id, data) VALUES (1, 'd')")
    await db.ok("INSERT INTO revoked_tokens (token) VALUES ('t2')")
    assert.equal((await db.ok("DELETE FROM revoked_tokens WHERE token = 't1'")).affectedRows, 1)
    const queries: readonly (readonly [sql: string, own: unknown, others: unknown])[] = [
      [
        'SELECT * FROM users_auth WHERE id IN (1, 2, 3)',
        [[1, 'new']],
        [
          [1, 'a'],
          [2, 'b'],
        ],
      ],
      ['SELECT * FROM users_data WHERE id = 1', [[1, 'd']], []],
      ['SELECT * FROM revoked_tokens', [['t2']], [['t1']]],
    ]
    for (const [sql, own, others] of queries) {
      assert.deepEqual(await db.values(sql), own, sql)
      assert.deepEqual(await other.values(sql), others, sql)
    }
    await db.ok('COMMIT')
    for (const [sql, own] of queries) assert.deepEqual(await other.values(sql), own, sql)
  })

  test('sees the history as it will be', async (t) => {
    const db = await backEnd(t)
    const history = async (name: string) =>
      (await db.values('SELECT message FROM pipes_messages WHERE name = ?', name)).flat()
    await db.ok("INSERT INTO pipes_settings (name, length) VALUES ('p1', 2)")
    await db.ok(insert, 'p1', '', '1')
    await db.ok('BEGIN')
    await db.ok(insert, 'p1', '', '2')
    await db.ok(insert, 'p1', '', '3')
    assert.deepEqual(await history('p1'), ['2', '3'])
    assert.equal((await db.error("DELETE FROM pipes_messages WHERE name = 'p1' AND message = '2'")).number, 2)
    assert.equal((await db.ok("DELETE FROM pipes_messages WHERE name = 'p1'")).affectedRows, 2)
    assert.deepEqual(await history('p1'), [])
    await db.ok(insert, 'p1', '', '4')
    await db.ok("INSERT INTO pipes_settings (name, length) VALUES ('p2', 1)")
    await db.ok(insert, 'p2', '', '5')
    assert.deepEqual([await history('p1'), await history('p2')], [['4'], ['5']])
    await db.ok('COMMIT')
    assert.deepEqual([await history('p1'), await history('p2')], [['4'], ['5']])
    assert.deepEqual(texts(db), ['1', '2', '3', '4', '5'])
  })

  test('without autocommit may begin with a savepoint, as nested blocks of ORMs do', async (t) => {
    const db = await backEnd(t)
    await db.ok('SET autocommit = 0')
    await db.ok('SAVEPOINT s1')
    await db.ok(insert, 'p1', '', 'undone')
    await db.ok('ROLLBACK TO SAVEPOINT s1')
    await db.ok(insert, 'p1', '', 'kept')
    await db.ok('RELEASE SAVEPOINT s1')
    await db.ok('COMMIT')
    assert.deepEqual(texts(db), ['kept'])
  })

  test('has room again for what was undone, and no room for savepoints without end', async (t) => {
    const db = await backEnd(t)
    await db.ok('BEGIN')
    await db.ok('SAVEPOINT a')
    const text = 'x'.repeat(1024 * 1024)
    for (let round = 0; round < 70; round++) {
      await db.ok(insert, 'p1', '', text)
      await db.ok('ROLLBACK TO a')
    }
    assert.equal((await db.error(`SAVEPOINT ${'x'.repeat(65)}`)).number, 11)
    for (let count = 1; count < 10_000; count++) await db.ok(`SAVEPOINT s${count}`)
    assert.equal((await db.error('SAVEPOINT one_more')).number, 21)
  })

  test('can go back to a savepoint', async (t) => {
    const db = await backEnd(t)
    await db.ok('BEGIN')
    await db.ok(insert, 'p1', '', '1')
    await db.ok('SAVEPOINT a')
    await db.ok(insert, 'p1', '', '2')
    await db.ok('SAVEPOINT b')
    await db.ok(insert, 'p1', '', '3')
    await db.ok('ROLLBACK TO SAVEPOINT A')
    assert.equal((await db.error('ROLLBACK TO b')).number, 12)
    await db.ok(insert, 'p1', '', '4')
    await db.ok('RELEASE SAVEPOINT a')
    assert.equal((await db.error('ROLLBACK TO a')).number, 12)
    await db.ok('COMMIT')
    assert.deepEqual(texts(db), ['1', '4'])
  })

  test('holds back so much and no more', async (t) => {
    const db = await backEnd(t)
    const text = 'x'.repeat(1024 * 1024)
    await db.ok('BEGIN')
    for (let count = 0; count < 64; count++) await db.ok(insert, 'p1', '', text)
    assert.match(
      (await db.error(insert, 'p1', '', text)).message,
      /transaction is too long: 68157440 characters, the limit is 67108864/,
    )
    await db.ok('ROLLBACK')
    assert.deepEqual(texts(db), [])
  })

  test('BEGIN commits the one before', async (t) => {
    const db = await backEnd(t)
    await db.ok('BEGIN')
    await db.ok(insert, 'p1', '', '1')
    await db.ok('BEGIN')
    assert.deepEqual(texts(db), ['1'])
  })
})

describe('autocommit=0', () => {
  test('every statement is in a transaction until COMMIT', async (t) => {
    const db = await backEnd(t)
    await db.ok('SET autocommit=0')
    assert.deepEqual(status(db), { autocommit: false, inTransaction: false })
    await db.ok(insert, 'p1', '', '1')
    assert.deepEqual(status(db), { autocommit: false, inTransaction: true })
    assert.deepEqual(texts(db), [])
    await db.ok('COMMIT')
    assert.deepEqual(texts(db), ['1'])
    await db.ok(insert, 'p1', '', '2')
    await db.ok('ROLLBACK')
    await db.ok(insert, 'p1', '', '3')
    await db.ok('SET AUTOCOMMIT = 1')
    assert.deepEqual(texts(db), ['1', '3'])
    await db.ok(insert, 'p1', '', '4')
    assert.deepEqual(texts(db), ['1', '3', '4'])
  })

  test('a connection that is reset is as new', async (t) => {
    const db = await backEnd(t)
    await db.ok('SET autocommit=0')
    await db.ok(insert, 'p1', '', '1')
    await db.cometql.handler.reset?.(db.session)
    assert.deepEqual(status(db), { autocommit: true, inTransaction: false })
    await db.ok('COMMIT')
    assert.deepEqual(texts(db), [])
  })
})
