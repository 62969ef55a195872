import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Capability, Command } from '../../lib/mysql-server-protocol-lite/constants.ts'
import { command, errorOf, packet, plainCapabilities, query, RawClient, testHandler, testServer } from './support.ts'

/** Random numbers below `limit`, the same ones in every run (mulberry32). */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

function randomBytes(random: (limit: number) => number): Buffer {
  // Small numbers are more likely to be ids, lengths and types that exist.
  return Buffer.from(Array.from({ length: random(40) }, () => (random(3) === 0 ? random(256) : random(6))))
}

const unanswered: readonly number[] = [Command.STMT_CLOSE, Command.STMT_SEND_LONG_DATA]
const ending: readonly number[] = [Command.QUIT, Command.CHANGE_USER]

test('commands of random bytes: each that has an answer gets one, and none is a fault', async (t) => {
  const random = randomNumbers(1)
  const marker = Buffer.from('marker')
  const handler = testHandler({
    query: (sql) => (sql === 'PING!' ? { affectedRows: 0, info: 'marker' } : { columns: [], rows: [] }),
  })
  const server = testServer(t, { handler: { ...handler, describe: () => undefined } })
  const client = await RawClient.of(server, { capabilities: plainCapabilities | Capability.DEPRECATE_EOF })
  client.send(command(Command.STMT_PREPARE, 'a ? b ? c ?'))
  await client.readMany(4)
  for (let round = 0; round < 5000; round++) {
    const code = random(2) === 0 ? Command.STMT_EXECUTE : random(0x22)
    if (ending.includes(code)) continue
    client.send(command(code, randomBytes(random)), query('PING!'))
    let answers = 0
    while (!(await client.read()).includes(marker)) answers++
    if (unanswered.includes(code)) assert.equal(answers, 0, `command ${code}`)
    else assert.ok(answers > 0, `command ${code} has no answer`)
  }
})

test('logins of random bytes: an error, and the end', async (t) => {
  const random = randomNumbers(2)
  for (let round = 0; round < 500; round++) {
    // A new server each time: one would slow down the failing logins.
    const client = await RawClient.of(testServer(t), false)
    const head = Buffer.alloc(32)
    head.writeUInt32LE((random(2 ** 24) | Capability.PROTOCOL_41 | Capability.PLUGIN_AUTH) & ~Capability.SSL)
    client.send(packet(1, Buffer.concat([head, randomBytes(random)])))
    const reply = await client.read()
    if (reply[0] !== 0xfe) assert.match(errorOf(reply), /^(1043 08S01|1045 28000) /)
    client.socket.destroy()
  }
})
