import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { informationSchemaTables } from '../../../lib/cometql/system/information-schema.ts'
import { cometTables } from '../../../lib/cometql/tables/index.ts'
import { backEnd } from '../back-end.ts'

describe('information_schema', () => {
  for (const { name, columns } of informationSchemaTables.values()) {
    test(`${name} has rows with its columns only`, async (t) => {
      const { session } = await backEnd(t)
      const known = new Set(columns.map((column) => column.name))
      for (const row of informationSchemaTables.get(name)?.rows(session) ?? []) {
        for (const [column, value] of Object.entries(row)) {
          assert(known.has(column), `${name} has no column ${column}`)
          const type = columns.find((candidate) => candidate.name === column)?.type
          if (value !== null) assert.equal(typeof value === 'number', type === 'int', `${name}.${column}`)
        }
      }
    })
  }

  test('is asked for in whatever letters, with or without USE', async (t) => {
    const db = await backEnd(t)
    const sql = "SELECT table_name FROM Information_Schema.Tables WHERE table_schema = 'cometql_V1'"
    assert.deepEqual((await db.values(sql)).flat(), [...cometTables.keys()])
    await db.ok('USE information_schema')
    assert.equal(await db.value("SELECT COUNT(*) FROM TABLES WHERE TABLE_SCHEMA = 'CometQL_v1'"), cometTables.size)
    assert.equal((await db.error('SELECT * FROM users_auth WHERE id = 1')).number, 15)
  })

  test('says which keys the tables have', async (t) => {
    const db = await backEnd(t)
    const sql =
      "SELECT c.CONSTRAINT_TYPE, k.COLUMN_NAME FROM information_schema.TABLE_CONSTRAINTS c JOIN information_schema.KEY_COLUMN_USAGE k USING (TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME) WHERE k.TABLE_SCHEMA = DATABASE() AND k.TABLE_NAME = 'users_auth'"
    assert.deepEqual(await db.values(sql), [['PRIMARY KEY', 'id']])
    const indexes = await db.values(
      "SELECT INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_NAME = 'pipes_messages'",
    )
    assert.deepEqual(indexes, [
      ['PRIMARY', 'id'],
      ['name', 'name'],
    ])
  })

  test('can neither be written nor deleted', async (t) => {
    const db = await backEnd(t)
    assert.equal((await db.error("DELETE FROM information_schema.TABLES WHERE TABLE_NAME = 'x'")).number, 10)
  })

  test('is one per tenant: nobody sees the others', async (t) => {
    const db = await backEnd(t, { login: { user: '5' } })
    assert.deepEqual((await db.values('SELECT SCHEMA_NAME FROM information_schema.SCHEMATA')).flat(), [
      'information_schema',
      'CometQL_v1',
    ])
  })
})
