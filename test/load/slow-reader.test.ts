import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { query } from '../mysql-server-protocol-lite/support.ts'
import { logIn, serve } from './raw.ts'

const mebibyte = 1024 * 1024
const messages = 10
/** What the answer may take beyond what is stored: packets being written, on both sides of the wire. */
const budget = 8 * mebibyte

/** 100 MB: each of the messages, as often as there are messages. */
const large = "SELECT a.message FROM pipes_messages a, pipes_messages b WHERE a.name = 'big' AND b.name = 'big'"

test('a client that stops reading its 100 MB answer holds back only itself, within a budget', async (t) => {
  const { comet, port } = await serve(t)
  await comet.query(`INSERT INTO pipes_settings (name, length) VALUES ('big', ${messages})`)
  for (let n = 0; n < messages; n++) await comet.publish('big', '', `${n}`.repeat(mebibyte))
  const slow = await logIn(t, port)
  const other = await logIn(t, port)
  const { socket } = slow
  socket.removeAllListeners('data')
  socket.pause()
  const before = process.memoryUsage().arrayBuffers

  socket.write(query(large))
  let most = 0
  for (let n = 0; n < 500; n++) {
    other.send(query(`INSERT INTO pipes_messages (name, event, message) VALUES ('news', '', '${n}')`))
    assert.equal((await other.read())[0], 0)
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  assert(most < budget, `${most} bytes are held for a client that does not read`)

  // It gets all of it, once it reads again.
  let received = 0
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (received >= messages * messages * mebibyte) socket.emit('enough')
  })
  socket.resume()
  await once(socket, 'enough')
})
