import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countPlaceholders, splitStatements } from '../../lib/mysql-server-protocol-lite/sql-text.ts'

for (const [sql, expected] of [
  ['INSERT INTO t VALUES (?, ?)', 2],
  ["'?'", 0],
  ["'it''s ?' ?", 1],
  ["'it\\'s ?' ?", 1],
  ["'\\\\' ?", 1],
  ['"?\\"" ?', 1],
  ['`?\\` ?', 1],
  ['-- ?\n?', 1],
  ['--?', 1],
  ['5--?', 1],
  ['? --', 1],
  ['# ?\n?', 1],
  ['/* ? */ ?', 1],
  ['/*/ ? */ ?', 1],
  ['/*! ? */ ?', 2],
  ['/*!50002 ? */', 1],
  ['/*M!100100 ? */', 1],
  ['/*+ ? */', 0],
  ["'never closed ?", 0],
  ['/* never closed ?', 0],
  ['', 0],
] as const) {
  test(`${JSON.stringify(sql)} has ${expected} placeholders`, () => assert.equal(countPlaceholders(sql), expected))
}

for (const [sql, expected] of [
  ['a', ['a']],
  ['a;', ['a']],
  ['a;b', ['a', 'b']],
  ['a; ;b;;', ['a', 'b']],
  ["a ';' b; c", ["a ';' b", ' c']],
  ['a -- ;\n;b', ['a -- ;\n', 'b']],
  ['a;-- done', ['a']],
  ['a;/* done */ # really', ['a']],
  ['/*!40101 SET a */; b', ['/*!40101 SET a */', ' b']],
  ['`;`;"\\";"', ['`;`', '"\\";"']],
  [';', []],
  ['', ['']],
] as const) {
  test(`${JSON.stringify(sql)} is ${expected.length} statements`, () =>
    assert.deepEqual(splitStatements(sql), expected))
}
