import { Duplex } from 'node:stream'
import type { TestContext } from 'node:test'
import { nativeResponse, sha2Response } from '../../lib/mysql-server-protocol-lite/auth.ts'
import { Capability, Command } from '../../lib/mysql-server-protocol-lite/constants.ts'
import {
  createMysqlServer,
  MysqlError,
  type Clock,
  type ColumnDef,
  type MysqlHandler,
  type MysqlServer,
  type MysqlServerOptions,
  type Result,
} from '../../lib/mysql-server-protocol-lite/index.ts'
import { PacketReader } from '../../lib/mysql-server-protocol-lite/packet-reader.ts'

export const password = 'secret'
const numbers: readonly ColumnDef[] = [{ name: 'n', type: 'int', table: 'numbers' }]

/** Lets everybody in who knows the password; answers `rows n` with n rows, `fail` with an error, all else with OK. */
export function testHandler(changes: Partial<MysqlHandler<string>> = {}): MysqlHandler<string> {
  return {
    authenticate(login) {
      if (!login.checkPassword(password)) throw new MysqlError(`Access denied for user "${login.user}"`, 1045, '28000')
      return login.user
    },
    query: answer,
    describe: (sql) => (/^(rows|select)/i.test(sql) ? numbers : undefined),
    ...changes,
  }
}

/** A handler that also tells which statements it has seen. */
export function recordingHandler(): { readonly seen: string[]; readonly handler: MysqlHandler<string> } {
  const seen: string[] = []
  const handler = testHandler({
    query: (sql) => {
      seen.push(sql)
      return answer(sql)
    },
  })
  return { seen, handler }
}

export function answer(sql: string): Result {
  const rows = /^\s*rows (\d+)/.exec(sql)?.[1]
  if (rows !== undefined) return { columns: numbers, rows: Array.from({ length: Number(rows) }, (_, n) => [n]) }
  if (/\bfail/.test(sql)) throw new MysqlError('Nothing of that name', 15, '42S02')
  return { affectedRows: 1 }
}

/** A server of `testHandler`, closed after the test; faults of the handler fail it. */
export function testServer(t: TestContext, options: Partial<MysqlServerOptions<string>> = {}): MysqlServer {
  const server = createMysqlServer({
    serverVersion: '5.7.99-test',
    handler: testHandler(),
    onError: (error) => {
      throw error
    },
    ...options,
  })
  t.after(() => server.close())
  return server
}

/** Lets pending input and output, and what is due at once, happen. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Two ends of a wire, without a network. */
export function duplexPair(): [Duplex, Duplex] {
  const ends: [Duplex, Duplex] = [half(() => ends[1]), half(() => ends[0])]
  return ends
}

function half(other: () => Duplex): Duplex {
  let resume: (() => void) | undefined
  const end: Duplex & { resumeWriter?: () => void } = new Duplex({
    read() {
      const writer = other() as Duplex & { resumeWriter?: () => void }
      writer.resumeWriter?.()
    },
    write(chunk: Buffer, _encoding, callback) {
      if (other().push(chunk)) callback()
      else resume = callback
    },
    final(callback) {
      other().push(null)
      callback()
    },
    destroy(error, callback) {
      if (!other().readableEnded) other().push(null)
      callback(error)
    },
  })
  end.resumeWriter = () => {
    const waiting = resume
    resume = undefined
    waiting?.()
  }
  return end
}

/** A packet: header and payload. */
export function packet(sequence: number, payload: Buffer | string): Buffer {
  const body = Buffer.from(payload)
  const header = Buffer.alloc(4)
  header.writeUIntLE(body.length, 0, 3)
  header.writeUInt8(sequence, 3)
  return Buffer.concat([header, body])
}

export function command(code: number, body: Buffer | string = ''): Buffer {
  return packet(0, Buffer.concat([Buffer.of(code), Buffer.from(body)]))
}

export function query(sql: string): Buffer {
  return command(Command.QUERY, sql)
}

export function hex(text: string): Buffer {
  return Buffer.from(text.replace(/\s+/g, ''), 'hex')
}

export const plainCapabilities =
  Capability.LONG_PASSWORD |
  Capability.PROTOCOL_41 |
  Capability.SECURE_CONNECTION |
  Capability.PLUGIN_AUTH |
  Capability.MULTI_RESULTS |
  Capability.TRANSACTIONS

export interface LoginOptions {
  readonly capabilities?: number
  readonly user?: string
  readonly plain?: string
  readonly plugin?: string
  readonly collation?: number
  readonly database?: string
  readonly sequence?: number
  readonly response?: Buffer
}

/** Protocol::HandshakeResponse41 without attributes. */
export function loginPacket(salt: Buffer, options: LoginOptions = {}): Buffer {
  const { capabilities = plainCapabilities, user = 'root', plain = password, collation = 45, sequence = 1 } = options
  const { plugin = 'mysql_native_password', database } = options
  const response = options.response ?? nativeResponse(plain, salt)
  const flags = capabilities | (database === undefined ? 0 : Capability.CONNECT_WITH_DB)
  const fixed = Buffer.alloc(32)
  fixed.writeUInt32LE(flags, 0)
  fixed.writeUInt8(collation, 8)
  const parts = [fixed, Buffer.from(`${user}\0`), Buffer.of(response.length), response]
  if (database !== undefined) parts.push(Buffer.from(`${database}\0`))
  if ((flags & Capability.PLUGIN_AUTH) !== 0) parts.push(Buffer.from(`${plugin}\0`))
  return packet(sequence, Buffer.concat(parts))
}

export { nativeResponse, sha2Response }

/** A client that sees packets: what they hold is the test's business. */
export class RawClient {
  readonly socket: Duplex
  readonly #reader = new PacketReader(2 ** 31)
  readonly #waiting: ((payload: Buffer | undefined) => void)[] = []
  #ended = false
  /** All bytes that came. */
  received = Buffer.alloc(0)
  /** The sequence number of the last packet read. */
  sequence = -1
  salt: Buffer = Buffer.alloc(0)

  constructor(socket: Duplex) {
    this.socket = socket
    this.#reader.checksSequence = false
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk])
      this.#reader.push(chunk)
      this.#serve()
    })
    socket.on('error', () => socket.destroy())
    const end = (): void => {
      this.#ended = true
      this.#serve()
    }
    socket.on('end', end)
    socket.on('close', end)
  }

  /** A client of `server`, greeted and, unless `login` is false, logged in. */
  static async of(server: MysqlServer, login: LoginOptions | false = {}): Promise<RawClient> {
    const [near, far] = duplexPair()
    server.serve(far, { remoteAddress: '192.0.2.1' })
    const client = new RawClient(near)
    await client.greet()
    if (login !== false) await client.login(login)
    return client
  }

  /** Reads the greeting and takes the salt from it. */
  async greet(): Promise<Buffer> {
    const greeting = await this.read()
    const afterVersion = greeting.indexOf(0, 1) + 1
    this.salt = Buffer.concat([
      greeting.subarray(afterVersion + 4, afterVersion + 12),
      greeting.subarray(afterVersion + 31, afterVersion + 43),
    ])
    return greeting
  }

  async login(options: LoginOptions = {}): Promise<void> {
    this.send(loginPacket(this.salt, options))
    const reply = await this.read()
    if (reply[0] !== 0) throw new Error(`not logged in: ${reply.toString('latin1')}`)
  }

  send(...bytes: Buffer[]): void {
    this.socket.write(Buffer.concat(bytes))
  }

  /** The payload of the next packet; throws when the server has closed. */
  async read(): Promise<Buffer> {
    const payload = await this.readOrEnd()
    if (payload === undefined) throw new Error('the server closed the connection')
    return payload
  }

  readOrEnd(): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#serve()
    })
  }

  async readMany(count: number): Promise<Buffer[]> {
    const payloads: Buffer[] = []
    while (payloads.length < count) payloads.push(await this.read())
    return payloads
  }

  /** Resolves when the server has closed, to the packets that came before. */
  async rest(): Promise<Buffer[]> {
    const payloads: Buffer[] = []
    for (;;) {
      const payload = await this.readOrEnd()
      if (payload === undefined) return payloads
      payloads.push(payload)
    }
  }

  #serve(): void {
    while (this.#waiting.length > 0) {
      const payload = this.#reader.next()
      if (payload === undefined && !this.#ended) return
      if (payload !== undefined) this.sequence = (this.#reader.nextSequence + 255) & 0xff
      this.#waiting.shift()?.(payload)
    }
  }
}

/** An ERR packet, in words. */
export function errorOf(payload: Buffer): string {
  if (payload[0] !== 0xff) return `no error: ${payload.toString('hex')}`
  return `${payload.readUInt16LE(1)} ${payload.toString('utf8', 4, 9)} ${payload.toString('utf8', 9)}`
}

/** Time that is moved by hand. */
export class ManualClock implements Clock {
  #now = 1_700_000_000_000
  #timers: { at: number; run: () => void }[] = []

  now(): number {
    return this.#now
  }

  setTimeout(run: () => void, ms: number): object {
    const timer = { at: this.#now + ms, run }
    this.#timers.push(timer)
    return timer
  }

  clearTimeout(timer: object): void {
    this.#timers = this.#timers.filter((other) => other !== timer)
  }

  get pending(): number {
    return this.#timers.length
  }

  /** To the timer that is due first. */
  advanceToNext(): void {
    this.advance(Math.min(...this.#timers.map(({ at }) => at)) - this.#now)
  }

  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#now = Math.max(this.#now, next.at)
      this.clearTimeout(next)
      next.run()
    }
    this.#now = until
  }
}
