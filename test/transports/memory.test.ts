import { test } from 'node:test'
import assert from 'node:assert/strict'
import { Routes } from '../../lib/http-routes.ts'
import { memory, type MemoryTransport } from '../../lib/transports/memory.ts'
import { testComet, type TestComet } from '../support/comet.ts'
import { startTransport } from '../support/http.ts'

function started(comet: TestComet): MemoryTransport {
  const transport = memory()
  startTransport(comet, transport, new Routes('', false))
  return transport
}

test('a browser without a socket: commands go, messages come, parsed', async (t) => {
  const transport = started(testComet(t))
  const [sender, receiver] = [transport.connect(), transport.connect()]
  receiver.send('subscription\nweb_chat')
  receiver.send('pipe_count\nweb_chat\nm')
  await receiver.next(({ marker }) => marker === 'm')
  sender.send('web_pipe2\nweb_chat\nsay\n*\n{"a":[1,"2"]}')
  const message = await receiver.next(({ pipe }) => pipe === 'web_chat')
  assert.deepEqual(message.data, { a: [1, '2'] })
  assert.equal(receiver.received[0]?.event, 'serverInfo')
  assert.equal(await receiver.next(({ pipe }) => pipe === 'web_chat'), message, 'also what came already')
})

test('a user logs in, and private messages that waited are forgotten once they came', async (t) => {
  const comet = testComet(t)
  const tenant = await comet.tenant()
  await tenant.credentials.setHash(7, 'hash7')
  await tenant.sendToUser(7, { event: '', text: 'hello' })
  const browser = started(comet).connect({ myid: '7', sesion: 'hash7' })
  await browser.next(({ pipe, fromQueue }) => pipe === 'msg' && fromQueue === true)
  browser.close()
  await new Promise(setImmediate)
  assert.deepEqual(await tenant.mailbox.waiting(7), [])
})

test('either side may end the connection; nothing comes afterwards', async (t) => {
  const comet = testComet(t)
  const transport = started(comet)
  const [first, second] = [transport.connect(), transport.connect()]
  for (const browser of [first, second]) await browser.next(({ event }) => event === 'serverInfo')
  first.close()
  assert.deepEqual(await first.closed, { code: 1000, reason: '' })
  await transport.close()
  assert.equal((await second.closed).code, 1012)
  second.send('pipe_count\nweb_a\nm')
  await comet.connect().settled()
  assert.equal(second.received.length, 1)
  assert.equal(comet.events.filter(([name]) => name === 'disconnect').length, 2)
})

test('whoever waits for a message is told when the connection ends before, or has ended', async (t) => {
  const transport = started(testComet(t))
  const browser = transport.connect()
  await browser.next(({ event }) => event === 'serverInfo')
  const message = browser.next(({ pipe }) => pipe === 'web_never')
  await transport.close()
  await assert.rejects(message, /The connection ended \(1012, the server is stopping\) before the message came/)
  await assert.rejects(
    browser.next(({ pipe }) => pipe === 'web_never'),
    /1012/,
  )
  assert.equal((await browser.next(({ event }) => event === 'serverInfo')).event, 'serverInfo', 'what came stays')
})

test('a transport that is not part of a server says so', () => {
  assert.throws(() => memory().connect(), /not part of a comet server/)
})
