import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { deflateSync, inflateSync } from 'node:zlib'
import { Capability, Command } from '../../lib/mysql-server-protocol-lite/constants.ts'
import {
  command,
  errorOf,
  hex,
  nextTurn,
  packet,
  plainCapabilities,
  query,
  RawClient,
  testHandler,
  testServer,
} from './support.ts'

const ok = hex('00 01 00 0200 0000')

/** Frames of CLIENT_COMPRESS, the content compressed where `pack` says so. */
function frame(sequence: number, content: Buffer, pack = true): Buffer {
  const body = pack ? deflateSync(content) : content
  const header = Buffer.alloc(7)
  header.writeUIntLE(body.length, 0, 3)
  header.writeUInt8(sequence, 3)
  header.writeUIntLE(pack ? content.length : 0, 4, 3)
  return Buffer.concat([header, body])
}

async function compressedClient(t: TestContext, limits = {}): Promise<RawClient> {
  return RawClient.of(testServer(t, { limits }), { capabilities: plainCapabilities | Capability.COMPRESS })
}

/** What came after the login, unpacked: each frame's number and content. */
function frames(client: RawClient, from: number): [number, string][] {
  const found: [number, string][] = []
  for (let at = from; at + 7 <= client.received.length;) {
    const length = client.received.readUIntLE(at, 3)
    const body = client.received.subarray(at + 7, at + 7 + length)
    const content = client.received.readUIntLE(at + 4, 3) === 0 ? body : inflateSync(body)
    found.push([client.received[at + 3]!, content.toString('hex')])
    at += 7 + length
  }
  return found
}

test('compressed: each command is answered by frames numbered on from its own', async (t) => {
  const client = await compressedClient(t)
  const from = client.received.length
  const done = client.rest()
  client.send(frame(0, query('INSERT'), false), frame(0, query('INSERT ' + 'x'.repeat(100))))
  client.send(frame(0, Buffer.concat([query('INSERT'), query('INSERT'), command(Command.QUIT)])))
  await done
  const reply = `07000001${ok.toString('hex')}`
  assert.deepEqual(frames(client, from), [
    [1, reply],
    [1, reply],
    [1, reply],
    [1, reply],
  ])
})

test('compressed: a million commands without a reply in one frame leave turns to others', async (t) => {
  const client = await compressedClient(t)
  const close = command(Command.STMT_CLOSE, hex('01000000'))
  client.send(frame(0, Buffer.concat(new Array<Buffer>(1_000_000).fill(close))), frame(0, query('INSERT')))
  let isAnswered = false
  const answered = client.read().then(() => (isAnswered = true))
  let turns = 0
  for (; !isAnswered; turns++) await nextTurn()
  await answered
  assert(turns > 50, `${turns} turns`)
})

for (const isCompressed of [false, true]) {
  test(`the handler hears of a good-bye while a statement runs${isCompressed ? ', compressed' : ''}; what does something goes on`, async (t) => {
    const seen: string[] = []
    let end: (() => void) | undefined
    const closed = new Promise<void>((resolve) => (end = resolve))
    let stopWaiting: (() => void) | undefined
    const handler = testHandler({
      query: async (sql) => {
        seen.push(sql)
        if (sql === 'wait') await new Promise<void>((resolve) => (stopWaiting = resolve))
        return { affectedRows: 1 }
      },
      leaving: () => stopWaiting?.(),
      closed: () => end?.(),
    })
    const capabilities = plainCapabilities | Capability.MULTI_STATEMENTS | (isCompressed ? Capability.COMPRESS : 0)
    const client = await RawClient.of(testServer(t, { handler }), { capabilities })
    const sent = (bytes: Buffer): Buffer => (isCompressed ? frame(0, bytes, false) : bytes)
    client.send(sent(query('wait; INSERT')))
    await nextTurn()
    client.send(sent(command(Command.QUIT)))
    client.socket.end()
    await closed
    assert.deepEqual(seen, ['wait', ' INSERT'])
  })
}

test('compressed: how packets are numbered within frames is the business of the client', async (t) => {
  const client = await compressedClient(t)
  const from = client.received.length
  client.send(frame(0, packet(7, Buffer.from('\x03INSERT'))), frame(0, command(Command.QUIT)))
  await client.rest()
  assert.deepEqual(frames(client, from), [[1, `07000008${ok.toString('hex')}`]])
})

test('compressed: a frame split at every position, and a packet in many frames', async (t) => {
  const whole = Buffer.concat([frame(0, query('INSERT')), frame(0, command(Command.QUIT))])
  for (let at = 1; at < whole.length; at++) {
    const client = await compressedClient(t)
    const from = client.received.length
    client.send(whole.subarray(0, at))
    await nextTurn()
    client.send(whole.subarray(at))
    await client.rest()
    assert.deepEqual(frames(client, from), [[1, `07000001${ok.toString('hex')}`]], `split at ${at}`)
  }
  const client = await compressedClient(t)
  const from = client.received.length
  const bytes = Buffer.concat([query('INSERT'), command(Command.QUIT)])
  client.send(...Array.from(bytes, (_, index) => frame(index, bytes.subarray(index, index + 1), index % 2 === 0)))
  await client.rest()
  assert.equal(frames(client, from).length, 1)
})

test('compressed: large answers come back', async (t) => {
  const client = await compressedClient(t)
  const from = client.received.length
  client.send(frame(0, query('rows 30000')), frame(0, command(Command.QUIT)))
  await client.rest()
  const contents = frames(client, from)
  assert.deepEqual(
    contents.map(([sequence]) => sequence),
    contents.map((_, index) => index + 1),
  )
  const all = contents.map(([, content]) => content).join('')
  assert.ok(all.endsWith('fe00000200'))
  assert.ok(client.received.length < all.length / 4)
})

test('compressed: a small frame of very many commands waits for a client that does not read', async (t) => {
  let replies = 0
  const handler = testHandler({
    status: () => {
      replies++
      return { autocommit: true, inTransaction: false }
    },
  })
  const client = await RawClient.of(testServer(t, { handler }), {
    capabilities: plainCapabilities | Capability.COMPRESS,
  })
  client.socket.pause()
  client.send(frame(0, Buffer.concat(Array<Buffer>(200_000).fill(command(Command.PING)))))
  for (let turns = 0; turns < 20; turns++) await nextTurn()
  assert.ok(replies > 100 && replies < 20_000, `${replies} replies to a client that reads none`)
})

for (const [what, bytes, expected] of [
  ['a bomb', hex('0400 00 00 ffffff 00000000'), /^1153 08S01 .*16777215/],
  ['a frame that unpacks to more than it says', frame(0, Buffer.alloc(1000)).fill(hex('0a0000'), 4, 7), /^1157 08S01 /],
  ['a frame that unpacks to less than it says', frame(0, Buffer.alloc(1000)).fill(hex('f00300'), 4, 7), /^1157 08S01 /],
  ['bytes that are not compressed', hex('0300 00 00 0a0000 010203'), /^1157 08S01 /],
] as const) {
  test(`compressed: ${what} ends the connection`, async (t) => {
    const client = await compressedClient(t, { maxPacketBytes: 1_000_000 })
    const from = client.received.length
    client.send(bytes)
    await client.rest()
    const [[, content]] = frames(client, from) as [[number, string]]
    assert.match(errorOf(Buffer.from(content, 'hex').subarray(4)), expected)
  })
}
