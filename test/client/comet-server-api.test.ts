import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CometServerApi } from '../../lib/client/comet-server-api.ts'
import { fakeServer } from './support/fake-server.ts'
import { begin, connected } from './support/started-page.ts'

/** Lets what is planned for the end of this turn happen. */
const endOfTurn = (): Promise<void> => Promise.resolve()

test('start connects to the host of the script, with its credentials in the path', () => {
  const { server, api } = begin()
  api.start({ dev_id: 15, user_id: 2, user_key: 'a/b?c' })
  assert.equal(server.socket.url, 'wss://page.example/ws/sesion=a%2Fb%3Fc&myid=2&devid=15&v=5.0&uuid=uuid1&api=js')
})

test('start without options is a visitor of tenant 0; the same start again does nothing', () => {
  const { server, api } = begin()
  api.start()
  api.start()
  api.start({ dev_id: 0 })
  assert.equal(server.sockets.length, 1)
  assert.match(server.socket.url, /sesion=&myid=0&devid=0&/)
})

test('start and restart keep the options that are not given anew', () => {
  const { server, api } = begin()
  api.start({ dev_id: 15, user_id: 2, user_key: 'k' })
  api.restart({ user_key: 'k2' })
  assert.equal(server.sockets.length, 2)
  assert.equal(server.sockets[0]?.isClosedByClient, true)
  assert.match(server.socket.url, /sesion=k2&myid=2&devid=15&/)
  api.start({ user_id: 3 })
  assert.match(server.socket.url, /sesion=k2&myid=3&devid=15&/)
  assert.deepEqual([api.getUserId(), api.getUserKey(), api.getDevId()], [3, 'k2', 15])
})

test('authorization is unknown, then told on every change and to who asks later', () => {
  const { server, api } = begin()
  const told: string[] = []
  api.onAuthSuccess(() => told.push('yes'))
  api.onAuthFalill(() => told.push('no'))
  api.start({ user_id: 2, user_key: 'k' })
  assert.equal(api.isAuthorized(), undefined)
  server.socket.welcome(true, 'hash')
  assert.equal(api.isAuthorized(), true)
  assert.equal(api.getRealUserKey(), 'hash')
  api.onAuthSuccess(() => told.push('yes, later'))
  server.socket.welcome(false)
  assert.equal(api.isAuthorized(), false)
  api.restart({ user_id: 3 })
  assert.equal(api.isAuthorized(), undefined)
  server.socket.welcome(false)
  assert.deepEqual(told, ['yes', 'yes, later', 'no', 'no'])
})

test('a reconnect of the same user is no news', () => {
  const { server, api } = begin()
  let told = 0
  api.onAuthSuccess(() => told++)
  api.start({ user_id: 2, user_key: 'k' })
  server.socket.welcome(true)
  server.socket.drop()
  server.clock.advance(5000)
  server.socket.welcome(true)
  assert.equal(told, 1)
})

test('after a lost connection the client comes back with its subscriptions and what was sent meanwhile', async () => {
  const { server, api } = connected()
  api.subscription('news', () => undefined)
  await endOfTurn()
  server.socket.drop()
  assert.equal(api.isConnected(), false)
  api.web_pipe_send('web_chat', 'late')
  server.clock.advance(5000)
  assert.equal(server.sockets.length, 2)
  server.socket.welcome()
  assert.equal(api.isConnected(), true)
  assert.deepEqual(server.socket.received, ['subscription\nnews', 'web_pipe2\nweb_chat\n\n*\n"late"'])
})

test('stop stays stopped, leaves no timer, and start begins anew', () => {
  const { server, api } = connected()
  api.multi_web_pipe_send('web_chat', 'e', 1, 5, 1000)
  api.stop()
  assert.equal(server.socket.isClosedByClient, true)
  assert.equal(api.isConnected(), false)
  assert.equal(server.clock.pending, 0)
  server.window.dispatchEvent(new Event('online'))
  assert.equal(server.sockets.length, 1)
  api.start()
  assert.equal(server.sockets.length, 2)
})

test('a refused client says why and stays away', () => {
  const { server, api } = begin()
  api.start()
  server.socket.open()
  server.socket.line({
    pipe: 'sys',
    event: 'error',
    data: { error: 'Pages of this origin may not connect', error_code: 423 },
  })
  server.socket.drop(4501, 'COMET_ERR_ORIGIN')
  server.clock.advance(600_000)
  assert.equal(server.sockets.length, 1)
  assert.match(server.printed.join('\n'), /may not connect[^]*refused the connection \(4501 COMET_ERR_ORIGIN\)/)
  api.start()
  assert.equal(server.sockets.length, 2)
})

test('multi_web_pipe_send sends several times', () => {
  const { server, api } = connected()
  api.multi_web_pipe_send('web_chat', 'e', 1, 3, 1000)
  assert.equal(server.socket.received.length, 1)
  server.clock.advance(10_000)
  assert.equal(server.socket.received.length, 3)
})

test('with several nodes the client goes to the next one when one fails', () => {
  const { server, api } = begin()
  api.start({ node: ['a.example', 'b.example:8087/comet'] })
  const hosts = [new URL(server.socket.url).host]
  server.socket.drop()
  server.clock.advance(5000)
  hosts.push(new URL(server.socket.url).host)
  assert.deepEqual(hosts.sort(), ['a.example', 'b.example:8087'])
})

test('the uuid of the browser outlives the page, the uuid of the tab does not', () => {
  const items = new Map<string, string>()
  const storage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => items.set(key, value),
  }
  const server = fakeServer({ storage })
  const [first, second] = [new CometServerApi(server.environment), new CometServerApi(server.environment)]
  assert.equal(first.getUUID(), second.getUUID())
  assert.notEqual(first.getTabUUID(), second.getTabUUID())
  second.start({ uuid: 'mine' })
  assert.match(server.socket.url, /&uuid=mine&/)
})

test('a browser that denies storage gets a uuid all the same', () => {
  const deny = (): never => {
    throw new Error('denied')
  }
  const { api } = begin({ storage: { getItem: deny, setItem: deny } })
  assert.match(api.getUUID(), /^uuid\d$/)
})

test('what old pages ask for has an answer', () => {
  const { server, api } = connected()
  assert.equal(api.isMaster(), true)
  assert.equal(api.isUseWss(), true)
  api.UseWss(false)
  assert.equal(api.isUseWss(), false)
  api.restart({ custom_string: 'mine' })
  assert.match(server.socket.url, /^ws:/)
  assert.equal(api.getCustomString(), 'mine')
  assert.equal(api.UseWebSocket(), true)
  api.setRealUserKey('key')
  assert.equal(api.getRealUserKey(), 'key')
  assert.equal(api.getLogLevel(), 1)
  api.setLogLevel(3)
  server.socket.welcome()
  api.sendStatistics('page', 1)
  assert.equal(server.socket.received[0], 'statistics\n["page",1]')
  assert.match(server.printed.at(-1) ?? '', /sent statistics/)
})
