import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import type { TestComet } from '../../support/comet.ts'
import { quiet, testNodes, type TestNodes } from '../../support/nodes.ts'
import type { TestBrowser } from '../../support/test-browser.ts'

const edges = (comet: TestComet): string[] =>
  comet.events.flatMap(([name, id]) => (name === 'online' || name === 'offline' ? [`${String(id)} ${name}`] : []))

async function lastOnline(comet: TestComet, userId: number): Promise<number | undefined> {
  return (await (await comet.tenant()).presence.lastOnline([userId])).get(userId)
}

/** Moves the clock on in steps as long as beats are apart, and lets the nodes talk in between. */
async function pass({ clock }: TestNodes, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    clock.advance(500)
    await quiet()
  }
}

/** What each node says about who is in a pipe: the user ids, sorted. */
async function members({ nodes }: TestNodes, pipe: string): Promise<number[][]> {
  const tenants = await Promise.all(nodes.map((node) => node.tenant()))
  return tenants.map((tenant) => [...tenant.audience(pipe).sessions].map(({ userId }) => userId).sort((a, b) => a - b))
}

/** The events that a session in `track_room` got of it. */
function toldOfRoom({ messages }: TestBrowser): unknown[] {
  return messages.filter(({ pipe }) => pipe === 'track_room').map(({ event, data }) => [event, data])
}

describe('who is in a pipe', () => {
  test('is the same on every node', async (t) => {
    const all = await testNodes(t, 3)
    const [a, b, c] = all.nodes
    await (await a!.logIn(1)).subscribe('track_room')
    await (await b!.logIn(2)).subscribe('track_room')
    const visitor = c!.connect({ uuid: 'browser', headers: { 'user-agent': 'Agent', origin: 'https://a.example' } })
    await visitor.subscribe('track_room')
    await quiet()
    assert.deepEqual(await members(all, 'track_room'), [
      [0, 1, 2],
      [0, 1, 2],
      [0, 1, 2],
    ])
    const seen = [...(await a!.tenant()).audience('track_room').sessions].find(({ userId }) => userId === 0)
    const own = [...(await c!.tenant()).audience('track_room').sessions].find(({ userId }) => userId === 0)
    const of = ({ uuid, ip, userAgent, origin, language }: NonNullable<typeof seen>): string[] => [
      uuid,
      ip,
      userAgent,
      origin,
      language,
    ]
    assert.deepEqual(of(seen!), of(own!))
    visitor.command('pipe_count', 'track_room', 'm')
    assert.deepEqual((await visitor.next({ marker: 'm' })).data, { user_in_pipe: 3 })
    visitor.close()
    await quiet()
    assert.deepEqual(await members(all, 'track_room'), [
      [1, 2],
      [1, 2],
      [1, 2],
    ])
  })

  test('is told once to those who are there, on every node', async (t) => {
    const { nodes } = await testNodes(t, 2)
    const watcher = nodes[0]!.connect()
    await watcher.subscribe('track_room')
    const user = await nodes[1]!.logIn(7)
    await user.subscribe('track_room')
    await quiet()
    user.close()
    await quiet()
    const uuid = ''
    assert.deepEqual(toldOfRoom(watcher), [
      ['subscription', { user_id: 7, uuid }],
      ['unsubscription', { user_id: 7, uuid }],
    ])
  })

  test('leaves and comes as a visitor, where the login of one who stays ends on another node', async (t) => {
    const { nodes } = await testNodes(t, 2)
    const watcher = nodes[0]!.connect()
    await watcher.subscribe('track_room')
    await (await nodes[1]!.logIn(7)).subscribe('track_room')
    await (await nodes[0]!.tenant()).credentials.deleteHashes([7])
    await quiet()
    const uuid = ''
    assert.deepEqual(toldOfRoom(watcher), [
      ['subscription', { user_id: 7, uuid }],
      ['unsubscription', { user_id: 7, uuid }],
      ['subscription', { user_id: 0, uuid }],
    ])
  })

  test('is known to a node that comes later', async (t) => {
    const all = await testNodes(t, 2)
    await (await all.nodes[0]!.logIn(1)).subscribe('track_room')
    await all.add()
    await quiet()
    assert.deepEqual(await members(all, 'track_room'), [[1], [1], [1]])
    assert.deepEqual([...(await all.nodes[2]!.tenant()).pipeNames()], ['track_room'])
  })

  test('counts once where a node is told twice, and agrees after many thousand comings and goings', async (t) => {
    const all = await testNodes(t, 3)
    const [a] = all.nodes
    await a!.logIn(1)
    const browsers = all.nodes.flatMap((node) => Array.from({ length: 10 }, () => node.connect()))
    const pipes = ['track_a', 'track_b', 'track_c']
    for (let round = 0; round < 100; round++) {
      for (const [index, browser] of browsers.entries()) {
        browser.command('subscription', ...pipes.filter((_, at) => (index * 7 + round * 13 + at) % 3 !== 0))
      }
      if (round % 10 === 0) all.nodes[round % 3]!.wire.loses = () => Math.random() < 0.2
    }
    for (const { wire } of all.nodes) wire.loses = () => false
    await pass(all, 4000)
    for (const pipe of pipes) {
      const [first, ...others] = await members(all, pipe)
      const expected = all.nodes.reduce((sum, { host }) => {
        return sum + [...host.sessions].filter((session) => session.pipes.has(pipe)).length
      }, 0)
      assert.equal(first?.length, expected)
      for (const other of others) assert.deepEqual(other, first)
    }
  })
})

describe('a user', () => {
  test('is online once for all nodes, and offline when the last connection on any of them ended', async (t) => {
    const all = await testNodes(t, 2)
    const [a, b] = all.nodes
    const watcher = b!.connect()
    await watcher.subscribe('user_status_7')
    const here = await a!.logIn(7)
    const there = await b!.logIn(7)
    await quiet()
    assert.deepEqual(await Promise.all(all.nodes.map((node) => lastOnline(node, 7))), [0, 0])
    here.close()
    await pass(all, 2000)
    assert.deepEqual(all.nodes.map(edges), [['7 online'], ['7 online']])
    there.close()
    await quiet()
    const left = all.clock.seconds
    await pass(all, 2000)
    assert.deepEqual(all.nodes.map(edges), [
      ['7 online', '7 offline'],
      ['7 online', '7 offline'],
    ])
    assert.deepEqual(watcher.dataOf('user_status_7'), ['online', 'offline'])
    assert.deepEqual(await Promise.all(all.nodes.map((node) => lastOnline(node, 7))), [left, left])
  })

  test('who moves to another node within the grace was never away', async (t) => {
    const all = await testNodes(t, 2)
    const [a, b] = all.nodes
    const before = await a!.logIn(7)
    await quiet()
    before.close()
    await quiet()
    all.clock.advance(900)
    await b!.logIn(7)
    await quiet()
    await pass(all, 5000)
    assert.deepEqual(all.nodes.map(edges), [['7 online'], ['7 online']])
    assert.deepEqual(await Promise.all(all.nodes.map((node) => lastOnline(node, 7))), [0, 0])
  })

  test('has no more connections on all nodes together than allowed', async (t) => {
    const { nodes } = await testNodes(t, 2, { limits: { maxConnectionsPerUser: 2 } })
    await nodes[0]!.logIn(7)
    await nodes[1]!.logIn(7)
    await quiet()
    const third = nodes[0]!.connect({ myid: '7', sesion: 'hash7' })
    assert.equal((await third.closed).code, 4002)
  })
})

describe('a node', () => {
  test('that dies is dropped within its lease, and its users are offline on every other', async (t) => {
    const all = await testNodes(t, 3)
    const [a, b, c] = all.nodes
    const user = await a!.logIn(7)
    await user.subscribe('track_room')
    const watcher = b!.connect()
    await watcher.subscribe('track_room')
    await quiet()
    a!.wire.cut() // it is not heard any more
    const died = all.clock.seconds
    await pass(all, 6000)
    assert.deepEqual(watcher.dataOf('track_room').at(-1), { user_id: 7, uuid: '' })
    assert.equal((await c!.tenant()).audience('track_room').size, 1)
    await pass(all, 1500)
    assert.deepEqual(
      [edges(b!), edges(c!)],
      [
        ['7 online', '7 offline'],
        ['7 online', '7 offline'],
      ],
    )
    const time = (await lastOnline(b!, 7)) ?? 0
    assert.ok(time >= died && time <= died + 6, `${time - died} s after`)
    assert.equal(await all.storage.get('users_time', 0, ['7']).then((rows) => rows.get('7')), String(time))
  })

  test('that was only cut off comes back with its sessions', async (t) => {
    const all = await testNodes(t, 2)
    const [a, b] = all.nodes
    await (await a!.logIn(7)).subscribe('track_room')
    await quiet()
    a!.wire.cut()
    await pass(all, 20_000)
    assert.equal((await b!.tenant()).audience('track_room').size, 0)
    assert.equal((await a!.tenant()).audience('track_room').size, 1)
    a!.wire.mend()
    await pass(all, 2000)
    assert.deepEqual(await members(all, 'track_room'), [[7], [7]])
    assert.deepEqual(edges(b!), ['7 online', '7 offline', '7 online'])
    assert.deepEqual(edges(a!), ['7 online'])
  })

  test('does not drop the others when the engine was away for all of them', async (t) => {
    const all = await testNodes(t, 3)
    for (const [index, node] of all.nodes.entries()) await (await node.logIn(index + 1)).subscribe('track_room')
    await quiet()
    for (const { wire } of all.nodes) wire.cut()
    await pass(all, 60_000)
    for (const { wire } of all.nodes) wire.mend()
    await pass(all, 2000)
    assert.deepEqual(await members(all, 'track_room'), [
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ])
    for (const node of all.nodes)
      assert.deepEqual(
        edges(node).filter((edge) => edge.endsWith('offline')),
        [],
      )
  })

  test('that closes says goodbye: its sessions are gone at once', async (t) => {
    const all = await testNodes(t, 2)
    const [a, b] = all.nodes
    const user = await a!.logIn(7)
    await user.subscribe('track_room')
    await quiet()
    user.close()
    await a!.tenants.close()
    await quiet()
    assert.equal((await b!.tenant()).audience('track_room').size, 0)
    const left = all.clock.seconds
    await pass(all, 1000)
    assert.deepEqual(edges(b!), ['7 online', '7 offline'])
    assert.equal(await lastOnline(b!, 7), left)
  })

  test('is found out to have missed something by the numbers of what the others say', async (t) => {
    const all = await testNodes(t, 2)
    const [a, b] = all.nodes
    b!.wire.loses = (text) => text.includes('track_room')
    await (await a!.logIn(7)).subscribe('track_room')
    await quiet()
    b!.wire.loses = () => false
    assert.equal((await b!.tenant()).audience('track_room').size, 0)
    await pass(all, 2000)
    assert.deepEqual(await members(all, 'track_room'), [[7], [7]])
  })

  test('that missed the beginning of what another told of itself does not take the rest for all', async (t) => {
    const all = await testNodes(t, 2)
    const [a, b] = all.nodes
    // So many that what is told of them is more than one envelope.
    for (let n = 0; n < 1000; n++) a!.connect().command('subscription', 'web_crowd')
    await quiet()
    const tenant = await b!.tenant()
    assert.equal(tenant.audience('web_crowd').size, 1000)
    let hasLost = false
    b!.wire.loses = (text) => {
      const isLost = !hasLost && text.includes('"isFirst":true,"isLast":false')
      hasLost ||= isLost
      return isLost
    }
    b!.wire.cut()
    b!.wire.mend()
    await pass(all, 4000)
    assert.ok(hasLost)
    assert.equal(tenant.audience('web_crowd').size, 1000)
  })

  test('leaves no timer behind', async (t) => {
    const all = await testNodes(t, 2)
    await all.nodes[0]!.logIn(7).then((user) => user.close())
    for (const node of all.nodes) await node.tenants.close()
    assert.equal(all.clock.pending, 0)
  })
})
