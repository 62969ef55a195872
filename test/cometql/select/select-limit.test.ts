import { test } from 'node:test'
import assert from 'node:assert/strict'
import { backEnd } from '../back-end.ts'

test('SQL_SELECT_LIMIT is the LIMIT of a SELECT that has none, so it may list a table', async (t) => {
  const db = await backEnd(t)
  await db.ok("INSERT INTO users_auth (id, hash) VALUES (1, 'a'), (2, 'b'), (3, 'c')")
  await db.ok('SET SQL_SELECT_LIMIT=2')
  assert.deepEqual(await db.values('SELECT x.id FROM users_auth x ORDER BY id DESC'), [[3], [2]])
  assert.deepEqual((await db.values('SELECT id FROM users_auth WHERE id IN (1, 2, 3) LIMIT 3')).length, 3)
  assert.equal(await db.value('SELECT COUNT(*) FROM (SELECT id FROM users_auth WHERE id IN (1, 2, 3)) t'), 3)
  await db.ok('SET SQL_SELECT_LIMIT=DEFAULT')
  assert.equal((await db.values('SELECT id FROM users_auth WHERE id IN (1, 2, 3)')).length, 3)
  assert.equal((await db.error('SELECT id FROM users_auth')).number, 13)
})

test('SQL_SELECT_LIMIT may be 0, the largest number, or no number at all', async (t) => {
  const db = await backEnd(t)
  for (const [value, rows] of [
    ['0', 0],
    ['18446744073709551615', 2],
    ["'many'", 0],
    ['NULL', 2],
  ] as const) {
    await db.ok(`SET SESSION sql_select_limit = ${value}`)
    assert.equal((await db.values('SELECT 1 UNION SELECT 2')).length, rows, value)
  }
})
