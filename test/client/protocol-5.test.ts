import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CometServerApi } from '../../lib/client/comet-server-api.ts'
import type { StartOptions } from '../../lib/client/options.ts'
import { settled } from './support/fake-http.ts'
import { fakeServer } from './support/fake-server.ts'

type Server = ReturnType<typeof fakeServer>

/** A page that listens to `pipes`, and is connected; `seen` has the data of what its callbacks got. */
function listening(...pipes: string[]) {
  const server = fakeServer()
  const api = new CometServerApi(server.environment)
  const seen: unknown[] = []
  const gaps: string[] = []
  api.onGap((pipe) => gaps.push(pipe))
  for (const pipe of pipes) api.subscription(pipe, ({ data }) => seen.push(data))
  api.start({ dev_id: 1 })
  server.socket.welcome()
  return { server, api, seen, gaps }
}

function subscribed(server: Server, pipes: object): void {
  server.socket.line({ pipe: 'sys', event: 'subscribed', data: { pipes } })
}

/** The `n`th message of a pipe that keeps them. */
function kept(server: Server, pipe: string, n: number, id = `${pipe}${n}`): void {
  server.socket.line({ pipe, event: '', data: n, id, offset: n })
}

function reconnect(server: Server, ...credentials: Parameters<Server['socket']['welcome']>): void {
  server.socket.drop()
  server.clock.advance(5000)
  server.socket.welcome(...credentials)
}

test('a reconnect names how far each pipe has come', () => {
  const { server, seen, gaps } = listening('news', 'talk', 'plain')
  subscribed(server, { news: { epoch: 'a1', offset: 4 }, talk: { epoch: 'b1', offset: 0 } })
  kept(server, 'news', 5)
  kept(server, 'news', 6)
  server.socket.line({ pipe: 'plain', event: '', data: 'x', id: 'p1' })
  reconnect(server)
  assert.deepEqual(server.socket.received, ['subscription\nnews a1 6\ntalk b1 0\nplain'])
  kept(server, 'news', 7)
  subscribed(server, {
    news: { epoch: 'a1', offset: 7, recovered: true },
    talk: { epoch: 'b1', offset: 0, recovered: true },
  })
  kept(server, 'news', 8)
  reconnect(server)
  assert.deepEqual(server.socket.received, ['subscription\nnews a1 8\ntalk b1 0\nplain'])
  assert.deepEqual(seen, [5, 6, 'x', 7, 8])
  assert.deepEqual(gaps, [])
})

test('what came before comes to the callbacks once', () => {
  const { server, seen } = listening('news', 'plain')
  subscribed(server, { news: { epoch: 'a1', offset: 0 } })
  for (const n of [1, 2, 2, 1, 3]) kept(server, 'news', n)
  kept(server, 'news', 2, 'an id that was forgotten')
  for (const id of ['p1', 'p2', 'p1']) server.socket.line({ pipe: 'plain', event: '', data: id, id })
  for (const data of ['no id', 'no id']) server.socket.line({ pipe: 'plain', event: '', data })
  assert.deepEqual(seen, [1, 2, 3, 'p1', 'p2', 'no id', 'no id'])
})

test('of 1000 messages ids are remembered, no more', () => {
  const { server, seen } = listening('plain')
  for (let i = 0; i <= 1000; i++) server.socket.line({ pipe: 'plain', event: '', data: i, id: `p${i}` })
  server.socket.line({ pipe: 'plain', event: '', data: 'again', id: 'p1' })
  server.socket.line({ pipe: 'plain', event: '', data: 'forgotten', id: 'p0' })
  assert.equal(seen.length, 1002)
  assert.equal(seen.at(-1), 'forgotten')
})

test('a catch-up that breaks off begins anew, however long it was, and nothing comes twice', () => {
  const { server, seen } = listening('news')
  subscribed(server, { news: { epoch: 'a1', offset: 0 } })
  reconnect(server)
  for (let n = 1; n <= 2500; n++) kept(server, 'news', n)
  reconnect(server)
  assert.deepEqual(server.socket.received, ['subscription\nnews a1 0'])
  for (let n = 1; n <= 3000; n++) kept(server, 'news', n)
  subscribed(server, { news: { epoch: 'a1', offset: 3000, recovered: true } })
  assert.deepEqual(
    seen,
    Array.from({ length: 3000 }, (_, i) => i + 1),
  )
})

test('messages that are numbered anew are not taken for old ones, and the gap is told', () => {
  const { server, seen, gaps } = listening('news')
  subscribed(server, { news: { epoch: 'a1', offset: 40 } })
  reconnect(server)
  kept(server, 'news', 1)
  subscribed(server, { news: { epoch: 'a2', offset: 1, recovered: false } })
  kept(server, 'news', 2)
  assert.deepEqual(seen, [1, 2])
  assert.deepEqual(gaps, ['news'])
  reconnect(server)
  assert.deepEqual(server.socket.received, ['subscription\nnews a2 2'])
})

test('a pipe of which nothing is kept any more has a gap; one that begins to keep is asked for all', () => {
  const { server, gaps } = listening('news', 'talk')
  subscribed(server, { news: { epoch: 'a1', offset: 4 } })
  kept(server, 'talk', 1)
  reconnect(server)
  assert.deepEqual(server.socket.received, ['subscription\nnews a1 4\ntalk ? 1'])
  subscribed(server, { talk: { epoch: 't1', offset: 1, recovered: false } })
  assert.deepEqual(gaps.sort(), ['news', 'talk'])
  reconnect(server)
  assert.deepEqual(server.socket.received, ['subscription\nnews\ntalk t1 1'])
})

test('what the page has published itself does not come back to it after a reconnect', () => {
  const { server, api, seen } = listening('web_chat')
  subscribed(server, { web_chat: { epoch: 'a1', offset: 0 } })
  api.web_pipe_send('web_chat', 2)
  const report = { number_messages: 1, message: 2 }
  server.socket.line({ pipe: '_answer_to_web_chat', event: 'answer', data: report, id: 'web_chat2' })
  kept(server, 'web_chat', 1)
  reconnect(server)
  assert.deepEqual(server.socket.received, ['subscription\nweb_chat a1 1'])
  for (const n of [2, 3]) kept(server, 'web_chat', n)
  assert.deepEqual(seen, [1, 3])
})

test('without onGap a gap is told on the console', () => {
  const server = fakeServer()
  const api = new CometServerApi(server.environment)
  api.subscription('news', () => undefined)
  api.start()
  server.socket.welcome()
  subscribed(server, { news: { epoch: 'a1', offset: 3, recovered: false } })
  assert.match(server.printed.join(), /"news" were missed/)
})

test('a pipe that was left begins with what is new', async () => {
  const { server, api } = listening()
  const id = api.subscription('news', () => undefined)
  await Promise.resolve()
  subscribed(server, { news: { epoch: 'a1', offset: 3 } })
  api.unsubscription(id)
  await Promise.resolve()
  api.subscription('news', () => undefined)
  await Promise.resolve()
  assert.deepEqual(server.socket.received, ['subscription\nnews', 'subscription', 'subscription\nnews'])
})

test('a pipe that is added does not name the positions of the others again', async () => {
  const { server, api } = listening('news')
  subscribed(server, { news: { epoch: 'a1', offset: 3 } })
  api.subscription('talk', () => undefined)
  await Promise.resolve()
  assert.equal(server.socket.received.at(-1), 'subscription\nnews\ntalk')
})

test('another tenant has other positions', () => {
  const { server, api } = listening('news')
  subscribed(server, { news: { epoch: 'a1', offset: 3 } })
  api.restart({ dev_id: 2 })
  server.socket.welcome()
  assert.deepEqual(server.socket.received, ['subscription\nnews'])
})

test('history is neither a double nor a position', () => {
  const { server, seen } = listening('news')
  subscribed(server, { news: { epoch: 'a1', offset: 2 } })
  kept(server, 'news', 3)
  server.socket.line({ pipe: 'news', event: '', data: 'old', id: 'news3', offset: 3, history: true })
  server.socket.line({ pipe: 'news', event: '', data: 'older', offset: 1, history: true })
  assert.deepEqual(seen, [3, 'old', 'older'])
  reconnect(server)
  assert.deepEqual(server.socket.received, ['subscription\nnews a1 3'])
})

test('private messages are acknowledged after the callbacks, once a frame; what comes again is acknowledged again', async () => {
  const { server, api } = listening()
  const sentAtCall: number[] = []
  api.subscription('msg', () => {
    sentAtCall.push(server.socket.received.length)
    throw new Error('of the page')
  })
  await settled()
  const line = (id: string): string => JSON.stringify({ pipe: 'msg', event: '', data: 1, id })
  server.socket.text(`${line('m1')}\n${line('m2')}`)
  assert.deepEqual(sentAtCall, [0, 0])
  assert.deepEqual(server.socket.received, ['ack\nm2'])
  server.socket.text(line('m2'))
  assert.equal(sentAtCall.length, 2)
  assert.deepEqual(server.socket.received, ['ack\nm2', 'ack\nm2'])
})

test('private messages wait, unacknowledged, until the page listens to them', async () => {
  const { server, api, seen } = listening('news')
  server.socket.received.length = 0
  const personal = (n: number): void => server.socket.line({ pipe: 'msg', event: 'note', data: n, id: `m${n}` })
  personal(1)
  personal(2)
  assert.deepEqual(server.socket.received, [])
  const listen = (name: string): string => api.subscription(name, ({ data }) => seen.push(data))
  const id = listen('msg.note')
  await settled()
  personal(3)
  assert.deepEqual(seen, [1, 2, 3])
  assert.deepEqual(server.socket.received, ['ack\nm2', 'ack\nm3'])

  api.unsubscription(id)
  await settled()
  personal(4)
  reconnect(server)
  personal(4)
  const before = server.socket.received.length
  listen('')
  await settled()
  assert.deepEqual(seen, [1, 2, 3, 4], 'the server has sent it again, because nobody had acknowledged it')
  assert.deepEqual(server.socket.received.slice(before), ['ack\nm4'])
})

test('what comes in one frame with what made the page log in as somebody else is not for it any more', async () => {
  const server = fakeServer()
  const api = new CometServerApi(server.environment)
  const seen: unknown[] = []
  api.subscription('msg', ({ data }) => {
    seen.push(data)
    api.restart({ user_id: 8 })
  })
  api.start({ user_id: 7 })
  const line = (n: number): string => JSON.stringify({ pipe: 'msg', event: '', data: n, id: `p${n}` })
  server.socket.welcome(true)
  await settled()
  server.socket.text(`${line(1)}\n${line(2)}`)
  assert.deepEqual([...seen], [1])

  api.unsubscriptionAll()
  await settled()
  server.socket.welcome(true)
  server.socket.text(`${line(3)}\n${line(4)}`)
  api.subscription('msg', ({ data }) => {
    seen.push(data)
    api.stop()
  })
  await settled()
  assert.deepEqual(seen, [1, 3], 'nor of those that waited for a listener')
})

test('what tells the page of a gap, upon which it stops, does not come to it any more', async () => {
  const { server, api } = listening('news')
  const answers: unknown[] = []
  api.subscription('sys.subscribed', ({ data }) => answers.push(data))
  await settled()
  subscribed(server, { news: { epoch: 'a1', offset: 3 } })
  assert.equal(answers.length, 1)
  api.onGap(() => api.stop())
  reconnect(server)
  subscribed(server, { news: { epoch: 'b1', offset: 3, recovered: false } })
  assert.deepEqual([api.isConnected(), answers.length], [false, 1])
})

test('a server that restarts says when to come back', () => {
  const { server } = listening()
  server.clock.advance(10_000)
  server.socket.line({ pipe: 'sys', event: 'reconnect', data: { after: 7000 } })
  server.clock.advance(1000)
  server.socket.drop(1012)
  server.clock.advance(5999)
  assert.equal(server.sockets.length, 1)
  server.clock.advance(1)
  assert.equal(server.sockets.length, 2)
})

/** A page whose tokens are `t1`, `t2`, …, and the server that it connects to. */
function withTokens(options: StartOptions = {}) {
  const server = fakeServer()
  const api = new CometServerApi(server.environment)
  let tokens = 0
  api.start({ user_id: 7, getToken: () => Promise.resolve(`t${++tokens}`), ...options })
  return { server, api, asked: () => tokens }
}

async function pass(server: Server, ms: number): Promise<void> {
  server.clock.advance(ms)
  await settled()
}

test('getToken is called before the first connection, and not for a reconnect', async () => {
  const { server, asked } = withTokens()
  assert.equal(server.sockets.length, 0)
  await settled()
  assert.match(server.socket.url, /sesion=t1&myid=7&/)
  server.socket.welcome(true)
  server.socket.drop()
  await pass(server, 5000)
  assert.equal(server.sockets.length, 2)
  assert.match(server.socket.url, /sesion=t1&/)
  assert.equal(asked(), 1)
})

test('a token that is about to expire is renewed on the open connection', async () => {
  const { server } = withTokens()
  await settled()
  server.socket.welcome(true)
  server.socket.line({ pipe: 'sys', event: 'expiring', data: { after: 60_000 } })
  await pass(server, 30_000)
  assert.deepEqual(server.socket.received, ['auth\n7\nt2'])
  assert.equal(server.sockets.length, 1)
  server.socket.line({ pipe: 'sys', event: 'serverInfo', data: '', authorized: true })
  server.socket.drop()
  await pass(server, 5000)
  assert.match(server.socket.url, /sesion=t2&/)
})

test('a token that the server does not take is replaced; the pipes of the user are joined again', async () => {
  const { server, api } = withTokens()
  api.subscription('private_a', () => undefined)
  await settled()
  server.socket.welcome(false)
  await pass(server, 0)
  assert.deepEqual(server.socket.received, ['subscription\nprivate_a', 'auth\n7\nt2'])
  server.socket.line({ pipe: 'sys', event: 'serverInfo', data: '', authorized: true })
  assert.equal(server.socket.received.at(-1), 'subscription\nprivate_a')
  assert.equal(api.isAuthorized(), true)
})

test('a server that takes no token is asked ever more slowly', async () => {
  const { server, asked } = withTokens()
  await settled()
  server.socket.welcome(false)
  const waits: number[] = []
  for (let i = 0; i < 4; i++) {
    const [before, since] = [asked(), server.clock.now()]
    while (asked() === before) await pass(server, 250)
    waits.push(server.clock.now() - since)
    server.socket.line({ pipe: 'sys', event: 'error', data: { error: 'x', info: 'COMET_ERR_CREDENTIALS' } })
  }
  assert.deepEqual(waits, [250, 1000, 2000, 4000])
})

test('a getToken that fails is told and called again', async () => {
  let calls = 0
  const { server } = withTokens({
    getToken: () => (++calls < 3 ? Promise.reject(new Error('no network')) : Promise.resolve('good')),
  })
  for (let i = 0; i < 10 && server.sockets.length === 0; i++) await pass(server, 5000)
  assert.match(server.socket.url, /sesion=good&/)
  assert.match(server.printed.join('\n'), /getToken failed.*no network/)
})

test('a JWT that ended while the computer slept is replaced before the reconnect', async () => {
  const jwt = (exp: number): string => `h.${btoa(JSON.stringify({ exp })).replace(/=+$/, '')}.s`
  const tokens: string[] = []
  const { server } = withTokens({
    getToken: () => {
      tokens.push(jwt(1_700_000_100 + tokens.length * 10_000))
      return Promise.resolve(tokens.at(-1) ?? '')
    },
  })
  await settled()
  server.socket.welcome(true)
  server.clock.sleep(3_600_000)
  server.socket.drop()
  await pass(server, 5000)
  assert.equal(tokens.length, 2)
  assert.ok(server.socket.url.includes(encodeURIComponent(tokens[1] ?? '')))
})

test('stop while getToken is under way stays stopped', async () => {
  const { server, api } = withTokens()
  api.stop()
  await settled()
  assert.equal(server.sockets.length, 0)
  assert.equal(server.clock.pending, 0)
})

test('a token that comes after another user has been logged in is not taken for his', async () => {
  const server = fakeServer()
  const api = new CometServerApi(server.environment)
  const resolve: ((token: string) => void)[] = []
  const getToken = () => new Promise<string>((resolveOne) => resolve.push(resolveOne))
  for (const user_id of [7, 8]) api.start({ user_id, getToken })
  resolve[1]?.('of8')
  await settled()
  resolve[0]?.('of7')
  await settled()
  server.socket.welcome(true)
  server.socket.drop()
  await pass(server, 5000)
  assert.deepEqual(
    server.sockets.map(({ url }) => /sesion=(\w+)&myid=(\d)/.exec(url)?.slice(1)),
    [
      ['of8', '8'],
      ['of8', '8'],
    ],
  )
})

test('a pipe that begins to keep messages after a reconnect is resumed at the next one', () => {
  const { server } = listening('news')
  subscribed(server, {})
  server.socket.line({ pipe: 'news', event: '', data: 1, id: 'm1' })
  reconnect(server)
  subscribed(server, {})
  kept(server, 'news', 1, 'm2')
  reconnect(server)
  assert.deepEqual(server.socket.received, ['subscription\nnews ? 1'])
})
