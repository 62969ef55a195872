// A short run, as a part of all tests; `npm run test:delivery` makes the long one and prints the table.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measureDelivery, type DeliveryTask } from './delivery.ts'
import { newReader, oldReader } from './readers.ts'
import { lastingMemory } from './storages.ts'

const short: Omit<DeliveryTask, 'storage' | 'reader'> = {
  clients: 40,
  messagesPerSecond: 50,
  seconds: 5,
  cutEveryMs: 5000,
  halfOpenMs: 1000,
  refusedPercent: 40,
  restartEveryMs: 3000,
  seed: 1,
}

test('clients of protocol 5, cut at random moments, get each message once and in order, through restarts, too', async () => {
  const report = await measureDelivery({ ...short, storage: lastingMemory(), reader: newReader })
  const { lost, doubled, disordered, told, switches, cuts, halfOpen, restarts } = report
  assert.deepEqual({ lost, doubled, disordered, told }, { lost: 0, doubled: 0, disordered: 0, told: 0 })
  assert.ok(switches > 10 && cuts > 10 && halfOpen > 3 && restarts > 0, JSON.stringify(report))
})

test('clients of the old protocol lose what was sent while they were away: what breaks does break', async () => {
  const { lost, doubled, disordered } = await measureDelivery({ ...short, storage: lastingMemory(), reader: oldReader })
  assert.ok(lost > 100, String(lost))
  assert.deepEqual({ doubled, disordered }, { doubled: 0, disordered: 0 })
})
