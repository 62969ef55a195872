import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { memoryBroker } from '../../../lib/broker/memory.ts'
import { PortionReader } from '../../../lib/core/history/portions.ts'
import { memoryStorage } from '../../../lib/storage/memory.ts'
import type { Storage } from '../../../lib/storage/storage.ts'
import { testComet, type Settings, type TestComet } from '../../support/comet.ts'
import type { TestBrowser } from '../../support/test-browser.ts'

/** A log with messages of these lengths, and with how many each read of it was asked for. */
async function logOf(lengths: readonly number[]) {
  const storage = memoryStorage()
  for (const [index, length] of lengths.entries()) {
    const entry = { id: String(index), time: 0, event: '', message: 'x'.repeat(length), userId: 0, json: false }
    await storage.append('pipes_messages', 1, 'news', entry, 1000)
  }
  const limits: number[] = []
  const reader = new PortionReader((after, limit) => {
    limits.push(limit)
    return storage.read('pipes_messages', 1, 'news', after, limit)
  })
  return { storage, limits, reader }
}

async function allOf(reader: PortionReader, through?: number): Promise<number[][]> {
  const portions: number[][] = []
  for (let after = 0; ;) {
    const { entries, isLast } = await reader.next(after, through)
    portions.push(entries.map(({ seq }) => seq))
    if (isLast) return portions
    after = entries.at(-1)?.seq ?? after
  }
}

describe('a log is read', () => {
  const many = (count: number, length: number): number[] => Array.from({ length: count }, () => length)

  test('at once where it fits', async () => {
    for (const count of [0, 1, 15, 16]) {
      const { limits, reader } = await logOf(many(count, 100))
      assert.equal((await allOf(reader)).flat().length, count)
      assert.deepEqual(limits, [16])
    }
  })

  test('portion by portion, of as many as their size lets one expect', async () => {
    const large = await logOf(many(60, 20_000))
    const portions = await allOf(large.reader)
    assert.deepEqual(
      portions.flat(),
      Array.from({ length: 60 }, (_, index) => index + 1),
    )
    assert.deepEqual(large.limits, [16, 14, 14, 14, 14])
    const small = await logOf(many(1000, 100))
    assert.equal((await allOf(small.reader)).flat().length, 1000)
    assert.deepEqual(small.limits, [16, 128, 1000])
    const huge = await logOf(many(3, 1024 * 1024))
    assert.deepEqual(await allOf(huge.reader), [[1], [2], [3]])
    assert.deepEqual(huge.limits, [16, 1, 1])
  })

  test('only up to where it is wanted, also over holes', async () => {
    const { limits, reader, storage } = await logOf(many(40, 10))
    await storage.remove('pipes_messages', 1, 'news', 18, 29)
    assert.deepEqual((await allOf(reader, 20)).flat().slice(-2), [16, 17])
    assert.deepEqual(limits, [16, 4])
  })
})

const messageSize = 20_000
const count = 100

/** Who gets a large log, and takes it only when told to. */
interface SlowReader {
  readonly browser: TestBrowser
  readonly pipe: string
}

const text = (n: number): string => String(n).padEnd(messageSize)

async function fill(send: (text: string) => unknown): Promise<void> {
  for (let n = 1; n <= count; n++) await send(text(n))
}

/** Whoever may get a log of megabytes. */
const readers: Readonly<Record<string, (comet: TestComet) => Promise<SlowReader>>> = {
  async 'a page that recovers'(comet) {
    const tenant = await comet.tenant()
    await tenant.history.setKeep('news', 1000)
    await tenant.publish({ pipe: 'news', event: '', text: 'seen' })
    await fill((message) => tenant.publish({ pipe: 'news', event: '', text: message }))
    const { epoch } = await tenant.history.log('news', 0, 1)
    const browser = comet.connect({ v: '5.0' })
    await browser.settled()
    browser.takesBytes = false
    browser.command('subscription', `news ${epoch} 1`)
    return { browser, pipe: 'news' }
  },

  async 'a page that asks for the history'(comet) {
    const tenant = await comet.tenant()
    await tenant.history.setKeep('news', 1000)
    await fill((message) => tenant.publish({ pipe: 'news', event: '', text: message }))
    const browser = comet.connect()
    await browser.settled()
    browser.takesBytes = false
    browser.command('pipe_log', 'news', 'm')
    return { browser, pipe: 'news' }
  },

  async 'a user whose private messages have waited'(comet) {
    const tenant = await comet.tenant()
    await tenant.credentials.setHash(7, 'hash7')
    await fill((message) => tenant.sendToUser(7, { event: '', text: message }))
    const browser = comet.connect({ myid: '7', sesion: 'hash7', v: '5.0' })
    browser.takesBytes = false
    return { browser, pipe: 'msg' }
  },
}

/** How much a slow reader had not taken when the storage was asked, and got then; each in characters. */
interface Held {
  readonly untaken: number
  readonly read: number
}

async function readSlowly(t: TestContext, settings: Settings, start: (typeof readers)[string]): Promise<Held[]> {
  const storage: Storage = memoryStorage()
  const comet = testComet(t, { ...settings, storage, limits: { maxQueuedMessages: 1000 } })
  const held: Held[] = []
  const browsers: TestBrowser[] = []
  let taken = 0
  const sent = (): number => browsers.flatMap(({ frames }) => frames).reduce((sum, frame) => sum + frame.length, 0)
  const right = storage.read.bind(storage)
  storage.read = async (...where) => {
    const untaken = sent() - taken
    const log = await right(...where)
    held.push({ untaken, read: log.entries.reduce((sum, { message }) => sum + message.length, 0) })
    return log
  }
  const { browser, pipe } = await start(comet)
  browsers.push(browser)
  while (sent() < count * messageSize) {
    taken = sent()
    browser.takeAll()
    await new Promise(setImmediate)
  }
  const expected = Array.from({ length: count }, (_, index) => text(index + 1))
  assert.deepEqual(browser.dataOf(pipe), expected)
  return held
}

describe('of a log of megabytes only a portion is in memory for a slow reader', () => {
  for (const [who, start] of Object.entries(readers)) {
    for (const where of ['on one node', 'in a cluster']) {
      test(`${who}, ${where}`, async (t) => {
        const broker = where === 'in a cluster' ? { broker: memoryBroker() } : {}
        const held = await readSlowly(t, broker, start)
        assert.ok(held.length > 5, `${held.length} reads`)
        const most = Math.max(...held.map(({ untaken, read }) => untaken + read))
        assert.ok(most < 1_000_000, `${most} characters at once`)
      })
    }
  }
})
