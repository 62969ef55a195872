import { describe, test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { memoryStorage } from '../../../lib/storage/memory.ts'
import type { Storage } from '../../../lib/storage/storage.ts'
import { testComet, type TestComet } from '../../support/comet.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { quiet, shared, testNodes } from '../../support/nodes.ts'

async function lastOnline(comet: TestComet, ...userIds: number[]): Promise<unknown[]> {
  const { presence } = await comet.tenant()
  return [...(await presence.lastOnline(userIds)).values()]
}

/** A server whose storage outlives it, and what a crash leaves of it. */
function durable(t: TestContext): { clock: ManualClock; storage: Storage; start: () => TestComet } {
  const clock = new ManualClock()
  const storage = shared(memoryStorage())
  return { clock, storage, start: () => testComet(t, { clock, storage: { ...storage } }) }
}

describe('after a crash', () => {
  test('users who were online have the time at which the server was last known to be alive', async (t) => {
    const { clock, start } = durable(t)
    const crashed = start()
    await crashed.logIn(7)
    await crashed.logIn(8).then((user) => user.close())
    clock.advance(5000)
    const left = clock.seconds - 5
    clock.advance(3_600_000)
    const alive = clock.seconds
    clock.advance(9_000)
    assert.deepEqual(await lastOnline(crashed, 7, 8, 9), [0, left, -1])

    const restarted = start()
    const [seven, ...others] = await lastOnline(restarted, 7, 8, 9)
    assert.ok(Number(seven) > alive - 10 && Number(seven) <= alive + 9)
    assert.deepEqual(others, [left, -1])
  })

  test('the times stay right, also after a second crash', async (t) => {
    const { clock, start } = durable(t)
    const first = start()
    await first.logIn(7)
    clock.advance(60_000)
    const [time] = await lastOnline(start(), 7)
    clock.advance(3_600_000)
    await start().logIn(8)
    clock.advance(60_000)
    const third = start()
    assert.equal((await lastOnline(third, 7))[0], time)
    assert.ok(Number((await lastOnline(third, 8))[0]) > Number(time) + 3000)
  })

  test('who comes back is online, and others see him so', async (t) => {
    const { clock, start } = durable(t)
    await start().logIn(7)
    clock.advance(60_000)
    const restarted = start()
    await restarted.logIn(7)
    assert.deepEqual(await lastOnline(restarted, 7), [0])
  })
})

describe('the row that tells it', () => {
  test('is written once in 10 s for all users together, and only while anybody is online', async (t) => {
    const { clock, storage } = durable(t)
    let writes = 0
    const counting: Storage = {
      ...storage,
      set: (table, devId, key, value) => {
        if (table === 'users_time') writes++
        return storage.set(table, devId, key, value)
      },
    }
    const comet = testComet(t, { clock, storage: counting })
    const users = await Promise.all([7, 8, 9].map((id) => comet.logIn(id)))
    assert.equal(writes, 4) // three users come online, and the row
    clock.advance(60_000)
    assert.equal(writes, 10)
    for (const user of users) user.close()
    clock.advance(60_000)
    assert.equal(writes, 13) // three times
    assert.deepEqual(await storage.get('users_time', 0, ['0']), new Map())
  })

  test('is gone after an end in good order', async (t) => {
    const { storage, start } = durable(t)
    const comet = start()
    const user = await comet.logIn(7)
    assert.equal((await storage.get('users_time', 0, ['0'])).size, 1)
    user.close()
    await comet.tenants.close()
    assert.deepEqual([...(await storage.get('users_time', 0)).keys()], ['7'])
  })

  test('is nobody: no user has the id 0', async (t) => {
    const { start } = durable(t)
    const comet = start()
    await comet.logIn(7)
    assert.deepEqual(await lastOnline(comet, 0), [-1])
  })
})

describe('where there are several nodes', () => {
  test('a node that starts leaves those alone who are online on another', async (t) => {
    const all = await testNodes(t, 1)
    await all.nodes[0]!.logIn(7)
    all.clock.advance(60_000)
    await quiet()
    const second = await all.add()
    await quiet()
    all.clock.advance(9000)
    await quiet()
    assert.deepEqual(await lastOnline(second, 7), [0])
    assert.equal((await all.storage.get('users_time', 0, ['7'])).get('7'), '0')
  })

  test('the row stays while anybody is online on another, and goes when the last node ends', async (t) => {
    const { nodes, clock, storage } = await testNodes(t, 2)
    const row = async (): Promise<string | undefined> => (await storage.get('users_time', 0, ['0'])).get('0')
    const first = await nodes[0]!.logIn(7)
    clock.advance(5000)
    await quiet()
    const second = await nodes[1]!.logIn(8)
    first.close()
    for (let half = 0; half < 12; half++) {
      clock.advance(500)
      await quiet()
    }
    assert.equal(await row(), String(clock.seconds - 6)) // if all crashed now, this would tell when 8 was online
    await nodes[0]!.tenants.close()
    await quiet()
    second.close()
    await nodes[1]!.tenants.close()
    assert.equal(await row(), undefined)
  })

  test('after all of them crashed, the first that starts sets the times right', async (t) => {
    const before = await testNodes(t, 2)
    await before.nodes[1]!.logIn(7)
    await quiet()
    for (const { wire } of before.nodes) wire.cut() // for ever
    const alive = before.clock.seconds
    const after = await testNodes(t, 1, { storage: before.storage })
    const [first] = after.nodes
    assert.deepEqual(await lastOnline(first!, 7), [alive])
    for (let beat = 0; beat < 3; beat++) {
      after.clock.advance(2000)
      await quiet()
    }
    assert.equal((await before.storage.get('users_time', 0, ['7'])).get('7'), String(alive))
  })
})
