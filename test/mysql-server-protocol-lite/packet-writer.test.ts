import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { PacketWriter } from '../../lib/mysql-server-protocol-lite/packet-writer.ts'
import { hex } from './support.ts'

function written(write: (out: PacketWriter) => void): Buffer {
  const out = new PacketWriter()
  out.begin()
  write(out)
  out.end()
  return out.take()
}

test('fields, in the byte order of the wire', () => {
  const bytes = written((out) => {
    out.uint8(0x01)
    out.uint16(0x0203)
    out.uint24(0x040506)
    out.uint32(0xfffefdfc)
    out.uint64(-2n)
    out.zeros(2)
    out.nullTerminated('é')
  })
  assert.deepEqual(
    bytes,
    hex('17 00 00 00  01  03 02  06 05 04  fc fd fe ff  fe ff ff ff ff ff ff ff  00 00  c3 a9 00'),
  )
})

test('length-encoded integers at their borders', () => {
  const cases: [number | bigint, string][] = [
    [0, '00'],
    [250, 'fa'],
    [251, 'fc fb 00'],
    [0xffff, 'fc ff ff'],
    [0x10000, 'fd 00 00 01'],
    [0xffffff, 'fd ff ff ff'],
    [0x1000000, 'fe 00 00 00 01 00 00 00 00'],
    [2n ** 64n - 1n, 'fe ff ff ff ff ff ff ff ff'],
  ]
  for (const [value, expected] of cases) {
    const bytes = written((out) => out.lengthEncoded(value))
    assert.deepEqual(bytes.subarray(4), hex(expected), String(value))
  }
})

test('length-encoded texts at the borders of their lengths', () => {
  for (const length of [0, 1, 83, 84, 250, 251, 65535, 65536]) {
    for (const character of ['a', 'я', '€', '😀']) {
      const text = character.repeat(length)
      const size = Buffer.byteLength(text)
      const head = size < 251 ? 1 : size < 65536 ? 3 : 4
      const bytes = written((out) => out.lengthEncodedText(text))
      assert.equal(bytes.length, 4 + head + size)
      assert.equal(bytes.toString('utf8', 4 + head), text)
    }
  }
})

test('packets are numbered on, and leave together', () => {
  const out = new PacketWriter()
  out.sequence = 255
  for (const byte of [1, 2]) {
    out.begin()
    out.uint8(byte)
    out.end()
  }
  assert.deepEqual(out.take(), hex('01 00 00 ff 01  01 00 00 00 02'))
  assert.equal(out.length, 0)
})

test('a packet half-way through is forgotten', () => {
  const out = new PacketWriter()
  out.begin()
  out.uint8(1)
  out.end()
  out.begin()
  out.text('never')
  out.abort()
  out.abort()
  assert.deepEqual(out.take(), hex('01 00 00 00 01'))
})

test('payloads of 16 MiB - 1 and more are continued', () => {
  for (const [size, parts] of [
    [0xfffffe, [0xfffffe]],
    [0xffffff, [0xffffff, 0]],
    [0xffffff + 1, [0xffffff, 1]],
    [0xffffff * 2 + 5, [0xffffff, 0xffffff, 5]],
  ] as const) {
    const payload = randomBytes(size)
    const bytes = written((out) => out.bytes(payload))
    const pieces: Buffer[] = []
    let at = 0
    for (const [sequence, length] of parts.entries()) {
      assert.equal(bytes.readUIntLE(at, 3), length)
      assert.equal(bytes[at + 3], sequence)
      pieces.push(bytes.subarray(at + 4, at + 4 + length))
      at += 4 + length
    }
    assert.equal(at, bytes.length)
    assert.ok(Buffer.concat(pieces).equals(payload))
  }
})
