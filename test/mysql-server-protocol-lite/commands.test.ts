import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Capability, Command } from '../../lib/mysql-server-protocol-lite/constants.ts'
import {
  command,
  errorOf,
  hex,
  plainCapabilities,
  query,
  RawClient,
  testHandler,
  testServer,
  recordingHandler,
} from './support.ts'

const okNothing = '00000002000000'

test('COM_INIT_DB is a USE statement', async (t) => {
  const { seen, handler } = recordingHandler()
  const server = testServer(t, { handler })
  const client = await RawClient.of(server)
  client.send(command(Command.INIT_DB, 'a`b'))
  assert.equal((await client.read())[0], 0)
  assert.deepEqual(seen, ['USE `a``b`'])
  assert.deepEqual(
    [...server.connections()].map(({ database }) => database),
    ['a`b'],
  )
})

test('COM_FIELD_LIST: definitions with a default of NULL, those that match', async (t) => {
  const handler = testHandler({
    describe: (sql) =>
      sql === 'SELECT * FROM `t`'
        ? [
            { name: 'id', type: 'int' },
            { name: 'Idle', type: 'text' },
            { name: 'x', type: 'int' },
          ]
        : undefined,
  })
  const client = await RawClient.of(testServer(t, { handler }))
  client.send(command(Command.FIELD_LIST, 't\0i%'))
  const [id, idle, end] = await client.readMany(3)
  assert.deepEqual(id, hex('03646566 00 00 00 026964 026964 0c 3f00 0b000000 03 8000 00 0000 fb'))
  assert.match(idle!.toString('latin1'), /Idle/)
  assert.deepEqual(end, hex('fe 0000 0200'))
  client.send(command(Command.FIELD_LIST, 'other\0'))
  assert.match(errorOf(await client.read()), /^1146 42S02 .*"other"/)
})

test('COM_STATISTICS is a bare string', async (t) => {
  const client = await RawClient.of(testServer(t))
  client.send(query('x'), command(Command.STATISTICS))
  await client.read()
  assert.match((await client.read()).toString(), /^Uptime: \d+ {2}Threads: 1 {2}Questions: 1 {2}/)
})

test('COM_SET_OPTION answers EOF to every client, COM_DEBUG too', async (t) => {
  const client = await RawClient.of(testServer(t), { capabilities: plainCapabilities | Capability.DEPRECATE_EOF })
  client.send(
    command(Command.SET_OPTION, hex('0000')),
    command(Command.DEBUG),
    command(Command.SET_OPTION, hex('0200')),
  )
  assert.deepEqual(await client.readMany(2), [hex('fe 0000 0200'), hex('fe 0000 0200')])
  assert.match(errorOf(await client.read()), /^1835 HY000 /)
})

test('COM_PROCESS_INFO and COM_PROCESS_KILL are statements', async (t) => {
  const { seen, handler } = recordingHandler()
  const client = await RawClient.of(testServer(t, { handler }))
  client.send(command(Command.PROCESS_INFO), command(Command.PROCESS_KILL, hex('07000000')))
  await client.readMany(2)
  assert.deepEqual(seen, ['SHOW PROCESSLIST', 'KILL 7'])
})

test('several statements in one query, where that was agreed', async (t) => {
  const capabilities = plainCapabilities | Capability.MULTI_STATEMENTS
  const client = await RawClient.of(testServer(t), { capabilities })
  client.send(query("INSERT ';' ; rows 1; -- ;\n fail; INSERT"))
  const [first, , , eof, , end, error] = await client.readMany(7)
  assert.deepEqual(first, hex('00 01 00 0a00 0000'))
  assert.deepEqual(eof, hex('fe 0000 0a00'))
  assert.deepEqual(end, hex('fe 0000 0a00'))
  assert.match(errorOf(error!), /^15 /)
  client.send(query(' ; /* nothing */ ;'), command(Command.PING))
  assert.match(errorOf(await client.read()), /^1065 42000/)
  assert.equal((await client.read()).toString('hex'), okNothing)
})

test('without agreement a query is one statement; COM_SET_OPTION agrees to several', async (t) => {
  const { seen, handler } = recordingHandler()
  const client = await RawClient.of(testServer(t, { handler }))
  client.send(
    query('a;b'),
    command(Command.SET_OPTION, hex('0000')),
    query('a;b'),
    command(Command.SET_OPTION, hex('0100')),
    query('c;'),
  )
  await client.readMany(6)
  assert.deepEqual(seen, ['a;b', 'a', 'b', 'c;'])
})

test('the status flags say what the handler says', async (t) => {
  const handler = testHandler({ status: () => ({ autocommit: false, inTransaction: true }) })
  const client = await RawClient.of(testServer(t, { handler }))
  client.send(command(Command.PING))
  assert.deepEqual(await client.read(), hex('00 00 00 0100 0000'))
})

test('COM_RESET_CONNECTION tells the handler, and closes the prepared statements', async (t) => {
  const resets: string[] = []
  const handler = testHandler({ reset: (session) => void resets.push(session) })
  const client = await RawClient.of(testServer(t, { handler }))
  client.send(command(Command.STMT_PREPARE, 'INSERT'), command(Command.RESET_CONNECTION))
  await client.readMany(2)
  assert.deepEqual(resets, ['root'])
  client.send(command(Command.STMT_EXECUTE, hex('01000000 00 01000000')))
  assert.match(errorOf(await client.read()), /^1243 /)
})
