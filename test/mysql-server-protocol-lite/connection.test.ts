import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { Row } from '../../lib/mysql-server-protocol-lite/index.ts'
import { answer, hex, loginPacket, nextTurn, query, RawClient, testHandler, testServer } from './support.ts'

const ok = hex('00 01 00 0200 0000')
const text = [{ name: 'a', type: 'text' }] as const

test('a client that does not read holds back its own rows only, within a budget', async (t) => {
  const kilobyte = 'x'.repeat(1024)
  const total = 100 * 1024
  let pulled = 0
  const rows = function* (): Generator<Row> {
    for (; pulled < total; pulled++) yield [kilobyte]
  }
  const handler = testHandler({
    query: (sql) => (sql === 'large' ? { columns: text, rows: rows() } : { affectedRows: 1 }),
  })
  const server = testServer(t, { handler })
  const slow = await RawClient.of(server)
  slow.socket.pause()
  slow.send(query('large'), query('next'))
  const other = await RawClient.of(server)
  other.send(query('x'))
  assert.deepEqual(await other.read(), ok)
  assert.ok(pulled > 0 && pulled < 1000, `${pulled} rows were pulled for a client that reads none`)
  let size = 0
  slow.socket.removeAllListeners('data')
  const tail = new Promise<Buffer>((resolve) => {
    slow.socket.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size === 1 + 4 + 23 + 4 + total * 1031 + 9 + 4 + 9 + 11 - 1) resolve(chunk)
      else if (pulled === total && chunk.subarray(-7).equals(ok)) resolve(chunk)
    })
  })
  slow.socket.resume()
  assert.deepEqual((await tail).subarray(-11), Buffer.concat([hex('07000001'), ok]))
  assert.equal(pulled, total)
})

test('rows that come one by one, each in its turn, wait for a client that does not read too', async (t) => {
  let pulled = 0
  const rows = async function* (): AsyncGenerator<Row> {
    for (; pulled < 2000; pulled++) {
      await nextTurn()
      yield ['x'.repeat(1000)]
    }
  }
  const handler = testHandler({ query: () => ({ columns: text, rows: rows() }) })
  const client = await RawClient.of(testServer(t, { handler }))
  client.socket.pause()
  client.send(query('x'))
  for (let turns = 0; turns < 1000; turns++) await nextTurn()
  assert.ok(pulled > 0 && pulled < 200, `${pulled} rows were pulled for a client that reads none`)
  client.socket.resume()
  await client.readMany(3 + 2000 + 1)
})

test('a client that does not read its answers is not read from either', async (t) => {
  const answered: string[] = []
  const handler = testHandler({
    query: (sql) => {
      answered.push(sql)
      return { columns: text, rows: [['y'.repeat(10_000)]] }
    },
  })
  const client = await RawClient.of(testServer(t, { handler }))
  client.socket.pause()
  const count = 200
  client.send(...Array.from({ length: count }, () => query('x')))
  await nextTurn()
  assert.ok(answered.length > 0 && answered.length < 50, `${answered.length} queries were run`)
  client.socket.resume()
  await client.readMany(count * 5)
  assert.equal(answered.length, count)
})

test('a client is not read from while its query runs', async (t) => {
  let finish: (() => void) | undefined
  const handler = testHandler({
    query: (sql) =>
      sql === 'slow' ? new Promise((resolve) => (finish = () => resolve({ affectedRows: 1 }))) : answer(sql),
  })
  const client = await RawClient.of(testServer(t, { handler }))
  client.send(query('slow'))
  const more = query('INSERT '.padEnd(10_000))
  for (let count = 0; count < 100; count++) client.send(more)
  for (let turns = 0; turns < 20; turns++) await nextTurn()
  assert.ok(client.socket.writableLength > 800_000, `only ${client.socket.writableLength} bytes wait with the client`)
  finish!()
  await client.readMany(101)
})

test('rows are closed when the client goes away', async (t) => {
  const closed = new Promise<string>((resolve) => {
    const rows = function* (): Generator<Row> {
      try {
        for (;;) yield ['z'.repeat(1000)]
      } finally {
        resolve('closed')
      }
    }
    const server = testServer(t, { handler: testHandler({ query: () => ({ columns: text, rows: rows() }) }) })
    void RawClient.of(server).then(async (client) => {
      client.send(query('x'))
      await client.readMany(100)
      client.socket.destroy()
    })
  })
  assert.equal(await closed, 'closed')
})

test('a session is closed while its query still runs, if the client goes away', async (t) => {
  let closed: (() => void) | undefined
  const whenClosed = new Promise<void>((resolve) => (closed = resolve))
  let begun: (() => void) | undefined
  const whenBegun = new Promise<void>((resolve) => (begun = resolve))
  let finish: (() => void) | undefined
  const handler = testHandler({
    query: () => {
      begun?.()
      return new Promise((resolve) => (finish = () => resolve({ affectedRows: 0 })))
    },
    closed: () => closed?.(),
  })
  const client = await RawClient.of(testServer(t, { handler }))
  client.send(query('x'))
  await whenBegun
  client.socket.destroy()
  await whenClosed
  finish?.()
})

test('a session that comes when its client has gone is closed', async (t) => {
  const closed: string[] = []
  let letIn: ((session: string) => void) | undefined
  const handler = testHandler({
    authenticate: () => new Promise((resolve) => (letIn = resolve)),
    closed: (session) => void closed.push(session),
  })
  const server = testServer(t, { handler })
  const client = await RawClient.of(server, false)
  client.send(loginPacket(client.salt))
  while (letIn === undefined) await nextTurn()
  client.socket.destroy()
  while ([...server.connections()].length > 0) await nextTurn()
  letIn('late')
  await nextTurn()
  assert.deepEqual(closed, ['late'])
})

test('one huge synchronous result leaves others their turns', async (t) => {
  let pulled = 0
  const rows = function* (): Generator<Row> {
    for (; pulled < 50_000; pulled++) yield ['x'.repeat(1000)]
  }
  const handler = testHandler({
    query: (sql) => (sql === 'large' ? { columns: text, rows: rows() } : { affectedRows: 1 }),
  })
  const server = testServer(t, { handler })
  const greedy = await RawClient.of(server)
  const other = await RawClient.of(server)
  // Drops what comes, at once.
  greedy.socket.removeAllListeners('data')
  greedy.socket.resume()
  greedy.send(query('large'))
  other.send(query('x'))
  assert.deepEqual(await other.read(), ok)
  assert.ok(pulled < 50_000, 'the other client had to wait for the whole result')
})

test('a socket that breaks harms nobody', async (t) => {
  const server = testServer(t)
  const { port } = await server.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect(port, '127.0.0.1')
  await new Promise((resolve) => socket.once('data', resolve))
  socket.resetAndDestroy()
  const client = await RawClient.of(server)
  client.send(query('INSERT'))
  assert.deepEqual(await client.read(), ok)
})
