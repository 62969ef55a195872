import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Command } from '../../lib/mysql-server-protocol-lite/constants.ts'
import type { ColumnDef, Limits, Row, Value } from '../../lib/mysql-server-protocol-lite/index.ts'
import { command, errorOf, hex, RawClient, testHandler, testServer } from './support.ts'

const okInsert = hex('00 01 00 0200 0000')

interface Rig {
  readonly client: RawClient
  readonly bound: (readonly Value[])[]
}

async function rig(t: TestContext, limits: Partial<Limits> = {}): Promise<Rig> {
  const bound: (readonly Value[])[] = []
  const handler = testHandler({
    query: (_, params) => {
      bound.push(params)
      return { affectedRows: 1 }
    },
  })
  return { bound, client: await RawClient.of(testServer(t, { handler, limits })) }
}

const prepare = (sql: string): Buffer => command(Command.STMT_PREPARE, sql)
const execute = (body: string): Buffer => command(Command.STMT_EXECUTE, hex(body))

test('PREPARE answers the id, the number of columns and parameters, and their definitions', async (t) => {
  const { client } = await rig(t)
  client.send(prepare('select ?, \'?\', "?", `?`, ? -- ?\n/* ? */ # ?'))
  const [head, first, , eof, column, end] = await client.readMany(6)
  assert.deepEqual(head, hex('00 01000000 0100 0200 00 0000'))
  assert.deepEqual(first, hex('03646566 00 00 00 013f 013f 0c 2d00 fcff0300 fd 0000 00 0000'))
  assert.deepEqual([eof, end], [hex('fe 0000 0200'), hex('fe 0000 0200')])
  assert.match(column!.toString('latin1'), /numbers/)
  client.send(prepare('INSERT'))
  assert.deepEqual(await client.read(), hex('00 02000000 0000 0000 00 0000'))
})

test('an error of describe is the answer to PREPARE', async (t) => {
  const handler = testHandler({
    describe: () => {
      throw Object.assign(new Error('Syntax'), { number: 3, sqlState: '42000' })
    },
  })
  const client = await RawClient.of(testServer(t, { handler }))
  client.send(prepare('x'))
  assert.equal(errorOf(await client.read()), '3 42000 Syntax')
})

/** Type and flag, value bytes, and what the handler gets. */
const parameters: readonly (readonly [what: string, type: string, value: string, expected: Value])[] = [
  ['TINY', '0100', 'ff', -1],
  ['TINY UNSIGNED', '0180', 'ff', 255],
  ['SHORT', '0200', 'feff', -2],
  ['SHORT UNSIGNED', '0280', 'feff', 65534],
  ['YEAR', '0d80', 'ea07', 2026],
  ['LONG', '0300', 'fdffffff', -3],
  ['LONG UNSIGNED', '0380', 'fdffffff', 4294967293],
  ['INT24', '0900', '01000000', 1],
  ['LONGLONG', '0800', 'fcffffffffffffff', -4],
  ['LONGLONG, large', '0800', '0000000000000080', -(2n ** 63n)],
  ['LONGLONG UNSIGNED', '0880', 'ffffffffffffffff', 2n ** 64n - 1n],
  ['FLOAT', '0400', '0000c03f', 1.5],
  ['DOUBLE', '0500', '0000000000004540', 42],
  ['NULL', '0600', '', null],
  ['DATE', '0a00', '04 ea07 01 1f', '2026-01-31'],
  ['DATETIME', '0c00', '07 ea07 01 1f 17 3b 3a', '2026-01-31 23:59:58'],
  ['DATETIME with microseconds', '0c00', '0b ea07 01 1f 17 3b 3a 01000000', '2026-01-31 23:59:58.000001'],
  ['DATETIME at midnight', '0c00', '04 ea07 01 1f', '2026-01-31 00:00:00'],
  ['TIMESTAMP of zeros', '0700', '00', '0000-00-00 00:00:00'],
  ['TIME', '0b00', '08 01 02000000 03 04 05', '-51:04:05'],
  ['TIME with microseconds', '0b00', '0c 00 00000000 03 04 05 40e20100', '03:04:05.123456'],
  ['TIME of zeros', '0b00', '00', '00:00:00'],
  ['DECIMAL', '0000', '03 312e35', '1.5'],
  ['NEWDECIMAL', 'f600', '03 312e35', '1.5'],
  ['VARCHAR', '0f00', '02 c3a9', 'é'],
  ['VAR_STRING', 'fd00', '00', ''],
  ['STRING', 'fe00', '01 61', 'a'],
  ['STRING that is no text', 'fe00', '02 ff00', hex('ff00')],
  ['JSON', 'f500', '02 7b7d', '{}'],
  ['BLOB', 'fc00', '02 4142', hex('4142')],
  ['LONG_BLOB', 'fb00', '00', hex('')],
]

for (const [what, type, value, expected] of parameters) {
  test(`a parameter of type ${what}`, async (t) => {
    const { client, bound } = await rig(t)
    client.send(prepare('INSERT ?'), execute(`01000000 00 01000000 00 01 ${type} ${value}`))
    await client.readMany(3)
    assert.deepEqual(await client.read(), okInsert)
    assert.deepEqual(bound, [[expected]])
  })
}

test('ten parameters, NULLs among them; types left out at the next execution', async (t) => {
  const { client, bound } = await rig(t)
  const types = '0300'.repeat(10)
  client.send(prepare(`INSERT ${'?,'.repeat(10)}`))
  await client.readMany(12)
  client.send(execute(`01000000 00 01000000 0502 01 ${types} ${'07000000'.repeat(7)}`))
  client.send(execute(`01000000 00 01000000 ff03 00`))
  assert.deepEqual(await client.readMany(2), [okInsert, okInsert])
  assert.deepEqual(bound, [[null, 7, null, 7, 7, 7, 7, 7, 7, null], Array(10).fill(null)])
})

test('what is wrong with an EXECUTE is told, and the connection goes on', async (t) => {
  const { client, bound } = await rig(t)
  client.send(prepare('INSERT ?'))
  await client.readMany(3)
  for (const [body, expected] of [
    ['01000000 00 01000000 00 00', /^1210 HY000 .*types/],
    ['02000000 00 01000000 00 01 0300 01000000', /^1243 HY000 Unknown prepared statement 2 /],
    ['01000000 00 01000000 00 01 0300 0100', /^1835 HY000 /],
    ['01000000 00 01000000 00 01 fe00 fe ffffffffffffffff', /^1835 HY000 /],
    ['01000000 00 01000000 00 01 6400 00', /^1835 HY000 .*100 is not a type/],
    ['01000000 00 01000000 00 01 0a00 05 0000000000', /^1835 HY000 .*5 bytes/],
    ['0100', /^1835 HY000 /],
    ['', /^1835 HY000 /],
  ] as const) {
    client.send(execute(body))
    assert.match(errorOf(await client.read()), expected, body)
  }
  assert.deepEqual(bound, [])
  client.send(execute('01000000 00 01000000 00 01 0300 05000000'))
  assert.deepEqual(await client.read(), okInsert)
})

test('0xffffffff is the statement just prepared, pipelined behind its PREPARE; none after a failed one', async (t) => {
  const { client } = await rig(t, { maxStatements: 1 })
  const last = execute('ffffffff 00 01000000')
  client.send(prepare('INSERT'), last, prepare('INSERT'), last)
  const [, ok, tooMany, unknown] = await client.readMany(4)
  assert.deepEqual(ok, okInsert)
  assert.match(errorOf(tooMany!), /^1461 42000 .*1 are open, the limit is 1/)
  assert.match(errorOf(unknown!), /^1243 /)
})

test('CLOSE has no reply, whatever the id is, and frees the place', async (t) => {
  const { client } = await rig(t, { maxStatements: 1 })
  const close = (body: string): Buffer => command(Command.STMT_CLOSE, hex(body))
  client.send(
    prepare('INSERT'),
    close('63000000'),
    close(''),
    close('01000000'),
    prepare('INSERT'),
    command(Command.PING),
  )
  const [, second, ping] = await client.readMany(3)
  assert.equal(second!.readUInt32LE(1), 2)
  assert.equal(ping![0], 0)
})

test('values sent ahead in parts', async (t) => {
  const { client, bound } = await rig(t)
  const ahead = (index: string, text: string): Buffer =>
    command(Command.STMT_SEND_LONG_DATA, Buffer.concat([hex(`01000000 ${index}`), Buffer.from(text)]))
  client.send(prepare('INSERT ?, ?'))
  await client.readMany(4)
  const both = execute('01000000 00 01000000 00 01 fc00 fe00')
  client.send(ahead('0000', 'AB'), ahead('0100', 'x'), ahead('0000', 'CD'), ahead('0100', ''), both)
  assert.deepEqual(await client.read(), okInsert)
  assert.deepEqual(bound, [[Buffer.from('ABCD'), 'x']])
  // They are used up by the execution, or by a reset.
  client.send(ahead('0000', 'AB'), command(Command.STMT_RESET, hex('01000000')), execute('01000000 00 01000000 03 00'))
  assert.deepEqual(await client.readMany(2), [hex('00 00 00 0200 0000'), okInsert])
  assert.deepEqual(bound[1], [null, null])
})

test('what is wrong with a value sent ahead is told at the execution; none is kept above the limit', async (t) => {
  const { client } = await rig(t, { maxStatementBytes: 100 })
  const ahead = (body: string, length: number): Buffer =>
    command(Command.STMT_SEND_LONG_DATA, Buffer.concat([hex(body), Buffer.alloc(length)]))
  client.send(prepare('INSERT ?'))
  await client.readMany(3)
  const run = execute('01000000 00 01000000 00 01 fc00')
  client.send(ahead('01000000 0000', 80), ahead('01000000 0000', 20), run)
  assert.match(errorOf(await client.read()), /^1461 42000 .*100 bytes/)
  client.send(
    ahead('01000000 0100', 1),
    run,
    ahead('05000000 0000', 1),
    ahead('05', 0),
    ahead('01000000 0000', 80),
    run,
  )
  assert.match(errorOf(await client.read()), /^1835 HY000 .*no parameter 1/)
  assert.deepEqual(await client.read(), okInsert)
})

test('the texts of prepared statements have a limit', async (t) => {
  const { client } = await rig(t, { maxStatementBytes: 20 })
  client.send(prepare('x'.repeat(15)), prepare('x'.repeat(6)), prepare('x'.repeat(5)))
  const [, tooLarge, fits] = await client.readMany(3)
  assert.match(errorOf(tooLarge!), /^1461 42000 .*21 bytes, the limit is 20/)
  assert.equal(fits![0], 0)
})

const allTypes: readonly ColumnDef[] = (
  ['int', 'bigint', 'double', 'decimal', 'text', 'blob', 'date', 'datetime', 'time'] as const
).map((type) => ({ name: type, type }))

async function binaryRows(t: TestContext, columns: readonly ColumnDef[], rows: readonly Row[]): Promise<Buffer[]> {
  const handler = testHandler({ query: () => ({ columns, rows }) })
  const client = await RawClient.of(testServer(t, { handler, onError: () => undefined }))
  client.send(prepare('x'), execute('01000000 00 01000000'))
  await client.readMany(1 + 1 + columns.length + 1)
  return client.readMany(rows.length)
}

test('binary rows: every type, and NULLs', async (t) => {
  const rows: Row[] = [
    [-2, -3n, 1.5, '1.50', 'é', hex('00ff'), '2026-01-31', '2026-01-31 23:59:58.000001', '-51:04:05'],
    [4294967295, 7, 0, 2, '', hex(''), '2026-01-31', '2026-01-31 00:00:00', '03:04:05.5'],
    Array<null>(9).fill(null),
    ['12', '9223372036854775807', '1.5', null, 5, 'ab', null, null, null],
  ]
  assert.deepEqual(await binaryRows(t, allTypes, rows), [
    hex(`00 0000 feffffff fdffffffffffffff 000000000000f83f 04 312e3530 02 c3a9 02 00ff
      04 ea07 01 1f  0b ea07 01 1f 17 3b 3a 01000000  08 01 02000000 03 04 05`),
    hex(`00 0000 ffffffff 0700000000000000 0000000000000000 01 32 00 00
      04 ea07 01 1f  07 ea07 01 1f 00 00 00  0c 00 00000000 03 04 05 20a10700`),
    hex('00 fc07'),
    hex('00 2007 0c000000 ffffffffffffff7f 000000000000f83f 01 35 02 6162'),
  ])
})

test('a value that its column cannot hold is an error, not another value', async (t) => {
  for (const [type, value] of [
    ['int', 2 ** 32],
    ['int', 'x'],
    ['int', 1.5],
    ['bigint', 'x'],
    ['date', 'tomorrow'],
    ['time', 'noon'],
  ] as const) {
    const [row] = await binaryRows(t, [{ name: 'c', type }], [[value]])
    assert.equal(errorOf(row!), '1105 HY000 Internal error')
  }
})

test('a cursor: rows by portions, closed at the end, and early', async (t) => {
  const closed: string[] = []
  const rows = function* (name: string): Generator<[number]> {
    try {
      for (let n = 1; n <= 3; n++) yield [n]
    } finally {
      closed.push(name)
    }
  }
  const handler = testHandler({ query: (sql) => ({ columns: [{ name: 'n', type: 'int' }], rows: rows(sql) }) })
  const server = testServer(t, { handler })
  const client = await RawClient.of(server)
  const open = execute('01000000 01 01000000')
  const fetch = (count: number): Buffer => command(Command.STMT_FETCH, hex(`01000000 0${count}000000`))
  client.send(prepare('first'), open, fetch(2), fetch(2), fetch(1))
  const [, , , end, one, two, more, three, last, none] = await client.readMany(10)
  assert.deepEqual(end, hex('fe 0000 4200'))
  assert.deepEqual(
    [one, two, three],
    [1, 2, 3].map((n) => hex(`00 00 0${n}000000`)),
  )
  assert.deepEqual([more, last], [hex('fe 0000 4200'), hex('fe 0000 8200')])
  assert.match(errorOf(none!), /^1421 HY000 /)
  assert.deepEqual(closed, ['first'])
  for (const early of [open, command(Command.STMT_RESET, hex('01000000')), command(Command.QUIT)]) {
    closed.length = 0
    client.send(open, fetch(1), early)
    await client.readMany(5)
    if (early[4] === Command.QUIT) await client.rest()
    else await client.readMany(early === open ? 3 : 1)
    assert.deepEqual(closed, ['first'])
  }
})
