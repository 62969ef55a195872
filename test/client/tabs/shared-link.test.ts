import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CometServerApi } from '../../../lib/client/comet-server-api.ts'
import { FakeBrowser } from '../support/fake-browser.ts'
import { fakeHttp, settled } from '../support/fake-http.ts'
import { fakeServer } from '../support/fake-server.ts'
import { browser, message, twoTabs } from '../support/tabs.ts'

test('the tabs of a browser share one connection, that of the first', async () => {
  const { server, first, second } = await twoTabs()
  assert.equal(server.sockets.length, 1)
  assert.deepEqual([first.api.isMaster(), second.api.isMaster()], [true, false])
  assert.deepEqual([first.api.isConnected(), second.api.isConnected()], [true, true])
  assert.equal(second.api.isAuthorized(), false)
  server.socket.line(message(1))
  await settled()
  assert.deepEqual([first.seen, second.seen], [[1], [1]])
  assert.deepEqual(server.socket.received, ['subscription\nnews'])
})

test('what a page asked for before it was connected is sent after its subscriptions', async () => {
  for (const oneSocket of [true, false]) {
    const { server, open } = browser()
    const { api } = await open(['web_chat'], { oneSocket })
    api.count_users_in_pipe('web_chat', () => undefined)
    server.socket.welcome()
    const commands = server.socket.received.map((command) => command.split('\n', 2).join(' '))
    assert.deepEqual(commands, ['subscription web_chat', 'pipe_count web_chat'])
  }
})

test('tabs of another user, tenant or server, or with oneSocket false, have their own', async () => {
  const { server, open } = browser()
  for (const options of [{}, { user_id: 2 }, { dev_id: 3 }, { node: 'other.example' }, { oneSocket: false }, {}]) {
    await open([], options)
  }
  assert.equal(server.sockets.length, 5)
})

test('without Web Locks or BroadcastChannel each tab has its own', () => {
  const { environment } = new FakeBrowser().tab(fakeServer().environment)
  for (const missing of [{ locks: undefined }, { BroadcastChannel: undefined }]) {
    const server = fakeServer()
    const tabs = [1, 2].map(
      () =>
        new CometServerApi({
          ...server.environment,
          locks: environment.locks,
          BroadcastChannel: environment.BroadcastChannel,
          ...missing,
        }),
    )
    for (const tab of tabs) tab.start()
    assert.equal(server.sockets.length, 2)
    assert.deepEqual(
      tabs.map((tab) => tab.isMaster()),
      [true, true],
    )
  }
})

test('the server has what all tabs want, and each tab gets what it wants', async () => {
  const { server, open, first } = await twoTabs()
  const third = await open(['talk', ''])
  assert.equal(server.socket.received.at(-1), 'subscription\nnews\ntalk')
  server.socket.line({ pipe: 'talk', event: '', data: 'hi' })
  server.socket.line(message(1))
  await settled()
  assert.deepEqual([first.seen, third.seen], [[1], ['hi', 'hi']])
  third.api.unsubscriptionAll()
  await settled()
  assert.equal(server.socket.received.at(-1), 'subscription\nnews')
})

for (const [how, end] of [
  ['crashes', ({ crash }: Awaited<ReturnType<typeof twoTabs>>['first']) => crash()],
  ['stops', ({ api }: Awaited<ReturnType<typeof twoTabs>>['first']) => api.stop()],
] as const) {
  test(`when the leading tab ${how} the next one goes on where it ended`, async () => {
    const { server, open, first, second } = await twoTabs()
    const third = await open(['talk'])
    server.socket.line(message(1))
    server.socket.line(message(2))
    await settled()
    end(first)
    await settled()
    assert.equal(second.api.isMaster(), true)
    assert.equal(server.sockets.length, 2)
    server.socket.welcome()
    await settled()
    assert.deepEqual(server.socket.received, ['subscription\nnews a1 2\ntalk'])
    server.socket.line(message(2))
    server.socket.line(message(3))
    server.socket.line({
      pipe: 'sys',
      event: 'subscribed',
      data: { pipes: { news: { epoch: 'a1', offset: 3, recovered: true } } },
    })
    server.socket.line(message(4))
    server.socket.line({ pipe: 'talk', event: '', data: 'hi' })
    await settled()
    assert.deepEqual([second.seen, third.seen], [[1, 2, 3, 4], ['hi']])
    assert.equal(third.api.isConnected(), true)
  })
}

test('a tab that crashes is no longer subscribed for', async () => {
  const { server, open } = await twoTabs()
  const third = await open(['talk'])
  assert.equal(server.socket.received.at(-1), 'subscription\nnews\ntalk')
  third.crash()
  await settled()
  assert.equal(server.socket.received.at(-1), 'subscription\nnews')
})

test('a lost connection is lost for all tabs, and comes back for all', async () => {
  const { server, first, second } = await twoTabs()
  server.socket.drop()
  await settled()
  assert.deepEqual([first.api.isConnected(), second.api.isConnected()], [false, false])
  second.api.web_pipe_send('web_chat', 'e', 'late')
  server.clock.advance(5000)
  server.socket.welcome()
  await settled()
  assert.deepEqual([first.api.isConnected(), second.api.isConnected()], [true, true])
  assert.deepEqual(server.socket.received, ['subscription\nnews a1 0', 'web_pipe2\nweb_chat\ne\n*\n"late"'])
})

test('a refusal is one for all tabs: none tries again until start', async () => {
  const { server, first, second } = await twoTabs()
  server.socket.drop(4501)
  await settled()
  server.clock.advance(60_000)
  assert.equal(server.sockets.length, 1)
  assert.deepEqual([first.api.isConnected(), second.api.isConnected()], [false, false])
  second.api.start()
  await settled()
  assert.equal(server.sockets.length, 2)
  assert.equal(second.api.isMaster(), true)
})

test('stop in a tab that does not lead leaves the others alone', async () => {
  const { server, first, second } = await twoTabs()
  second.api.stop()
  await settled()
  assert.equal(server.socket.isClosedByClient, false)
  assert.equal(first.api.isConnected(), true)
  server.socket.line(message(1))
  await settled()
  assert.deepEqual([first.seen, second.seen], [[1], []])
  first.api.stop()
  await settled()
  assert.equal(server.clock.pending, 0)
})

test('a page with a better key logs all tabs in', async () => {
  const { server, open } = browser()
  await open([], { user_id: 7, user_key: 'old' })
  server.socket.welcome(false)
  const second = await open([], { user_id: 7, user_key: 'new' })
  assert.equal(server.socket.received.at(-1), 'auth\n7\nnew')
  server.socket.line({ pipe: 'sys', event: 'serverInfo', data: 'hash', authorized: true })
  await settled()
  assert.equal(second.api.isAuthorized(), true)
})

test('a key that the server has not taken is not tried again for each tab', async () => {
  const { server, open } = browser()
  for (let i = 0; i < 3; i++) {
    await open([], { user_id: 7, user_key: 'old' })
    if (i === 0) server.socket.welcome(false)
  }
  assert.deepEqual(server.socket.received, [])
})

test('who logs in again, by the key that he had before, is logged in when a page brings it', async () => {
  const { server, open } = browser()
  const { api } = await open([], { user_id: 7, user_key: 'session' })
  server.socket.welcome(true, 'hash')
  server.clock.advance(10_000)
  server.socket.line({ pipe: 'sys', event: 'serverInfo', data: '', authorized: false })
  assert.equal(api.isAuthorized(), false)
  for (let i = 0; i < 3; i++) await open([], { user_id: 7, user_key: 'session' })
  assert.deepEqual(server.socket.received, ['auth\n7\nsession'])
})

test('a tab that stops when it hears of a gap hears no more', async () => {
  const { server, first, second } = await twoTabs()
  const told: unknown[] = []
  second.api.subscription('sys', ({ server_info }) => told.push(server_info.event))
  second.api.onGap(() => second.api.stop())
  await settled()
  const pipes = { news: { epoch: 'b1', offset: 9, recovered: false } }
  server.socket.line({ pipe: 'sys', event: 'subscribed', data: { pipes } })
  await settled()
  assert.deepEqual([first.api.isConnected(), second.api.isConnected(), told], [true, false, []])
})

test('a better key that a page has brought counts after a reconnect, too', async () => {
  const { server, open } = browser()
  await open([], { user_id: 7, user_key: 'old' })
  server.socket.welcome(false)
  await open([], { user_id: 7, user_key: 'new' })
  server.socket.line({ pipe: 'sys', event: 'serverInfo', data: 'hash', authorized: true })
  server.socket.drop()
  server.clock.advance(1000)
  assert.match(server.socket.url, /sesion=new&myid=7&/)
})

test('a tab that is looked at makes the leading one try again, though that is hidden', async () => {
  const { server, open } = browser()
  const pages = [1, 2].map(() => Object.assign(new EventTarget(), { visibilityState: 'hidden' }))
  for (const document of pages) await open([], {}, { window: undefined, document })
  server.socket.welcome()
  server.socket.drop()
  await settled()
  for (const page of pages.slice(1)) {
    page.visibilityState = 'visible'
    page.dispatchEvent(new Event('visibilitychange'))
  }
  await settled()
  assert.equal(server.sockets.length, 2)
})

test('a leader that goes over from a fallback to a WebSocket takes all tabs along', async () => {
  const http = fakeHttp()
  const { server, open } = browser()
  const parts = { EventSource: http.EventSource, fetch: http.fetch }
  const first = await open(['news'], {}, parts)
  server.socket.drop()
  server.clock.advance(0)
  http.source.welcome()
  const second = await open(['news'], {}, parts)
  assert.equal(second.api.getTransport(), 'sse')
  server.clock.advance(7500)
  server.socket.welcome()
  server.socket.line({ pipe: 'sys', event: 'subscribed', data: { pipes: {} } })
  const plain = (n: number): object => ({ pipe: 'news', event: '', data: n, id: `n${n}` })
  http.source.event('message', plain(1))
  server.socket.line(plain(1))
  server.socket.line(plain(2))
  server.clock.advance(1000)
  await settled()
  assert.deepEqual([first.api.getTransport(), second.api.getTransport()], ['websocket', 'websocket'])
  assert.deepEqual(
    [first.seen, second.seen],
    [
      [1, 2],
      [1, 2],
    ],
  )
})
