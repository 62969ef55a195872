import { connect, type Socket } from 'node:net'
import { PacketReader } from '../../lib/mysql-server-protocol-lite/packet-reader.ts'
import { errorOf, query, RawClient } from '../mysql-server-protocol-lite/support.ts'

const okByte = 0

/** A back-end that does not wait for answers: a late one must not hold back the next message. */
export class Publisher {
  readonly #socket: Socket
  readonly #reader = new PacketReader(2 ** 24)
  readonly #errors: string[] = []
  #unanswered = 0
  #idle: (() => void) | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#reader.checksSequence = false
    socket.removeAllListeners('data').on('data', (chunk: Buffer) => this.#received(chunk))
    socket.on('close', () => this.#errors.push('the server closed the connection'))
  }

  static async connect(port: number, password: string): Promise<Publisher> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const client = new RawClient(socket)
    await client.greet()
    await client.login({ plain: password })
    return new Publisher(socket)
  }

  /** Sends an INSERT. */
  send(sql: string): void {
    this.#unanswered++
    this.#socket.write(query(sql))
  }

  /** Waits until all is answered. @throws Error where one of the answers is an error */
  async answered(): Promise<void> {
    if (this.#unanswered > 0 && this.#errors.length === 0) await new Promise<void>((resolve) => (this.#idle = resolve))
    const [error] = this.#errors
    if (error !== undefined) throw new Error(`Publishing failed: ${error}`)
  }

  close(): void {
    this.#socket.removeAllListeners('close').destroy()
  }

  #received(chunk: Buffer): void {
    this.#reader.push(chunk)
    for (let packet = this.#reader.next(); packet !== undefined; packet = this.#reader.next()) {
      this.#unanswered--
      if (packet[0] !== okByte) this.#errors.push(errorOf(packet))
    }
    if (this.#unanswered === 0 || this.#errors.length > 0) this.#idle?.()
  }
}
