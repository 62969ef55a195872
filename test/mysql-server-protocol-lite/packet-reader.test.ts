import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PacketReader } from '../../lib/mysql-server-protocol-lite/packet-reader.ts'
import { hex, packet } from './support.ts'

const limit = 1024

function readAll(reader: PacketReader): string[] {
  const payloads: string[] = []
  for (let payload = reader.next(); payload !== undefined; payload = reader.next()) {
    payloads.push(payload.toString('hex'))
    reader.expect(0)
  }
  return payloads
}

test('a packet arrives whole', () => {
  const reader = new PacketReader(limit)
  reader.push(hex('03 00 00 00 03 41 42'))
  assert.deepEqual(reader.next(), hex('03 41 42'))
  assert.equal(reader.nextSequence, 1)
  assert.equal(reader.next(), undefined)
})

test('three packets, split at every two positions', () => {
  const bytes = hex('03 00 00 00 03 41 42   00 00 00 00   01 00 00 00 0e')
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second++) {
      const reader = new PacketReader(limit)
      const payloads: string[] = []
      for (const chunk of [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]) {
        reader.push(chunk)
        payloads.push(...readAll(reader))
      }
      assert.deepEqual(payloads, ['034142', '', '0e'], `split at ${first} and ${second}`)
    }
  }
})

test('bytes one by one, and payloads read before stay what they were', () => {
  const reader = new PacketReader(limit)
  const payloads: Buffer[] = []
  for (const byte of Buffer.concat([packet(0, 'first'), packet(0, 'second'), packet(0, 'third')])) {
    reader.push(Buffer.of(byte))
    reader.expect(0)
    const payload = reader.next()
    if (payload !== undefined) payloads.push(payload)
  }
  assert.deepEqual(payloads.map(String), ['first', 'second', 'third'])
})

test('a payload of 0xffffff bytes goes on in the next packet', () => {
  const large = Buffer.alloc(0xffffff, 'a')
  const reader = new PacketReader(2 ** 26)
  reader.push(packet(0, large))
  assert.equal(reader.next(), undefined)
  reader.push(packet(1, 'tail'))
  const payload = reader.next()
  assert.equal(payload?.length, 0xffffff + 4)
  assert.equal(payload.toString('latin1', 0xfffffd), 'aatail')
  assert.equal(reader.nextSequence, 2)
})

test('a payload of exactly 0xffffff bytes ends with an empty packet', () => {
  const reader = new PacketReader(2 ** 26)
  reader.push(packet(0, Buffer.alloc(0xffffff)))
  reader.push(packet(1, ''))
  assert.equal(reader.next()?.length, 0xffffff)
})

test('a packet above the limit is refused by its header, before its payload has come', () => {
  const reader = new PacketReader(limit)
  reader.push(hex('01 04 00 00'))
  assert.throws(() => reader.next(), { number: 1153, sqlState: '08S01', message: /1025 bytes.*1024/ })
})

test('continuation packets count together', () => {
  const reader = new PacketReader(0xffffff + 10)
  reader.push(packet(0, Buffer.alloc(0xffffff)))
  assert.equal(reader.next(), undefined)
  reader.push(hex('0b 00 00 01'))
  assert.throws(() => reader.next(), { number: 1153 })
})

test('a packet with another number than the expected one is refused', () => {
  const reader = new PacketReader(limit)
  reader.push(hex('01 00 00 02 0e'))
  assert.throws(() => reader.next(), { number: 1156, sqlState: '08S01' })
})

test('what was not read is handed over', () => {
  const reader = new PacketReader(limit)
  reader.push(hex('01 00 00 00 0e 16 03 01'))
  reader.next()
  assert.deepEqual(reader.takeRest(), hex('16 03 01'))
  assert.equal(reader.takeRest().length, 0)
})
