import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** A network between browsers and a server. */
export interface TcpProxy {
  readonly port: number
  /** Breaks all connections. New ones are refused while `isDown`. */
  cut(): void
  isDown: boolean
}

/** Passes bytes on to the server at `port`, until the end of the test. */
export async function startTcpProxy(t: TestContext, port: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
  }
  const server = createServer((browser) => {
    keep(browser)
    if (proxy.isDown) {
      browser.destroy()
      return
    }
    const upstream = keep(connect(port, '127.0.0.1'))
    browser.pipe(upstream).on('close', () => browser.destroy())
    upstream.pipe(browser).on('close', () => upstream.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: TcpProxy = {
    port: (server.address() as AddressInfo).port,
    isDown: false,
    cut() {
      for (const socket of sockets) socket.destroy()
    },
  }
  t.after(() => {
    server.close()
    proxy.cut()
  })
  return proxy
}
