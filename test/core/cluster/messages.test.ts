import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { quiet, testNodes } from '../../support/nodes.ts'
import type { TestBrowser } from '../../support/test-browser.ts'

/** The offsets of the messages of `pipe` that a browser of protocol 5 got. */
function offsetsOf(browser: TestBrowser, pipe: string): unknown[] {
  return browser.messages.filter((message) => message.pipe === pipe).map(({ offset }) => offset)
}

describe('a message', () => {
  test('reaches the subscribers on every node once, and its sender not at all', async (t) => {
    const { nodes } = await testNodes(t, 3)
    const browsers = nodes.map((node) => node.connect())
    for (const browser of browsers) await browser.subscribe('web_chat')
    await quiet()
    browsers[0]!.command('web_pipe2', 'web_chat', 'add', '*', '{"n":1}')
    const report = await browsers[0]!.next({ pipe: '_answer_to_web_chat' })
    assert.deepEqual(report.data, { number_messages: 2, message: { n: 1 } })
    await quiet()
    assert.deepEqual(
      browsers.map((browser) => browser.dataOf('web_chat')),
      [[], [{ n: 1 }], [{ n: 1 }]],
    )
  })

  test('of many publishers comes in the same order everywhere', async (t) => {
    const { nodes } = await testNodes(t, 3)
    const browsers = nodes.map((node) => node.connect())
    for (const browser of browsers) await browser.subscribe('news')
    const tenants = await Promise.all(nodes.map((node) => node.tenant()))
    await Promise.all(
      Array.from({ length: 90 }, async (_, n) =>
        tenants[n % 3]!.publish({ pipe: 'news', event: '', text: String(n), json: true }),
      ),
    )
    await quiet()
    const [first, ...others] = browsers.map((browser) => browser.dataOf('news'))
    assert.equal(first?.length, 90)
    for (const other of others) assert.deepEqual(other, first)
  })

  test('is refused with a sentence while the broker is away, and nobody gets it', async (t) => {
    const { nodes } = await testNodes(t, 2)
    const browser = nodes[0]!.connect()
    await browser.subscribe('news')
    const tenant = await nodes[0]!.tenant()
    nodes[0]!.wire.cut()
    await assert.rejects(async () => tenant.publish({ pipe: 'news', event: '', text: 'x' }), {
      code: 'COMET_ERR_BROKER',
      message: 'The other nodes cannot be reached: the wire is cut',
    })
    nodes[0]!.wire.mend()
    await tenant.publish({ pipe: 'news', event: '', text: 'y' })
    await browser.next({ pipe: 'news', data: 'y' })
    assert.deepEqual(browser.dataOf('news'), ['y'])
  })

  test('is seen by who waits for it on another node', async (t) => {
    const { nodes } = await testNodes(t, 2)
    const [a, b] = await Promise.all(nodes.map((node) => node.tenant()))
    const seen = new Promise((resolve) => b!.changes.watch(resolve))
    await a!.publish({ pipe: 'news', event: 'add', text: 'x', id: 'one' })
    const change = (await seen) as { kind: string; entry: { id: string } }
    assert.deepEqual([change.kind, change.entry.id], ['message', 'one'])
  })
})

describe('a pipe that keeps history', () => {
  const keeping = async (t: Parameters<typeof testNodes>[0], count: number) => {
    const all = await testNodes(t, count)
    const tenants = await Promise.all(all.nodes.map((node) => node.tenant()))
    await tenants[0]!.history.setKeep('news', 1000)
    await quiet()
    return { ...all, tenants }
  }

  test('is known to keep it on every node, and is known when it does not any more', async (t) => {
    const { tenants } = await keeping(t, 2)
    assert.equal(tenants[1]!.history.keepOf('news'), 1000)
    await tenants[1]!.history.dropKeep('news')
    await quiet()
    assert.equal(tenants[0]!.history.keepOf('news'), 0)
  })

  test('keeps what the last change of its setting says, while earlier ones come back from the broker', async (t) => {
    const { nodes, tenants } = await keeping(t, 2)
    const seen: number[] = []
    nodes[0]!.wire.loses = () => {
      seen.push(tenants[0]!.history.keepOf('news')) // before each message that comes
      return false
    }
    nodes[0]!.wire.isSlow = true
    await tenants[0]!.history.dropKeep('news')
    await quiet()
    await tenants[0]!.history.setKeep('news', 10)
    await quiet()
    nodes[0]!.wire.isSlow = false
    await quiet()
    assert.ok(seen.length >= 2)
    assert.deepEqual(new Set(seen), new Set([10]))
  })

  test('settles on one setting everywhere, where two nodes change it at once', async (t) => {
    const { tenants } = await keeping(t, 3)
    await Promise.all(tenants.map((tenant, n) => tenant.history.setKeep('news', 10 + n)))
    await quiet()
    assert.equal(new Set(tenants.map(({ history }) => history.keepOf('news'))).size, 1)
  })

  test('is delivered in the order of its offsets on every node, whoever publishes', async (t) => {
    const { nodes, tenants } = await keeping(t, 3)
    const browsers = nodes.map((node) => node.connect({ v: '5' }))
    for (const browser of browsers) await browser.subscribe('news')
    for (let round = 0; round < 20; round++) {
      await Promise.all(tenants.map(async (tenant) => tenant.publish({ pipe: 'news', event: '', text: 'x' })))
    }
    await quiet()
    const all = Array.from({ length: 60 }, (_, index) => index + 1)
    for (const browser of browsers) assert.deepEqual(offsetsOf(browser, 'news'), all)
  })

  test('has no hole where the broker lost a message: the storage fills it', async (t) => {
    const { nodes, tenants } = await keeping(t, 2)
    const browser = nodes[1]!.connect({ v: '5' })
    await browser.subscribe('news')
    nodes[1]!.wire.loses = (text) => text.includes('lost')
    for (const text of ['a', 'lost', 'b']) {
      await tenants[0]!.publish({ pipe: 'news', event: '', text })
      await quiet()
    }
    assert.deepEqual(browser.dataOf('news'), ['a', 'lost', 'b'])
    assert.deepEqual(offsetsOf(browser, 'news'), [1, 2, 3])
  })

  test('catches up when the broker comes back; an INSERT meanwhile is stored', async (t) => {
    const { nodes, tenants } = await keeping(t, 2)
    const browsers = nodes.map((node) => node.connect({ v: '5' }))
    for (const browser of browsers) await browser.subscribe('news')
    nodes[0]!.wire.cut()
    assert.equal((await tenants[0]!.publish({ pipe: 'news', event: '', text: 'from a' })).offset, 1)
    assert.equal((await tenants[1]!.publish({ pipe: 'news', event: '', text: 'from b' })).offset, 2)
    nodes[0]!.wire.mend()
    await quiet()
    for (const browser of browsers) assert.deepEqual(browser.dataOf('news'), ['from a', 'from b'])
  })

  test('is delivered though the node that stored it died before it could tell', async (t) => {
    const { nodes, tenants, clock } = await keeping(t, 3)
    const browser = nodes[1]!.connect({ v: '5' })
    await browser.subscribe('news')
    nodes[0]!.wire.cut() // for ever
    await tenants[0]!.publish({ pipe: 'news', event: '', text: 'last words' })
    for (let beat = 0; beat < 4; beat++) {
      clock.advance(2000)
      await quiet()
    }
    assert.deepEqual(browser.dataOf('news'), ['last words'])
  })

  test('begins for those who are there already with the first message, also where the second overtakes it', async (t) => {
    const { nodes, tenants } = await keeping(t, 3)
    const browser = nodes[2]!.connect({ v: '5' })
    await browser.subscribe('late')
    await tenants[0]!.history.setKeep('late', 10)
    await quiet()
    nodes[2]!.wire.loses = (text) => text.includes('first')
    await tenants[0]!.publish({ pipe: 'late', event: '', text: 'first' })
    await tenants[1]!.publish({ pipe: 'late', event: '', text: 'second' })
    await quiet()
    assert.deepEqual(browser.dataOf('late'), ['first', 'second'])
    assert.deepEqual(offsetsOf(browser, 'late'), [1, 2])
  })

  test('who comes to a node while messages are on their way gets each once', async (t) => {
    const { nodes, tenants } = await keeping(t, 2)
    const browsers: TestBrowser[] = []
    for (let n = 0; n < 40; n++) {
      void tenants[n % 2]!.publish({ pipe: 'news', event: '', text: String(n) })
      const browser = nodes[n % 2]!.connect({ v: '5' })
      const epoch = (await tenants[0]!.history.log('news')).epoch
      browser.command('subscription', `news ${epoch} 0`)
      browsers.push(browser)
    }
    await quiet()
    await Promise.all(browsers.map((browser) => browser.settled()))
    const all = Array.from({ length: 40 }, (_, index) => index + 1)
    for (const browser of browsers) assert.deepEqual(offsetsOf(browser, 'news'), all)
  })

  test('loses none to who listens where one overtakes another, though it is cut from the history already', async (t) => {
    const { nodes, tenants } = await keeping(t, 3)
    await tenants[0]!.history.setKeep('news', 2)
    const browser = nodes[2]!.connect({ v: '5' })
    await browser.subscribe('news')
    await quiet()
    // What the first node tells comes late.
    nodes[0]!.wire.isSlow = true
    for (let n = 1; n <= 5; n++) await tenants[0]!.publish({ pipe: 'news', event: '', text: 'x' })
    for (let n = 6; n <= 10; n++) await tenants[1]!.publish({ pipe: 'news', event: '', text: 'x' })
    await quiet()
    nodes[0]!.wire.isSlow = false
    await quiet()
    assert.deepEqual(offsetsOf(browser, 'news'), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test('goes on without a message that nobody has any more', async (t) => {
    const { nodes, tenants, clock } = await keeping(t, 2)
    await tenants[0]!.history.setKeep('news', 2)
    const browser = nodes[1]!.connect({ v: '5' })
    await browser.subscribe('news')
    nodes[1]!.wire.loses = (text) => text.includes('lost')
    for (const text of ['a', 'lost', 'lost', 'lost']) {
      await tenants[0]!.publish({ pipe: 'news', event: '', text })
      await quiet()
    }
    nodes[0]!.wire.isSlow = true // nothing says that something was lost
    for (const text of ['b', 'c', 'd']) await tenants[1]!.publish({ pipe: 'news', event: '', text })
    await quiet()
    assert.deepEqual(browser.dataOf('news'), ['a'], 'it may still come')
    for (let beat = 0; beat < 3; beat++) {
      clock.advance(2000)
      await quiet()
    }
    nodes[0]!.wire.isSlow = false
    assert.deepEqual(browser.dataOf('news'), ['a', 'b', 'c', 'd'])
  })

  test('does not give its sender the message back, also when it comes from the storage', async (t) => {
    const { nodes, tenants } = await keeping(t, 2)
    await tenants[0]!.history.setKeep('web_chat', 10)
    const sender = nodes[0]!.connect({ v: '5' })
    await sender.subscribe('web_chat')
    await quiet()
    nodes[0]!.wire.loses = (text) => text.includes('mine')
    sender.command('web_pipe2', 'web_chat', '', '*', '"mine"')
    await sender.next({ pipe: '_answer_to_web_chat' })
    await quiet()
    await tenants[1]!.publish({ pipe: 'web_chat', event: '', text: 'theirs' })
    await sender.next({ pipe: 'web_chat', data: 'theirs' })
    assert.deepEqual(sender.dataOf('web_chat'), ['theirs'])
  })
})

describe('a private message', () => {
  test('reaches the user on whichever node, once for each connection', async (t) => {
    const { nodes, storage } = await testNodes(t, 3)
    const five = await nodes[1]!.logIn(7, { v: '5' })
    const four = await nodes[2]!.logIn(8)
    const tenant = await nodes[0]!.tenant()
    for (const userId of [7, 8]) {
      for (const text of ['a', 'b']) await tenant.sendToUser(userId, { event: 'note', text })
    }
    await quiet()
    assert.deepEqual(five.dataOf('msg'), ['a', 'b'])
    assert.deepEqual(four.dataOf('msg'), ['a', 'b'])
    // What the network has taken leaves the queue; of protocol 5, what is acknowledged.
    assert.deepEqual((await storage.read('users_messages', 0, '8')).entries, [])
    assert.equal((await storage.read('users_messages', 0, '7')).entries.length, 2)
    const last = await five.next({ pipe: 'msg', data: 'b' })
    five.command('ack', String(last.id))
    await five.settled()
    assert.deepEqual((await storage.read('users_messages', 0, '7')).entries, [])
  })

  test('waits for a user who is away, and comes when he is there', async (t) => {
    const { nodes } = await testNodes(t, 2)
    await (await nodes[0]!.tenant()).sendToUser(7, { event: 'note', text: 'hello' })
    const user = await nodes[1]!.logIn(7)
    assert.equal((await user.next({ pipe: 'msg' })).fromQueue, true)
  })

  test('that goes for newer ones is counted by the node that got the newer ones', async (t) => {
    const { nodes } = await testNodes(t, 2, { limits: { maxQueuedMessages: 2 } })
    for (const node of nodes) {
      const tenant = await node.tenant()
      for (const text of ['a', 'b', 'c']) await tenant.sendToUser(7, { event: 'note', text })
    }
    const counted = nodes.map(({ host }) => host.meter.read(0).limits.maxQueuedMessages)
    assert.deepEqual(counted, [1, 3])
  })

  test('is not lost where the broker loses it: the next one brings both', async (t) => {
    const { nodes } = await testNodes(t, 2)
    const user = await nodes[1]!.logIn(7, { v: '5' })
    const tenant = await nodes[0]!.tenant()
    nodes[1]!.wire.loses = (text) => text.includes('lost')
    for (const text of ['lost', 'b']) {
      await tenant.sendToUser(7, { event: 'note', text })
      await quiet()
    }
    assert.deepEqual(user.dataOf('msg'), ['lost', 'b'])
  })

  test('comes when the broker comes back', async (t) => {
    const { nodes } = await testNodes(t, 2)
    const user = await nodes[1]!.logIn(7)
    nodes[1]!.wire.cut()
    await (await nodes[0]!.tenant()).sendToUser(7, { event: 'note', text: 'hello' })
    nodes[1]!.wire.mend()
    await user.next({ pipe: 'msg', data: 'hello' })
  })
})

describe('the end of logins', () => {
  test('on one node ends them on all', async (t) => {
    const { nodes } = await testNodes(t, 2)
    const user = await nodes[1]!.logIn(7)
    await (await nodes[0]!.tenant()).credentials.deleteHashes([7])
    await user.next({ event: 'serverInfo', authorized: false })
  })

  test('that a node did not hear of is found when the broker is back', async (t) => {
    const { nodes } = await testNodes(t, 2)
    const user = await nodes[1]!.logIn(7)
    nodes[1]!.wire.cut()
    await (await nodes[0]!.tenant()).credentials.deleteHashes([7])
    nodes[1]!.wire.mend()
    await user.next({ event: 'serverInfo', authorized: false })
  })
})
