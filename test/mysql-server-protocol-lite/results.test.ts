import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ColumnDef } from '../../lib/mysql-server-protocol-lite/index.ts'
import { Capability, Status } from '../../lib/mysql-server-protocol-lite/constants.ts'
import { plainCapabilities, query, RawClient, testHandler, testServer } from './support.ts'

/** Charset, length, type and flags of a column, as they are on the wire. */
async function definition(client: RawClient): Promise<unknown[]> {
  client.send(query('x'))
  const [, column = Buffer.alloc(0)] = await client.readMany(4)
  const fixed = column.subarray(-12)
  return [fixed.readUInt16LE(0), fixed.readUInt32LE(2), fixed.readUInt8(6), fixed.readUInt16LE(7)]
}

test('a text is a VARCHAR as long as it can be, or a TEXT: clients make room for no more than they are told', async (t) => {
  const cases: readonly (readonly [length: number | undefined, bytes: number, type: number, flags: number])[] = [
    [undefined, 65_535 * 4, 253, 0],
    [64, 64 * 4, 253, 0],
    [65_535, 65_535 * 4, 253, 0],
    [65_536, 65_536 * 4, 252, 0x10],
    [16_777_215, 16_777_215 * 4, 252, 0x10],
    [2 ** 31, 0xffffffff, 252, 0x10],
  ]
  for (const [length, bytes, type, flags] of cases) {
    const column: ColumnDef = { name: 'c', type: 'text', ...(length !== undefined && { length }) }
    const handler = testHandler({ query: () => ({ columns: [column], rows: [] }) })
    const client = await RawClient.of(testServer(t, { handler }))
    assert.deepEqual(await definition(client), [45, bytes, type, flags], `length ${length ?? 'of any size'}`)
  }
})

test('that another result follows is told at the end of the columns already, and not of the last result', async (t) => {
  const capabilities = plainCapabilities | Capability.MULTI_STATEMENTS
  const client = await RawClient.of(testServer(t), { capabilities })
  client.send(query('rows 1; rows 1'))
  const packets = await client.readMany(10)
  const isEof = (packet: Buffer): boolean => packet[0] === 0xfe
  assert.deepEqual(
    packets.filter(isEof).map((packet) => packet.readUInt16LE(3) & Status.MORE_RESULTS_EXIST),
    [8, 8, 0, 0],
  )
})
