// A server process of the benchmark: socket.io, over WebSocket alone, with a room for each pipe.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { report, servePublisher } from '../servers/publisher.ts'
import { importPeer } from './import-peer.ts'

/** As much of socket.io as is used here: its types are missing where it is not installed. */
interface SocketIo {
  readonly Server: new (http: object, options: object) => Server
}
interface Server {
  on(event: 'connection', listener: (socket: Socket) => void): void
  to(room: string): { emit(event: string, data: unknown): void }
}
interface Socket {
  readonly handshake: { readonly query: { readonly pipe?: string } }
  join(room: string): void
  emit(event: string): void
}

const { Server } = (await importPeer('socket.io')) as SocketIo

const http = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  report({ type: 'listening', port: (http.address() as AddressInfo).port, pid: process.pid })
})
const io = new Server(http, { transports: ['websocket'], serveClient: false, pingInterval: 3_600_000 })
io.on('connection', (socket) => {
  socket.join(`bench${socket.handshake.query.pipe ?? ''}`)
  socket.emit('ready')
})
servePublisher((to, message) => {
  io.to(`bench${to}`).emit('message', JSON.parse(message))
})
