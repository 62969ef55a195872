import { connect, type Socket } from 'node:net'

/** Sockets that are open, so that all of them can be ended. */
export class RawSockets {
  readonly #open = new Map<Socket, NodeJS.Timeout>()

  get size(): number {
    return this.#open.size
  }

  /** Connects and sends `bytes`; what comes is read and thrown away. In `ms` milliseconds, at most, it is gone. */
  open(port: number, bytes: Buffer | string, ms: number): Socket {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#open.set(
      socket,
      setTimeout(() => vanish(socket), ms),
    )
    socket.on('error', () => undefined) // 'close' follows
    socket.on('close', () => {
      clearTimeout(this.#open.get(socket))
      this.#open.delete(socket)
    })
    socket.resume()
    socket.write(bytes)
    return socket
  }

  closeAll(): void {
    for (const socket of this.#open.keys()) socket.destroy()
  }
}

/** Without a word: half of them by a reset. */
export function vanish(socket: Socket): void {
  if ((socket.localPort ?? 1) % 2 === 0) socket.resetAndDestroy()
  else socket.destroy()
}
