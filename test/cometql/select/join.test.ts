import { describe, test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { backEnd, type BackEnd } from '../back-end.ts'

async function users(t: TestContext, count: number): Promise<BackEnd> {
  const db = await backEnd(t)
  const tenant = await db.comet.tenant()
  for (let id = 1; id <= count; id++) {
    await tenant.credentials.setHash(id, `h${id}`)
    await tenant.userData.set(id, `d${id}`)
  }
  return db
}

describe('a join of 10,000 users with themselves', () => {
  test('compares nothing that = tells apart', async (t) => {
    const db = await users(t, 10_000)
    // A loop over both would be 100 million comparisons, which is more than a statement may take.
    for (const sql of [
      'SELECT COUNT(*) FROM users_auth a JOIN users_data b ON a.id = b.id',
      'SELECT COUNT(*) FROM users_auth a JOIN users_data b USING (id)',
      'SELECT COUNT(*) FROM users_auth a, users_data b WHERE a.id = b.id',
      'SELECT COUNT(*) FROM users_auth a LEFT JOIN users_data b ON b.id = a.id AND b.id > 0',
      "SELECT COUNT(*) FROM users_auth a JOIN users_auth b ON a.hash = b.hash AND b.hash <> ''",
      'SELECT COUNT(*) FROM (SELECT id + 0 AS n FROM users_auth LIMIT 10000) a JOIN users_data b ON a.n = b.id',
    ]) {
      assert.equal(await db.value(sql), 10_000, sql)
    }
  })

  test('without = is refused, before it holds others up', async (t) => {
    const db = await users(t, 10_000)
    const error = await db.error('SELECT COUNT(*) FROM users_auth a JOIN users_data b ON a.id = b.id + 0')
    assert.deepEqual([error.code, error.number], ['COMET_ERR_TOO_MUCH_WORK', 18])
    assert.match(error.message, /^The join takes more than .* compare columns of its tables with =/)
  })
})

describe('keys of one table are keys of those that must equal them', () => {
  const cases: readonly (readonly [sql: string, rows: unknown[][]])[] = [
    [
      'SELECT a.id, data FROM users_auth a JOIN users_data b ON a.id = b.id WHERE a.id IN (1, 3, 9)',
      [
        [1, 'd1'],
        [3, 'd3'],
      ],
    ],
    ['SELECT a.id, data FROM users_auth a JOIN users_data b ON a.id = b.id WHERE b.id = 2', [[2, 'd2']]],
    ['SELECT a.id, data FROM users_auth a LEFT JOIN users_data b USING (id) WHERE a.id = 2', [[2, 'd2']]],
    [
      'SELECT t.time FROM users_auth a, users_data b, users_time t WHERE t.id = b.id AND b.id = a.id AND a.id = 1',
      [[-1]],
    ],
    [`SELECT t.time FROM users_auth a JOIN users_time t ON t.id = a.id WHERE a.id = 1 AND a.hash = 'other'`, []],
  ]
  for (const [sql, rows] of cases) {
    test(sql, async (t) => assert.deepEqual(await (await users(t, 3)).values(sql), rows))
  }

  test('but not of a table whose rows are kept although nothing equals them', async (t) => {
    const db = await users(t, 3)
    const sql = 'SELECT a.id FROM users_auth a LEFT JOIN users_data b ON a.id = b.id WHERE b.id = 2'
    assert.equal(
      (await db.error('SELECT a.id FROM users_auth a LEFT JOIN users_data b ON a.id = b.id AND b.id = 2')).number,
      13,
    )
    assert.equal((await db.error(sql)).number, 13)
    assert.deepEqual(await db.values(`${sql} LIMIT 9`), [[2]])
  })

  test('of names, too', async (t) => {
    const db = await users(t, 3)
    const sql =
      'SELECT s.name, m.message FROM pipes_settings s JOIN pipes_messages m ON m.name = s.name WHERE s.name IN (?)'
    await db.ok("INSERT INTO pipes_settings VALUES ('news', 3), ('other', 3)")
    await db.ok("INSERT INTO pipes_messages (name, event, message) VALUES ('news', '', 'a'), ('other', '', 'b')")
    assert.deepEqual(await db.values(sql, 'news'), [['news', 'a']])
  })
})
