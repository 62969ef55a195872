import { once } from 'node:events'
import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { Routes } from '../../lib/http-routes.ts'
import type { HttpRoutes, Transport } from '../../lib/transports/transport.ts'
import { attachTo } from '../../lib/http-attach.ts'
import type { CometServer } from '../../lib/server.ts'
import type { TestComet } from './comet.ts'

/** Listens on a free port of this machine until the end of the test; resolves to the port. */
export async function listen(t: TestContext, server: Server): Promise<number> {
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Attaches a comet server to `server`, which listens on a free port, both until the end of the test; resolves to the port. */
export async function attach(t: TestContext, comet: CometServer, server = createServer()): Promise<number> {
  t.after(() => comet.close())
  comet.attach(server)
  return await listen(t, server)
}

/** Has `transport` take browsers into `comet`. */
export function startTransport({ tenants, host }: TestComet, transport: Transport, routes: HttpRoutes): void {
  transport.start(tenants.accept, routes, host.limits, tenants.rightsOf, (limit) => host.meter.hitTransport(limit))
}

/** Serves `comet` by `transport` on a free port, at `path`; resolves to the port. */
export async function serve(t: TestContext, comet: TestComet, transport: Transport, path = ''): Promise<number> {
  const routes = new Routes(path, false)
  startTransport(comet, transport, routes)
  const server = createServer()
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  t.after(async () => {
    for (const socket of sockets) socket.destroy() // browsers of bytes alone would not answer the close
    await transport.close()
  })
  t.after(attachTo(server, routes, undefined, 'intercept'))
  return await listen(t, server)
}

/** An http server with `app` on a free port. */
export async function serverWith(t: TestContext, app?: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer(app)
  return { server, port: await listen(t, server) }
}

/** An answer to a plain request. */
export interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Sends a plain request; resolves to the whole answer. */
export async function fetchFrom(port: number, path: string, headers = {}, method = 'GET'): Promise<Answer> {
  const asked = request({ port, path, headers, method, agent: false })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += String(chunk)
  return { status: response.statusCode, headers: response.headers, body }
}

/** Connects and sends `bytes`; the socket is destroyed at the end of the test. */
export async function openRaw(t: TestContext, port: number, bytes: Uint8Array | string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  socket.write(bytes)
  return socket
}

/** Asks for an upgrade and sends `after` in the same packet; the socket is destroyed at the end of the test. */
export async function upgradeRaw(
  t: TestContext,
  port: number,
  path: string,
  after: Uint8Array = Buffer.alloc(0),
): Promise<Socket> {
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ]
  return await openRaw(t, port, Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), after]))
}

/** Resolves to what comes from `socket` until `isEnough` says so, or until its end. */
export async function readFrom(socket: Socket, isEnough: (bytes: Buffer) => boolean = () => false): Promise<Buffer> {
  let bytes = Buffer.alloc(0)
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    bytes = Buffer.concat([bytes, chunk as Buffer])
    if (isEnough(bytes)) break
  }
  return bytes
}
