import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { backEnd } from '../back-end.ts'

interface Told {
  readonly query_block: { readonly tables: readonly { readonly table: string }[] }
}

describe('EXPLAIN', () => {
  const cases: readonly (readonly [sql: string, rows: unknown[][]])[] = [
    ['SELECT * FROM users_auth WHERE id = 1', [['users_auth', 'const', 'PRIMARY', 1]]],
    ['SELECT * FROM users_auth u WHERE u.id IN (1, 2)', [['u', 'range', 'PRIMARY', 2]]],
    ["SELECT * FROM pipes_messages WHERE name = 'news' ORDER BY id", [['pipes_messages', 'ref', 'name', 1]]],
    ['SELECT * FROM users_auth LIMIT 5', [['users_auth', 'ALL', null, null]]],
    [
      'SELECT * FROM users_auth a JOIN users_data b USING (id) WHERE a.id = 1',
      [
        ['a', 'const', 'PRIMARY', 1],
        ['b', 'ALL', null, null],
      ],
    ],
    ['SELECT n FROM (SELECT 1 AS n) t', [['t', 'ALL', null, null]]],
    ['SELECT 1', [[null, null, null, null]]],
    ["INSERT INTO users_auth VALUES (1, 'x')", [['users_auth', 'ALL', null, null]]],
    ["UPDATE users_auth SET hash = 'x' WHERE id = 1", [['users_auth', 'const', 'PRIMARY', 1]]],
    ['DELETE FROM users_auth WHERE id = 1', [['users_auth', 'const', 'PRIMARY', 1]]],
  ]
  for (const [sql, rows] of cases) {
    test(sql, async (t) => {
      const db = await backEnd(t)
      for (const word of ['EXPLAIN', 'DESCRIBE', 'EXPLAIN EXTENDED']) {
        const found = await db.rows(`${word} ${sql}`)
        assert.deepEqual(
          found.map(({ table, type, key, rows: count }) => [table, type, key, count]),
          rows,
        )
        assert.equal(
          Object.keys(found[0] ?? {}).join(),
          'id,select_type,table,type,possible_keys,key,key_len,ref,rows,Extra',
        )
      }
      assert.deepEqual(await db.values('SELECT * FROM users_auth LIMIT 9'), []) // nothing was run
    })
  }

  test('FORMAT=JSON is one text', async (t) => {
    const sql = 'EXPLAIN FORMAT=JSON SELECT * FROM users_auth LIMIT 1'
    const told = JSON.parse(String(await (await backEnd(t)).value(sql))) as Told
    assert.equal(told.query_block.tables[0]?.table, 'users_auth')
  })

  test('of a statement with a mistake has its error; of a table it describes that', async (t) => {
    const db = await backEnd(t)
    assert.equal((await db.error('EXPLAIN SELECT * FROM nosuch WHERE id = 1')).number, 15)
    assert.equal((await db.error('EXPLAIN SELECT x FROM users_auth WHERE id = 1')).number, 14)
    assert.match((await db.error('EXPLAIN SET a = 1')).message, /"SET" does not exist|Syntax error/)
    assert.equal((await db.rows('EXPLAIN users_auth'))[0]?.Field, 'id')
    assert.deepEqual(db.cometql.handler.describe?.('EXPLAIN FORMAT=JSON SELECT 1', db.session), [
      { name: 'EXPLAIN', type: 'text' },
    ])
  })
})
