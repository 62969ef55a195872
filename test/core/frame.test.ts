import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { Batch, Frame, Line } from '../../lib/core/frame.ts'

describe('a WebSocket frame (RFC 6455, 5.2)', () => {
  for (const [length, header] of [
    [0, '8100'],
    [125, '817d'],
    [126, '817e007e'],
    [65_535, '817effff'],
    [65_536, '817f0000000000010000'],
    [1_048_576, '817f0000000000100000'],
  ] as const) {
    test(`${length} bytes have the header ${header}`, () => {
      const frame = new Frame('x'.repeat(length)).webSocket
      assert.equal(frame.toString('hex', 0, header.length / 2), header)
      assert.equal(frame.length, header.length / 2 + length)
    })
  }

  test('its length counts bytes, not characters', () => {
    assert.equal(new Frame('é👍').webSocket.toString('hex'), '8106c3a9f09f918d')
  })

  test('half an emoji becomes U+FFFD: the text is valid UTF-8', () => {
    assert.equal(new Frame('\ud83d').webSocket.toString('hex'), '8103efbfbd')
  })

  test('it is built once', () => {
    const frame = new Frame('hi')
    assert.equal(frame.webSocket, frame.webSocket)
  })
})

const line = (data: string): Line => new Line({ pipe: 'news', event: '', data, userId: 0 })

describe('a batch', () => {
  test('the same with the same is the same object, so its bytes are shared', () => {
    const a = new Batch([line('1')])
    const [b, c] = [[line('2')], [line('3')]]
    assert.equal(a.with(b), a.with(b))
    assert.equal(a.with(b).with(c).frame(4), a.with(b).with(c).frame(4))
    assert.notEqual(a.with(b), a.with(c))
  })

  test('growing line by line costs no more for the last line than for the first', () => {
    let batch = new Batch([])
    for (let n = 0; n < 100_000; n++) batch = batch.with([line(String(n))])
    const lines = batch.frame(4).text.split('\n')
    assert.equal(lines.length, 100_000)
    assert.match(lines[99_999] ?? '', /"data":99999,/)
  })

  test('its frame has a line each, in order, and is built once for each form', () => {
    const batch = new Batch([line('1'), line('2')])
    assert.deepEqual(
      batch
        .frame(4)
        .text.split('\n')
        .map((text) => (JSON.parse(text) as { data: unknown }).data),
      [1, 2],
    )
    assert.equal(batch.frame(4), batch.frame(4))
    assert.notEqual(batch.frame(3), batch.frame(4))
  })
})
