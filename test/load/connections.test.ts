import assert from 'node:assert/strict'
import { test } from 'node:test'
import { command, errorOf, query } from '../mysql-server-protocol-lite/support.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { connectRaw, logIn, serve } from './raw.ts'

const connections = 1000
const inserts = 5
const okByte = 0
const ping = 0x0e

test('1,000 connections log in and insert at once: all are answered, nothing is lost, each in its order', async (t) => {
  const { comet, port } = await serve(t)
  const published: string[] = []
  comet.on('message', ({ message }) => published.push(message))

  const clients = await Promise.all(
    Array.from({ length: connections }, async (_, id) => {
      const client = await logIn(t, port)
      const sql = (n: number): string =>
        `INSERT INTO pipes_messages (name, event, message) VALUES ('load', '', '${id} ${n}')`
      client.send(...Array.from({ length: inserts }, (_, n) => query(sql(n))))
      const answers = await client.readMany(inserts)
      assert.deepEqual(
        answers.map((answer) => answer[0]),
        Array(inserts).fill(okByte),
      )
      return client
    }),
  )

  assert.equal(published.length, connections * inserts)
  const next = new Map<string, number>()
  for (const message of published) {
    const [id = '', n] = message.split(' ')
    assert.equal(Number(n), next.get(id) ?? 0, `connection ${id}`)
    next.set(id, Number(n) + 1)
  }
  assert.equal(next.size, connections)

  const oneTooMany = connectRaw(t, port)
  assert.match(errorOf((await oneTooMany.rest())[0]!), /^1040 08004 .*1000 are open/)
  clients[0]!.send(command(ping))
  assert.equal((await clients[0]!.read())[0], okByte)
})

test('who does not log in is told after 10 seconds, who says nothing for 8 hours is disconnected', async (t) => {
  const clock = new ManualClock()
  const { port } = await serve(t, { clock })
  const mute = connectRaw(t, port)
  await mute.greet()
  const idle = await logIn(t, port)
  const busy = await logIn(t, port)

  clock.advance(11_000)
  assert.match(errorOf((await mute.rest())[0]!), /^1159 08S01 .*10 s/)
  clock.advance(7 * 3600 * 1000)
  busy.send(command(ping))
  await busy.read()
  clock.advance(2 * 3600 * 1000)
  assert.deepEqual(await idle.rest(), [])
  busy.send(command(ping))
  assert.equal((await busy.read())[0], okByte)
})
