import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { after, before, describe, test, type TestContext } from 'node:test'
import mysql2Promise from 'mysql2/promise'
import { mysqlStorage } from '../../lib/storage/mysql.ts'
import type { Storage } from '../../lib/storage/storage.ts'
import { entry, numbers, seqs } from '../../lib/testing/storage-samples.ts'
import { MariadbServer, whyNoMariadb } from '../support/mariadb-server.ts'

const skip = whyNoMariadb() ?? false

describe('a MariaDB that goes away', { skip }, () => {
  let own: MariadbServer

  before(async () => {
    own = await MariadbServer.start()
  })
  after(() => own.close())

  async function storageOn(t: TestContext, waitMs: number): Promise<Storage> {
    const pool = mysql2Promise.createPool(await own.newDatabase())
    t.after(() => pool.end())
    const storage = mysqlStorage({ pool, waitMs })
    await storage.open()
    t.after(() => storage.close())
    await storage.append('pipes_messages', 1, 'news', entry(1), 100)
    return storage
  }

  /** A busy machine may take longer than `waitMs`. */
  async function answers(storage: Storage): Promise<void> {
    while (!(await storage.get('users_auth', 1).then(Boolean, () => false)));
  }

  test('killed and started again: calls wait and are done', async (t) => {
    const storage = await storageOn(t, 30_000)
    await own.kill()
    const waiting = [
      storage.append('pipes_messages', 1, 'news', entry(2), 100),
      storage.get('users_auth', 1),
      storage.append('pipes_messages', 1, 'news', entry(3), 100),
    ]
    await own.start()
    assert.deepEqual(await Promise.all(waiting), [2, new Map(), 3])
    assert.deepEqual(seqs((await storage.read('pipes_messages', 1, 'news')).entries), [1, 2, 3])
  })

  test('killed while it works: what was answered is there, once; what was not is told as not known', async (t) => {
    const storage = await storageOn(t, 30_000)
    const answered = new Map<number, string>()
    const failed: unknown[] = []
    let next = 1
    const publish = async (until: number): Promise<void> => {
      while (answered.size < until) {
        const given = entry(++next)
        await storage.append('pipes_messages', 1, 'news', given, 100_000).then(
          (seq) => answered.set(seq, given.id),
          (error: unknown) => failed.push(error),
        )
      }
    }
    const publishers = numbers(20).map(() => publish(1000))
    while (answered.size < 300) await setImmediate()
    await own.kill()
    await own.start()
    await Promise.all(publishers)

    const { entries } = await storage.read('pipes_messages', 1, 'news')
    assert.deepEqual(seqs(entries), numbers(entries.length))
    assert.equal(new Set(entries.map(({ id }) => id)).size, entries.length, 'none is there twice')
    for (const [seq, id] of answered) assert.equal(entries[seq - 1]?.id, id)
    for (const error of failed)
      assert.match(String(error), /while it committed: it is not known whether this was stored$/)
  })

  test('away for longer than waitMs: calls fail with a sentence, and work again when it is back', async (t) => {
    const storage = await storageOn(t, 1000)
    await own.kill()
    await assert.rejects(storage.append('pipes_messages', 1, 'news', entry(2), 100), {
      code: 'COMET_ERR_STORAGE',
      message: /^The storage cannot be used: .*(ENOENT|ECONNREFUSED)/,
    })
    await own.start()
    await answers(storage)
    assert.equal(await storage.append('pipes_messages', 1, 'news', entry(2), 100), 2)
  })

  test('paused: calls fail after waitMs, and work again when it goes on', async (t) => {
    const storage = await storageOn(t, 1000)
    own.pause()
    t.after(() => own.resume())
    const started = performance.now()
    await assert.rejects(storage.read('pipes_messages', 1, 'news'), {
      code: 'COMET_ERR_STORAGE',
      // The pool opens another connection where the one that was used last is not back, yet.
      message: /^The storage cannot be used: the (database has not answered|pool has given no connection) for 1000 ms$/,
    })
    assert.ok(performance.now() - started < 10_000)
    own.resume()
    await answers(storage)
    assert.equal(await storage.append('pipes_messages', 1, 'news', entry(2), 100), 2)
  })
})
