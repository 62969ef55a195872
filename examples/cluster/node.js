// One of the processes; server.js starts it. Its arguments: the socket of Redis, and the port to listen on.
import { createServer } from 'node:http'
import { Redis } from 'ioredis'
import { createCometServer } from 'star-comet'
import { redisBroker } from 'star-comet/broker/redis'
import { redisStorage } from 'star-comet/storage/redis'
import { filesOf } from '../support/web.js'

const [, , redis, port] = process.argv

const client = new Redis(redis, { autoResendUnfulfilledCommands: false })
client.on('error', (error) => console.error(`Redis: ${error.message}`))

const comet = createCometServer({
  storage: redisStorage({ client }), // what all share
  broker: redisBroker({ client }), // how they tell each other
  trustProxy: true,
})
await comet.query("INSERT INTO pipes_settings (name, length) VALUES ('ticks', 500)")
const files = filesOf(new URL('public', import.meta.url))

const http = createServer(async (request, response) => {
  const [, word, n] = request.url.split('/')
  if (request.method !== 'POST' || word !== 'tick') return files(request, response)
  const message = JSON.stringify({ n: Number(n), by: process.pid })
  const insert = 'INSERT INTO pipes_messages (name, event, message, id) VALUES (?, ?, ?, ?)'
  await comet.query(insert, ['ticks', 'tick', message, `tick ${n}`]).then(
    () => response.end(),
    () => response.writeHead(503).end(),
  )
})
comet.attach(http)
http.listen(Number(port), '127.0.0.1', () => process.send('ready'))

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    http.close()
    await comet.close()
    client.disconnect()
    process.exit()
  })
}
