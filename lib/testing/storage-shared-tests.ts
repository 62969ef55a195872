import assert from 'node:assert/strict'
import type { Storage, StoredEntry } from '../storage/storage.ts'
import { entries, entry, numbers, plain, seqs, type SharedTest } from './storage-samples.ts'

/** What outlives a storage, and what several on the same data owe to each other. */
export const sharedTests: readonly SharedTest[] = [
  [
    'what was stored is there after reopening: rows, entries, the last seq and the epoch',
    async ({ open, close }) => {
      const first = await open()
      await first.set('users_data', 1, '7', 'value')
      await first.set('users_data', 1, '8', 'deleted')
      await first.delete('users_data', 1, ['8'])
      for (let i = 1; i <= 5; i++) await first.append('pipes_messages', 1, 'news', entry(i), 3)
      await first.append('users_messages', 1, '7', entry(1), 10)
      await first.remove('users_messages', 1, '7', 0, Infinity)
      const { epoch } = await first.read('pipes_messages', 1, 'news')
      await close(first)

      const again = await open()
      assert.deepEqual(await again.get('users_data', 1), new Map([['7', 'value']]))
      const log = await again.read('pipes_messages', 1, 'news')
      assert.deepEqual([log.epoch, log.lastSeq], [epoch, 5])
      assert.deepEqual(
        log.entries.map(plain),
        [3, 4, 5].map((i) => ({ ...entry(i), seq: i })),
      )
      assert.equal(await again.append('users_messages', 1, '7', entry(2), 10), 2)
    },
  ],
  [
    'close finishes what was begun',
    async ({ open, close }) => {
      const first = await open()
      const appends = numbers(100).map((i) => first.append('pipes_messages', 1, 'news', entry(i), 1000))
      const set = first.set('users_data', 1, '7', 'value')
      await close(first)
      assert.deepEqual(await Promise.all(appends), numbers(100))
      await set
      const again = await open()
      assert.deepEqual(seqs(await entries(again, 'pipes_messages', 1, 'news')), numbers(100))
      assert.equal((await again.get('users_data', 1)).get('7'), 'value')
    },
  ],
  [
    'storages opened at the same moment on empty data agree on the epoch',
    async ({ open }) => {
      const storages = await Promise.all(numbers(4).map(() => open()))
      const logs = await Promise.all(storages.map((storage) => storage.read('pipes_messages', 1, 'news')))
      assert.equal(new Set(logs.map(({ epoch }) => epoch)).size, 1)
    },
  ],
  [
    'what one storage has answered, the others see',
    async ({ open }) => {
      const [one, other] = [await open(), await open()]
      await one.set('users_auth', 1, '7', 'hash')
      assert.deepEqual(await other.get('users_auth', 1, ['7']), new Map([['7', 'hash']]))
      assert.equal(await other.delete('users_auth', 1, ['7']), 1)
      assert.deepEqual(await one.get('users_auth', 1), new Map())
      assert.equal(await one.append('pipes_messages', 1, 'news', entry(1), 10), 1)
      assert.equal(await other.append('pipes_messages', 1, 'news', entry(2), 10), 2)
      assert.equal(await one.remove('pipes_messages', 1, 'news', 2, 2), 1)
      assert.deepEqual(seqs(await entries(other, 'pipes_messages', 1, 'news')), [1])
      assert.equal(await other.append('pipes_messages', 1, 'news', entry(3), 1), 3)
      assert.deepEqual(seqs(await entries(one, 'pipes_messages', 1, 'news')), [3])
    },
  ],
  [
    'storages that append to one log at once: each seq is given out once, and grows for each of them',
    async ({ open }) => {
      const first = await open()
      const storages = [first, await open(), await open()]
      const perStorage = 200
      const answers = await Promise.all(storages.map((storage, index) => appendMany(storage, index, perStorage)))
      for (const seqsOfOne of answers) assert.deepEqual(seqsOfOne, [...seqsOfOne].sort(ascending))
      assert.deepEqual(answers.flat().sort(ascending), numbers(storages.length * perStorage))
      const stored = await entries(first, 'pipes_messages', 1, 'news')
      assert.deepEqual(seqs(stored), numbers(storages.length * perStorage))
      for (const { seq, id } of stored) {
        const [index = 0, call = 0] = id.split('-').map(Number)
        assert.equal(answers[index]?.[call], seq, `entry ${id} is where its storage was told`)
      }
    },
  ],
  [
    'append and cut are atomic for the other storages, too',
    async ({ open }) => {
      const [one, other, reader] = [await open(), await open(), await open()]
      let isDone = false
      const appends = Promise.all([appendMany(one, 0, 200, 5), appendMany(other, 1, 200, 5)]).finally(() => {
        isDone = true
      })
      while (!isDone) assertUnbroken(await reader.read('pipes_messages', 1, 'news').then(withLast))
      await appends
      assert.deepEqual(seqs(await entries(reader, 'pipes_messages', 1, 'news')), [396, 397, 398, 399, 400])
    },
  ],
]

/** Appends in portions, one after the other, so that the storages take turns; resolves to the numbers in the order of the calls. */
async function appendMany(storage: Storage, index: number, count: number, keep = 1000): Promise<number[]> {
  const answers: number[] = []
  for (let from = 0; from < count; from += 10) {
    const calls = numbers(10).map((i) =>
      storage.append('pipes_messages', 1, 'news', { ...entry(i), id: `${index}-${from + i - 1}` }, keep),
    )
    answers.push(...(await Promise.all(calls)))
  }
  return answers
}

function withLast({ lastSeq, entries: stored }: { lastSeq: number; entries: StoredEntry[] }): number[] {
  return [...seqs(stored), lastSeq]
}

/** No more than 5, without a hole, up to the last one given out. */
function assertUnbroken(read: readonly number[]): void {
  const last = read.at(-1) ?? 0
  const kept = Math.min(last, 5)
  assert.deepEqual(read, [...numbers(kept).map((i) => last - kept + i), last])
}

function ascending(a: number, b: number): number {
  return a - b
}
