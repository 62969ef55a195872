import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import type { Value } from '../../../lib/mysql-server-protocol-lite/index.ts'
import { backEnd } from '../back-end.ts'

const cases: readonly (readonly [expression: string, expected: Value])[] = [
  ['VERSION()', '5.7.99-star-comet-test'],
  ['left(version(),6)', '5.7.99'],
  ['DATABASE()', 'CometQL_v1'],
  ['USER()', 'root@127.0.0.1'],
  ['CURRENT_USER', 'root@%'],
  ['CONNECTION_ID()', 7],
  ['NOW()', '2023-11-14 22:13:20'],
  ['CURRENT_TIMESTAMP', '2023-11-14 22:13:20'],
  ['CURDATE()', '2023-11-14'],
  ['UNIX_TIMESTAMP()', 1_700_000_000],
  ["UNIX_TIMESTAMP('1970-01-01 00:01:00')", 60],
  ['FROM_UNIXTIME(60)', '1970-01-01 00:01:00'],
  ["CONVERT_TZ('2001-01-01 01:00:00', 'UTC', 'UTC')", '2001-01-01 01:00:00'],
  ["CONVERT_TZ('2001-01-01 01:00:00', '+00:00', '+02:30')", '2001-01-01 03:30:00'],
  ["CONVERT_TZ('2001-01-01 01:00:00', 'UTC', 'Mars')", null],
  ['TIMEDIFF(NOW(), UTC_TIMESTAMP())', '00:00:00'],
  ["TIMEDIFF('2001-01-01 00:00:00', '2001-01-01 01:30:05')", '-01:30:05'],
  ["CONCAT_WS('-', 'a', NULL, 'b')", 'a-b'],
  ["RIGHT('привет', 3)", 'вет'],
  ["SUBSTRING('abcdef', 2, 3)", 'bcd'],
  ["SUBSTRING('abcdef' FROM -2)", 'ef'],
  ["SUBSTRING_INDEX('a.b.c', '.', 2)", 'a.b'],
  ["SUBSTRING_INDEX('a.b.c', '.', -1)", 'c'],
  ["LENGTH('привет')", 12],
  ["CHAR_LENGTH('привет')", 6],
  ["UPPER('x')", 'X'],
  ["TRIM('  x ')", 'x'],
  ["TRIM(LEADING 'a' FROM 'aaba')", 'ba'],
  ["TRIM(BOTH 'ab' FROM 'ababxab')", 'x'],
  ["REPLACE('a.b', '.', '$&')", 'a$&b'],
  ["LPAD('5', 3, '0')", '005'],
  ["LOCATE('unsigned', 'int unsigned')", 5],
  ["POSITION('b' IN 'abc')", 2],
  ["STRCMP('a', 'b')", -1],
  ["FIELD('b', 'a', 'b')", 2],
  ["FIND_IN_SET('b', 'a,b')", 2],
  ["ELT(2, 'a', 'b')", 'b'],
  ["ELT(0, 'a', 'b')", null],
  ["ELT(1.5, 'a', 'b')", 'b'],
  ["YEAR('no date')", null],
  ["QUOTE('it''s')", String.raw`'it\'s'`],
  ["HEX('A')", '41'],
  ['HEX(255)', 'FF'],
  ["UNHEX('4142')", 'AB'],
  ["REPEAT('ab', 2)", 'abab'],
  ["REPEAT('x', -1)", ''],
  ["LPAD('abc', 2, '')", 'ab'],
  ['ROUND(2.5)', 3],
  ['ROUND(1.257, 2)', 1.26],
  ['FLOOR(-1.5)', -2],
  ['GREATEST(1, 3, 2)', 3],
  ['LEAST(2147483648, 2147483647)', 2147483647],
  ['NULLIF(1, 1)', null],
  ['ISNULL(NULL)', 1],
  ["CAST('12abc' AS UNSIGNED)", 12],
  ["CONVERT('x' USING utf8)", 'x'],
  ['CAST(5 AS CHAR(10))', '5'],
  ['LAST_INSERT_ID()', 0],
  ['ROW_COUNT()', -1],
]

describe('functions', () => {
  for (const [expression, expected] of cases) {
    test(expression, async (t) => assert.deepEqual(await (await backEnd(t)).value(`SELECT ${expression}`), expected))
  }

  for (const [expression, size] of [
    ["CONCAT(@a, 'x', @a)", '16777217 characters'],
    ["CONCAT_WS('x', @a, NULL, @a)", '16777217 characters'],
    ['CONCAT_WS(@a, 1, 2, 3)', '16777219 characters'],
    ["REPEAT('ab', 1e9)", '2000000000 characters'],
    ['SPACE(16777217)', '16777217 characters'],
    ["LPAD('a', 16777217, 'b')", '16777217 characters'],
    ["RPAD('a', 1e12, 'b')", '1000000000000 characters'],
    ["REPLACE(@a, 'a', 'bcd')", '25165824 characters'],
    ["HEX(CONCAT(@a, 'a'))", '16777218 bytes'],
    ["QUOTE(REPLACE(@a, 'a', '\\\\'))", '16777218 bytes'],
    ["REPEAT('€', 6e6)", '18000000 bytes'],
    ["GROUP_CONCAT(@a, 'x', @a)", '16777217 characters'],
  ] as const) {
    test(`make no text of more than 16 MiB: ${expression}`, async (t) => {
      const db = await backEnd(t)
      await db.ok("SET @a = REPEAT('a', 8388608)")
      const { code, message } = await db.error(`SELECT ${expression}`)
      assert.equal(code, 'COMET_ERR_TOO_LONG')
      assert.match(message, /^[A-Z_]+\(\) is too long: /)
      assert.match(message, new RegExp(`: ${size}, the limit is 16777216$`))
    })
  }

  test('take their part of a message as large as they come', async (t) => {
    const db = await backEnd(t)
    const text = 'x&'.repeat(500_000)
    assert.equal(await db.value("SELECT LENGTH(REPLACE(CONCAT(?, ?), '&', '&amp;'))", text, text), 6_000_000)
    assert.equal(await db.value('SELECT LENGTH(REPEAT(?, 2))', 'a'.repeat(8 * 1024 * 1024)), 16 * 1024 * 1024)
  })

  test('are NULL for NULL, if they are not about it', async (t) => {
    const db = await backEnd(t)
    for (const call of ['CONCAT(NULL)', 'LENGTH(NULL)', 'HEX(NULL)', 'ABS(NULL)'])
      assert.equal(await db.value(`SELECT ${call}`), null, call)
  })
})
