import assert from 'node:assert/strict'
import type { Entry, Storage, StoredEntry } from '../storage/storage.ts'
import {
  entries,
  entry,
  exoticKeys,
  exoticTexts,
  logs,
  numbers,
  plain,
  seqs,
  type ConformanceTest,
} from './storage-samples.ts'

/** What every log has to keep to. */
export const logTests: readonly ConformanceTest[] = [
  [
    'append numbers from 1 and by 1; read gives what was appended, oldest first',
    async (storage) => {
      for (const log of logs) {
        assert.deepEqual(await entries(storage, log, 1, 'news'), [])
        for (let i = 1; i <= 12; i++) assert.equal(await storage.append(log, 1, 'news', entry(i), 100), i)
        const stored = Array.from({ length: 12 }, (_, index) => ({ ...entry(index + 1), seq: index + 1 }))
        assert.deepEqual((await entries(storage, log, 1, 'news')).map(plain), stored)
      }
    },
  ],
  [
    'read with after gives what has a higher seq',
    async (storage) => {
      await appendMany(storage, 5, 100)
      assert.deepEqual(seqs(await entries(storage, 'pipes_messages', 1, 'news', 3)), [4, 5])
      assert.deepEqual(await entries(storage, 'pipes_messages', 1, 'news', 5), [])
      assert.deepEqual(await entries(storage, 'pipes_messages', 1, 'news', 99), [])
      assert.equal((await entries(storage, 'pipes_messages', 1, 'news', 0)).length, 5)
    },
  ],
  [
    'read with limit gives the first so many of them, and the last seq of the whole log',
    async (storage) => {
      for (const log of logs) {
        assert.deepEqual(await entries(storage, log, 1, 'news', 0, 1), [])
        for (const i of numbers(30)) await storage.append(log, 1, 'news', entry(i), 25)
        await storage.remove(log, 1, 'news', 12, 12)
        const read = async (after: number | undefined, limit: number): Promise<number[]> => {
          const { lastSeq, entries: found } = await storage.read(log, 1, 'news', after, limit)
          assert.equal(lastSeq, 30)
          return seqs(found)
        }
        assert.deepEqual(await read(undefined, 2), [6, 7])
        assert.deepEqual(await read(10, 3), [11, 13, 14])
        assert.deepEqual(await read(28, 2), [29, 30])
        assert.deepEqual(await read(28, 1000), [29, 30])
        assert.deepEqual(await read(30, 1), [])
        assert.equal((await read(0, 1000)).length, 24)
        const [some, all] = await Promise.all([read(5, 4), entries(storage, log, 1, 'news', 5), read(20, 1)])
        assert.deepEqual([some, all.length], [[6, 7, 8, 9], 24])
      }
    },
  ],
  [
    'append cuts the log to its last keep entries',
    async (storage) => {
      await appendMany(storage, 10, 3)
      assert.deepEqual(seqs(await entries(storage, 'pipes_messages', 1, 'news')), [8, 9, 10])
      assert.equal(await storage.append('pipes_messages', 1, 'news', entry(11), 1), 11)
      assert.deepEqual(seqs(await entries(storage, 'pipes_messages', 1, 'news')), [11])
      assert.equal(await storage.append('pipes_messages', 1, 'news', entry(12), 0), 12)
      assert.deepEqual(await entries(storage, 'pipes_messages', 1, 'news'), [])
    },
  ],
  [
    'the last keep entries are counted: a hole that remove left is none of them',
    async (storage) => {
      await appendMany(storage, 5, 5)
      await storage.remove('pipes_messages', 1, 'news', 2, 4)
      const kept = async (): Promise<number[]> => seqs(await entries(storage, 'pipes_messages', 1, 'news'))
      for (const i of [6, 7, 8]) await storage.append('pipes_messages', 1, 'news', entry(i), 5)
      assert.deepEqual(await kept(), [1, 5, 6, 7, 8])
      await storage.append('pipes_messages', 1, 'news', entry(9), 5)
      assert.deepEqual(await kept(), [5, 6, 7, 8, 9])
      await storage.append('pipes_messages', 1, 'news', entry(10), 2)
      assert.deepEqual(await kept(), [9, 10])
    },
  ],
  [
    'read tells the last seq given out, also of entries that are gone, and an epoch that stays',
    async (storage) => {
      const before = await storage.read('pipes_messages', 1, 'news')
      assert.equal(before.lastSeq, 0)
      await appendMany(storage, 5, 3)
      await storage.remove('pipes_messages', 1, 'news', 4, 5)
      const after = await storage.read('pipes_messages', 1, 'news')
      assert.deepEqual([after.lastSeq, seqs(after.entries), after.epoch], [5, [3], before.epoch])
      await storage.remove('pipes_messages', 1, 'news', 0, Infinity)
      assert.equal((await storage.read('pipes_messages', 1, 'news', 99)).lastSeq, 5)
      assert.notEqual(after.epoch, '')
    },
  ],
  [
    'append tells how many entries it cut off, where it did',
    async (storage) => {
      const told: number[] = []
      const append = (i: number, keep: number): Promise<number> =>
        storage.append('users_messages', 1, '7', entry(i), keep, (count) => told.push(count))
      await append(1, 3)
      await append(2, 3)
      assert.deepEqual(told, [])
      await Promise.all([append(3, 3), append(4, 3), append(5, 3)])
      assert.deepEqual(told, [1, 1])
      await append(6, 1)
      assert.deepEqual(told, [1, 1, 3])
    },
  ],
  [
    'append and its cut are atomic: no read sees more than keep, nor a hole',
    async (storage) => {
      const reads: Promise<StoredEntry[]>[] = []
      const appends: Promise<number>[] = []
      for (let i = 1; i <= 100; i++) {
        appends.push(storage.append('pipes_messages', 1, 'news', entry(i), 5))
        reads.push(entries(storage, 'pipes_messages', 1, 'news'))
      }
      await Promise.all(appends)
      for (const read of await Promise.all(reads)) {
        const [first = 0] = seqs(read)
        assert.ok(read.length <= 5, `${read.length} entries`)
        assert.deepEqual(
          seqs(read),
          Array.from({ length: read.length }, (_, index) => first + index),
        )
      }
    },
  ],
  [
    'appends made at once resolve in the order of the calls, each with a seq of its own',
    async (storage) => {
      const resolved: number[] = []
      const calls = Array.from({ length: 100 }, async (_, index) => {
        resolved.push(await storage.append('pipes_messages', 1, 'news', entry(index + 1), 1000))
      })
      await Promise.all(calls)
      assert.deepEqual(
        resolved,
        Array.from({ length: 100 }, (_, index) => index + 1),
      )
      const stored = await entries(storage, 'pipes_messages', 1, 'news')
      assert.deepEqual(
        stored.map(({ id }) => id),
        Array.from({ length: 100 }, (_, index) => entry(index + 1).id),
      )
    },
  ],
  [
    'a seq is never used twice, also after everything was removed or cut away',
    async (storage) => {
      await appendMany(storage, 3, 100)
      await storage.remove('pipes_messages', 1, 'news', 0, Infinity)
      assert.equal(await storage.append('pipes_messages', 1, 'news', entry(4), 100), 4)
      await storage.remove('pipes_messages', 1, 'news', 4, 4)
      assert.equal(await storage.append('pipes_messages', 1, 'news', entry(5), 0), 5)
      assert.equal(await storage.append('pipes_messages', 1, 'news', entry(6), 100), 6)
    },
  ],
  [
    'remove takes from and through inclusive and tells how many were there',
    async (storage) => {
      await appendMany(storage, 10, 100)
      assert.equal(await storage.remove('pipes_messages', 1, 'news', 3, 5), 3)
      assert.equal(await storage.remove('pipes_messages', 1, 'news', 3, 5), 0)
      assert.equal(await storage.remove('pipes_messages', 1, 'news', 4, 6), 1)
      assert.equal(await storage.remove('pipes_messages', 1, 'absent', 0, Infinity), 0)
      assert.deepEqual(seqs(await entries(storage, 'pipes_messages', 1, 'news')), [1, 2, 7, 8, 9, 10])
      assert.equal(await storage.remove('pipes_messages', 1, 'news', 0, 7), 3)
      assert.equal(await storage.remove('pipes_messages', 1, 'news', 0, Infinity), 3)
      assert.deepEqual(await entries(storage, 'pipes_messages', 1, 'news'), [])
    },
  ],
  [
    'append, read and remove made at once take effect in the order of the calls',
    async (storage) => {
      const calls = [
        storage.append('users_messages', 1, '7', entry(1), 100),
        storage.append('users_messages', 1, '7', entry(2), 100),
        entries(storage, 'users_messages', 1, '7').then((stored) => stored.length),
        storage.remove('users_messages', 1, '7', 0, 1),
        entries(storage, 'users_messages', 1, '7').then((stored) => stored.length),
        storage.append('users_messages', 1, '7', entry(3), 100),
      ]
      assert.deepEqual(await Promise.all(calls), [1, 2, 2, 1, 1, 3])
    },
  ],
  [
    'appends with different keep, and removes, made at once take effect one by one',
    async (storage) => {
      const append = (i: number, keep: number): Promise<number> =>
        storage.append('pipes_messages', 1, 'news', entry(i), keep)
      const kept = async (): Promise<number[]> => seqs(await entries(storage, 'pipes_messages', 1, 'news'))
      await Promise.all([append(1, 10), append(2, 10), append(3, 10), append(4, 2), append(5, 10)])
      assert.deepEqual(await kept(), [3, 4, 5])
      const calls = [
        append(6, 10),
        storage.remove('pipes_messages', 1, 'news', 4, 6),
        append(7, 2),
        kept(),
        append(8, 0),
        append(9, 10),
        kept(),
        storage.remove('pipes_messages', 1, 'news', 9, 9),
        storage.remove('pipes_messages', 1, 'news', 9, 9),
      ]
      assert.deepEqual(await Promise.all(calls), [6, 3, 7, [3, 7], 8, 9, [9], 1, 0])
    },
  ],
  [
    'logs are told apart by keys of any form and length',
    async (storage) => {
      for (const log of logs) {
        for (const [i, key] of exoticKeys.entries()) await storage.append(log, 1, key, entry(i), 10)
        for (const [i, key] of exoticKeys.entries()) {
          const stored = await entries(storage, log, 1, key)
          assert.deepEqual(stored.map(plain), [{ ...entry(i), seq: 1 }], `${log} of the key ${key}`)
        }
      }
    },
  ],
  [
    'an id is unique within its log only: other logs may have the same',
    async (storage) => {
      for (const log of logs) {
        for (const key of ['news', 'sport', '7']) assert.equal(await storage.append(log, 1, key, entry(1), 10), 1)
        for (const key of ['news', 'sport', '7']) {
          assert.deepEqual((await entries(storage, log, 1, key)).map(plain), [{ ...entry(1), seq: 1 }])
        }
      }
    },
  ],
  [
    'entries come back exactly as they were, whatever they hold',
    async (storage) => {
      for (const [what, message] of Object.entries(exoticTexts)) {
        const given: Entry = {
          id: 'x'.repeat(36),
          time: 4_102_444_800,
          event: 'e'.repeat(64),
          message,
          userId: Number.MAX_SAFE_INTEGER,
          json: true,
        }
        const seq = await storage.append('users_messages', 1, '7', given, 1)
        const [stored] = await entries(storage, 'users_messages', 1, '7')
        assert.ok(stored?.message === message, `a message ${what}`)
        assert.deepEqual({ ...plain(stored), message: '' }, { ...given, message: '', seq })
      }
    },
  ],
  [
    '10,000 appends made at once are kept, cut and numbered',
    async (storage) => {
      const appends = numbers(10_000).map((i) => storage.append('pipes_messages', 1, 'news', entry(i), 1000))
      assert.deepEqual(await Promise.all(appends), numbers(10_000))
      const { lastSeq, entries: stored } = await storage.read('pipes_messages', 1, 'news')
      assert.equal(lastSeq, 10_000)
      assert.deepEqual(
        stored.map(plain),
        numbers(1000).map((i) => ({ ...entry(9000 + i), seq: 9000 + i })),
      )
    },
  ],
  [
    '20 messages of 1 MiB appended at once are kept whole',
    async (storage) => {
      const message = (i: number): string => String(i).padEnd(1024 * 1024, 'é')
      await Promise.all(
        numbers(20).map((i) => storage.append('pipes_messages', 1, 'news', { ...entry(i), message: message(i) }, 20)),
      )
      const stored = await entries(storage, 'pipes_messages', 1, 'news')
      const whole = stored.filter(({ seq, message: kept }) => kept === message(seq))
      assert.equal(whole.length, 20, 'entries that are whole')
    },
  ],
  [
    'what read returned stays as it is when the log changes',
    async (storage) => {
      await appendMany(storage, 3, 3)
      const before = await entries(storage, 'pipes_messages', 1, 'news')
      await storage.append('pipes_messages', 1, 'news', entry(4), 3)
      before.pop()
      assert.deepEqual(seqs(before), [1, 2])
      assert.deepEqual(seqs(await entries(storage, 'pipes_messages', 1, 'news')), [2, 3, 4])
    },
  ],
  [
    '1,000 entries are kept, and 1,000 logs',
    async (storage) => {
      await appendMany(storage, 1000, 1000)
      assert.equal((await entries(storage, 'pipes_messages', 1, 'news')).length, 1000)
      const keys = Array.from({ length: 1000 }, (_, index) => String(index))
      await Promise.all(keys.map((key) => storage.append('users_messages', 1, key, entry(1), 10)))
      const read = await Promise.all(keys.map((key) => entries(storage, 'users_messages', 1, key)))
      assert.ok(read.every((stored) => seqs(stored).join() === '1'))
    },
  ],
]

async function appendMany(storage: Storage, count: number, keep: number): Promise<void> {
  for (let i = 1; i <= count; i++) await storage.append('pipes_messages', 1, 'news', entry(i), keep)
}
