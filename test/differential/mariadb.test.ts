// What CometQL shares with MySQL must mean the same: statements run against us and against a real MariaDB with the same rows.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { whyNoMariadb } from '../support/mariadb-server.ts'
import { Pair, type Outcome } from './pair.ts'
import { expressions, generated } from './generated-statements.ts'
import { changing, different, prepared, refused } from './statements.ts'
import { written } from './written-statements.ts'

const seed = 1
const skip = whyNoMariadb() ?? false

/** Without ORDER BY the rows may come in any order. Of errors the words and numbers are each server's own. */
function comparable(sql: string, result: Outcome): unknown {
  if (result.kind !== 'rows') return result.kind
  const { columns, rows } = result
  return { columns, rows: /\bORDER BY\b/.test(sql) ? rows : rows.toSorted(byText) }
}

function byText(a: unknown, b: unknown): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

function shown(result: Outcome): string {
  return result.kind === 'error' ? result.message : ''
}

describe('a real MariaDB', { skip }, () => {
  let pair: Pair

  before(async () => {
    pair = await Pair.start()
  })
  after(() => pair.close())

  async function assertSame(sql: string, params?: readonly unknown[]): Promise<void> {
    const { ours, theirs } = await pair.run(sql, params)
    assert.deepEqual(
      comparable(sql, ours),
      comparable(sql, theirs),
      `${sql}\nours: ${JSON.stringify(ours)}\ntheirs: ${JSON.stringify(theirs)}`,
    )
  }

  for (const [topic, statements] of Object.entries(written)) {
    test(`${topic}: the same columns, values and types, and errors for the same statements`, async () => {
      for (const sql of statements) await assertSame(sql)
    })
  }

  test('prepared statements: the same for values that are bound', async () => {
    for (const [sql, params] of prepared) await assertSame(sql, params)
  })

  test(`conditions made of templates (seed ${seed}): the same rows in the same order`, async () => {
    for (const sql of generated(seed, 300)) await assertSame(sql)
  })

  test(`expressions made of templates (seed ${seed}): the same values`, async () => {
    for (const sql of expressions(seed, 300)) await assertSame(sql)
  })

  test('the differences that we know and mean are still there', async () => {
    for (const [sql, why] of different) {
      const { ours, theirs } = await pair.run(sql)
      assert.notDeepEqual(comparable(sql, ours), comparable(sql, theirs), `no longer true: ${why}: ${sql}`)
      assert.ok(!shown(ours).includes('Internal error'), sql)
    }
  })

  // At the end, because the others need the rows.
  test('statements that change something leave the same rows, and have errors for the same', async () => {
    for (const sql of changing) {
      const { ours, theirs } = await pair.run(sql)
      assert.equal(ours.kind, theirs.kind, `${sql}\nours: ${shown(ours)}\ntheirs: ${shown(theirs)}`)
      for (const table of ['users_auth', 'users_data', 'pipes_settings']) {
        const rows = await pair.run(`SELECT * FROM ${table} ORDER BY 1 LIMIT 1000`)
        assert.deepEqual(rows.ours, rows.theirs, `${table} after ${sql}`)
      }
    }
    for (const sql of refused) {
      const rows = 'SELECT * FROM users_auth JOIN users_data ON 1 LIMIT 1000'
      const before = await pair.run(rows)
      assert.match(shown((await pair.run(sql)).ours), /it is compared with a number/, sql)
      assert.deepEqual((await pair.run(rows)).ours, before.ours, sql)
    }
  })
})
