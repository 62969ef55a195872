import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { History } from '../../../lib/core/history/history.ts'
import type { Tenant } from '../../../lib/core/tenant.ts'
import { memoryStorage } from '../../../lib/storage/memory.ts'
import type { Storage } from '../../../lib/storage/storage.ts'
import { testComet } from '../../support/comet.ts'

async function publish(tenant: Tenant, pipe: string, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) await tenant.publish({ pipe, event: '', text })
}

async function kept(tenant: Tenant, pipe: string): Promise<string[]> {
  return (await tenant.history.read(pipe)).map(({ message }) => message)
}

describe('the history of a pipe', () => {
  test('is empty without a setting', async (t) => {
    const tenant = await testComet(t).tenant()
    await publish(tenant, 'news', '1')
    assert.deepEqual(await kept(tenant, 'news'), [])
  })

  test('keeps the last messages, oldest first; a smaller setting drops the oldest', async (t) => {
    const tenant = await testComet(t).tenant()
    await tenant.history.setKeep('news', 3)
    await publish(tenant, 'news', '1', '2', '3', '4')
    assert.deepEqual(await kept(tenant, 'news'), ['2', '3', '4'])
    await tenant.history.setKeep('news', 1)
    assert.deepEqual(await kept(tenant, 'news'), ['4'])
    await tenant.history.setKeep('news', 0)
    assert.deepEqual(await kept(tenant, 'news'), [])
  })

  test('has offsets that go on after clearing', async (t) => {
    const tenant = await testComet(t).tenant()
    await tenant.history.setKeep('news', 3)
    await publish(tenant, 'news', '1', '2')
    assert.equal(await tenant.history.clear('news'), 2)
    assert.equal((await tenant.publish({ pipe: 'news', event: '', text: '3' })).offset, 3)
  })

  test('goes with its setting', async (t) => {
    const tenant = await testComet(t).tenant()
    await tenant.history.setKeep('news', 3)
    await publish(tenant, 'news', '1')
    assert.equal(await tenant.history.dropKeep('news'), 1)
    assert.equal(await tenant.history.dropKeep('news'), 0)
    assert.equal(tenant.history.keepOf('news'), 0)
    assert.deepEqual(await kept(tenant, 'news'), [])
  })

  test('loses one message by its id, in whichever pipe it is', async (t) => {
    const tenant = await testComet(t).tenant()
    for (const pipe of ['news', 'sport']) await tenant.history.setKeep(pipe, 3)
    await publish(tenant, 'sport', '1')
    await tenant.publish({ pipe: 'sport', event: '', text: '2', id: 'second' })
    assert.equal(await tenant.history.deleteMessage('second'), 1)
    assert.equal(await tenant.history.deleteMessage('second'), 0)
    assert.deepEqual(await kept(tenant, 'sport'), ['1'])
  })

  test('keeps at most 1000', async (t) => {
    const tenant = await testComet(t).tenant()
    await tenant.history.setKeep('news', 5000)
    assert.equal(tenant.history.keepOf('news'), 1000)
    for (const length of [-1, 1.5, NaN, Infinity]) {
      await assert.rejects(tenant.history.setKeep('news', length), { code: 'COMET_ERR_INVALID', message: /0 to 1000/ })
    }
  })

  test('keeps at most 1000 also where a database says more, and nothing where it says no number', async (t) => {
    const storage = memoryStorage()
    await storage.set('pipes_settings', 0, 'news', '5000')
    await storage.set('pipes_settings', 0, 'sport', 'many')
    await storage.set('pipes_settings', 0, 'old', '-1')
    const { history } = await testComet(t, { storage }).tenant()
    assert.deepEqual(Object.fromEntries(history.settings), { news: 1000, sport: 0, old: 0 })
  })

  test('reads only what is new to look for an id, also of other processes, and forgets none that is kept', async (t) => {
    const memory = memoryStorage()
    let read = 0
    const storage: Storage = {
      ...memory,
      async read(...log) {
        const found = await memory.read(...log)
        read += found.entries.length
        return found
      },
    }
    const tenant = await testComet(t, { storage }).tenant()
    const publishOnce = async (id: string, pipe = 'news'): Promise<unknown> =>
      (await tenant.publish({ pipe, event: '', text: '', id })).isDuplicate ?? false
    await tenant.history.setKeep('news', 100)
    for (let n = 1; n <= 300; n++) await publishOnce(`id ${n}`)
    assert.ok(read < 10, `${read} entries were read`)
    const other = { id: 'theirs', time: 0, event: '', message: '', userId: 0, json: false }
    await memory.append('pipes_messages', 0, 'news', other, 100)
    assert.deepEqual(
      [
        await publishOnce('theirs'),
        await publishOnce('id 300'),
        await publishOnce('id 202'),
        await publishOnce('id 200'),
      ],
      [true, true, true, false],
    )
    await tenant.history.clear('news')
    assert.equal(await publishOnce('id 300'), false)
    assert.equal(await publishOnce('id 300'), true)
  })

  test('a setting that could not be stored does not count', async (t) => {
    const memory = memoryStorage()
    const refused = { table: '' }
    const storage: Storage = {
      ...memory,
      set: (table, ...rest) => (table === refused.table ? Promise.reject(new Error('no')) : memory.set(table, ...rest)),
      delete: (table, ...rest) =>
        table === refused.table ? Promise.reject(new Error('no')) : memory.delete(table, ...rest),
    }
    const { history } = await testComet(t, { storage }).tenant()
    await history.setKeep('news', 3)
    refused.table = 'pipes_settings'
    await assert.rejects(history.setKeep('news', 5))
    await assert.rejects(history.dropKeep('news'))
    await assert.rejects(history.setKeep('sport', 5))
    assert.deepEqual([...history.settings], [['news', 3]])
  })

  test('a setting that is made while the settings are read again stays', async () => {
    const memory = memoryStorage()
    let answer: () => void = () => undefined
    const storage: Storage = {
      ...memory,
      async get(table, devId, keys) {
        const rows = await memory.get(table, devId, keys)
        if (table === 'pipes_settings') await new Promise<void>((resolve) => (answer = resolve))
        return rows
      },
      // In the order of the calls, as a storage has to.
      async set(...row) {
        answer()
        await memory.set(...row)
      },
    }
    const history = new History(storage, 0)
    const reading = history.open()
    await new Promise(setImmediate)
    await Promise.all([history.setKeep('news', 5), reading])
    assert.equal(history.keepOf('news'), 5)
  })

  test('settings are there again after a restart, before the first message', async (t) => {
    const storage = memoryStorage()
    const first = await testComet(t, { storage }).tenant()
    await first.history.setKeep('news', 3)
    const second = await testComet(t, { storage }).tenant()
    assert.deepEqual([...second.history.settings], [['news', 3]])
  })
})
