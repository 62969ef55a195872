import { test } from 'node:test'
import assert from 'node:assert/strict'
import { memoryStorage } from '../../lib/storage/memory.ts'
import { storageConformance } from '../../lib/testing/storage-conformance.ts'

storageConformance('memory', () => memoryStorage())

test('after close nothing is left', async () => {
  const storage = memoryStorage()
  await storage.open()
  await storage.set('users_auth', 1, '7', 'a')
  await storage.close()
  assert.deepEqual(await storage.get('users_auth', 1), new Map())
})
