// A server process of the benchmark: the loop that everybody writes first with `ws`.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { report, servePublisher } from './publisher.ts'

const pipes = new Map<number, Set<WebSocket>>()
const http = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  report({ type: 'listening', port: (http.address() as AddressInfo).port, pid: process.pid })
})
new WebSocketServer({ server: http }).on('connection', (client, { url }) => {
  const pipe = Number(url?.slice(1))
  const members = pipes.get(pipe) ?? new Set()
  pipes.set(pipe, members.add(client))
})
servePublisher((to, message) => {
  const line = `{"data":${message},"pipe":"bench${to}","event":"","user_id":0,"message_send_time":1700000000}`
  for (const client of pipes.get(to) ?? []) client.send(line)
})
