import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CometServerApi } from '../../lib/client/comet-server-api.ts'
import type { StartOptions } from '../../lib/client/options.ts'
import { FakeBrowser } from './fake-browser.ts'
import { fakeHttp } from './fake-http.ts'
import { fakeServer, type EnvironmentOptions } from './fake-server.ts'

/** Lets locks, channels and promises do what is due. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A browser whose tabs connect to one server. */
function browser() {
  const server = fakeServer()
  const browser = new FakeBrowser()
  return {
    server,
    /** Opens a tab that listens to `pipes`; resolves when it has done what it can. */
    open: async (pipes: readonly string[], options: StartOptions = {}, changes: EnvironmentOptions = {}) => {
      const { environment, crash } = browser.tab({ ...server.environment, ...changes })
      const api = new CometServerApi(environment)
      const seen: unknown[] = []
      for (const pipe of pipes) api.subscription(pipe, ({ data }) => seen.push(data))
      api.start(options)
      await settled()
      return { api, seen, crash }
    },
  }
}

/** Two tabs that listen to `news`, connected; the pipe keeps messages. */
async function twoTabs() {
  const { server, open } = browser()
  const first = await open(['news'])
  server.socket.welcome()
  server.socket.line({ pipe: 'sys', event: 'subscribed', data: { pipes: { news: { epoch: 'a1', offset: 0 } } } })
  const second = await open(['news'])
  return { server, open, first, second }
}

const message = (n: number): object => ({ pipe: 'news', event: '', data: n, id: `n${n}`, offset: n })

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

test('answers go to the tab that asked, also where its connection ended before', async () => {
  const { server, first, second } = await twoTabs()
  const answers: unknown[] = []
  first.api.subscription('_answer_pipe_count', () => answers.push('the wrong tab'))
  second.api.count_users_in_pipe('web_a', ({ data }) => answers.push(data))
  second.api.get_pipe_log('news')
  await settled()
  const [count = '', log = ''] = server.socket.received.slice(-2)
  const answer = { pipe: '_answer_pipe_count', event: 'user_in_pipe', data: 5, marker: count.split('\n')[2] }
  server.socket.line({ pipe: 'news', event: '', data: 'old', history: true, marker: log.split('\n')[2] })
  server.socket.line(answer)
  await settled()
  assert.deepEqual(answers, [5])
  assert.deepEqual([first.seen, second.seen], [[], ['old']])
})

test('a report goes to the tab that published, the message to the others', async () => {
  const { server, open } = browser()
  const tabs = []
  for (let i = 0; i < 3; i++) {
    tabs.push(await open(['web_chat', '#web_chat']))
    if (i === 0) server.socket.welcome()
  }
  tabs[1]?.api.web_pipe_send('web_chat', 'say', { text: 'hi' })
  await settled()
  assert.equal(server.socket.received.at(-1), 'web_pipe2\nweb_chat\nsay\n*\n{"text":"hi"}')
  const report = { number_messages: 0, message: { text: 'hi' } }
  server.socket.line({ pipe: '_answer_to_web_chat', event: 'answer', data: report, user_id: 7 })
  await settled()
  assert.deepEqual(
    tabs.map(({ seen }) => seen),
    [[{ text: 'hi' }], [report], [{ text: 'hi' }]],
  )
})

test('what a tab has published does not come again to any of them after a reconnect', async () => {
  const { server, open } = browser()
  const tabs = []
  for (let i = 0; i < 3; i++) {
    tabs.push(await open(['web_chat']))
    if (i > 0) continue
    server.socket.welcome()
    server.socket.line({ pipe: 'sys', event: 'subscribed', data: { pipes: { web_chat: { epoch: 'a1', offset: 0 } } } })
  }
  tabs[1]?.api.web_pipe_send('web_chat', 'hi')
  await settled()
  const report = { number_messages: 0, message: 'hi' }
  server.socket.line({ pipe: '_answer_to_web_chat', event: 'answer', data: report, id: 'w1' })
  await settled()
  server.socket.drop()
  server.clock.advance(5000)
  server.socket.welcome()
  server.socket.line({ pipe: 'web_chat', event: '', data: 'hi', id: 'w1', offset: 1 })
  await settled()
  assert.deepEqual(
    tabs.map(({ seen }) => seen),
    [['hi'], [], ['hi']],
  )
})

test('what a tab publishes while nobody leads is sent by the next leader, once', async () => {
  const { server, open, first, second } = await twoTabs()
  const third = await open([])
  first.crash()
  third.api.web_pipe_send('web_chat', 'e', 1)
  second.api.web_pipe_send('web_chat', 'e', 2)
  await settled()
  server.socket.welcome()
  await settled()
  const sent = server.sockets.flatMap(({ received }) => received).filter((command) => command.startsWith('web_pipe2'))
  assert.deepEqual(sent.sort(), ['web_pipe2\nweb_chat\ne\n*\n1', 'web_pipe2\nweb_chat\ne\n*\n2'])
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

test('what reaches the leader while the connection comes back is sent once', async () => {
  const { server, second } = await twoTabs()
  second.api.web_pipe_send('web_chat', 'e', 1)
  server.socket.drop()
  server.clock.advance(5000)
  server.socket.welcome()
  await settled()
  const sent = server.socket.received.filter((command) => command.startsWith('web_pipe2'))
  assert.deepEqual(sent, ['web_pipe2\nweb_chat\ne\n*\n1'])
})

test('after a reconnect no tab takes messages that are numbered anew for old ones', async () => {
  const { server, first, second } = await twoTabs()
  server.socket.line(message(5))
  await settled()
  server.socket.drop()
  server.clock.advance(5000)
  server.socket.welcome()
  server.socket.line(message(1))
  server.socket.line({
    pipe: 'sys',
    event: 'subscribed',
    data: { pipes: { news: { epoch: 'a2', offset: 1, recovered: false } } },
  })
  await settled()
  assert.deepEqual(
    [first.seen, second.seen],
    [
      [5, 1],
      [5, 1],
    ],
  )
})

test('a refusal to publish goes to the tab that tried', async () => {
  const { server, open } = browser()
  const tabs = []
  for (let i = 0; i < 2; i++) {
    tabs.push(await open(['sys.error']))
    if (i === 0) server.socket.welcome()
  }
  tabs[1]?.api.web_pipe_send('news', 'e', 1)
  await settled()
  const data = { error: 'Access denied', number_messages: -1 }
  server.socket.line({ pipe: 'sys', event: 'error', data })
  await settled()
  assert.deepEqual(
    tabs.map(({ seen }) => seen),
    [[], [data]],
  )
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

test('a tab that comes into a pipe in which others are goes on there when the leading tab ends', async () => {
  const { server, open, first, second } = await twoTabs()
  const third = await open([])
  server.socket.line(message(1))
  third.api.subscription('news', ({ data }) => third.seen.push(data))
  await settled()
  server.socket.line(message(2))
  await settled()
  for (const { crash } of [second, first]) crash()
  await settled()
  server.socket.welcome()
  await settled()
  assert.deepEqual(server.socket.received, ['subscription\nnews a1 2'])
  assert.deepEqual(third.seen, [2])
})

test('a message that comes when all tabs have left its pipe is for none of them where they begin again', async () => {
  const { server, first, second } = await twoTabs()
  for (const { api } of [first, second]) api.unsubscriptionAll()
  await settled()
  second.api.subscription('news', ({ data }) => second.seen.push(data))
  await settled()
  server.socket.line(message(9)) // on its way since before they left
  await settled()
  first.crash()
  await settled()
  server.socket.welcome()
  assert.deepEqual(server.socket.received, ['subscription\nnews'])
  assert.deepEqual(second.seen, [])
})

test('a tab whose position the next leader did not know in time is told of the gap', async () => {
  const { server, second } = await twoTabs()
  const gaps: string[] = []
  second.api.onGap((pipe) => gaps.push(pipe))
  server.socket.line({ pipe: 'sys', event: 'subscribed', data: { pipes: { news: { epoch: 'a1', offset: 3 } } } })
  await settled()
  assert.deepEqual(gaps, ['news'])
})

test('private messages are acknowledged once any tab listens to them, and none has to be loaded before they come', async () => {
  const { server, open, first, second } = await twoTabs()
  const personal = (n: number): void => server.socket.line({ pipe: 'msg', event: '', data: n, id: `m${n}` })
  const acks = (): string[] => server.socket.received.filter((command) => command.startsWith('ack'))
  personal(1)
  await settled()
  assert.deepEqual(acks(), [])
  const third = await open(['msg'])
  await settled()
  assert.deepEqual([third.seen, acks()], [[1], ['ack\nm1']])
  personal(2)
  await settled()
  assert.deepEqual([third.seen, first.seen, second.seen], [[1, 2], [], []])
  third.crash()
  await settled()
  personal(3)
  assert.deepEqual(acks(), ['ack\nm1', 'ack\nm2'])
  second.api.subscription('msg', ({ data }) => second.seen.push(data))
  await settled()
  assert.deepEqual([second.seen, acks().at(-1)], [[3], 'ack\nm3'])
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
