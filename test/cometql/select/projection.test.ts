import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backEnd } from '../back-end.ts'

test('a column is as long as DESCRIBE says: clients cut off what is longer', async (t) => {
  const back = await backEnd(t)
  for (const [table, condition] of Object.entries({ pipes_messages: "name = 'news'", users_data: 'id = 1' })) {
    const described = await back.rows(`DESCRIBE ${table}`)
    for (const column of await back.columns(`SELECT * FROM ${table} WHERE ${condition}`)) {
      const sqlType = String(described.find(({ Field }) => Field === column.name)?.Type)
      const expected = column.type !== 'text' ? undefined : Number(/varchar\((\d+)\)/.exec(sqlType)?.[1] ?? 16_777_215)
      assert.equal(column.length, expected, `${table}.${column.name} ${sqlType}`)
    }
  }
})
