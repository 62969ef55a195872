import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { measureDelivery } from './delivery.ts'
import { oldReader } from './readers.ts'
import { isComplete, short } from './short.ts'
import { lastingMemory, sharedMemory } from './storages.ts'

describe('clients of protocol 5, cut at random moments, get each message once and in order, through restarts, too', () => {
  test('with memory', () => isComplete(lastingMemory()))
  test('with three nodes', () => isComplete(sharedMemory(), 3))
})

test('clients of the old protocol lose what was sent while they were away: what breaks does break', async () => {
  const { lost, doubled, disordered } = await measureDelivery({ ...short, storage: lastingMemory(), reader: oldReader })
  assert.ok(lost > 100, String(lost))
  assert.deepEqual({ doubled, disordered }, { doubled: 0, disordered: 0 })
})
