import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Positions } from '../../../lib/client/subscriptions/positions.ts'

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

test('a connection that breaks while all that was missed comes costs no more than the rest', () => {
  const positions = new Positions(() => assert.fail('there is no gap'))
  positions.admit({ pipe: 'sys', event: 'subscribed', data: { pipes: { news: { epoch: 'e1', offset: 3 } } } })
  positions.connected()
  positions.admit({ pipe: 'sys', event: 'recovering', data: { pipes: { news: { epoch: 'e1' } } } })
  positions.admit({ pipe: 'news', event: '', data: 1, id: 'm4', offset: 4 })
  assert.deepEqual(positions.of('news'), { epoch: 'e1', offset: 4 })
})

test('without that word from the server, or for other numbers, the position stays until the end', () => {
  for (const pipes of [{}, { news: { epoch: 'e2' } }]) {
    const positions = new Positions(() => assert.fail('there is no gap'))
    positions.admit({ pipe: 'sys', event: 'subscribed', data: { pipes: { news: { epoch: 'e1', offset: 3 } } } })
    positions.connected()
    positions.admit({ pipe: 'sys', event: 'recovering', data: { pipes } })
    assert.equal(positions.admit({ pipe: 'news', event: '', data: 1, id: 'm4', offset: 4 }), true)
    assert.deepEqual(positions.of('news'), { epoch: 'e1', offset: 3 })
  }
})

test('a pipe that begins to keep messages after a reconnect has a position from then on', () => {
  const positions = new Positions(() => assert.fail('there is no gap'))
  const answer = (pipes: object): boolean => positions.admit({ pipe: 'sys', event: 'subscribed', data: { pipes } })
  answer({ news: {} })
  positions.admit({ pipe: 'news', event: '', data: 1, id: 'm1' })
  positions.connected()
  answer({ news: {} })
  positions.admit({ pipe: 'news', event: '', data: 2, id: 'm2', offset: 1 })
  assert.deepEqual(positions.of('news'), { epoch: '?', offset: 1 })
})
