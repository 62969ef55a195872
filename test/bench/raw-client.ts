import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/** Sends prepared packets and counts the OK packets that come back: a driver would be slower than the server. */
export class RawClient {
  readonly #socket: Socket
  readonly #packet: Buffer
  #open: Buffer = Buffer.alloc(0)
  #awaited = 0
  #done: (() => void) | undefined

  private constructor(socket: Socket, statement: string) {
    this.#socket = socket
    this.#packet = packet(0, Buffer.concat([Buffer.from([3]), Buffer.from(statement)]))
    socket.on('data', (data: Buffer) => this.#receive(data))
  }

  /** Logs in as `root` with the password `bench`, to run one statement again and again. */
  static async connect(port: number, statement: string): Promise<RawClient> {
    return new RawClient(await logIn(port), statement)
  }

  run(count: number): Promise<void> {
    this.#awaited = count
    const chunk = Buffer.concat(Array.from({ length: Math.min(count, 500) }, () => this.#packet))
    for (let left = count; left > 0; left -= 500)
      this.#socket.write(left >= 500 ? chunk : chunk.subarray(0, left * this.#packet.length))
    return new Promise((resolve) => (this.#done = resolve))
  }

  end(): void {
    this.#socket.end()
  }

  #receive(data: Buffer): void {
    let bytes = this.#open.length === 0 ? data : Buffer.concat([this.#open, data])
    while (bytes.length >= 5) {
      const length = bytes.readUIntLE(0, 3)
      if (bytes.length < 4 + length) break
      if (bytes[4] !== 0) throw new Error(`The INSERT failed: ${bytes.toString('latin1', 4, 4 + length)}`)
      bytes = bytes.subarray(4 + length)
      if (--this.#awaited === 0) this.#done?.()
    }
    this.#open = bytes
  }
}

/** Logs in with mysql_native_password. */
function logIn(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('error', reject)
    socket.once('data', (greeting: Buffer) => {
      const salt = saltOf(greeting)
      const token = xor(sha1(Buffer.from('bench')), sha1(Buffer.concat([salt, sha1(sha1(Buffer.from('bench')))])))
      const head = Buffer.alloc(32)
      head.writeUInt32LE(0x000fa20f & ~8, 0) // the greeting's flags without CONNECT_WITH_DB
      head.writeUInt32LE(16 * 1024 * 1024, 4)
      head[8] = 45 // utf8mb4_general_ci
      const body = Buffer.concat([
        head,
        Buffer.from('root\0'),
        Buffer.from([20]),
        token,
        Buffer.from('mysql_native_password\0'),
      ])
      socket.write(packet(1, body))
      socket.once('data', (answer: Buffer) => {
        if (answer[4] === 0) resolve(socket)
        else reject(new Error(`The login failed: ${answer.toString('latin1')}`))
      })
    })
  })
}

/** The 20 bytes of the greeting (Protocol::HandshakeV10): 8 behind the version and the id, 12 further on. */
function saltOf(greeting: Buffer): Buffer {
  const versionEnd = greeting.indexOf(0, 5)
  const first = versionEnd + 5
  return Buffer.concat([greeting.subarray(first, first + 8), greeting.subarray(first + 27, first + 39)])
}

function packet(sequence: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUIntLE(payload.length, 0, 3)
  head[3] = sequence
  return Buffer.concat([head, payload])
}

function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest()
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)))
}
