import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { inspect } from 'node:util'
import test, { describe, type TestContext } from 'node:test'
import express from 'express'
import { SignJWT } from 'jose'
import { createCometServer, webSocket, type CometServerOptions } from '../lib/index.ts'
import { fetchFrom, readFrom, serverWith, upgradeRaw } from './support/http.ts'
import { memoryLogger, serve } from './support/in-process.ts'
import { visitorPath, WebSocketBrowser } from './support/web-socket-browser.ts'

test('without options it works in memory: publish, sendToUser and query before ready is awaited', async (t) => {
  const comet = createCometServer()
  t.after(() => comet.close())
  assert.deepEqual(await comet.publish('news', '', 'hello'), { receivers: 0 })
  await comet.sendToUser(2, 'event', 'hello')
  const waiting = await comet.query('SELECT id, event, message FROM users_messages WHERE id = 2')
  assert.deepEqual(waiting, [{ id: 2, event: 'event', message: 'hello' }])
})

test('publish tells how many sessions get the message, and its id and offset in a pipe that keeps history', async (t) => {
  const { comet, browsers } = serve(t)
  const page = browsers.connect()
  page.send('subscription\nnews')
  await page.next((message) => message.event === 'serverInfo')
  assert.deepEqual(await comet.publish('news', 'add', { id: 3 }), { receivers: 1 })
  assert.deepEqual((await page.next((message) => message.pipe === 'news')).data, { id: 3 })
  await comet.query("INSERT INTO pipes_settings (name, length) VALUES ('kept', 10)")
  const { id, ...first } = await comet.publish('kept', '', 'a')
  assert.deepEqual(first, { receivers: 0, offset: 1 })
  const second = await comet.publish('kept', '', 'b')
  assert.deepEqual({ ...second, id }, { receivers: 0, id, offset: 2 })
  assert.notEqual(second.id, id)
})

test('what publish cannot do is a CometError with a code', async (t) => {
  const { comet } = serve(t)
  const refused: readonly [string, string, unknown, string][] = [
    ['a', '', 'x', 'COMET_ERR_TOO_SHORT'],
    ['a'.repeat(65), '', 'x', 'COMET_ERR_TOO_LONG'],
    ['news.add', '', 'x', 'COMET_ERR_INVALID'],
    ['msg', '', 'x', 'COMET_ERR_INVALID'],
    ['news', 'e'.repeat(65), 'x', 'COMET_ERR_TOO_LONG'],
    ['news', '', 'x'.repeat(1024 * 1024 + 1), 'COMET_ERR_TOO_LONG'],
    ['news', '', undefined, 'COMET_ERR_INVALID'],
  ]
  for (const [pipe, event, data, code] of refused) await assert.rejects(comet.publish(pipe, event, data), { code })
  assert.deepEqual(await comet.publish('news', '', 'x'.repeat(1024 * 1024)), { receivers: 0 })
})

test('what JSON cannot say, and names that are no strings, are sentences', async (t) => {
  const { comet } = serve(t)
  const circle: Record<string, unknown> = {}
  circle.self = circle
  const refused: readonly (readonly [pipe: unknown, event: unknown, data: unknown, sentence: RegExp])[] = [
    [undefined, '', 'x', /^name "undefined" is not valid: it must be a string$/],
    [7, '', 'x', /^name "7"/],
    ['news', undefined, 'x', /^event "undefined" is not valid: it must be a string$/],
    ['news', null, 'x', /^event "null"/],
    ['news', '', 10n, /^data "10n" is not valid: .*BigInt/],
    ['news', '', circle, /^data "\{ self \}" is not valid: .*circular structure[^\n]*$/],
    ['news', '', Symbol('s'), /^data "Symbol\(s\)" is not valid: a string, or a value that JSON can say$/],
  ]
  for (const [pipe, event, data, message] of refused) {
    const error = { code: 'COMET_ERR_INVALID', message }
    await assert.rejects(comet.publish(pipe as string, event as string, data), error)
  }
  await assert.rejects(comet.sendToUser(7, '', 10n), { code: 'COMET_ERR_INVALID', message: /^data "10n"/ })
  await assert.rejects(comet.sendToUser(7, 7 as unknown as string, 'x'), { message: /^event "7"/ })
  for (const id of [undefined, '7', Symbol('s'), 0, -1, 1.5]) {
    await assert.rejects(comet.sendToUser(id as number, '', 'x'), { code: 'COMET_ERR_INVALID', message: /^id "/ })
  }
  await assert.rejects(comet.query(undefined as unknown as string), { message: /^sql "undefined"/ })
  await assert.rejects(comet.query('SELECT ?', 7 as unknown as []), { message: /^values "7" is not valid: a list/ })
})

test('a string that is a JSON object or array arrives parsed, any other as that string', async (t) => {
  const { comet, browsers } = serve(t)
  const page = browsers.connect()
  page.send('subscription\nnews')
  await page.next((message) => message.event === 'serverInfo')
  for (const data of ['{"a":1}', '[1]', '5', '"5"', 'null', '{a:1}', 5, null, 'end']) {
    await comet.publish('news', '', data)
  }
  await page.next((message) => message.data === 'end')
  const arrived = page.received.filter(({ pipe }) => pipe === 'news').map(({ data }) => data)
  assert.deepEqual(arrived, [{ a: 1 }, [1], '5', '"5"', 'null', '{a:1}', 5, null, 'end'])
})

test('a tenant is a whole number from 0', (t) => {
  const { comet } = serve(t)
  for (const devId of ['15', -1, 1.5, NaN, Infinity, undefined, null]) {
    assert.throws(() => comet.tenant(devId as number), {
      code: 'COMET_ERR_INVALID',
      message: `dev_id "${inspect(devId)}" is not valid: a tenant is a whole number from 0`,
    })
  }
  assert.equal(comet.tenant(15).devId, 15)
})

test('a tenant with an empty key lets nobody log in with a JWT that anybody could sign', async (t) => {
  const { comet, browsers } = serve(t, { tenants: () => ({ key: '' }) })
  await comet.ready
  const claims = { user_id: 7, exp: Math.floor(Date.now() / 1000) + 3600 }
  const sesion = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode('15'))
  const info = await browsers.connect({ devid: '15', myid: '7', sesion }).next(({ event }) => event === 'serverInfo')
  assert.equal(info.authorized, false)
})

test('what cannot be attached to, or not that way, is a sentence', (t) => {
  const { comet } = serve(t)
  const attach = (...args: readonly unknown[]): unknown => comet.attach(...(args as Parameters<typeof comet.attach>))
  const column = /^server ".*" is not valid: attach\(\) takes an http or https server; of Express, what app\.listen/
  for (const server of [undefined, null, {}, express(), 8080]) {
    assert.throws(() => attach(server), { code: 'COMET_ERR_INVALID', message: column })
  }
  const http = createServer()
  for (const [options, message] of [
    [{ mode: 'intercpet' }, 'Option "attach.mode" is \'intercpet\'; it must be "intercept" or "listener"'],
    [{ pth: '/a' }, 'Option "attach.pth" is not known; it must be one of path, mode'],
    [null, 'Option "attach" is null; it must be an object with any of path, mode'],
  ] as const) {
    assert.throws(() => attach(http, options), { code: 'COMET_ERR_OPTION', message })
  }
  assert.throws(() => attach(http, { path: 'a' }), /^CometError: Option "attach.path" is 'a'; it must be/)
  assert.equal(http.listenerCount('upgrade'), 0)
})

test('handleUpgrade, called by hand, takes what is for us and leaves the rest, and all once the server is closed', async (t) => {
  const { comet } = serve(t, { transports: [webSocket()], path: '/comet' })
  const { server, port } = await serverWith(t)
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (!comet.handleUpgrade(request, socket, head)) socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
  })
  const page = await WebSocketBrowser.connect(t, port, `/comet${visitorPath}`)
  const elsewhere = await upgradeRaw(t, port, `/other${visitorPath}`)
  assert.match(String(await readFrom(elsewhere)), /^HTTP\/1\.1 404/)
  await comet.close()
  assert.equal((await page.closed).code, 1012)
  const late = await upgradeRaw(t, port, `/comet${visitorPath}`)
  assert.match(String(await readFrom(late)), /^HTTP\/1\.1 404/)
})

describe('the handler', () => {
  /** What an Express app answers that has the handler at `mount`, and nothing else but a 404 of its own. */
  async function answerOf(t: TestContext, options: CometServerOptions, mount: string, path: string): Promise<string> {
    const { comet } = serve(t, options)
    const app = express()
    app.use(mount, comet.handler)
    app.use((_request, response) => void response.status(404).send('app'))
    const { port } = await serverWith(t, app as Parameters<typeof createServer>[1])
    return (await fetchFrom(port, path)).body
  }

  const ours = '{"status":"ok","node":"star-comet"}'
  for (const [path, mount, asked, body] of [
    ['/comet', '/', '/comet/info', ours],
    ['/comet', '/', '/info', 'app'],
    ['/comet', '/comet', '/comet/info', ours],
    ['/comet', '/push', '/push/info?x=1', ours],
    ['', '/comet', '/comet/info', ours],
    ['', '/comet', '/info', 'app'],
    ['', '/', '/info', ours],
  ] as const) {
    test(`of path "${path}", used at "${mount}", leaves ${asked} to ${body === ours ? 'us' : 'the app'}`, async (t) => {
      assert.equal(await answerOf(t, { path }, mount, asked), body)
    })
  }

  test('answers 404 in an http server without a framework', async (t) => {
    const { comet } = serve(t, { path: '/comet' })
    const { port } = await serverWith(t, comet.handler)
    assert.equal((await fetchFrom(port, '/comet/info')).body, ours)
    assert.equal((await fetchFrom(port, '/info')).status, 404)
    assert.equal((await fetchFrom(port, '/comet/info', {}, 'POST')).status, 404)
    assert.equal((await fetchFrom(port, '/comet/CometServerApi.js/x')).status, 404)
  })
})

test('the application hears of connections, subscriptions, messages and presence', async (t) => {
  const { comet, browsers } = serve(t, { limits: { presenceGraceMs: 0 } })
  const heard: unknown[] = []
  comet.on('connect', ({ userId, devId }) => heard.push(['connect', userId, devId]))
  comet.on('subscribe', (_, pipe) => heard.push(['subscribe', pipe]))
  comet.on('message', ({ pipe, event, message, userId }) => heard.push(['message', pipe, event, message, userId]))
  comet.on('online', (userId, devId) => heard.push(['online', userId, devId]))
  comet.on('unsubscribe', (_, pipe) => heard.push(['unsubscribe', pipe]))
  comet.on('disconnect', (_, { code }) => heard.push(['disconnect', code]))
  comet.on('offline', (userId, devId) => heard.push(['offline', userId, devId]))
  await comet.query("INSERT INTO users_auth (id, hash) VALUES (7, 'abc')")
  const page = browsers.connect({ myid: '7', sesion: 'abc' })
  page.send('subscription\nweb_chat')
  page.send('web_pipe2\nweb_chat\nsay\n*\n"hi"')
  await page.next((message) => message.pipe === '_answer_to_web_chat')
  page.close()
  assert.deepEqual(heard, [
    ['online', 7, 0],
    ['connect', 7, 0],
    ['subscribe', 'web_chat'],
    ['message', 'web_chat', 'say', '"hi"', 7],
    ['unsubscribe', 'web_chat'],
    ['disconnect', 1000],
    ['offline', 7, 0],
  ])
})

test('a listener that throws is logged, and harms nobody', async (t) => {
  const logger = memoryLogger()
  const { comet } = serve(t, { logger })
  comet.on('message', () => {
    throw new Error('listener of the test')
  })
  assert.deepEqual(await comet.publish('news', '', 'hello'), { receivers: 0 })
  assert.match(logger.errors.join(), /listener of "message" threw.*listener of the test/)
})

test('tenants do not see each other, and comet itself is tenant 0', async (t) => {
  const { comet, browsers } = serve(t, { tenants: { 5: { key: 'five' } } })
  const ofFive = browsers.connect({ devid: '5' })
  const ofZero = browsers.connect({ devid: '0' })
  for (const page of [ofFive, ofZero]) {
    page.send('subscription\nnews')
    await page.next((message) => message.event === 'serverInfo')
  }
  await comet.tenant(5).publish('news', '', 'for five')
  await comet.publish('news', '', 'for zero')
  assert.equal((await ofFive.next((message) => message.pipe === 'news')).data, 'for five')
  assert.equal((await ofZero.next((message) => message.pipe === 'news')).data, 'for zero')
  await assert.rejects(comet.tenant(6).publish('news', '', 'x'), /dev_id "6"/)
})
