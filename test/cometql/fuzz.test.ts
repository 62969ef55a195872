import { test } from 'node:test'
import assert from 'node:assert/strict'
import { parse } from '../../lib/cometql/parse/parser.ts'
import { CometError } from '../../lib/errors.ts'

const seeds: readonly string[] = [
  "INSERT INTO pipes_messages (name, event, message) VALUES ('news', 'add', '{\"id\":1}'), (?, X'41', NULL)",
  "SELECT a.`id`, COUNT(*) AS n FROM users_auth AS a LEFT JOIN t USING (id) WHERE a.id IN (1, 2) AND NOT (b LIKE 'x%') GROUP BY id HAVING n > 1 ORDER BY n DESC LIMIT 1, 2",
  "SELECT CASE a WHEN 1 THEN @x := IF(b, 'c', -1) ELSE CAST(d AS CHAR(10)) END, t.* FROM (SELECT 1) t UNION ALL SELECT @@session.y",
  'DELETE FROM users_auth WHERE id BETWEEN 1 AND 2 OR hash IS NOT NULL /*!40101 LIMIT 5 */ -- end',
  "SET NAMES utf8mb4 COLLATE 'x', @@SESSION.sql_mode = CONCAT(@@sql_mode, ',y'), autocommit = 1",
  "SHOW FULL COLUMNS FROM `t` FROM db LIKE 'a%'",
]

/** The same numbers in every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

test('whatever is sent, it is parsed or a mistake that is told', () => {
  const next = random(1)
  const pick = (length: number) => Math.floor(next() * length)
  const parts = seeds.flatMap((seed) => seed.split(/\b/))
  for (let round = 0; round < 20_000; round++) {
    let sql = seeds[pick(seeds.length)]!
    for (let change = pick(3); change >= 0; change--) {
      const at = pick(sql.length)
      const part = next() < 0.5 ? parts[pick(parts.length)]! : String.fromCharCode(pick(256))
      sql = sql.slice(0, at) + (next() < 0.7 ? part : '') + sql.slice(at + pick(8))
    }
    try {
      parse(sql, next() < 0.1)
    } catch (error) {
      assert(error instanceof CometError, `${sql}\n${String(error instanceof Error ? error.stack : error)}`)
    }
  }
})
