// A server process of the benchmark: uWebSockets.js, with its own topics.
import { report, servePublisher } from '../servers/publisher.ts'
import { importPeer } from './import-peer.ts'

/** As much of uWebSockets.js as is used here: its types are missing where it is not installed. */
interface Uws {
  App(): App
  us_socket_local_port(listening: object): number
}
interface App {
  ws(pattern: string, behavior: object): App
  listen(host: string, port: number, callback: (listening: object) => void): App
  publish(topic: string, message: string): void
}
interface Upgrade {
  upgrade(data: object, key: string, protocol: string, extensions: string, context: object): void
}
interface Request {
  getUrl(): string
  getHeader(name: string): string
}
interface Socket {
  getUserData(): { readonly topic: string }
  subscribe(topic: string): void
}

const { default: uws } = (await importPeer('@trufflesuite/uws-js-unofficial')) as { readonly default: Uws }

const app = uws.App().ws('/*', {
  idleTimeout: 0,
  maxBackpressure: 256 * 1024 * 1024, // above it messages would be left out
  sendPingsAutomatically: false,
  upgrade: (response: Upgrade, request: Request, context: object) => {
    const data = { topic: request.getUrl() }
    const header = (name: string): string => request.getHeader(`sec-websocket-${name}`)
    response.upgrade(data, header('key'), header('protocol'), header('extensions'), context)
  },
  open: (socket: Socket) => socket.subscribe(socket.getUserData().topic),
})
app.listen('127.0.0.1', 0, (listening) => {
  report({ type: 'listening', port: uws.us_socket_local_port(listening), pid: process.pid })
})
servePublisher((to, message) => {
  app.publish(`/${to}`, `{"data":${message},"pipe":"bench${to}","event":"","user_id":0,"message_send_time":1700000000}`)
})
