import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { backEnd } from '../back-end.ts'

async function filled(t: Parameters<typeof backEnd>[0]) {
  const db = await backEnd(t)
  await db.ok("INSERT INTO users_auth (id, hash) VALUES (1, 'a'), (2, 'b'), (3, 'c')")
  await db.ok("INSERT INTO pipes_settings (name, length) VALUES ('p1', 10), ('p2', 10)")
  await db.ok("INSERT INTO pipes_messages (name, event, message) VALUES ('p1', 'x', 1), ('p1', 'y', 2), ('p2', 'x', 3)")
  return db
}

describe('DELETE', () => {
  const cases: readonly (readonly [sql: string, affected: number, left: number[]])[] = [
    ['DELETE FROM users_auth WHERE id = 2', 1, [1, 3]],
    ["delete from `users_auth` where `users_auth`.`id` in ('1', 2, 99)", 2, [3]],
    ['DELETE FROM users_auth WHERE id = 1 OR id = 3', 2, [2]],
    ["DELETE FROM users_auth WHERE id IN (1, 2) AND hash = 'b'", 1, [1, 3]],
    ["DELETE FROM users_auth WHERE id IN (1, 2) AND hash = 'nobody'", 0, [1, 2, 3]],
    ['DELETE FROM users_auth WHERE id IN (1, 2, 3) ORDER BY id DESC LIMIT 1', 1, [1, 2]],
    ['DELETE FROM users_auth u WHERE u.id IN (SELECT id FROM users_time WHERE id IN (1, 3))', 2, [2]],
    ['DELETE FROM users_auth WHERE id = 99', 0, [1, 2, 3]],
  ]
  for (const [sql, affected, left] of cases) {
    test(sql, async (t) => {
      const db = await filled(t)
      assert.equal((await db.ok(sql)).affectedRows, affected)
      assert.deepEqual((await db.values('SELECT id FROM users_auth WHERE id IN (1, 2, 3) ORDER BY id')).flat(), left)
    })
  }

  test('clears the history of a pipe, or removes single messages', async (t) => {
    const db = await filled(t)
    const messages = async () =>
      (await db.values("SELECT message FROM pipes_messages WHERE name IN ('p1', 'p2')")).flat()
    const [first] = await db.values("SELECT id FROM pipes_messages WHERE name = 'p1' LIMIT 1")
    assert.equal((await db.ok('DELETE FROM pipes_messages WHERE id = ?', first?.[0] ?? null)).affectedRows, 1)
    assert.deepEqual(await messages(), ['2', '3'])
    assert.equal((await db.ok("DELETE FROM pipes_messages WHERE name IN ('p1', 'p2') AND event = 'x'")).affectedRows, 1)
    assert.deepEqual(await messages(), ['2'])
    assert.equal((await db.ok("DELETE FROM pipes_messages WHERE name = 'p1'")).affectedRows, 1)
    assert.deepEqual(await messages(), [])
  })

  for (const isInTransaction of [false, true]) {
    test(`ids are unique within a pipe only${isInTransaction ? ', in a transaction' : ''}`, async (t) => {
      const db = await filled(t)
      for (const name of ['p1', 'p2', 'p3']) {
        await db.ok('INSERT INTO pipes_settings (name, length) VALUES (?, 10)', name)
        await db.ok("INSERT INTO pipes_messages (id, name, event, message) VALUES ('same', ?, '', 'x')", name)
      }
      const left = async () =>
        (await db.values("SELECT name FROM pipes_messages WHERE name IN ('p1', 'p2', 'p3') AND id = 'same'")).flat()
      if (isInTransaction) await db.ok('BEGIN')
      assert.equal((await db.ok("DELETE FROM pipes_messages WHERE name = 'p2' AND id = 'same'")).affectedRows, 1)
      assert.deepEqual(await left(), ['p1', 'p3'])
      assert.equal((await db.ok("DELETE FROM pipes_messages WHERE id = 'same'")).affectedRows, 2)
      await db.ok('COMMIT')
      assert.deepEqual(await left(), [])
    })
  }

  test('the setting of a pipe takes its history along', async (t) => {
    const db = await filled(t)
    assert.equal((await db.ok("DELETE FROM pipes_settings WHERE name = 'p1'")).affectedRows, 1)
    assert.deepEqual(await db.values("SELECT message FROM pipes_messages WHERE name = 'p1'"), [])
    assert.deepEqual(await db.values("SELECT * FROM pipes_settings WHERE name = 'p1'"), [])
  })

  test('some of the messages that wait for a user cannot be deleted', async (t) => {
    const db = await backEnd(t)
    await db.ok("INSERT INTO users_messages (id, event, message) VALUES (5, 'x', 1), (5, 'y', 2)")
    assert.equal((await db.error("DELETE FROM users_messages WHERE id = 5 AND event = 'x'")).number, 2)
    assert.equal((await db.ok("DELETE FROM users_messages WHERE id = 5 AND event = 'z'")).affectedRows, 0)
    assert.equal((await db.ok('DELETE FROM users_messages WHERE id = 5')).affectedRows, 2)
  })

  test('ROW_COUNT() tells how many', async (t) => {
    const db = await filled(t)
    await db.ok('DELETE FROM users_auth WHERE id IN (1, 2)')
    assert.equal(await db.value('SELECT ROW_COUNT()'), 2)
  })
})

describe('mistakes in a DELETE', () => {
  const cases: readonly (readonly [sql: string, number: number])[] = [
    ['DELETE FROM users_auth', 13],
    ["DELETE FROM users_auth WHERE hash = 'a'", 13],
    ['DELETE FROM users_auth WHERE id > 0', 13],
    ['DELETE FROM users_auth WHERE 1 = 1 LIMIT 5', 13],
    ['DELETE FROM revoked_tokens', 13],
    ["DELETE FROM pipes WHERE name = 'p1'", 10],
    ['DELETE FROM nosuch WHERE id = 1', 15],
    ['DELETE FROM users_auth WHERE nosuch = 1', 13],
    ['DELETE FROM users_auth WHERE id = 1 AND nosuch = 1', 14],
  ]
  for (const [sql, number] of cases) {
    test(sql, async (t) => {
      const db = await filled(t)
      assert.equal((await db.error(sql)).number, number)
      assert.equal(await db.value('SELECT COUNT(*) FROM users_auth'), 3)
    })
  }
})

describe('a text that is compared with a number', () => {
  const refused = [
    "DELETE FROM users_auth WHERE id = '2 OR 1=1'",
    "DELETE FROM users_auth WHERE '2abc' = id",
    "DELETE FROM users_auth WHERE id IN (1, '2abc')",
    "DELETE FROM users_auth WHERE id = ''",
    "DELETE FROM users_auth WHERE id IN (1, 2) AND id > '1x'",
    "DELETE FROM users_auth WHERE id IN (1, 2) AND id NOT IN (9, '1x')",
    "DELETE FROM users_auth WHERE id IN (1, 2) AND id BETWEEN 1 AND '2x'",
    'DELETE FROM users_auth WHERE id IN (1, 2) AND hash = 0',
    "DELETE FROM users_auth WHERE id = '2x' + 0",
    "DELETE FROM users_auth WHERE id IN (SELECT '2x')",
  ]
  for (const sql of refused) {
    test(`must be one: ${sql} deletes nothing`, async (t) => {
      const db = await filled(t)
      const error = await db.error(sql)
      assert.deepEqual([error.number, error.sqlState], [12, '22023'])
      assert.match(error.message, /is not valid: it is compared with a number/)
      assert.equal((await db.values('SELECT id FROM users_auth WHERE id IN (1, 2, 3)')).length, 3)
    })
  }

  test('must be one also where it is bound', async (t) => {
    const db = await filled(t)
    assert.match(
      (await db.error('DELETE FROM users_auth WHERE id = ?', '2 OR 1=1')).message,
      /^id "2 OR 1=1" is not valid/,
    )
    for (const id of ['1', ' 2 ', '3.0', '3e0']) await db.ok('DELETE FROM users_auth WHERE id = ?', id)
    assert.deepEqual(await db.values('SELECT id FROM users_auth WHERE id IN (1, 2, 3)'), [])
  })
})
