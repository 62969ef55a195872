import { test } from 'node:test'
import assert from 'node:assert/strict'
import { MessageIds } from '../../lib/core/message-ids.ts'

const now = 1_700_000_000_123

test('an id is a UUID of version 7', () => {
  assert.match(new MessageIds().next(now), /^018bcfe5-687b-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('ids sort in the order in which they were made: later, within a millisecond, and when the clock goes back', () => {
  const ids = new MessageIds()
  const times = [now, now + 1, ...Array.from({ length: 10_000 }, () => now + 1), now - 1000, now + 2, now + 86_400_000]
  const made = times.map((time) => ids.next(time))
  assert.deepEqual([...made].sort(), made)
  assert.equal(new Set(made).size, made.length)
})
