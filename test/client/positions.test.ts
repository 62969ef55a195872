import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Positions } from '../../lib/client/positions.ts'

test('what the server has skipped for a client that reads too slowly is a gap; the position is that of the newest', () => {
  const gaps: string[] = []
  const positions = new Positions((pipe) => gaps.push(pipe))
  const state = { epoch: 'e1', offset: 3 }
  positions.admit({ pipe: 'sys', event: 'subscribed', data: { pipes: { prices: state, other: state } } })
  positions.admit({ pipe: 'sys', event: 'skipped', data: { pipes: { prices: { recovered: false } } } })
  assert.equal(positions.admit({ pipe: 'prices', event: '', data: 1, id: 'm9', offset: 9 }), true)
  assert.deepEqual(gaps, ['prices'])
  assert.deepEqual([positions.of('prices'), positions.of('other')], [{ epoch: 'e1', offset: 9 }, state])
})
