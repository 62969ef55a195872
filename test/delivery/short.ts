// The short run, as a part of all tests; `npm run test:delivery` makes the long one and prints the table.
import assert from 'node:assert/strict'
import { measureDelivery, type DeliveryTask, type StorageCase } from './delivery.ts'
import { newReader } from './readers.ts'

export const short: Omit<DeliveryTask, 'storage' | 'reader'> = {
  clients: 40,
  messagesPerSecond: 50,
  seconds: 5,
  cutEveryMs: 5000,
  halfOpenMs: 1000,
  refusedPercent: 40,
  restartEveryMs: 3000,
  seed: 1,
}

/** Asserts that clients of protocol 5 get each message once and in order. */
export async function isComplete(storage: StorageCase, nodes = 1): Promise<void> {
  const report = await measureDelivery({ ...short, nodes, storage, reader: newReader })
  const { lost, doubled, disordered, told, switches, cuts, halfOpen, restarts } = report
  assert.deepEqual({ lost, doubled, disordered, told }, { lost: 0, doubled: 0, disordered: 0, told: 0 })
  assert.ok(switches > 10 && cuts > 10 && halfOpen > 3 && restarts > 0, JSON.stringify(report))
}
