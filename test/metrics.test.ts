import { test } from 'node:test'
import assert from 'node:assert/strict'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { cometqlLimitNames } from '../lib/core/limits/metrics.ts'
import { createCometServer, memory } from '../lib/index.ts'
import { defaultCometqlLimits } from '../lib/options.ts'

test('metrics() counts what happens, and SHOW GLOBAL STATUS shows the same', async (t) => {
  const transport = memory()
  const comet = createCometServer({
    password: 'secret',
    cometql: { port: 0 },
    transports: [transport],
    limits: { maxSubscriptions: 2, maxMessageBytes: 100 },
  })
  t.after(() => comet.close())
  await comet.ready
  const [first, second] = [transport.connect(), transport.connect()]
  first.send('subscription\nnews\nsport')
  second.send('subscription\nnews')
  second.send('pipe_count\nweb_a\ndone')
  await second.next(({ pipe }) => pipe === '_answer_pipe_count')
  await comet.publish('news', '', 'one')
  await comet.publish('nobody', '', 'two')
  await comet.sendToUser(7, '', 'three')
  await assert.rejects(comet.publish('news', '', 'x'.repeat(101)))
  const { commands, limits, cometqlLimits, ...others } = comet.metrics()
  assert.deepEqual(others, {
    sessions: 2,
    pipes: 2,
    subscriptions: 3,
    connections: 2,
    published: 2,
    delivered: 2,
    privateMessages: 1,
  })
  assert.ok(commands >= 2)
  assert.equal(limits.maxMessageBytes, 1)
  assert.equal(limits.maxSubscriptions, 0)

  const { port } = comet.address() ?? assert.fail('no port')
  const db = await createConnection({ host: '127.0.0.1', port, user: 'root', password: 'secret' })
  t.after(() => db.end())
  const [rows] = await db.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Comet\\_%'")
  const status = new Map(rows.map((row) => [String(row.Variable_name), String(row.Value)]))
  assert.equal(status.get('Comet_sessions'), '2')
  assert.equal(status.get('Comet_private_messages'), '1')
  assert.equal(status.get('Comet_limit_max_message_bytes'), '1')
  assert.equal(status.get('Comet_limit_cometql_max_result_bytes'), '0')
  assert.equal(status.size, 8 + Object.keys(limits).length + Object.keys(cometqlLimits).length)
  const [own] = await db.query<RowDataPacket[]>("SHOW STATUS LIKE 'Comet\\_%'")
  assert.deepEqual(own, [], 'of this connection there is nothing')
})

test('every limit of the CometQL port has a counter', () => {
  assert.deepEqual([...cometqlLimitNames].sort(), Object.keys(defaultCometqlLimits).sort())
})

test('a tenant sees nothing of the others in SHOW GLOBAL STATUS', async (t) => {
  const comet = createCometServer({ tenants: { 15: { key: 'secret' } }, transports: [memory()] })
  t.after(() => comet.close())
  assert.deepEqual(await comet.tenant(15).query("SHOW GLOBAL STATUS LIKE 'Comet%'"), [])
})
