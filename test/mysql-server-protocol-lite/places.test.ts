// Who gets a place where there are too few.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command } from '../../lib/mysql-server-protocol-lite/constants.ts'
import { command, duplexPair, errorOf, nextTurn, RawClient, testServer } from './support.ts'

test('who has not logged in gives way where all places are taken, the oldest first', async (t) => {
  const hits: string[] = []
  const server = testServer(t, { limits: { maxConnections: 2 }, onLimit: (limit) => hits.push(limit) })
  const user = await RawClient.of(server)
  const stranger = await RawClient.of(server, false)
  const other = await RawClient.of(server)
  assert.match(errorOf((await stranger.rest())[0]!), /^1040 08004 .*2 are open, .*not logged in/)
  const [near, far] = duplexPair()
  server.serve(far)
  assert.match(errorOf((await new RawClient(near).rest())[0]!), /^1040 08004 .*2 are open, which is the limit$/)
  for (const client of [user, other]) {
    client.send(command(Command.PING))
    assert.equal((await client.read())[0], 0)
  }
  assert.deepEqual(hits, ['maxConnections', 'maxConnections'])
})

test('thousands that only connect keep nobody out who logs in, and take no more places than there are', async (t) => {
  const server = testServer(t, { limits: { maxConnections: 20 } })
  const strangers = Array.from({ length: 2000 }, () => {
    const [near, far] = duplexPair()
    server.serve(far)
    return near.on('error', () => undefined).resume()
  })
  const user = await RawClient.of(server)
  while ([...server.connections()].length > 20) await nextTurn()
  assert.equal(strangers.filter(({ readableEnded }) => !readableEnded).length, 19)
  user.send(command(Command.PING))
  assert.equal((await user.read())[0], 0)
})
