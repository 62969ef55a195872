import { test } from 'node:test'
import assert from 'node:assert/strict'
import { Heartbeat } from '../../lib/transports/heartbeat.ts'

test('everybody has a turn once in a period, and not all at once', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let turns: number[] = []
  const heartbeat = new Heartbeat<number>(1000, (member) => turns.push(member))
  const groups = [1, 2, 3, 4, 5].map((member) => heartbeat.join(member))
  for (const expected of [[1, 5], [2], [3], [4], [1, 5]]) {
    turns = []
    t.mock.timers.tick(250)
    assert.deepEqual(turns, expected)
  }

  turns = []
  groups[1]?.delete(2)
  t.mock.timers.tick(1000)
  assert.deepEqual(turns, [3, 4, 1, 5])

  turns = []
  heartbeat.stop()
  t.mock.timers.tick(1000)
  assert.deepEqual(turns, [])
})

test('a period that is shorter than a step is kept', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let turns = 0
  const heartbeat = new Heartbeat<number>(20, () => turns++)
  heartbeat.join(1)
  t.mock.timers.tick(100)
  heartbeat.stop()
  assert.equal(turns, 5)
})
