import { test } from 'node:test'
import assert from 'node:assert/strict'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { cometqlLimitNames, limitNames } from '../lib/core/limits/metrics.ts'
import { createCometServer, memory } from '../lib/index.ts'
import { defaultCometqlLimits, defaultLimits } from '../lib/options.ts'

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
  const { commands, limits, cometqlLimits, transportLimits, errors, ...others } = comet.metrics()
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
  assert.equal(status.get('Comet_limit_transport_max_sessions'), '0')
  assert.equal(status.get('Comet_error_too_long'), '0')
  const counters = [limits, cometqlLimits, transportLimits, errors].flatMap((group) => Object.keys(group))
  assert.equal(status.size, 8 + counters.length)
  const [own] = await db.query<RowDataPacket[]>("SHOW STATUS LIKE 'Comet\\_%'")
  assert.deepEqual(own, [], 'of this connection there is nothing')
})

test('every limit has a counter, but the two that bound nobody', () => {
  const known: readonly string[] = limitNames
  assert.deepEqual(
    Object.keys(defaultLimits).filter((name) => !known.includes(name)),
    ['maxGatherMs', 'presenceGraceMs'],
  )
})

test('every limit of the CometQL port has a counter', () => {
  assert.deepEqual([...cometqlLimitNames].sort(), Object.keys(defaultCometqlLimits).sort())
})

test('errors are counted by their code, whoever is told of them; so are the bounds that no option sets', async (t) => {
  const transport = memory()
  const comet = createCometServer({ password: 'secret', cometql: { port: 0 }, transports: [transport] })
  t.after(() => comet.close())
  await comet.ready
  const counted = (): object =>
    Object.fromEntries(Object.entries(comet.metrics().errors).filter(([, count]) => count > 0))
  const insert = (name: string, event = ''): string =>
    `INSERT INTO pipes_messages (name, event, message) VALUES ('${name}', '${event}', 'x')`

  await assert.rejects(comet.query(insert('x')))
  await assert.rejects(comet.query(insert('x'.repeat(65))))
  await assert.rejects(comet.query(insert('news', 'x'.repeat(65))))
  await assert.rejects(comet.query("SELECT * FROM pipes_messages WHERE name = 'news' WAIT 61"))
  await assert.rejects(comet.query("SELECT REPEAT('a', 1000000) REGEXP 'a{500}b'"))
  const expected = { COMET_ERR_TOO_SHORT: 1, COMET_ERR_TOO_LONG: 2, COMET_ERR_INVALID: 1, COMET_ERR_TOO_MUCH_WORK: 1 }
  assert.deepEqual(counted(), expected)

  const { port } = comet.address() ?? assert.fail('no port')
  const login = { host: '127.0.0.1', port, user: 'root', password: 'secret' }
  await assert.rejects(createConnection({ ...login, password: 'wrong' }), { errno: 1045 })
  const db = await createConnection(login)
  t.after(() => db.end())
  for (const name of ['a', 'b', 'c']) await db.query(`SET @${name} = REPEAT('x', 4000000)`)
  await assert.rejects(db.query("SET @d = REPEAT('x', 5000000)"), { errno: 11 })
  const page = transport.connect()
  page.send('subscription\nnews\nx')
  await page.next(({ event }) => event === 'error')
  assert.deepEqual(counted(), {
    ...expected,
    COMET_ERR_TOO_LONG: 3,
    COMET_ERR_LOGIN: 1,
    COMET_ERR_INVALID: 2,
  })
})

test('messages above maxMessageBytes are counted from wherever they come', async (t) => {
  const transport = memory()
  const comet = createCometServer({ transports: [transport], limits: { maxMessageBytes: 100 } })
  t.after(() => comet.close())
  const long = 'x'.repeat(101)
  const statement = `INSERT INTO pipes_messages (name, event, message) VALUES ('news', '', '${long}')`
  const page = transport.connect()
  page.send(`web_pipe2\nweb_chat\nsay\n*\n"${long}"`)
  await page.next(({ event }) => event === 'error')
  await assert.rejects(comet.query(statement), { code: 'COMET_ERR_TOO_LONG' })
  await assert.rejects(comet.query(`INSERT INTO users_data (id, data) VALUES (5, '${long}')`))
  await assert.rejects(comet.publish('news', '', long))
  assert.equal(comet.metrics().limits.maxMessageBytes, 4)
})

test('a tenant sees nothing of the others in SHOW GLOBAL STATUS', async (t) => {
  const comet = createCometServer({ tenants: { 15: { key: 'secret' } }, transports: [memory()] })
  t.after(() => comet.close())
  assert.deepEqual(await comet.tenant(15).query("SHOW GLOBAL STATUS LIKE 'Comet%'"), [])
})
