import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import type { Value } from '../../lib/mysql-server-protocol-lite/index.ts'
import { backEnd } from './back-end.ts'

describe('SET', () => {
  const cases: readonly (readonly [set: string, variable: string, expected: Value])[] = [
    ["SET sql_mode = 'ANSI'", '@@sql_mode', 'ANSI'],
    ['SET SESSION sql_mode = DEFAULT', '@@session.sql_mode', 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'],
    [
      "SET @@session.sql_mode = CONCAT(@@sql_mode, ',ANSI')",
      '@@sql_mode',
      'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION,ANSI',
    ],
    ['SET TRANSACTION ISOLATION LEVEL READ COMMITTED', '@@tx_isolation', 'READ-COMMITTED'],
    ["SET tx_isolation = 'SERIALIZABLE'", '@@transaction_isolation', 'SERIALIZABLE'],
    ['SET NAMES latin1', '@@character_set_client', 'latin1'],
    ["SET NAMES utf8mb4 COLLATE 'utf8mb4_bin'", '@@collation_connection', 'utf8mb4_bin'],
    ['SET character_set_results = NULL', '@@character_set_results', null],
    ['SET autocommit = OFF', '@@autocommit', 0],
    ['SET GLOBAL max_connections = 5, @a := 2', '@a', 2],
    ["SET @a = (SELECT MAX(ORDINAL_POSITION) FROM information_schema.COLUMNS WHERE TABLE_NAME = 'pipes')", '@a', 2],
    ['SET wait_timeout = 1', '@@global.wait_timeout', 1],
    ["SET version = 'x'", '@@version', '5.7.99-star-comet-test'],
  ]
  for (const [set, variable, expected] of cases) {
    test(set, async (t) => {
      const db = await backEnd(t)
      await db.ok(set)
      assert.deepEqual(await db.value(`SELECT ${variable}`), expected)
    })
  }

  test('a variable keeps its type within a statement: clients are told the columns before the rows', async (t) => {
    const db = await backEnd(t)
    await db.ok('SET @n = 5')
    const sql = "SELECT @n := 0.5, @n, @n := 'x', @n"
    assert.deepEqual(
      (await db.columns(sql)).map(({ type }) => type),
      ['double', 'int', 'text', 'int'],
    )
    await db.ok('SET @n = 5')
    assert.deepEqual(await db.values(sql), [[0.5, 1, 'x', 0]])
  })

  test('a variable that doubles itself ends at the bound, and keeps its value', async (t) => {
    const db = await backEnd(t)
    await db.ok("SET @a = REPEAT('a', 6000000)")
    await db.ok('SET @a = CONCAT(@a, @a)')
    const error = await db.error('SET @a = CONCAT(@a, @a)')
    assert.equal(error.code, 'COMET_ERR_TOO_LONG')
    assert.equal(error.message, 'CONCAT() is too long: 24000000 characters, the limit is 16777216')
    assert.equal(await db.value('SELECT LENGTH(@a)'), 12_000_000)
  })

  for (const [kind, set] of [
    ['user', (name: string) => `SET @${name} = REPEAT('a', 6000000)`],
    ['user, within an expression,', (name: string) => `SELECT LENGTH(@${name} := REPEAT('a', 6000000))`],
    ['system', (name: string) => `SET ${name} = REPEAT('a', 6000000)`],
  ] as const) {
    test(`the ${kind} variables of a connection are bounded together`, async (t) => {
      const db = await backEnd(t)
      for (const name of ['a', 'b', 'b', 'b']) await db.run(set(name))
      const { code, message } = await db.error(set('c'))
      assert.equal(code, 'COMET_ERR_TOO_LONG')
      assert.match(message, /variables of this connection hold together.* 18000\d+ characters.* 16777216$/)
      await db.ok("SET @b = '', b = ''")
      await db.run(set('c'))
    })
  }

  test('under sql_mode ANSI double quotes are for names', async (t) => {
    const db = await backEnd(t)
    assert.equal(await db.value('SELECT "users" FROM pipes WHERE name = \'p1\''), 'users')
    await db.ok("SET SESSION sql_mode='ANSI'")
    assert.equal(await db.value('SELECT "users" FROM "pipes" WHERE "name" = \'p1\''), 0)
  })
})

test('a sql_mode without backslash escapes is refused: values that rely on it could end their quotes', async (t) => {
  const db = await backEnd(t)
  const sql = "SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')"
  assert.match((await db.error(sql)).message, /NO_BACKSLASH_ESCAPES is not supported/)
  assert.doesNotMatch(String(await db.value('SELECT @@sql_mode')), /BACKSLASH/)
})
