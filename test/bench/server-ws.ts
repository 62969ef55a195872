// A server process of the benchmark: the loop that everybody writes first with `ws`.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { benchMessage } from './messages.ts'
import { report, servePublisher } from './publisher.ts'

const http = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  report({ type: 'listening', port: (http.address() as AddressInfo).port })
})
const wss = new WebSocketServer({ server: http })
servePublisher((n) => {
  const line = `{"data":${benchMessage(n)},"pipe":"bench","event":"","user_id":0,"message_send_time":1700000000}`
  for (const client of wss.clients) client.send(line)
})
