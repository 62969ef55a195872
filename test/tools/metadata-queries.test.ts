// What administrators' tools ask when they connect and when they open a table, over a real connection.
import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { createConnection, type Connection } from 'mysql2/promise'
import { createCometServer } from '../../lib/index.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { datagrip } from './metadata/datagrip.ts'
import { dbeaver } from './metadata/dbeaver.ts'
import { grafana } from './metadata/grafana.ts'
import { heidisql } from './metadata/heidisql.ts'
import { navicat } from './metadata/navicat.ts'
import { phpmyadmin } from './metadata/phpmyadmin.ts'
import { workbench } from './metadata/workbench.ts'
import { accepted, refused } from './metadata/statements.ts'

const password = 'secret'

const tools = { dbeaver, phpmyadmin, grafana, heidisql, workbench, datagrip, navicat }

/** A server with a few rows, whose clock stands still, and a tool that is logged in. */
async function openTool(t: TestContext): Promise<Connection> {
  const comet = createCometServer({ password, cometql: { port: 0 }, clock: new ManualClock() })
  t.after(() => comet.close())
  await comet.ready
  await comet.query("INSERT INTO users_auth (id, hash) VALUES (2, 'two'), (3, 'three')")
  await comet.query("INSERT INTO pipes_settings (name, length) VALUES ('news', 10)")
  await comet.query(
    "INSERT INTO pipes_messages (name, event, message) VALUES ('news', 'add', 'first'), ('news', 'add', 'second')",
  )
  const tool = await createConnection({
    host: '127.0.0.1',
    port: comet.address()?.port ?? 0,
    user: 'root',
    password,
    database: 'CometQL_v1',
    rowsAsArray: true,
  })
  t.after(() => tool.end())
  return tool
}

describe('tools get what they ask for', () => {
  for (const [name, questions] of Object.entries(tools)) {
    test(name, async (t) => {
      const tool = await openTool(t)
      for (const [sql, columns, rows] of questions) {
        const [found, fields] = await tool.query<never[]>(sql)
        const names = fields.map((field) => field.name)
        if (typeof columns === 'number') assert.equal(names.length, columns, sql)
        else assert.deepEqual(names, columns, sql)
        if (rows === 'some') assert(found.length > 0, sql)
        else if (typeof rows === 'number') assert.equal(found.length, rows, sql)
        else assert.deepEqual(found, rows, sql)
      }
    })
  }
})

test('tools may set what they like', async (t) => {
  const tool = await openTool(t)
  for (const sql of accepted) await tool.query(sql)
})

test('what there is not is an error that names it, and the connection goes on', async (t) => {
  const tool = await openTool(t)
  for (const [sql, errno, message] of refused) await assert.rejects(tool.query(sql), { errno, message }, sql)
  await tool.ping()
})
