// The suite must fail for storages that are wrong: each of these was right but for one thing.
import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { describe, test } from 'node:test'
import { memoryStorage } from '../../lib/storage/memory.ts'
import type { Entry, Storage, StoredLog } from '../../lib/storage/storage.ts'
import { storageConformance } from '../../lib/testing/storage-conformance.ts'
import { isolationTests } from '../../lib/testing/storage-isolation-tests.ts'
import { logTests } from '../../lib/testing/storage-log-tests.ts'
import { sharedTests } from '../../lib/testing/storage-shared-tests.ts'
import { tableTests } from '../../lib/testing/storage-table-tests.ts'

/** memoryStorage() with methods of its own; `right` is the one without them. */
function wrong(change: (right: Storage) => Partial<Storage>): Storage {
  const right = memoryStorage()
  return { ...right, ...change(right) }
}

/** One whose keys are first made into something else. */
function withKeys(keyOf: (key: string) => string): Storage {
  return wrong((right) => ({
    get: (table, devId, keys) => right.get(table, devId, keys?.map(keyOf)),
    set: (table, devId, key, value) => right.set(table, devId, keyOf(key), value),
    delete: (table, devId, keys) => right.delete(table, devId, keys.map(keyOf)),
    append: (log, devId, key, entry, keep) => right.append(log, devId, keyOf(key), entry, keep),
    read: (log, devId, key, after, limit) => right.read(log, devId, keyOf(key), after, limit),
    remove: (log, devId, key, from, through) => right.remove(log, devId, keyOf(key), from, through),
  }))
}

/** One whose texts are first made into something else. */
function withTexts(textOf: (text: string) => string): Storage {
  return wrong((right) => ({
    set: (table, devId, key, value) => right.set(table, devId, key, textOf(value)),
    append: (log, devId, key, entry, keep) =>
      right.append(log, devId, key, { ...entry, message: textOf(entry.message) }, keep),
  }))
}

function withLogs(change: (log: StoredLog) => StoredLog): Storage {
  return wrong((right) => ({ read: async (...where) => change(await right.read(...where)) }))
}

const mistakes: Readonly<Record<string, readonly [caughtBy: string, make: () => Storage]>> = {
  'keys without regard to case, as in MySQL': [
    'keys are told apart exactly, by case too, and 600 characters long',
    () => withKeys((key) => key.toLowerCase()),
  ],
  'keys without spaces at their ends, as in CHAR': [
    'keys are told apart exactly, by case too, and 600 characters long',
    () => withKeys((key) => key.trimEnd()),
  ],
  'keys cut to what an index takes': [
    'logs are told apart by keys of any form and length',
    () => withKeys((key) => key.slice(0, 3072)),
  ],
  'values that look like numbers stored as numbers': [
    'values come back exactly as they were, whatever they hold',
    () => withTexts((text) => (/^-?\d+$/.test(text) ? String(Number(text)) : text)),
  ],
  'texts read up to the first NUL': [
    'entries come back exactly as they were, whatever they hold',
    () => withTexts((text) => text.replace(/\0.*/, '')),
  ],
  'no emoji, as in utf8mb3': [
    'values come back exactly as they were, whatever they hold',
    () => withTexts((text) => text.replace(/[^\0-\uffff]/gu, '?')),
  ],
  'texts of 64 KB at most, as in TEXT': [
    '20 messages of 1 MiB appended at once are kept whole',
    () => withTexts((text) => text.slice(0, 65_535)),
  ],
  'one id for all logs': [
    'an id is unique within its log only: other logs may have the same',
    () => {
      const ids = new Set<string>()
      const once = (entry: Entry): boolean => ids.size < ids.add(entry.id).size
      return wrong((right) => ({
        append: (log, devId, key, entry, keep) => right.append(log, devId, key, entry, once(entry) ? keep : 0),
      }))
    },
  ],
  'the cut counts numbers, not entries': [
    'the last keep entries are counted: a hole that remove left is none of them',
    () =>
      wrong((right) => ({
        async append(log, devId, key, entry, keep) {
          const seq = await right.append(log, devId, key, entry, keep)
          await right.remove(log, devId, key, 0, seq - keep)
          return seq
        },
      })),
  ],
  'the limit of a read does not count': [
    'read with limit gives the first so many of them, and the last seq of the whole log',
    () => wrong((right) => ({ read: (log, devId, key, after) => right.read(log, devId, key, after) })),
  ],
  'a read with a limit gives the last ones': [
    'read with limit gives the first so many of them, and the last seq of the whole log',
    () =>
      wrong((right) => ({
        async read(log, devId, key, after, limit = Infinity) {
          const all = await right.read(log, devId, key, after)
          return { ...all, entries: all.entries.slice(-limit) }
        },
      })),
  ],
  'a read with a limit knows no more of the log than it gives': [
    'read with limit gives the first so many of them, and the last seq of the whole log',
    () =>
      withLogs((log) => {
        const last = log.entries.at(-1)
        return log.entries.length < 5 && last !== undefined ? { ...log, lastSeq: last.seq } : log
      }),
  ],
  'nobody hears of the cut': [
    'append tells how many entries it cut off, where it did',
    () => wrong((right) => ({ append: (log, devId, key, entry, keep) => right.append(log, devId, key, entry, keep) })),
  ],
  'the cut comes later': [
    'append and its cut are atomic: no read sees more than keep, nor a hole',
    () =>
      wrong((right) => ({
        async append(log, devId, key, entry, keep) {
          const seq = await right.append(log, devId, key, entry, Infinity)
          await setImmediate()
          await right.remove(log, devId, key, 0, seq - keep)
          return seq
        },
      })),
  ],
  'numbers begin anew when a log is empty': [
    'a seq is never used twice, also after everything was removed or cut away',
    () => {
      const starts = new Map<string, number>()
      return wrong((right) => ({
        async append(log, devId, key, entry, keep) {
          const { lastSeq, entries } = await right.read(log, devId, key)
          if (entries.length === 0) starts.set(`${devId} ${log} ${key}`, lastSeq)
          return (await right.append(log, devId, key, entry, keep)) - (starts.get(`${devId} ${log} ${key}`) ?? 0)
        },
      }))
    },
  ],
  'the newest first': [
    'append numbers from 1 and by 1; read gives what was appended, oldest first',
    () => withLogs((log) => ({ ...log, entries: log.entries.toReversed() })),
  ],
  'the last seq is that of the last entry': [
    'read tells the last seq given out, also of entries that are gone, and an epoch that stays',
    () => withLogs((log) => ({ ...log, lastSeq: log.entries.at(-1)?.seq ?? 0 })),
  ],
  'writes that reads overtake': [
    'calls for one key take effect in the order in which they were made',
    () =>
      wrong((right) => ({
        async set(...row) {
          await setImmediate()
          await right.set(...row)
        },
      })),
  ],
  'tenants that share a table': [
    'tenants are isolated in tables',
    () => wrong((right) => ({ set: (table, _, key, value) => right.set(table, 1, key, value) })),
  ],
}

describe('the conformance suite finds', () => {
  const all = new Map([...tableTests, ...logTests, ...isolationTests])
  for (const [mistake, [caughtBy, make]] of Object.entries(mistakes)) {
    test(mistake, async () => {
      const run = all.get(caughtBy)
      assert.ok(run, `there is no test "${caughtBy}"`)
      await run(memoryStorage())
      await assert.rejects(run(make()), { name: 'AssertionError' })
    })
  }

  for (const [title, run] of sharedTests) {
    if (title === 'close finishes what was begun' || title.includes('reopening') || title.includes('storages')) {
      test(`storages that share nothing: ${title}`, async () => {
        await assert.rejects(
          run({ open: () => Promise.resolve(memoryStorage()), close: (storage) => storage.close() }),
          { name: 'AssertionError' },
        )
      })
    }
  }
})

test('a test that is skipped by a wrong name is an error that lists the right ones', () => {
  const skip = [{ test: 'set replaces', reason: 'a typing error' }]
  assert.throws(
    () => storageConformance('mine', () => memoryStorage(), { skip }),
    /"set replaces".*"set replaces the former value"/,
  )
})
