import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { ServerContext } from './client.ts'
import { Connection } from './connection.ts'
import { Capability, offeredCapabilities } from './constants.ts'
import { Conversation } from './conversation.ts'
import { MysqlError } from './errors.ts'
import type { MysqlHandler } from './handler.ts'
import { LoginThrottle } from './login-throttle.ts'
import { resolveLimits, systemClock, type Clock, type Limits, type TlsOptions } from './options.ts'
import { PacketWriter } from './packet-writer.ts'
import { writeError } from './results.ts'
import type { Tls } from './tls.ts'

export interface MysqlServerOptions<Session> {
  readonly handler: MysqlHandler<Session>
  /** What the greeting says; clients choose features by it, so it SHOULD begin like `5.7.99-`. */
  readonly serverVersion: string
  readonly limits?: Partial<Limits>
  /** Offers TLS. Default: none. */
  readonly tls?: TlsOptions
  readonly clock?: Clock
  /** Gets what a handler throws that isn't meant for clients. Default: dropped, the client hears "Internal error". */
  readonly onError?: (error: unknown) => void
  /** Hears of each limit that refused or ended something, for counters. Default: nobody does. */
  readonly onLimit?: (limit: keyof Limits) => void
}

/** One open connection, as `SHOW PROCESSLIST` tells it. */
export interface ConnectionInfo {
  readonly id: number
  /** Empty before login. */
  readonly user: string
  readonly remoteAddress: string
  /** As named at login, or by COM_INIT_DB since. */
  readonly database: string
  readonly secure: boolean
  /** How it is encrypted; undefined if it is not. */
  readonly tls: Tls | undefined
  readonly compressed: boolean
  readonly attributes: ReadonlyMap<string, string>
  /** `Quit` and `Change user` while the handler's `closed` is called because the client asked for that. */
  readonly command: 'Connect' | 'Query' | 'Sleep' | 'Quit' | 'Change user'
  /** For how long. */
  readonly seconds: number
  /** The statement that is running; empty if none is. */
  readonly sql: string
  /** As compressed, but not encrypted. */
  readonly bytesReceived: number
  readonly bytesSent: number
}

export interface MysqlServer {
  /** Listens on a TCP port (0: any free one). Rejects with the error of node:net, for example EADDRINUSE. */
  listen(where: { readonly port: number; readonly host?: string }): Promise<AddressInfo>
  /** Where it listens; undefined if it doesn't. */
  address(): AddressInfo | undefined
  /** Serves a connection accepted elsewhere. */
  serve(socket: Duplex, peer?: { readonly remoteAddress?: string }): void
  connections(): Iterable<ConnectionInfo>
  /** The connection `id`; undefined if there is none. */
  connection(id: number): ConnectionInfo | undefined
  /** Closes the connection `id`; false if there is none. */
  kill(id: number): boolean
  /** Stops listening and closes all connections; resolves when they are closed. May be called again. */
  close(): Promise<void>
}

/** A server that speaks the MySQL protocol; what it answers is the handler's business. @throws RangeError on wrong limits */
export function createMysqlServer<Session>(options: MysqlServerOptions<Session>): MysqlServer {
  return new ProtocolServer(options)
}

/** Limits of time are kept to within this. */
const sweepMs = 1000
/** More than Node's 511, for clients that reconnect all at once. */
const backlog = 4096

interface Open<Session> {
  readonly connection: Connection
  readonly conversation: Conversation<Session>
}

class ProtocolServer<Session> implements MysqlServer {
  readonly #limits: Limits
  readonly #clock: Clock
  readonly #secureContext: SecureContext | undefined
  readonly #context: ServerContext<Session>
  readonly #open = new Map<number, Open<Session>>()
  /** Those of them that have not logged in, the oldest first. */
  readonly #strangers = new Set<Connection>()
  /** How many connections are open from each address that is known. */
  readonly #openFrom = new Map<string, number>()
  readonly #startedAt: number
  #listener: Server | undefined
  #lastId = 0
  #questions = 0
  #sweep: object | undefined
  #closed: Promise<void> | undefined
  #whenEmpty: (() => void) | undefined

  constructor({
    handler,
    serverVersion,
    limits,
    tls,
    clock = systemClock,
    onError = ignore,
    onLimit = ignore,
  }: MysqlServerOptions<Session>) {
    this.#limits = resolveLimits(limits)
    this.#clock = clock
    this.#startedAt = clock.now()
    this.#secureContext = tls && (tls.secureContext ?? createSecureContext(tls))
    this.#context = {
      handler,
      serverVersion,
      offered: offeredCapabilities | (tls === undefined ? 0 : Capability.SSL),
      tlsRequired: tls?.required === true,
      limits: this.#limits,
      throttle: new LoginThrottle(clock),
      now: () => clock.now(),
      onError,
      onLimit,
      statistics: () => this.#statistics(),
      countQuestion: () => this.#questions++,
    }
  }

  async listen({ port, host }: { readonly port: number; readonly host?: string }): Promise<AddressInfo> {
    if (this.#closed !== undefined) throw new Error('The MySQL server is closed: make a new one to listen again')
    if (this.#listener !== undefined) throw new Error('The MySQL server listens already')
    const listener = createServer({ noDelay: true, keepAlive: true }, (socket) => this.#accept(socket))
    this.#listener = listener
    try {
      await this.#listening(listener, port, host)
    } catch (error) {
      this.#listener = undefined
      throw error
    }
    return listener.address() as AddressInfo
  }

  address(): AddressInfo | undefined {
    const address = this.#listener?.address()
    return typeof address === 'object' && address !== null ? address : undefined
  }

  serve(socket: Duplex, { remoteAddress = '' }: { readonly remoteAddress?: string } = {}): void {
    if (this.#closed !== undefined) {
      socket.destroy()
    } else {
      const problem = this.#whyNot(remoteAddress)
      if (problem === undefined) this.#begin(socket, remoteAddress)
      else refuse(socket, problem)
    }
  }

  *connections(): Iterable<ConnectionInfo> {
    for (const { connection, conversation } of this.#open.values()) yield this.#describe(connection, conversation)
  }

  connection(id: number): ConnectionInfo | undefined {
    const open = this.#open.get(id)
    return open && this.#describe(open.connection, open.conversation)
  }

  kill(id: number): boolean {
    const open = this.#open.get(id)
    open?.connection.destroy()
    return open !== undefined
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  #listening(listener: Server, port: number, host: string | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      listener.once('error', reject)
      listener.listen({ port, host, backlog }, () => {
        listener.off('error', reject)
        // Accepting failed, for want of file descriptors: the server goes on.
        listener.on('error', this.#context.onError)
        resolve()
      })
    })
  }

  #accept(socket: Socket): void {
    // An IPv4 address as a socket of both families tells it.
    this.serve(socket, { remoteAddress: socket.remoteAddress?.replace(/^::ffff:/, '') ?? '' })
  }

  /** Why there can be no further connection from this address; undefined if there can. */
  #whyNot(remoteAddress: string): string | undefined {
    const { maxConnections, maxConnectionsPerAddress } = this.#limits
    const open = this.#openFrom.get(remoteAddress) ?? 0
    if (open >= maxConnectionsPerAddress) {
      this.#context.onLimit('maxConnectionsPerAddress')
      return `${open} are open from ${remoteAddress}, which is the limit for one address`
    }
    if (this.#open.size < maxConnections) return undefined
    this.#context.onLimit('maxConnections')
    return this.#makeRoom() ? undefined : `${maxConnections} are open, which is the limit`
  }

  /**
   * Gives away the place of who has waited longest without logging in, so that those who only connect cannot keep out
   * those who log in; false where all have.
   */
  #makeRoom(): boolean {
    const [oldest] = this.#strangers
    if (oldest === undefined) return false
    this.#strangers.delete(oldest)
    const why = `${this.#limits.maxConnections} are open, which is the limit, and this one was not logged in`
    oldest.giveWay(tooManyConnections(why))
    return true
  }

  #begin(socket: Duplex, remoteAddress: string): void {
    const id = this.#nextId()
    const connection = new Connection(socket, {
      id,
      remoteAddress,
      limits: this.#limits,
      clock: this.#clock,
      secureContext: this.#secureContext,
      onError: this.#context.onError,
      onLimit: this.#context.onLimit,
      onLoggedIn: () => this.#strangers.delete(connection),
      onLeaving: () => this.#open.get(id)?.conversation.leave(),
      onClose: () => {
        this.#strangers.delete(connection)
        this.#forget(id, remoteAddress)
      },
    })
    const conversation = new Conversation(connection, this.#context)
    this.#open.set(id, { connection, conversation })
    this.#strangers.add(connection)
    this.#countFrom(remoteAddress, 1)
    this.#scheduleSweep()
    connection.start(conversation.run())
  }

  /** 32 bits on the wire; after 4 billion connections the ids of those still open are passed over. */
  #nextId(): number {
    do this.#lastId = (this.#lastId % 0xffffffff) + 1
    while (this.#open.has(this.#lastId))
    return this.#lastId
  }

  #countFrom(remoteAddress: string, change: 1 | -1): void {
    if (remoteAddress === '') return
    const count = (this.#openFrom.get(remoteAddress) ?? 0) + change
    if (count > 0) this.#openFrom.set(remoteAddress, count)
    else this.#openFrom.delete(remoteAddress)
  }

  #forget(id: number, remoteAddress: string): void {
    this.#open.delete(id)
    this.#countFrom(remoteAddress, -1)
    if (this.#open.size > 0) return
    if (this.#sweep !== undefined) this.#clock.clearTimeout(this.#sweep)
    this.#sweep = undefined
    this.#whenEmpty?.()
  }

  #scheduleSweep(): void {
    this.#sweep ??= this.#clock.setTimeout(() => {
      this.#sweep = undefined
      const now = this.#clock.now()
      for (const { connection } of this.#open.values()) connection.checkDeadline(now)
      if (this.#open.size > 0) this.#scheduleSweep()
    }, sweepMs)
  }

  async #close(): Promise<void> {
    const listener = this.#listener
    this.#context.throttle.close()
    const empty = new Promise<void>((resolve) => (this.#whenEmpty = resolve))
    const stopped = new Promise<void>((resolve) =>
      listener === undefined ? resolve() : listener.close(() => resolve()),
    )
    if (this.#open.size === 0) this.#whenEmpty?.()
    for (const { connection } of this.#open.values()) connection.destroy()
    await Promise.all([empty, stopped])
    this.#listener = undefined
  }

  #describe(connection: Connection, { client }: Conversation<Session>): ConnectionInfo {
    const { sql = '', since = 0 } = client?.running ?? {}
    return {
      id: connection.connectionId,
      user: client?.user ?? '',
      remoteAddress: connection.remoteAddress,
      database: client?.database ?? '',
      secure: connection.secure,
      tls: connection.tls,
      compressed: connection.compressed,
      attributes: client?.attributes ?? new Map(),
      command: client === undefined ? 'Connect' : (client.leaving ?? (sql === '' ? 'Sleep' : 'Query')),
      seconds: client === undefined ? 0 : Math.floor((this.#clock.now() - since) / 1000),
      sql,
      bytesReceived: connection.bytesReceived,
      bytesSent: connection.bytesSent,
    }
  }

  #statistics(): string {
    const seconds = Math.max(1, Math.floor((this.#clock.now() - this.#startedAt) / 1000))
    const perSecond = (this.#questions / seconds).toFixed(3)
    return `Uptime: ${seconds}  Threads: ${this.#open.size}  Questions: ${this.#questions}  Queries per second avg: ${perSecond}`
  }
}

function ignore(): undefined {
  return undefined
}

function tooManyConnections(why: string): MysqlError {
  return new MysqlError(`Too many connections: ${why}`, 1040, '08004')
}

/** Sent in place of the greeting. */
function refuse(socket: Duplex, why: string): void {
  const out = new PacketWriter()
  writeError(out, tooManyConnections(why))
  socket.on('error', () => socket.destroy())
  socket.resume()
  socket.end(out.take(), () => socket.destroy())
}
