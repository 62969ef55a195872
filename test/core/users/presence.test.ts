import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import type { TestComet } from '../../support/comet.ts'
import { testComet } from '../../support/comet.ts'

const edges = (comet: TestComet): string[] =>
  comet.events.flatMap(([name, id]) => (name === 'online' || name === 'offline' ? [`${String(id)} ${name}`] : []))

async function lastOnline(comet: TestComet, userId: number, devId = 0): Promise<number | undefined> {
  return (await (await comet.tenant(devId)).presence.lastOnline([userId])).get(userId)
}

describe('a user is online', () => {
  test('from the first connection to the last: one edge for the user, not for each connection', async (t) => {
    const comet = testComet(t)
    const first = await comet.logIn(7)
    const second = await comet.logIn(7)
    first.close()
    comet.clock.advance(10_000)
    assert.deepEqual(edges(comet), ['7 online'])
    second.close()
    comet.clock.advance(10_000)
    assert.deepEqual(edges(comet), ['7 online', '7 offline'])
  })

  test('to a client of protocol 5 with an id, the same by all its connections: so what comes twice is seen once', async (t) => {
    const comet = testComet(t)
    const watchers = [comet.connect({ v: '5.0' }), comet.connect({ v: '5.0' })] as const
    for (const watcher of watchers) await watcher.subscribe('user_status_7')
    await comet.logIn(7)
    const [{ id }, other] = await Promise.all([
      watchers[0].next({ pipe: 'user_status_7' }),
      watchers[1].next({ pipe: 'user_status_7' }),
    ])
    assert.equal(typeof id, 'string')
    assert.equal(id, other.id)
  })

  test('user_status_<id> tells it: online and offline, as a text', async (t) => {
    const comet = testComet(t)
    const watcher = comet.connect()
    await watcher.subscribe('user_status_7')
    const user = await comet.logIn(7)
    const online = await watcher.next({ pipe: 'user_status_7' })
    assert.equal(online.event, 'online')
    assert.equal(online.data, 'online')
    user.close()
    comet.clock.advance(1000)
    const offline = await watcher.next({ pipe: 'user_status_7' })
    assert.equal(offline.event, 'offline')
    assert.equal(offline.data, 'offline')
  })

  test('within the grace a reload is no offline', async (t) => {
    const comet = testComet(t, { limits: { presenceGraceMs: 1000 } })
    const before = await comet.logIn(7)
    before.close()
    comet.clock.advance(999)
    assert.equal(await lastOnline(comet, 7), 0)
    const after = await comet.logIn(7)
    comet.clock.advance(60_000)
    assert.deepEqual(edges(comet), ['7 online'])
    after.close()
    comet.clock.advance(999)
    assert.deepEqual(edges(comet), ['7 online'])
    comet.clock.advance(1)
    assert.deepEqual(edges(comet), ['7 online', '7 offline'])
  })

  test('without grace the close is the end', async (t) => {
    const comet = testComet(t, { limits: { presenceGraceMs: 0 } })
    const user = await comet.logIn(7)
    user.close()
    assert.deepEqual(edges(comet), ['7 online', '7 offline'])
  })

  test('until the login ends, though the connection stays', async (t) => {
    const comet = testComet(t)
    const user = await comet.logIn(7)
    await (await comet.tenant()).credentials.deleteHashes([7])
    await user.next({ event: 'serverInfo', authorized: false })
    comet.clock.advance(1000)
    assert.deepEqual(edges(comet), ['7 online', '7 offline'])
  })

  test('a visitor is not', async (t) => {
    const comet = testComet(t)
    const visitor = comet.connect({ myid: '7', sesion: 'wrong' })
    await visitor.settled()
    assert.deepEqual(edges(comet), [])
    assert.equal(await lastOnline(comet, 7), -1)
  })
})

describe('users_time', () => {
  test('is 0 while online, then the time of the last close, not of the end of the grace; -1 before', async (t) => {
    const comet = testComet(t, { limits: { presenceGraceMs: 5000 } })
    assert.equal(await lastOnline(comet, 7), -1)
    const user = await comet.logIn(7)
    assert.equal(await lastOnline(comet, 7), 0)
    comet.clock.advance(60_000)
    const left = comet.clock.seconds
    user.close()
    comet.clock.advance(60_000)
    assert.equal(await lastOnline(comet, 7), left)
  })

  test('has an answer for every id that was asked for', async (t) => {
    const comet = testComet(t)
    await comet.logIn(7)
    const { presence } = await comet.tenant()
    assert.deepEqual(
      [...(await presence.lastOnline([9, 7, 8]))],
      [
        [9, -1],
        [7, 0],
        [8, -1],
      ],
    )
  })

  test('is right for who asks as soon as the offline event comes', async (t) => {
    const ask = (name: string): void => {
      if (name === 'offline') asked = presence.lastOnline([7])
    }
    const comet = testComet(t, { limits: { presenceGraceMs: 0 }, onEvent: ask })
    const { presence } = await comet.tenant()
    let asked: Promise<ReadonlyMap<number, number>> | undefined
    const user = await comet.logIn(7)
    user.close()
    assert.equal((await asked)?.get(7), comet.clock.seconds)
  })

  test('is stored when the server closes', async (t) => {
    const comet = testComet(t)
    const stored: string[] = []
    const { storage } = comet.host
    const set = storage.set.bind(storage)
    storage.set = (table, devId, key, value) => {
      stored.push(`${table} ${key} ${value}`)
      return set(table, devId, key, value)
    }
    const user = await comet.logIn(7)
    user.close()
    await comet.tenants.close()
    assert.ok(stored.includes(`users_time 7 ${comet.clock.seconds}`))
    assert.equal(comet.clock.pending, 0)
  })

  test('a storage that fails is in the log, and harms nobody', async (t) => {
    const comet = testComet(t, { limits: { presenceGraceMs: 0 } })
    const user = await comet.logIn(7)
    comet.host.storage.set = () => Promise.reject(new Error('disk full'))
    user.close()
    await comet.connect().settled()
    assert.match(comet.log.join(), /user 7.*disk full/)
  })
})

describe('connections of one user', () => {
  test('the 17th is refused with a reason; the 16 stay; one that left makes room', async (t) => {
    const comet = testComet(t)
    const browsers = []
    for (let i = 0; i < 16; i++) browsers.push(await comet.logIn(7))
    const refused = comet.connect({ myid: '7', sesion: 'hash7' })
    assert.equal((await refused.closed).code, 4002)
    assert.match(refused.lines.join(), /16 connections.*maxConnectionsPerUser/)
    assert.equal(refused.lines.length, 1)
    for (const browser of browsers) await browser.settled()
    browsers[0]?.close()
    await comet.logIn(7)
  })

  test('visitors and other users are not counted', async (t) => {
    const comet = testComet(t, { limits: { maxConnectionsPerUser: 1 } })
    await comet.logIn(7)
    await comet.logIn(8)
    await comet.connect().settled()
    await comet.connect().settled()
  })
})

describe('two tenants', () => {
  test('have users, pipes and messages of their own', async (t) => {
    const comet = testComet(t)
    const [one, two] = [await comet.logIn(7, { devid: '1' }), comet.connect({ devid: '2' })]
    await one.subscribe('web_chat', 'track_a', 'user_status_7')
    await two.subscribe('web_chat', 'track_a', 'user_status_7')
    assert.equal(await lastOnline(comet, 7, 1), 0)
    assert.equal(await lastOnline(comet, 7, 2), -1)
    const before = two.lines.length
    one.command('web_pipe2', 'web_chat', '', '*', '1')
    const report = await one.next({ pipe: '_answer_to_web_chat' })
    assert.deepEqual(report.data, { number_messages: 0, message: 1 })
    one.command('track_pipe_users', 'track_a', 'm')
    assert.equal(((await one.next({ marker: 'm' })).data as unknown[]).length, 1)
    await (await comet.tenant(1)).publish({ pipe: 'web_chat', event: '', text: 'for one' })
    await (await comet.tenant(1)).sendToUser(7, { event: '', text: 'for one' })
    await one.next({ pipe: 'msg' })
    await two.settled()
    assert.equal(two.lines.length, before + 1, 'the answer that settled() asked for')
  })

  test('a hash of one is nothing in the other', async (t) => {
    const comet = testComet(t)
    await comet.logIn(7, { devid: '1' })
    const browser = comet.connect({ devid: '2', myid: '7', sesion: 'hash7' })
    assert.equal((await browser.next({ event: 'serverInfo' })).authorized, false)
  })

  test('the same browser has another public uuid in each', async (t) => {
    const comet = testComet(t)
    const [one, two] = [await comet.tenant(1), await comet.tenant(2)]
    assert.equal(one.publicUuid('u'), one.publicUuid('u'))
    assert.notEqual(one.publicUuid('u'), two.publicUuid('u'))
    assert.notEqual(one.publicUuid('u'), one.publicUuid('v'))
    assert.ok(!one.publicUuid('abcdef').includes('abcdef'))
    assert.equal(one.publicUuid(''), '')
  })
})
