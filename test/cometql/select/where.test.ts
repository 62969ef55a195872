import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backEnd } from '../back-end.ts'

test('a condition that is never true asks for the columns alone, as ORMs do', async (t) => {
  const back = await backEnd(t)
  for (const condition of ['0 = 1', '1 = 0', 'FALSE', 'NULL', '1 <> 1', "id = 7 AND 'a' = 'b'"]) {
    const sql = `SELECT * FROM users_auth WHERE ${condition}`
    assert.deepEqual(
      (await back.columns(sql)).map(({ name }) => name),
      ['id', 'hash'],
      sql,
    )
    assert.deepEqual(await back.values(sql), [], sql)
  }
})

test('beside the key, it takes nothing away and adds nothing', async (t) => {
  const back = await backEnd(t)
  await back.ok("INSERT INTO users_auth (id, hash) VALUES (7, 'seven'), (8, 'eight')")
  assert.deepEqual(await back.values('SELECT id FROM users_auth WHERE id = 7 OR 0 = 1'), [[7]])
  assert.equal((await back.ok('DELETE FROM users_auth WHERE 0 = 1')).affectedRows, 0)
  assert.equal((await back.ok('DELETE FROM users_auth WHERE id = 7 OR 0 = 1')).affectedRows, 1)
  assert.deepEqual(await back.values('SELECT id FROM users_auth WHERE id IN (7, 8)'), [[8]])
})

test('a condition that is always true still means a whole table', async (t) => {
  const back = await backEnd(t)
  assert.equal((await back.error('SELECT * FROM users_auth WHERE 1 = 1')).number, 13)
  assert.equal((await back.error('DELETE FROM users_auth WHERE 1 = 1')).number, 13)
})
