import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'

const okByte = 0
const eofByte = 0xfe
const errorByte = 0xff
/** An EOF packet is shorter than this; a row that begins with the same byte is longer. */
const eofLimit = 9
/** So many statements are sent in one write. */
const chunk = 500

/** Sends prepared packets and counts the answers: a driver would be slower than the server. */
export class MysqlClient {
  readonly #socket: Socket
  #open: Buffer = Buffer.alloc(0)
  /** What is left to come; an answer of rows has two EOF packets. */
  #awaited = 0
  #hasRows = false
  #done: (() => void) | undefined
  #failed: ((error: Error) => void) | undefined
  /** The packets of a single answer, where somebody wants to read them. */
  #packets: Buffer[] = []

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (data: Buffer) => this.#receive(data))
  }

  /** Logs in to the server of the benchmark. */
  static async connect(port: number): Promise<MysqlClient> {
    return new MysqlClient(await logIn(port))
  }

  /** Sends `command` so many times, ahead of the answers, which are OK packets; resolves when all have come. */
  run(command: Buffer, count: number): Promise<void> {
    return this.#send(command, count, count, false)
  }

  /** The same for a command that is answered by rows. */
  runRows(command: Buffer, count: number): Promise<void> {
    return this.#send(command, count, count * 2, true)
  }

  /** Prepares a statement with parameters and without rows; resolves to its id. */
  async prepare(sql: string): Promise<number> {
    const parameters = sql.split('?').length - 1
    this.#packets = []
    await this.#send(packet(0, Buffer.from(`\x16${sql}`)), 1, 1 + parameters + 1, false)
    return this.#packets[0]?.readUInt32LE(5) ?? 0
  }

  end(): void {
    this.#socket.end()
  }

  #send(command: Buffer, count: number, awaited: number, hasRows: boolean): Promise<void> {
    this.#awaited = awaited
    this.#hasRows = hasRows
    const many = Buffer.concat(Array.from({ length: Math.min(count, chunk) }, () => command))
    for (let left = count; left > 0; left -= chunk) {
      this.#socket.write(left >= chunk ? many : many.subarray(0, left * command.length))
    }
    return new Promise((resolve, reject) => {
      this.#done = resolve
      this.#failed = reject
    })
  }

  #receive(data: Buffer): void {
    const bytes = this.#open.length === 0 ? data : Buffer.concat([this.#open, data])
    let at = 0
    while (at + 4 < bytes.length) {
      const end = at + 4 + bytes.readUIntLE(at, 3)
      if (bytes.length < end) break
      this.#take(bytes.subarray(at, end))
      at = end
    }
    this.#open = bytes.subarray(at)
  }

  #take(answer: Buffer): void {
    const first = answer[4]
    if (first === errorByte) this.#failed?.(new Error(`A statement failed: ${answer.toString('latin1', 13)}`))
    if (this.#hasRows && !(first === eofByte && answer.length < eofLimit + 4)) return
    if (this.#awaited < chunk && this.#packets.length < 1) this.#packets.push(answer)
    if (--this.#awaited === 0) this.#done?.()
  }
}

/** COM_QUERY. */
export function query(sql: string): Buffer {
  return packet(0, Buffer.from(`\x03${sql}`))
}

/** COM_STMT_EXECUTE with texts (MYSQL_TYPE_VAR_STRING), each shorter than 251 bytes. */
export function execute(statement: number, texts: readonly string[]): Buffer {
  const head = Buffer.alloc(10)
  head[0] = 0x17
  head.writeUInt32LE(statement, 1)
  head.writeUInt32LE(1, 6)
  const nulls = Buffer.alloc(Math.ceil(texts.length / 8))
  const types = Buffer.from(texts.flatMap(() => [0xfd, 0]))
  const values = texts.flatMap((text) => [Buffer.from([text.length]), Buffer.from(text)])
  return packet(0, Buffer.concat([head, nulls, Buffer.from([1]), types, ...values]))
}

/** Logs in with mysql_native_password. */
function logIn(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('error', reject)
    socket.once('data', (greeting: Buffer) => {
      socket.write(loginPacket(saltOf(greeting)))
      socket.once('data', (answer: Buffer) => {
        if (answer[4] === okByte) resolve(socket)
        else reject(new Error(`The login failed: ${answer.toString('latin1')}`))
      })
    })
  })
}

function loginPacket(salt: Buffer): Buffer {
  const password = Buffer.from('bench')
  const token = xor(sha1(password), sha1(Buffer.concat([salt, sha1(sha1(password))])))
  const head = Buffer.alloc(32)
  head.writeUInt32LE(0x000fa20f & ~8, 0) // the greeting's flags without CONNECT_WITH_DB
  head.writeUInt32LE(16 * 1024 * 1024, 4)
  head[8] = 45 // utf8mb4_general_ci
  const plugin = Buffer.from('mysql_native_password\0')
  return packet(1, Buffer.concat([head, Buffer.from('root\0'), Buffer.from([token.length]), token, plugin]))
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
