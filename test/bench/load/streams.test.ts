import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { benchMessage, microseconds } from '../messages.ts'
import { Histogram } from './histogram.ts'
import { messageMarks } from './marks.ts'
import { OwnStreams } from './own-streams.ts'
import { SharedStream } from './shared-stream.ts'

const bytesOf = (...numbers: readonly number[]): Buffer =>
  Buffer.from(numbers.map((number) => benchMessage(number)).join('\n'))
const subscribers = (count: number) => Array.from({ length: count }, () => ({ bytes: 0, messages: 0 }))

for (const [name, make] of [
  ['shared', (latencies: Histogram) => new SharedStream(messageMarks, latencies)],
  ['own', (latencies: Histogram) => new OwnStreams(latencies)],
] as const) {
  describe(`${name} streams`, () => {
    test('count what comes in pieces of any size', () => {
      const bytes = bytesOf(1, 2, 3)
      for (let size = 1; size < 150; size++) {
        const streams = make(new Histogram())
        const [one, other] = subscribers(2)
        streams.begin([one!, other!])
        for (const subscriber of [one!, other!]) {
          for (let at = 0; at < bytes.length; at += size) streams.receive(subscriber, bytes.subarray(at, at + size), 0)
        }
        assert.equal(streams.deliveries, 6, `pieces of ${size} bytes`)
        assert.deepEqual(streams.problems, [])
      }
    })

    for (const [what, numbers] of [
      ['lost', [1, 3]],
      ['doubled', [1, 1]],
      ['out of order', [2, 1]],
    ] as const) {
      test(`notice a message that is ${what}`, () => {
        const streams = make(new Histogram())
        const [one] = subscribers(1)
        streams.begin([one!])
        streams.receive(one!, bytesOf(...numbers), 0)
        assert.notDeepEqual(streams.problems, [])
      })
    }

    test('measure how long messages took', () => {
      const latencies = new Histogram()
      const streams = make(latencies)
      const [one] = subscribers(1)
      streams.begin([one!])
      const bytes = bytesOf(...Array.from({ length: 100 }, (_, index) => index + 1))
      streams.receive(one!, bytes, microseconds() + 50_000)
      assert.ok(latencies.quantile(0.5) > 49 && latencies.quantile(0.99) < 150)
    })
  })
}

test('a subscriber of a shared stream who gets other bytes than the others is noticed', () => {
  const streams = new SharedStream(messageMarks, new Histogram())
  const [one, other] = subscribers(2)
  streams.begin([one!, other!])
  const bytes = bytesOf(1)
  streams.receive(one!, bytes, 0)
  streams.receive(other!, Buffer.from(bytes.toString().replace('xxx', 'xyx')), 0)
  assert.deepEqual(streams.problems, ['a subscriber got other bytes than the others'])
})
