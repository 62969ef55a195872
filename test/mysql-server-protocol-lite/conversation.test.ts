import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Capability, Command } from '../../lib/mysql-server-protocol-lite/constants.ts'
import type { Result } from '../../lib/mysql-server-protocol-lite/index.ts'
import {
  answer,
  command,
  errorOf,
  hex,
  nextTurn,
  loginPacket,
  packet,
  plainCapabilities,
  query,
  RawClient,
  testHandler,
  testServer,
} from './support.ts'

const ok = '00010002000000'
const okNothing = '00000002000000'

test('a query is answered with an OK packet', async (t) => {
  const client = await RawClient.of(testServer(t))
  client.send(query('INSERT'))
  assert.equal((await client.read()).toString('hex'), ok)
  assert.equal(client.sequence, 1)
})

test('insert id, info and warnings are in the OK packet', async (t) => {
  const result: Result = { affectedRows: 300, insertId: 5n, info: 'Records: 300', warnings: 2 }
  const client = await RawClient.of(testServer(t, { handler: testHandler({ query: () => result }) }))
  client.send(query('x'))
  assert.deepEqual(await client.read(), hex('00 fc2c01 05 0200 0200 0c 5265636f7264733a20333030'))
})

test('a result set: columns, EOF, rows, EOF', async (t) => {
  const client = await RawClient.of(testServer(t))
  client.send(query('rows 2'))
  assert.deepEqual(await client.readMany(6), [
    hex('01'),
    // def, no schema, table twice, name twice, 0c, binary collation, length 11, LONG, BINARY flag, no decimals
    hex('03646566 00 076e756d62657273 076e756d62657273 016e 016e 0c 3f00 0b000000 03 8000 00 0000'),
    hex('fe 0000 0200'),
    hex('01 30'),
    hex('01 31'),
    hex('fe 0000 0200'),
  ])
  assert.equal(client.sequence, 6)
})

test('text columns are of utf8mb4 and never binary; NULL, numbers and bytes in a text row', async (t) => {
  const result: Result = {
    columns: [
      {
        name: 'c',
        type: 'text',
        orgName: 'o',
        table: 'a',
        orgTable: 't',
        schema: 's',
        notNull: true,
        primaryKey: true,
      },
    ],
    rows: [['é'], [null], [1.5], [2n ** 63n], [hex('00ff')]],
    warnings: 3,
  }
  const client = await RawClient.of(testServer(t, { handler: testHandler({ query: () => result }) }))
  client.send(query('x'))
  const payloads = await client.readMany(9)
  assert.deepEqual(payloads[1], hex('03646566 0173 0161 0174 0163 016f 0c 2d00 fcff0300 fd 0300 00 0000'))
  assert.deepEqual(payloads.slice(3), [
    hex('02 c3a9'),
    hex('fb'),
    hex('03 312e35'),
    Buffer.concat([hex('13'), Buffer.from('9223372036854775808')]),
    hex('02 00ff'),
    hex('fe 0300 0200'),
  ])
})

test('a client that deprecates EOF gets none, and an OK packet that begins like one', async (t) => {
  const capabilities = plainCapabilities | Capability.DEPRECATE_EOF
  const client = await RawClient.of(testServer(t), { capabilities })
  client.send(query('rows 1'))
  const [, , row, end] = await client.readMany(4)
  assert.deepEqual([row, end], [hex('01 30'), hex('fe 00 00 0200 0000')])
})

test('an error is an ERR packet, and the connection goes on', async (t) => {
  const client = await RawClient.of(testServer(t))
  client.send(query('fail'), query('INSERT'))
  assert.deepEqual(await client.read(), Buffer.concat([hex('ff 0f00 23'), Buffer.from('42S02Nothing of that name')]))
  assert.equal((await client.read()).toString('hex'), ok)
})

test('faults of the handler are "Internal error" for the client, and go to onError', async (t) => {
  const faults: unknown[] = []
  const fault = new Error('secret detail')
  const server = testServer(t, {
    onError: (error) => faults.push(error),
    handler: testHandler({
      query: (sql) => {
        if (sql === 'row') return { columns: [{ name: 'a', type: 'int' }], rows: [[1, 2]] }
        throw fault
      },
    }),
  })
  const client = await RawClient.of(server)
  client.send(query('x'), query('row'), command(Command.PING))
  assert.equal(errorOf(await client.read()), '1105 HY000 Internal error')
  const payloads = await client.readMany(5)
  assert.equal(errorOf(payloads[3]!), '1105 HY000 Internal error')
  assert.equal(payloads[4]!.toString('hex'), okNothing)
  assert.equal(faults[0], fault)
  assert.match(String(faults[1]), /2 values for 1 columns/)
})

test('an error half-way through the rows takes the place of the next one', async (t) => {
  const rows = function* (): Generator<[number]> {
    yield [1]
    throw Object.assign(new Error('gone'), { number: 1205, sqlState: 'HY000' })
  }
  const handler = testHandler({ query: () => ({ columns: [{ name: 'a', type: 'int' }], rows: rows() }) })
  const client = await RawClient.of(testServer(t, { handler }))
  client.send(query('x'), command(Command.PING))
  const payloads = await client.readMany(6)
  assert.equal(errorOf(payloads[4]!), '1205 HY000 gone')
  assert.equal(payloads[5]!.toString('hex'), okNothing)
})

test('rows may come later', async (t) => {
  const rows = async function* (): AsyncGenerator<[number]> {
    yield [1]
    await Promise.resolve()
    yield [2]
  }
  const handler = testHandler({ query: async () => ({ columns: [{ name: 'a', type: 'int' }], rows: rows() }) })
  const client = await RawClient.of(testServer(t, { handler }))
  client.send(query('x'))
  assert.deepEqual((await client.readMany(6)).slice(3, 5), [hex('0131'), hex('0132')])
})

test('pipelined commands are answered in order, one at a time, however long each takes', async (t) => {
  const pending: (() => void)[] = []
  const seen: string[] = []
  const handler = testHandler({
    query: (sql) => {
      seen.push(sql)
      if (!sql.startsWith('slow')) return answer(sql)
      return new Promise((resolve) => pending.push(() => resolve({ affectedRows: 9 })))
    },
  })
  const client = await RawClient.of(testServer(t, { handler }))
  client.send(query('first'), query('slow'), query('fail'), query('slow too'), query('rows 0'), command(Command.PING))
  await client.read()
  await Promise.resolve()
  assert.deepEqual(seen, ['first', 'slow'])
  pending[0]!()
  assert.equal((await client.read())[1], 9)
  assert.match(errorOf(await client.read()), /^15 /)
  assert.deepEqual(seen, ['first', 'slow', 'fail', 'slow too'])
  pending[1]!()
  const [slow, , , , , ping] = await client.readMany(6)
  assert.equal(slow![1], 9)
  assert.equal(ping!.toString('hex'), okNothing)
})

test('the replies to all commands of one chunk leave in one write', async (t) => {
  const server = testServer(t)
  const client = await RawClient.of(server)
  const chunks: Buffer[] = []
  client.socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  client.send(query('a'), query('b'), command(Command.PING))
  await client.readMany(3)
  assert.deepEqual(
    chunks.map((chunk) => chunk.toString('hex')),
    [`07000001${ok}07000001${ok}07000001${okNothing}`],
  )
})

test('a login and commands, split at every position', async (t) => {
  const server = testServer(t)
  const bytes = (client: RawClient): Buffer =>
    Buffer.concat([
      loginPacket(client.salt),
      query('INSERT'),
      command(Command.PING),
      query('fail'),
      command(Command.QUIT),
    ])
  const length = bytes(await RawClient.of(server, false)).length
  for (let at = 1; at < length; at++) {
    const client = await RawClient.of(server, false)
    const all = bytes(client)
    client.send(all.subarray(0, at))
    await nextTurn()
    client.send(all.subarray(at))
    const payloads = await client.rest()
    assert.deepEqual(
      payloads.slice(0, 3).map(String),
      [okNothing, ok, okNothing].map((each) => String(hex(each))),
    )
    assert.match(errorOf(payloads[3]!), /^15 42S02/, `split at ${at}`)
    assert.equal(payloads.length, 4)
  }
})

test('a query and an answer of more than 16 MiB', async (t) => {
  const size = 17 * 1024 * 1024
  const server = testServer(t, {
    limits: { maxPacketBytes: size * 2 },
    handler: testHandler({ query: (sql) => ({ columns: [{ name: 'a', type: 'text' }], rows: [[sql]] }) }),
  })
  const client = await RawClient.of(server)
  const sql = 'я'.repeat(size / 2)
  const body = Buffer.concat([Buffer.of(3), Buffer.from(sql)])
  client.send(packet(0, body.subarray(0, 0xffffff)), packet(1, body.subarray(0xffffff)))
  const columnCount = await client.read()
  assert.equal(client.sequence, 2)
  assert.deepEqual(columnCount, hex('01'))
  await client.readMany(2)
  const row = await client.read()
  assert.equal(row.length, size + 9)
  assert.ok(row.subarray(9).equals(Buffer.from(sql)))
})

test('unknown and empty commands are refused, and the connection goes on', async (t) => {
  const client = await RawClient.of(testServer(t))
  client.send(command(0x12), packet(0, ''), command(Command.PING))
  assert.equal(errorOf(await client.read()), '1047 08S01 Unknown command 18')
  assert.equal(errorOf(await client.read()), '1047 08S01 Unknown command (an empty packet)')
  assert.equal((await client.read()).toString('hex'), okNothing)
})

test('a packet above the limit and one out of order end the connection with a sentence', async (t) => {
  const server = testServer(t, { limits: { maxPacketBytes: 1000 } })
  for (const [bytes, expected] of [
    [hex('e9 03 00 00'), /^1153 08S01 .*1001 bytes.*1000/],
    [hex('01 00 00 01 0e'), /^1156 08S01 /],
  ] as const) {
    const client = await RawClient.of(server)
    client.send(bytes)
    const [error, ...more] = await client.rest()
    assert.match(errorOf(error!), expected)
    assert.deepEqual(more, [])
  }
})

test('the error about a continued packet is numbered after its last part', async (t) => {
  const client = await RawClient.of(testServer(t))
  client.send(packet(0, Buffer.alloc(0xffffff)), hex('02 00 00 01'))
  assert.match(errorOf((await client.rest())[0]!), /^1153 /)
  assert.equal(client.sequence, 2)
})

test('COM_QUIT closes at once, and what was pipelined before it is answered', async (t) => {
  const client = await RawClient.of(testServer(t))
  client.send(query('INSERT'), command(Command.QUIT), query('INSERT'))
  assert.equal((await client.rest()).length, 1)
})
