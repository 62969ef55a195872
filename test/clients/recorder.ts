// A TCP proxy in front of the MySQL port that notes how each client speaks: what the client cannot be asked.
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { choosePlugin, type AuthPlugin } from '../../lib/mysql-server-protocol-lite/auth.ts'
import { Capability, Command, offeredCapabilities } from '../../lib/mysql-server-protocol-lite/constants.ts'
import { isSslRequest, parseHandshakeResponse } from '../../lib/mysql-server-protocol-lite/handshake.ts'
import { PacketReader } from '../../lib/mysql-server-protocol-lite/packet-reader.ts'

/** What was seen of one client, all its connections together. */
export interface Recording {
  connections: number
  /** How many connections went over to TLS. */
  encrypted: number
  /** How many connections were compressed. */
  compressed: number
  /** The plugins that the logins were checked by, as far as they were not encrypted. */
  readonly plugins: Set<AuthPlugin>
  /** How often each command byte came, as far as the connection was readable. */
  readonly commands: Map<number, number>
}

const offered = offeredCapabilities | Capability.SSL

export class Recorder {
  readonly #target: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #recording = newRecording()
  #taken = 0

  /** Forwards to `target`, a port of this machine. */
  constructor(target: number) {
    this.#target = target
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#forward(client))
  }

  /** Starts to listen; resolves to the port. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  /**
   * What was seen since the last call. Connections that are still open go on in the old recording. New ones come from
   * another address of the loopback, so that failed logins of one client do not slow down the next.
   */
  take(): Recording {
    const recording = this.#recording
    this.#recording = newRecording()
    this.#taken += 1
    return recording
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #forward(client: Socket): void {
    const localAddress = `127.0.1.${1 + (this.#taken % 250)}`
    const server = createConnection({ port: this.#target, host: '127.0.0.1', localAddress, allowHalfOpen: true })
    this.#join(client, server)
    this.#join(server, client)
    this.#recording.connections += 1
    const listener = new Listener(this.#recording)
    client.on('data', (chunk) => listener.push(chunk))
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from.setNoDelay(true)
    from.pipe(to)
    from.on('error', () => to.destroy())
    from.on('close', () => this.#sockets.delete(from))
  }
}

function newRecording(): Recording {
  return { connections: 0, encrypted: 0, compressed: 0, plugins: new Set(), commands: new Map() }
}

/** Reads what one client sends, until TLS or compression hides it. */
class Listener {
  readonly #recording: Recording
  readonly #packets = new PacketReader(Infinity)
  #phase: 'login' | 'commands' | 'hidden' = 'login'

  constructor(recording: Recording) {
    this.#recording = recording
    this.#packets.checksSequence = false
  }

  push(chunk: Buffer): void {
    if (this.#phase === 'hidden') return
    this.#packets.push(chunk)
    for (let packet = this.#packets.next(); packet !== undefined; packet = this.#packets.next()) {
      this.#read(packet)
    }
  }

  #read(packet: Buffer): void {
    if (this.#phase === 'login') this.#login(packet)
    else if (this.#phase === 'commands' && this.#packets.nextSequence === 1) this.#command(packet[0] ?? Command.QUERY)
  }

  #login(packet: Buffer): void {
    this.#phase = 'hidden'
    if (isSslRequest(packet, offered)) this.#recording.encrypted += 1
    else if (speaks41(packet)) this.#loginInClear(packet)
  }

  #loginInClear(packet: Buffer): void {
    const { plugin, capabilities } = parseHandshakeResponse(packet, offered)
    this.#recording.plugins.add(choosePlugin(plugin))
    if ((capabilities & Capability.COMPRESS) !== 0) this.#recording.compressed += 1
    else this.#phase = 'commands'
  }

  #command(command: number): void {
    const { commands } = this.#recording
    commands.set(command, (commands.get(command) ?? 0) + 1)
  }
}

/** HAProxy's check can be told to log in as clients did before MySQL 4.1. */
function speaks41(packet: Buffer): boolean {
  return packet.length >= 2 && (packet.readUInt16LE(0) & Capability.PROTOCOL_41) !== 0
}
