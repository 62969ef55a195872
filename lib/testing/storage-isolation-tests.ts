import assert from 'node:assert/strict'
import { entries, entry, logs, seqs, tables, type ConformanceTest } from './storage-samples.ts'

/** What belongs to one tenant, table, log or key does not touch the others. */
export const isolationTests: readonly ConformanceTest[] = [
  [
    'tenants are isolated in tables',
    async (storage) => {
      for (const devId of [1, 11, 2]) await storage.set('users_auth', devId, '7', `of ${devId}`)
      assert.equal(await storage.delete('users_auth', 1, ['7']), 1)
      assert.deepEqual(await storage.get('users_auth', 1), new Map())
      assert.deepEqual(await storage.get('users_auth', 11), new Map([['7', 'of 11']]))
      assert.deepEqual(await storage.get('users_auth', 2, ['7']), new Map([['7', 'of 2']]))
    },
  ],
  [
    'tenants are isolated in logs, and each has numbers of its own',
    async (storage) => {
      for (const devId of [0, 1]) {
        for (const i of [1, 2]) assert.equal(await storage.append('pipes_messages', devId, 'news', entry(i), 10), i)
      }
      await storage.remove('pipes_messages', 0, 'news', 0, Infinity)
      assert.deepEqual(seqs(await entries(storage, 'pipes_messages', 1, 'news')), [1, 2])
    },
  ],
  [
    'tables, logs and keys of one tenant are isolated from each other',
    async (storage) => {
      for (const table of tables) await storage.set(table, 1, 'same', table)
      for (const table of tables) assert.deepEqual(await storage.get(table, 1), new Map([['same', table]]))
      for (const log of logs) {
        for (const key of ['Same', 'same']) assert.equal(await storage.append(log, 1, key, entry(1), 10), 1)
      }
      await storage.remove('pipes_messages', 1, 'same', 0, Infinity)
      assert.deepEqual(seqs(await entries(storage, 'pipes_messages', 1, 'Same')), [1])
      assert.deepEqual(seqs(await entries(storage, 'users_messages', 1, 'same')), [1])
    },
  ],
]
