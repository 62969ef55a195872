import assert from 'node:assert/strict'
import { getEventListeners, once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { CometClient, CometClientError, type CometClientOptions, type CometMessage } from '../../lib/client/index.ts'
import { startSite } from '../browser/site.ts'

/** A server, and a client that has connected to it. */
async function connected(t: TestContext, options: CometClientOptions = {}) {
  const site = await startSite(t, {})
  const comet = client(t, site.url, options)
  await until(comet, 'connected')
  return { site, comet }
}

function client(t: TestContext, url: string, options: CometClientOptions = {}): CometClient {
  const comet = new CometClient({ url, WebSocket, logLevel: 0, ...options })
  t.after(() => comet.close())
  return comet
}

function until(comet: CometClient, name: 'connected' | 'connecting' | 'disconnected') {
  return new Promise<{ code: number; reason: string }>((resolve) => {
    const off = comet.on(name, (change) => {
      off()
      resolve(change)
    })
  })
}

test('messages of an event, of a pipe, and what ends the subscription', async (t) => {
  const { site, comet } = await connected(t)
  const seen: unknown[] = []
  const subscribed = once(site.comet, 'subscribe')
  const off = comet.subscribe<{ text: string }>('news', 'add', ({ data }) => seen.push(data.text))
  const all: CometMessage[] = []
  const messages = comet.messages('news')
  const read = async (): Promise<void> => {
    const { value } = await messages.next()
    if (value !== undefined) all.push(value)
  }
  await subscribed
  await site.comet.publish('news', 'add', { text: 'one' })
  await site.comet.publish('news', 'remove', 'x')
  await site.comet.publish('news', 'add', { text: 'two' })
  for (let i = 0; i < 3; i++) await read()
  off()
  await site.comet.publish('news', 'add', { text: 'three' })
  await read()
  assert.deepEqual(seen, ['one', 'two'])
  assert.deepEqual(
    all.map(({ event, data }) => [event, data]),
    [
      ['add', { text: 'one' }],
      ['remove', 'x'],
      ['add', { text: 'two' }],
      ['add', { text: 'three' }],
    ],
  )
  const [{ id, userId, time } = {}] = all
  assert.deepEqual([typeof id, userId, typeof time], ['string', 0, 'number'])
})

test('a loop over messages gets all of them in order, ends with the signal, and leaves the pipe', async (t) => {
  const { site, comet } = await connected(t)
  const subscribed = once(site.comet, 'subscribe')
  const stop = new AbortController()
  const messages = comet.messages<number>('news', { event: 'n', signal: stop.signal })
  await subscribed
  for (let n = 1; n <= 3; n++) await site.comet.publish('news', 'n', n)
  const left = once(site.comet, 'unsubscribe')
  const seen: number[] = []
  for await (const { data } of messages) {
    seen.push(data)
    if (data === 3) stop.abort()
  }
  assert.deepEqual(seen, [1, 2, 3])
  await left
})

test('a signal that lives on remembers nothing of what has ended', async (t) => {
  const { site } = await connected(t)
  const { signal } = new AbortController()
  const listeners = (): number => getEventListeners(signal, 'abort').length
  const comet = client(t, site.url, { signal })
  const off = comet.subscribe('news', () => undefined, { signal })
  const messages = comet.messages('news', { signal })
  assert.equal(listeners(), 3)
  off()
  await messages.return()
  assert.equal(listeners(), 1)
  comet.close()
  assert.equal(listeners(), 0)
})

test('leaving the loop leaves the pipe; closing the client ends the loop', async (t) => {
  const { site, comet } = await connected(t)
  const subscribed = once(site.comet, 'subscribe')
  const [left, ended] = [comet.messages('news'), comet.messages('talk')]
  await subscribed
  await site.comet.publish('news', '', 1)
  const unsubscribed = once(site.comet, 'unsubscribe')
  for await (const { data } of left) {
    assert.equal(data, 1)
    break
  }
  await unsubscribed
  const next = ended.next()
  comet.close()
  assert.deepEqual(await next, { done: true, value: undefined })
})

test('publish resolves to how many get it, and rejects where the server refuses', async (t) => {
  const { site, comet } = await connected(t)
  const other = client(t, site.url)
  const chat = other.messages('web_chat', { event: 'say' })
  await once(site.comet, 'subscribe')
  const results = await Promise.allSettled([
    comet.publish('web_chat', 'say', { text: 'one' }),
    comet.publish('news', 'say', { text: 'two' }),
    comet.publish('web_empty', '', 1),
  ])
  assert.deepEqual(results[0], { status: 'fulfilled', value: { receivers: 1 } })
  assert.deepEqual(results[2], { status: 'fulfilled', value: { receivers: 0 } })
  const refusal: unknown = results[1].status === 'rejected' ? results[1].reason : undefined
  assert.ok(refusal instanceof CometClientError)
  assert.equal(refusal.code, 'COMET_ERR_DENIED')
  const { value } = await chat.next()
  assert.deepEqual(value?.data, { text: 'one' })
})

test('publish before the connection waits for it', async (t) => {
  const site = await startSite(t, {})
  assert.deepEqual(await client(t, site.url).publish('web_chat', '', 1), { receivers: 0 })
})

test('publish on a client that is closed, or is closing, rejects', async (t) => {
  const { comet } = await connected(t)
  const pending = comet.publish('web_chat', '', 1)
  comet.close()
  await assert.rejects(pending, { code: 'COMET_ERR_CONNECTION', message: /not known whether/ })
  await assert.rejects(comet.publish('web_chat', '', 1), { code: 'COMET_ERR_CONNECTION', message: /not published/ })
})

test('states come with their reasons; a restarted server is found again', async (t) => {
  const site = await startSite(t, {})
  const comet = client(t, site.url)
  assert.deepEqual(await until(comet, 'connecting'), { code: 0, reason: '' })
  assert.equal(comet.state, 'connecting')
  await until(comet, 'connected')
  assert.deepEqual([comet.state, comet.isAuthorized], ['connected', false])
  comet.subscribe('news', () => undefined)
  const lost = until(comet, 'connecting')
  await site.close()
  assert.equal((await lost).code, 1012)
  const back = until(comet, 'connected')
  const second = await startSite(t, {}, { port: site.port })
  await back
  const disconnected = until(comet, 'disconnected')
  comet.close()
  assert.deepEqual(await disconnected, { code: 1000, reason: 'closed by the page' })
  await once(second.comet, 'disconnect')
})

test('what a pipe kept while the client was away comes when it is back; a gap is told', async (t) => {
  const sockets: WebSocket[] = []
  class Observed extends WebSocket {
    constructor(url: string) {
      super(url)
      sockets.push(this)
    }
  }
  const { site, comet } = await connected(t, { WebSocket: Observed })
  await site.comet.query("INSERT INTO pipes_settings (name, length) VALUES ('news', 2)")
  const subscribed = once(site.comet, 'subscribe')
  const messages = comet.messages<number>('news')
  await subscribed
  const gaps: string[] = []
  const publishAway = async (...numbers: number[]): Promise<void> => {
    const [away, back] = [once(site.comet, 'disconnect'), once(site.comet, 'subscribe')]
    sockets.at(-1)?.terminate()
    await away
    for (const n of numbers) await site.comet.publish('news', '', n)
    await back
  }
  comet.on('gap', ({ pipe }) => gaps.push(pipe))
  const next = async (count: number): Promise<unknown[]> => {
    const seen = []
    for (let i = 0; i < count; i++) seen.push((await messages.next()).value?.data)
    return seen
  }
  await site.comet.publish('news', '', 1)
  assert.deepEqual(await next(1), [1])
  await publishAway(2, 3)
  await site.comet.publish('news', '', 4)
  assert.deepEqual(await next(3), [2, 3, 4])
  assert.deepEqual(gaps, [])
  await publishAway(5, 6, 7)
  await site.comet.publish('news', '', 8)
  assert.deepEqual(await next(3), [6, 7, 8])
  assert.deepEqual(gaps, ['news'])
})

test('a token comes from getToken, private messages come to msg', async (t) => {
  const site = await startSite(t, {})
  await site.comet.query("INSERT INTO users_auth (id, hash) VALUES (7, 'secret')")
  await site.comet.sendToUser(7, 'note', 'hello')
  const comet = client(t, site.url, { userId: 7, getToken: () => Promise.resolve('secret') })
  const { value } = await comet.messages('msg').next()
  assert.deepEqual([value?.event, value?.data, comet.isAuthorized], ['note', 'hello', true])
})

test('a signal ends the client; one that is aborted already lets it not begin', async (t) => {
  const stop = new AbortController()
  const { site, comet } = await connected(t, { signal: stop.signal })
  const disconnect = once(site.comet, 'disconnect')
  stop.abort()
  await disconnect
  assert.equal(comet.state, 'disconnected')
  const never = client(t, site.url, { signal: stop.signal })
  await assert.rejects(never.publish('web_chat', '', 1), { code: 'COMET_ERR_CONNECTION' })
})

test('mistakes are told with the value', (t) => {
  assert.throws(() => client(t, 'example.com'), /"example.com" is no address of a server/)
  const comet = client(t, 'ws://127.0.0.1:1')
  assert.throws(() => comet.subscribe('a pipe', () => undefined), /"a pipe"/)
  assert.throws(() => comet.messages('news', { event: 'two words' }), /"two words"/)
})

test(
  'without a WebSocket the platform is told to have none',
  { skip: 'WebSocket' in globalThis && 'This Node has a WebSocket: Node 20 runs this test' },
  () => {
    assert.throws(() => new CometClient({ url: 'ws://127.0.0.1:1' }), /has no WebSocket.*option "WebSocket"/)
  },
)

test('a server that is not there is tried again, whatever the WebSocket throws', async (t) => {
  const comet = client(t, 'ws://127.0.0.1:1')
  await until(comet, 'connecting')
  const { code } = await until(comet, 'connecting')
  assert.equal(code, 1006)
  comet.close()
})
