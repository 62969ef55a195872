import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { parse } from '../../../lib/cometql/parse/parser.ts'

/** The AST without the offsets. */
function shape(sql: string): unknown {
  return JSON.parse(
    JSON.stringify(parse(sql), (key, value: unknown) =>
      key === 'at' ? undefined : typeof value === 'bigint' ? String(value) : value,
    ),
  )
}

const literal = (value: unknown) => ({ kind: 'literal', value })
const column = (name: string) => ({ kind: 'column', name, isBareWord: true })

describe('INSERT', () => {
  const insert = {
    kind: 'insert',
    table: { name: 't' },
    columns: [{ name: 'a' }],
    rows: [[literal('x')]],
    ignore: false,
    onDuplicate: [],
  }
  const same: readonly string[] = [
    "INSERT INTO t (a) VALUES ('x')",
    "insert t (`a`) value ('x');",
    'REPLACE INTO t ("a") VALUES ("x")',
    "INSERT LOW_PRIORITY INTO t (t.a) VALUES (_utf8'x')",
    "INSERT INTO t SET a = 'x'",
    "/* c */ INSERT INTO t (a) VALUES (N'x') -- end",
  ]
  for (const sql of same) test(sql, () => assert.deepEqual(shape(sql), insert))

  test('without columns, with several rows', () => {
    const rows = [
      [literal(1), { kind: 'param', index: 0 }],
      [literal(null), { kind: 'param', index: 1 }],
    ]
    assert.deepEqual(shape('INSERT IGNORE INTO db.t VALUES (1, ?), (NULL, ?)'), {
      kind: 'insert',
      table: { schema: 'db', name: 't' },
      rows,
      ignore: true,
      onDuplicate: [],
    })
  })

  test('ON DUPLICATE KEY UPDATE', () => {
    const sql = "INSERT INTO t (a) VALUES ('x')"
    const values = { kind: 'call', name: 'VALUES', args: [column('a')], distinct: false }
    assert.deepEqual(shape(`${sql} ON DUPLICATE KEY UPDATE a = VALUES(a), t.b = 1`), {
      ...insert,
      onDuplicate: [
        { column: { name: 'a' }, value: values },
        { column: { name: 'b' }, value: literal(1) },
      ],
    })
    assert.deepEqual(shape(`${sql} AS new ON DUPLICATE KEY UPDATE a = new.a`), {
      ...insert,
      rowAlias: 'new',
      onDuplicate: [{ column: { name: 'a' }, value: { ...column('a'), table: 'new', isBareWord: false } }],
    })
  })

  test('a reserved word between commas is text', () => {
    const { rows } = shape('INSERT INTO t VALUES (p, end, like)') as { rows: unknown }
    assert.deepEqual(rows, [[column('p'), literal('end'), literal('like')]])
  })

  test('bare words and DEFAULT', () => {
    const { rows } = shape('INSERT INTO t VALUES (p23, DEFAULT, -1)') as { rows: unknown }
    assert.deepEqual(rows, [
      [column('p23'), { kind: 'default' }, { kind: 'unary', operator: '-', operand: literal(1) }],
    ])
  })
})

describe('UPDATE', () => {
  test('with all its parts', () => {
    assert.deepEqual(shape('UPDATE LOW_PRIORITY db.t AS x SET x.a = 1, b = ? WHERE a = 1 ORDER BY a LIMIT 1;'), {
      kind: 'update',
      table: { schema: 'db', name: 't' },
      alias: 'x',
      assignments: [
        { column: { name: 'a' }, value: literal(1) },
        { column: { name: 'b' }, value: { kind: 'param', index: 0 } },
      ],
      where: { kind: 'binary', operator: '=', left: column('a'), right: literal(1) },
      orderBy: [{ expression: column('a'), descending: false }],
      limit: { count: literal(1) },
    })
  })
})

describe('expressions', () => {
  const and = (...operands: unknown[]) => ({ kind: 'logical', operator: 'AND', operands })
  const or = (...operands: unknown[]) => ({ kind: 'logical', operator: 'OR', operands })
  const binary = (left: unknown, operator: string, right: unknown) => ({ kind: 'binary', operator, left, right })
  const cases: readonly (readonly [expression: string, expected: unknown])[] = [
    ['a OR b AND c', or(column('a'), and(column('b'), column('c')))],
    ['1 + 2 * 3', binary(literal(1), '+', binary(literal(2), '*', literal(3)))],
    ['NOT a = 1', { kind: 'unary', operator: 'NOT', operand: binary(column('a'), '=', literal(1)) }],
    ['a != 1', binary(column('a'), '<>', literal(1))],
    ["'a' 'b'", literal('ab')],
    ['a IS NOT NULL', { kind: 'is', negated: true, operand: column('a'), what: null }],
    ['a NOT IN (1, 2)', { kind: 'in', negated: true, operand: column('a'), list: [literal(1), literal(2)] }],
    [
      "a LIKE 'x' ESCAPE '!'",
      { kind: 'like', negated: false, operand: column('a'), pattern: literal('x'), escape: literal('!') },
    ],
    [
      'a BETWEEN 1 AND 2 AND b',
      and({ kind: 'between', negated: false, operand: column('a'), low: literal(1), high: literal(2) }, column('b')),
    ],
    ['LEFT(a, 6)', { kind: 'call', name: 'LEFT', distinct: false, args: [column('a'), literal(6)] }],
    ['MOD(5, 2)', { kind: 'call', name: 'MOD', distinct: false, args: [literal(5), literal(2)] }],
    ['@x := 1', { kind: 'assignment', name: 'x', value: literal(1) }],
    ['@@SESSION.Sql_Mode', { kind: 'systemVariable', name: 'sql_mode' }],
    ["{d '2001-01-01'}", literal('2001-01-01')],
    ['CURRENT_USER', { kind: 'call', name: 'CURRENT_USER', args: [], distinct: false }],
  ]
  for (const [expression, expected] of cases) {
    test(expression, () => {
      const { cores } = shape(`SELECT ${expression}`) as { cores: { items: { expression: unknown }[] }[] }
      assert.deepEqual(cores[0]?.items[0]?.expression, expected)
    })
  }

  test('columns are called as they are written, texts by themselves', () => {
    const { cores } = shape("SELECT @@a,  1+1 , Id, t.`x y`, 'z', VERSION() v, 2 AS 'two' FROM t") as {
      cores: { items: { name: string }[] }[]
    }
    assert.deepEqual(
      cores[0]?.items.map(({ name }) => name),
      ['@@a', '1+1', 'Id', 'x y', 'z', 'v', 'two'],
    )
  })
})

describe('statements that are one word and a name', () => {
  const cases: readonly (readonly [sql: string, kind: string, name?: string])[] = [
    ['BEGIN', 'begin'],
    ['begin work;', 'begin'],
    ['START TRANSACTION WITH CONSISTENT SNAPSHOT', 'begin'],
    ['COMMIT AND NO CHAIN', 'commit'],
    ['ROLLBACK', 'rollback'],
    ['ROLLBACK TO SAVEPOINT s', 'rollbackTo', 's'],
    ['SAVEPOINT `s 1`', 'savepoint', 's 1'],
    ['RELEASE SAVEPOINT s', 'release', 's'],
    ['USE `CometQL_v1`', 'use', 'CometQL_v1'],
    ['DO 1', 'nothing', 'DO'],
    ['UNLOCK TABLES', 'nothing', 'UNLOCK'],
    ['', 'nothing'],
    ['-- nothing but a comment', 'nothing'],
    [';', 'nothing'],
  ]
  for (const [sql, kind, name = ''] of cases) test(sql, () => assert.deepEqual(shape(sql), { kind, name }))
})

describe('mistakes', () => {
  const cases: readonly (readonly [sql: string, message: string])[] = [
    [
      'SELEKT 1',
      'Syntax error: expected a statement, for example INSERT, SELECT, DELETE or SHOW near "SELEKT 1" at position 1',
    ],
    ['SELECT', 'Syntax error: expected a value or a column near "the end" at position 7'],
    ['SELECT 1 FROM', 'Syntax error: expected the name of a table near "the end" at position 14'],
    ["INSERT INTO t (a VALUES ('x')", `Syntax error: expected ) near "VALUES ('x')" at position 18`],
    ["INSERT INTO t (a) VALUES ('it's')", `Syntax error: expected the closing ' of the text near "')" at position 32`],
    ['SELECT 1; SELECT 2', 'Syntax error: expected the end of the statement near "SELECT 2" at position 11'],
    ['SELECT * FROM t WAIT now', 'Syntax error: expected a number near "now" at position 22'],
    ['SHOW', 'Syntax error: expected what to show, for example TABLES near "the end" at position 5'],
  ]
  for (const [sql, message] of cases) {
    test(sql, () => assert.throws(() => parse(sql), { code: 'COMET_ERR_SYNTAX', message }))
  }

  test('what MySQL has and CometQL has not is named', () => {
    assert.throws(() => parse('TRUNCATE t'), { number: 2, message: /TRUNCATE \(DELETE with a condition/ })
    assert.throws(() => parse('INSERT INTO t (a) SELECT 1'), { number: 2, message: /INSERT … SELECT/ })
  })
})

describe('bounds', () => {
  test('parentheses nested without end', () => {
    assert.throws(() => parse(`SELECT ${'('.repeat(100_000)}`), {
      code: 'COMET_ERR_SYNTAX',
      message: /levels of nesting/,
    })
    assert.throws(() => parse(`SELECT ${'-'.repeat(100_000)}1`), { code: 'COMET_ERR_SYNTAX' })
    assert.throws(() => parse(`SELECT ${'NOT '.repeat(100_000)}1`), { code: 'COMET_ERR_SYNTAX' })
  })

  test('conditions without end', () => {
    const conditions = Array.from({ length: 5000 }, () => 'a = 1').join(' OR ')
    assert.throws(() => parse(`SELECT 1 FROM t WHERE ${conditions}`), { number: 18 })
    assert.throws(() => parse(`SELECT ${'1+'.repeat(5000)}1`), { number: 18 })
  })

  test('words without end', () => {
    assert.throws(() => parse(`SELECT ${'a,'.repeat(600_000)}a`), { number: 19 })
  })

  test('values and columns without end', () => {
    const values = Array.from({ length: 100_001 }, () => '(1)').join(',')
    assert.throws(() => parse(`INSERT INTO t (a) VALUES ${values}`), { number: 19 })
    assert.throws(() => parse(`INSERT INTO t (${'a,'.repeat(1000)}a) VALUES (1)`), { number: 20 })
  })
})
