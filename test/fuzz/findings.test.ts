// What fuzzing, and comparing with MariaDB, have found: each was an internal error, or another answer than MySQL's.
import assert from 'node:assert/strict'
import test from 'node:test'
import { CometError, createCometServer, type QueryValue } from '../../lib/index.ts'

type Expected = QueryValue | readonly QueryValue[] | RegExp

const findings: readonly (readonly [sql: string, expected: Expected])[] = [
  ['SELECT FORMAT(1.5, 1000000)', '1.50000000000000000000'],
  ['SELECT FORMAT(1234.5, -1)', '1,235'],
  ['SELECT 8 >> -1, 1 << -1, 1 >> -9007199254740993', [0, 0, 0]],
  ['SELECT CONV(5, 10, 99)', null],
  ['SELECT CONV(5, 1, 10)', null],
  ['SELECT POW(10, 400)', /out of the range of DOUBLE/],
  ['SELECT 1e308 * 10', /out of the range of DOUBLE/],
  ['SELECT 18446744073709551615 + 1', /out of the range of BIGINT/],
  ['SELECT 1e400', /1\.8e308/],
  ['SELECT ROUND(1.5, 400), TRUNCATE(5.7, 400), ROUND(1.5, -400)', [1.5, 5.7, 0]],
  ['SELECT HEX(POW(2, 63)), BIT_COUNT(POW(10, 300))', ['8000000000000000', 0]],
  // BETWEEN compares all three as numbers where one is.
  ["SELECT 'BETA' BETWEEN -1 AND '1x', '10' BETWEEN '9' AND '11'", [1, 0]],
  // LIKE, IN and BETWEEN bind tighter than comparisons.
  ["SELECT 99 != 'zzz' LIKE 'zzz', 1 = 2 IN (0), 1 = 2 BETWEEN 0 AND 3", [1, 0, 1]],
  // The order inside of GROUP_CONCAT was ignored.
  [
    "SELECT GROUP_CONCAT(n ORDER BY n DESC), GROUP_CONCAT(n ORDER BY 1 SEPARATOR '') FROM (SELECT 2 AS n UNION SELECT 3 UNION SELECT 1) AS t",
    ['3,2,1', '123'],
  ],
  ['SELECT SUM(*)', /Syntax error/],
  ['SELECT COUNT(1, 2)', /Syntax error/],
  ['SELECT IF(1, 2)', /IF\(\) "2 arguments"/],
  ['SELECT id FROM users_auth a, users_data b WHERE a.id = 1 AND b.id = 1', /"id" is ambiguous/],
  [
    "SELECT CAST('12abc' AS SIGNED), CAST(1.6 AS SIGNED), CAST('1.6' AS SIGNED), CAST('abc' AS CHAR(2))",
    [12, 2, 1, 'ab'],
  ],
  ['SELECT IFNULL(NULL, 5), CASE WHEN 0 THEN NULL ELSE 7 END', [5, 7]],
  ['SELECT REPEAT(3, 2.5), HEX(2.5), 2.5 | 0', ['333', '3', 3]],
  // A variable keeps the type that it had before the statement: the columns are told first.
  ["SELECT @n AS a, @n := 'abc' AS b, @n AS c, @n := 1 AS d, @n AS e", [null, 'abc', 'abc', 1, '1']],
  // An id is a whole number, whatever it is made of.
  ["SELECT LAST_INSERT_ID('5.7.99'), LAST_INSERT_ID(1.6), LAST_INSERT_ID(-1)", [5, 2, 0]],
  ["SELECT 'a_b' < 'alpha', 'A' = 'a'", [0, 1]],
]

for (const [sql, expected] of findings) {
  test(sql, async (t) => {
    const faults: string[] = []
    const logger = { warn: () => undefined, error: (message: string) => faults.push(message) }
    const comet = createCometServer({ transports: [], logger })
    t.after(() => comet.close())
    if (expected instanceof RegExp) {
      await assert.rejects(comet.query(sql), (error) => error instanceof CometError && expected.test(error.message))
    } else {
      const rows = await comet.query(sql)
      assert.ok(Array.isArray(rows))
      assert.deepEqual(Object.values(rows[0] ?? {}), Array.isArray(expected) ? expected : [expected])
    }
    assert.deepEqual(faults, [])
  })
}
