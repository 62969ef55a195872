import assert from 'node:assert/strict'
import { exoticKeys, exoticNumbers, exoticTexts, sorted, tables, type ConformanceTest } from './storage-samples.ts'

/** What every table has to keep to. */
export const tableTests: readonly ConformanceTest[] = [
  [
    'get leaves absent keys out; a table without rows is an empty Map',
    async (storage) => {
      for (const table of tables) {
        assert.deepEqual(await storage.get(table, 1), new Map())
        await storage.set(table, 1, 'here', table)
        assert.deepEqual(await storage.get(table, 1, ['absent', 'here', 'toString']), new Map([['here', table]]))
        assert.deepEqual(await storage.get(table, 1, []), new Map())
      }
    },
  ],
  [
    'get with a key named twice answers once',
    async (storage) => {
      await storage.set('users_data', 1, 'a', '1')
      assert.deepEqual(await storage.get('users_data', 1, ['a', 'a']), new Map([['a', '1']]))
    },
  ],
  [
    'set replaces the former value',
    async (storage) => {
      for (const value of ['old', 'new']) await storage.set('users_auth', 1, '7', value)
      assert.deepEqual(await storage.get('users_auth', 1, ['7']), new Map([['7', 'new']]))
    },
  ],
  [
    'delete removes the keys and tells how many were there',
    async (storage) => {
      for (const key of ['a', 'b', 'c']) await storage.set('users_data', 1, key, key)
      assert.equal(await storage.delete('users_data', 1, ['a', 'absent', 'c']), 2)
      assert.equal(await storage.delete('users_data', 1, ['a']), 0)
      assert.equal(await storage.delete('users_data', 1, []), 0)
      assert.deepEqual(await storage.get('users_data', 1), new Map([['b', 'b']]))
    },
  ],
  [
    'delete with a key named twice counts it once',
    async (storage) => {
      await storage.set('users_data', 1, 'a', '1')
      assert.equal(await storage.delete('users_data', 1, ['a', 'a']), 1)
    },
  ],
  [
    'what get returned stays as it is when the table changes',
    async (storage) => {
      await storage.set('users_data', 1, 'a', 'old')
      const before = await storage.get('users_data', 1)
      await storage.set('users_data', 1, 'a', 'new')
      assert.deepEqual(before, new Map([['a', 'old']]))
      before.set('a', 'mine')
      assert.deepEqual(await storage.get('users_data', 1, ['a']), new Map([['a', 'new']]))
    },
  ],
  [
    'values come back exactly as they were, whatever they hold',
    async (storage) => {
      for (const table of tables) {
        for (const [what, value] of [...Object.entries(exoticTexts), ...Object.entries(exoticNumbers)]) {
          await storage.set(table, 1, '7', value)
          assert.ok((await storage.get(table, 1, ['7'])).get('7') === value, `a value ${what} in ${table}`)
          assert.ok((await storage.get(table, 1)).get('7') === value, `a value ${what} in all of ${table}`)
        }
      }
    },
  ],
  [
    'half of a surrogate pair comes back as it was or as U+FFFD, and the rest of the text as it was',
    async (storage) => {
      const value = (half: string): string => `"${half}" \u{1f44d}`
      await storage.set('users_data', 1, '7', value('\ud83d'))
      const stored = (await storage.get('users_data', 1, ['7'])).get('7') ?? ''
      assert.ok([value('\ud83d'), value('\ufffd')].includes(stored), JSON.stringify(stored))
    },
  ],
  [
    'keys are told apart exactly, by case too, and 600 characters long',
    async (storage) => {
      const expected = new Map(exoticKeys.map((key) => [key, `value of ${key}`]))
      for (const table of tables) {
        for (const key of exoticKeys) await storage.set(table, 1, key, `value of ${key}`)
        assert.deepEqual(await storage.get(table, 1, exoticKeys), expected)
        assert.deepEqual(sorted(await storage.get(table, 1)), sorted(expected))
        assert.equal(await storage.delete(table, 1, exoticKeys), exoticKeys.length)
        assert.deepEqual(await storage.get(table, 1), new Map())
      }
    },
  ],
  [
    '1,000 keys at once are set, read and deleted',
    async (storage) => {
      const keys = Array.from({ length: 1000 }, (_, index) => String(index))
      await Promise.all(keys.map((key) => storage.set('users_time', 1, key, `t${key}`)))
      const rows = await storage.get('users_time', 1, keys)
      assert.deepEqual(sorted(rows), sorted(new Map(keys.map((key) => [key, `t${key}`]))))
      assert.equal(await storage.delete('users_time', 1, keys), 1000)
      assert.deepEqual(await storage.get('users_time', 1), new Map())
    },
  ],
  [
    'calls for one key and for the whole table take effect in the order in which they were made',
    async (storage) => {
      const calls = [
        storage.set('users_auth', 1, '7', 'a'),
        storage.get('users_auth', 1).then((rows) => rows.get('7')),
        storage.delete('users_auth', 1, ['7', '8']),
        storage.delete('users_auth', 1, ['8', '7']),
        storage.get('users_auth', 1).then((rows) => rows.size),
        storage.set('users_auth', 1, '8', 'b'),
        storage.set('users_auth', 1, '8', 'c'),
        storage.delete('users_auth', 1, ['8']),
      ]
      assert.deepEqual(await Promise.all(calls), [undefined, 'a', 1, 0, 0, undefined, undefined, 1])
    },
  ],
  [
    'calls for one key take effect in the order in which they were made',
    async (storage) => {
      const calls: Promise<unknown>[] = []
      for (let i = 0; i < 100; i++) calls.push(storage.set('users_time', 1, '7', String(i)))
      const seen = storage.get('users_time', 1, ['7'])
      calls.push(storage.delete('users_time', 1, ['7']))
      const gone = storage.get('users_time', 1, ['7'])
      calls.push(storage.set('users_time', 1, '7', 'last'))
      await Promise.all(calls)
      assert.deepEqual(await seen, new Map([['7', '99']]))
      assert.deepEqual(await gone, new Map())
      assert.deepEqual(await storage.get('users_time', 1, ['7']), new Map([['7', 'last']]))
    },
  ],
]
