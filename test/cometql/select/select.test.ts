import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import type { Value } from '../../../lib/mysql-server-protocol-lite/index.ts'
import { backEnd } from '../back-end.ts'

describe('SELECT of values', () => {
  const cases: readonly (readonly [expression: string, expected: Value])[] = [
    ['1+1', 2],
    ['7 / 2', 3.5],
    ['7 DIV 2', 3],
    ['-7 % 3', -1],
    ['1 / 0', null],
    ['9007199254740991 + 2', 9007199254740993n],
    ['5 & 3 | 8', 9],
    ["'2 apples' + 1", 3],
    ["'a' = 'A'", 1],
    ["BINARY 'a' = 'A'", 0],
    ["'a' COLLATE utf8mb4_bin = 'A'", 0],
    ["'10' = 10.0", 1],
    ['NULL = NULL', null],
    ['NULL <=> NULL', 1],
    ['NULL AND 0', 0],
    ['NULL OR 1', 1],
    ['NOT NULL', null],
    ['1 XOR 1', 0],
    ['NULL IN (1, 2)', null],
    ['1 IN (2, NULL)', null],
    ['1 IN (1, NULL)', 1],
    ['3 NOT BETWEEN 1 AND 2', 1],
    ['NULL IS NULL', 1],
    ['0 IS FALSE', 1],
    ["'users_time' LIKE 'users\\_%'", 1],
    ["'usersXtime' LIKE 'users\\_%'", 0],
    ["'a%' LIKE 'a!%' ESCAPE '!'", 1],
    ["'ABC' LIKE 'a_c'", 1],
    ["IF(1 > 2, 'a', 'b')", 'b'],
    ["CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' END", 'two'],
    ["CASE WHEN 0 THEN 'x' END", null],
    ['IFNULL(NULL, 5)', 5],
    ["COALESCE(NULL, NULL, 'c')", 'c'],
    ["CONCAT('a', 1, 'b')", 'a1b'],
    ["CONCAT('a', NULL)", null],
    ['(SELECT 3)', 3],
    ['EXISTS (SELECT 1)', 1],
    ['1 IN (SELECT 1 UNION SELECT 2)', 1],
    ["X'6869'", 'hi'],
  ]
  for (const [expression, expected] of cases) {
    test(expression, async (t) => assert.deepEqual(await (await backEnd(t)).value(`SELECT ${expression}`), expected))
  }

  test('`?` stand for the values bound to them', async (t) => {
    const db = await backEnd(t)
    assert.deepEqual(await db.values('SELECT ? + ?, ?, ?', 1, '2', Buffer.from('байт'), null), [[3, 'байт', null]])
  })

  test('variables of the session', async (t) => {
    const db = await backEnd(t)
    assert.deepEqual(await db.values('SELECT @x := 5, @x + 1, @never'), [[5, 6, null]])
    assert.equal(await db.value('SELECT @x'), 5)
  })

  test('numbers beyond 32 bits make the column a bigint', async (t) => {
    const db = await backEnd(t)
    assert.deepEqual(
      (await db.columns('SELECT 1 AS a, 4294967296 AS b, 1.5 AS c')).map(({ type }) => type),
      ['int', 'bigint', 'double'],
    )
  })

  test('UNION', async (t) => {
    const db = await backEnd(t)
    assert.deepEqual(await db.rows("SELECT 1 AS n UNION ALL SELECT 'b' UNION ALL SELECT 1 ORDER BY n DESC LIMIT 2"), [
      { n: 'b' },
      { n: '1' },
    ])
    assert.deepEqual(await db.values('SELECT 1 UNION SELECT 1'), [[1]])
    assert.equal((await db.error('SELECT 1 UNION SELECT 1, 2')).number, 12)
  })
})

describe('SELECT of a table', () => {
  async function users(t: Parameters<typeof backEnd>[0]) {
    const db = await backEnd(t)
    await db.ok("INSERT INTO users_auth (id, hash) VALUES (1, 'bob'), (2, 'Ann'), (3, 'cid'), (10, 'Ann')")
    return db
  }
  const all = '1, 2, 3, 10'
  const cases: readonly (readonly [sql: string, expected: Value[][]])[] = [
    ['SELECT * FROM users_auth WHERE id = 2', [[2, 'Ann']]],
    ["SELECT HASH FROM Users_Auth WHERE ID = '2'", [['Ann']]],
    ['SELECT `users_auth`.`hash` AS `h` FROM `CometQL_v1`.`users_auth` WHERE `users_auth`.`id` = 2.0', [['Ann']]],
    ['SELECT t1.hash FROM users_auth AS t1 WHERE (t1.id = 2) LIMIT 1', [['Ann']]],
    ['SELECT t.* FROM users_auth t WHERE 2 = t.id', [[2, 'Ann']]],
    [`SELECT id FROM users_auth WHERE id IN (${all}) AND hash = Ann`, [[2], [10]]],
    [`SELECT id FROM users_auth WHERE id IN (${all}) AND hash = 'ann'`, []],
    [`SELECT id FROM users_auth WHERE id IN (${all}) AND hash LIKE '%n%'`, [[2], [10]]],
    [`SELECT id FROM users_auth WHERE id IN (${all}) AND id > 2`, [[3], [10]]],
    ['SELECT id FROM users_auth WHERE id = 1 OR id = 3', [[1], [3]]],
    ['SELECT id FROM users_auth WHERE id IN (1, 2) AND id IN (2, 3)', [[2]]],
    ['SELECT id FROM users_auth WHERE id = NULL', []],
    [`SELECT id FROM users_auth WHERE id IN (${all}) ORDER BY hash, id DESC`, [[10], [2], [1], [3]]],
    [`SELECT id AS x FROM users_auth WHERE id IN (${all}) ORDER BY x DESC LIMIT 1, 2`, [[3], [2]]],
    [`SELECT id FROM users_auth WHERE id IN (${all}) ORDER BY 1 LIMIT 1 OFFSET 3`, [[10]]],
    [
      `SELECT COUNT(*), MIN(id), MAX(id), SUM(id), COUNT(DISTINCT hash) FROM users_auth WHERE id IN (${all})`,
      [[4, 1, 10, 16, 3]],
    ],
    [`SELECT hash, COUNT(*) AS n FROM users_auth WHERE id IN (${all}) GROUP BY hash HAVING n > 1`, [['Ann', 2]]],
    [`SELECT DISTINCT hash FROM users_auth WHERE id IN (${all})`, [['bob'], ['Ann'], ['cid']]],
    ['SELECT COUNT(*), MAX(id) FROM users_auth WHERE id = 77', [[0, null]]],
    ['SELECT id FROM users_auth ORDER BY id LIMIT 2', [[1], [2]]],
    ['SELECT COUNT(*) FROM users_auth', [[4]]],
    ['SELECT id FROM users_auth LIMIT 0', []],
    ['SELECT SQL_NO_CACHE id FROM users_auth', [[1], [2], [3], [10]]],
    ['SELECT id FROM users_auth WHERE id IN (SELECT id FROM users_time WHERE id IN (2, 3))', [[2], [3]]],
    [
      'SELECT a.id, b.time FROM users_auth a JOIN users_time b ON a.id = b.id WHERE a.id = 2 AND b.id IN (1, 2)',
      [[2, -1]],
    ],
    ["SELECT h FROM (SELECT hash AS h FROM users_auth WHERE id IN (1, 2)) x WHERE h LIKE 'b%'", [['bob']]],
  ]
  for (const [sql, expected] of cases) {
    test(sql, async (t) => assert.deepEqual(await (await users(t)).values(sql), expected))
  }

  test('GROUP BY and LIMIT with `?`', async (t) => {
    const db = await users(t)
    assert.deepEqual(await db.values('SELECT id FROM users_auth WHERE id IN (?, ?) ORDER BY id LIMIT ?', 3, '1', 1), [
      [1],
    ])
  })

  test('thousands of ids are no matter', async (t) => {
    const ids = Array.from({ length: 20_000 }, (_, index) => index + 1)
    const rows = await (await backEnd(t)).values(`SELECT * FROM users_time WHERE id IN (${ids.join(',')})`)
    assert.equal(rows.length, ids.length)
  })

  test('a join may give 100,000 rows; a table by itself has as many as it has', async (t) => {
    const db = await backEnd(t)
    const ids = (count: number): string => Array.from({ length: count }, (_, index) => index + 1).join(',')
    const join = (left: number, right: number): string =>
      `SELECT COUNT(*) FROM users_time a JOIN users_time b WHERE a.id IN (${ids(left)}) AND b.id IN (${ids(right)})`
    assert.equal(await db.value(join(400, 250)), 100_000)
    const { code, message } = await db.error(join(401, 250))
    assert.equal(code, 'COMET_ERR_INVALID')
    assert.match(message, /FROM "100250 rows or more".* a join may give 100000 rows; name fewer keys/)
    const part = `SELECT id FROM users_time WHERE id IN (${ids(75_000)})`
    assert.equal(await db.value(`SELECT COUNT(*) FROM (${part} UNION ALL ${part}) x`), 150_000)
  })

  test('says which column of which table a column is', async (t) => {
    const [column] = await (await backEnd(t)).columns('SELECT u.id AS x FROM users_auth u WHERE id = 1')
    assert.deepEqual(column, {
      name: 'x',
      type: 'int',
      orgName: 'id',
      table: 'u',
      orgTable: 'users_auth',
      schema: 'CometQL_v1',
    })
  })

  test('has its columns even without rows', async (t) => {
    const db = await backEnd(t)
    assert.deepEqual(
      (await db.columns('SELECT * FROM users_auth WHERE id = 999')).map(({ name }) => name),
      ['id', 'hash'],
    )
  })

  test('FOUND_ROWS and ROW_COUNT tell about it', async (t) => {
    const db = await users(t)
    await db.values('SELECT id FROM users_auth WHERE id IN (1, 2, 3) LIMIT 1')
    assert.deepEqual(await db.values('SELECT ROW_COUNT(), @@warning_count'), [[-1, 0]])
  })
})

describe('mistakes in a SELECT', () => {
  const cases: readonly (readonly [sql: string, number: number, message: RegExp])[] = [
    ['SELECT * FROM users_auth', 13, /SELECT needs a condition on the key of users_auth, for example WHERE id = 7/],
    ["SELECT * FROM pipes_messages WHERE event = 'x'", 13, /WHERE name = 'news'/],
    ['SELECT * FROM users_messages LIMIT 5', 13, /users_messages/],
    ["SELECT * FROM pipes WHERE NOT name = 'a'", 13, /pipes/],
    ["SELECT * FROM pipes WHERE name = 'a' OR users > 5", 13, /pipes/],
    ['SELECT * FROM no_such_table WHERE id = 1', 15, /Table "no_such_table" does not exist; the tables are pipes, /],
    ['SELECT * FROM mysql.user', 15, /"mysql.user"/],
    ['SELECT nmae FROM pipes WHERE name = 1', 14, /There is no column "nmae" .* the columns of pipes are name, users/],
    ["SELECT * FROM pipes WHERE nmae = 'x'", 14, /nmae/],
    ['SELECT word', 14, /"word" \(a text needs quotes\)/],
    ['SELECT nosuch.* FROM pipes LIMIT 1', 14, /nosuch/],
    ['SELECT SLEEP(5)', 2, /The function SLEEP\(\) is not supported/],
    ['SELECT CONCAT()', 12, /CONCAT\(\) "0 arguments"/],
    ['SELECT @@no_such_variable', 2, /no_such_variable/],
    ['SELECT id FROM users_auth WHERE COUNT(*) = 1', 2, /COUNT\(\) in WHERE/],
  ]
  for (const [sql, number, message] of cases) {
    test(sql, async (t) => {
      const error = await (await backEnd(t)).error(sql)
      assert.equal(error.number, number, error.stack)
      assert.match(error.message, message)
    })
  }
})

test('the columns of a SELECT are known without running it', async (t) => {
  const { cometql, session } = await backEnd(t)
  const names = async (sql: string) => (await cometql.handler.describe?.(sql, session))?.map(({ name }) => name)
  assert.deepEqual(await names('SELECT id, hash FROM users_auth WHERE id = ?'), ['id', 'hash'])
  assert.deepEqual(await names('SELECT * FROM `pipes`'), ['name', 'users'])
  assert.deepEqual(await names('SELECT ? + ?'), ['? + ?'])
  assert.deepEqual(await names('SHOW TABLES'), ['Tables_in_CometQL_v1'])
  assert.equal(await names('INSERT INTO pipes_messages (name) VALUES (?)'), undefined)
  assert.throws(() => cometql.handler.describe?.('SELECT * FROM nosuch', session), { number: 15 })
})

describe('long texts in many rows are refused before they hold everybody up', () => {
  const columns = 'information_schema.columns'
  for (const sql of [
    `SELECT COUNT(*) FROM ${columns} WHERE REVERSE(REPEAT('a', 1000000)) = ''`,
    `SELECT COUNT(*) FROM ${columns} a, information_schema.tables b WHERE @long = a.column_name`,
    `SELECT COUNT(*) FROM ${columns} a, information_schema.tables b WHERE @long IN (a.column_name, NULL)`,
    `SELECT COUNT(*) FROM ${columns} a, information_schema.tables b WHERE @long BETWEEN a.column_name AND 'b'`,
    `SELECT COUNT(*) FROM ${columns} a, information_schema.tables b WHERE a.column_name LIKE CONCAT(@long, b.table_name)`,
  ]) {
    test(sql, async (t) => {
      const db = await backEnd(t)
      await db.ok("SET @long = REPEAT('x', 1000000)")
      const { code, message } = await db.error(sql)
      assert.equal(code, 'COMET_ERR_TOO_MUCH_WORK')
      assert.match(message, /use (shorter texts, or fewer rows|a shorter pattern)/)
    })
  }

  test('a history of megabytes can be read and looked through', async (t) => {
    const db = await backEnd(t)
    await db.ok("INSERT INTO pipes_settings (name, length) VALUES ('news', 99)")
    const text = 'x'.repeat(1024 * 1024)
    for (let count = 0; count < 99; count++) {
      await db.ok('INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)', 'news', '', text)
    }
    const sql =
      "SELECT LENGTH(message) FROM pipes_messages WHERE name = 'news' AND message <> 'y' ORDER BY message LIMIT 1"
    assert.equal(await db.value(sql), text.length)
  })
})

test('subqueries count wherever they stand', async (t) => {
  const db = await backEnd(t)
  await db.ok("INSERT INTO users_data (id, data) VALUES (1, 'a'), (2, 'b'), (3, 'c%')")
  const from = 'FROM users_data WHERE id IN (1, 2, 3)'
  assert.deepEqual((await db.values(`SELECT id ${from} ORDER BY id = (SELECT 2) DESC, id`)).flat(), [2, 1, 3])
  assert.equal(await db.value(`SELECT GROUP_CONCAT(id ORDER BY id = (SELECT 3) DESC, id) ${from}`), '3,1,2')
  assert.deepEqual((await db.values(`SELECT id ${from} AND data LIKE 'c|%' ESCAPE (SELECT '|')`)).flat(), [3])
})

test('a subquery cannot wait', async (t) => {
  const db = await backEnd(t)
  for (const sql of [
    "SELECT * FROM (SELECT * FROM pipes_messages WHERE name = 'news' WAIT 5) x",
    "SELECT (SELECT id FROM pipes_messages WHERE name = 'news' WAIT 5)",
  ]) {
    assert.match((await db.error(sql)).message, /^WAIT in a subquery is not supported/)
  }
})
