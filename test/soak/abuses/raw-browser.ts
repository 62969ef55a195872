import type { Socket } from 'node:net'
import { text } from '../../support/frames.ts'
import type { RawSockets } from './raw-socket.ts'

/** Who a browser says it is. */
export interface Passport {
  readonly userId?: number
  readonly key?: string
  readonly devId?: number
  /** Of the protocol: 3, 4 or 5. */
  readonly version?: number
  readonly uuid?: string
}

export function pathOf({ userId = 0, key = '', devId = 0, version = 4, uuid = '' }: Passport): string {
  return `sesion=${key}&myid=${userId === 0 ? '' : userId}&devid=${devId}&v=${version}.0&uuid=${uuid}&api=js`
}

/** The request that begins a WebSocket. */
export function handshakeOf(passport: Passport): string {
  return (
    `GET /ws/${pathOf(passport)} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'
  )
}

/** Connects a browser that calls `run` once the server has let it in, and is gone in `ms` milliseconds. */
export function openBrowser(
  sockets: RawSockets,
  port: number,
  passport: Passport,
  ms: number,
  run: (socket: Socket) => void,
): Socket {
  const socket = sockets.open(port, handshakeOf(passport), ms)
  let head = ''
  const look = (chunk: Buffer): void => {
    head += chunk.toString('latin1')
    if (!head.includes('"serverInfo"')) return
    socket.off('data', look)
    socket.resume()
    run(socket)
  }
  socket.on('data', look)
  return socket
}

/** Sends commands, each its word and its fields. */
export function command(socket: Socket, ...commands: readonly (readonly string[])[]): void {
  socket.write(Buffer.concat(commands.map((fields) => text(fields.join('\n')))))
}
