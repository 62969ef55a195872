// How an application tests what it pushes: no port, no browser, no waiting. Run: node --test examples/in-memory-test/
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCometServer, memory } from 'star-comet'
import { shipOrder } from './orders.js'

/** A push server in memory; `browsers.connect()` is a browser without a socket. */
async function startComet(t) {
  const browsers = memory()
  const comet = createCometServer({ transports: [browsers] })
  t.after(() => comet.close())
  await comet.ready
  await comet.query("INSERT INTO users_auth (id, hash) VALUES (7, 'secret')")
  return { comet, browsers }
}

const isOrder = ({ pipe, event }) => pipe === 'msg' && event === 'order'

test('the customer is told at once', async (t) => {
  const { comet, browsers } = await startComet(t)
  const customer = browsers.connect({ myid: '7', sesion: 'secret' })
  await customer.next(({ event }) => event === 'serverInfo')

  await shipOrder(comet, { id: 214, customerId: 7 })

  const { data } = await customer.next(isOrder)
  assert.deepEqual(data, { id: 214, state: 'shipped' })
})

test('a customer who was away is told on coming back', async (t) => {
  const { comet, browsers } = await startComet(t)

  await shipOrder(comet, { id: 215, customerId: 7 })

  const { data, fromQueue } = await browsers.connect({ myid: '7', sesion: 'secret' }).next(isOrder)
  assert.deepEqual(data, { id: 215, state: 'shipped' })
  assert.equal(fromQueue, true)
})

test('the packing room sees what is done', async (t) => {
  const { comet, browsers } = await startComet(t)
  const screen = browsers.connect()
  screen.send('subscription\npacking_room')
  await screen.next(({ event }) => event === 'serverInfo')

  await shipOrder(comet, { id: 216, customerId: 7 })

  const { data } = await screen.next(({ pipe }) => pipe === 'packing_room')
  assert.deepEqual(data, { id: 216 })
})
