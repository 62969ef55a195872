import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { Frame } from '../core/frame.ts'
import { closeCodes } from '../wire/close-codes.ts'
import { Heartbeat } from './heartbeat.ts'
import { checkNumbers } from './option-numbers.ts'
import type { Accept, Connection, Hello, OnLimit, Receiver, Transport } from './transport.ts'

/** Options of `webSocket()`. */
export interface WebSocketOptions {
  /**
   * The largest frame taken from a browser, in bytes: a message and the command around it. Default: `maxMessageBytes` of
   * the server's limits + 1 KiB.
   */
  readonly maxPayloadBytes?: number
  /**
   * How often silent browsers are asked whether they live, in milliseconds; after two periods they are dropped. Default
   * 25,000. Each has its own moment in the period, so that not all answer at once.
   */
  readonly pingIntervalMs?: number
}

/** The most that a command has around its message, in bytes. */
const aroundMessage = 1024
const defaultPingIntervalMs = 25_000
/** More of a message than this has two periods of the heartbeat to come to its end, in bytes: it is kept until then. */
const freeBytes = 64 * 1024
/** Two bytes and the mask (RFC 6455, 5.2). */
const controlHeaderBytes = 6
/** How long browsers may take to answer a close, in milliseconds; until then what waits for them stays in memory. */
const closeTimeoutMs = 5000
/** The same where the server is stopping. */
const closingMs = 1000

/**
 * The normal way in: text frames in both directions.
 * @throws CometError COMET_ERR_OPTION
 */
export function webSocket(options: WebSocketOptions = {}): Transport {
  checkNumbers('webSocket', options, { maxPayloadBytes: 'finite', pingIntervalMs: 'or never' })
  let stop: (() => Promise<void>) | undefined

  return {
    name: 'websocket',

    start(accept, http, { maxMessageBytes }, _rightsOf, onLimit) {
      const settings = {
        noServer: true,
        maxPayload: options.maxPayloadBytes ?? maxMessageBytes + aroundMessage,
        closeTimeout: closeTimeoutMs, // its types do not know it, so `settings` is an object of its own
        perMessageDeflate: false, // costs 245 KB a connection from its first message on
        clientTracking: false, // the heartbeat knows them all; it would take a listener and a closure each
        WebSocket: Peer,
      }
      const server = new WebSocketServer(settings)
      const heartbeat = new Heartbeat(options.pingIntervalMs ?? defaultPingIntervalMs, beat)
      const openings = new Openings()
      http.upgrade('ws', (request, socket, head, hello) => {
        openings.gather(socket, () =>
          server.handleUpgrade(request, socket, head, (peer) =>
            begin(peer, socket, hello, { accept, heartbeat, onLimit }),
          ),
        )
      })
      stop = async () => {
        heartbeat.stop()
        await closeAll([...heartbeat.members()])
        server.close()
      }
    },

    async close() {
      await stop?.()
    },
  }
}

/** How `ws` calls frames and messages that are too large, or in too many pieces. */
const tooLarge: ReadonlySet<string | undefined> = new Set([
  'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
  'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
  'WS_ERR_TOO_MANY_BUFFERED_PARTS',
])

/**
 * A WebSocket that knows the connection it carries. `ws` tells it by `emit` what happens; looking at that here takes no
 * list of listeners, which would be 400 bytes a connection.
 */
class Peer extends WebSocket {
  connection: WebSocketConnection | undefined

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    const { connection } = this
    if (event === 'error') {
      // A broken or too large frame: `ws` answers it with the right close code, and 'close' follows.
      if (tooLarge.has((args[0] as NodeJS.ErrnoException).code)) connection?.onLimit('maxPayloadBytes')
      return true
    }
    if (connection === undefined) return super.emit(event, ...args)
    if (event === 'message') connection.message(args[0] as Buffer, args[1] === true)
    else if (event === 'pong') connection.pong(args[0] as Buffer)
    else if (event === 'ping') connection.passOver(args[0] as Buffer)
    else if (event === 'close') connection.closed(args[0] as number, args[1] as Buffer)
    return super.emit(event, ...args)
  }
}

class WebSocketConnection implements Connection {
  receiver: Receiver | undefined
  /** Periods of the heartbeat since the browser was heard. */
  silentPeriods = 0
  /** The same since more than a little of a message has come, but not its end. */
  unfinishedPeriods = 0
  /** Those who are asked for a sign of life together with this one. */
  readonly group: Set<Peer>
  readonly onLimit: OnLimit
  readonly #peer: Peer
  /** The socket below. Whole frames go straight to it, as those that `ws` itself sends do: the two never mix. */
  readonly #socket: Duplex & { readonly bytesRead?: number }
  /** What had come when the last message was complete, and control frames since. */
  #bytesBefore: number

  constructor(peer: Peer, socket: Duplex, group: Set<Peer>, onLimit: OnLimit) {
    this.#peer = peer
    this.group = group
    this.onLimit = onLimit
    this.#socket = socket
    this.#bytesBefore = this.#socket.bytesRead ?? 0 // of the handshake, and of requests before it
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength
  }

  /** Whether so much of a message has come that it takes memory, but not its end. */
  get isWithinMessage(): boolean {
    return (this.#socket.bytesRead ?? 0) - this.#bytesBefore > freeBytes
  }

  // The frame is ready and the same for every subscriber; through `ws` each would get a header and a list of its own.
  send(frame: Frame, taken?: () => void): void {
    if (this.#peer.readyState !== WebSocket.OPEN) return
    if (taken === undefined) this.#socket.write(frame.webSocket)
    else
      this.#socket.write(frame.webSocket, (error) => {
        if (!error) taken()
      })
  }

  close(code: number, reason: string): void {
    this.#peer.close(code, reason)
  }

  message(data: Buffer, isBinary: boolean): void {
    this.silentPeriods = 0
    this.unfinishedPeriods = 0
    this.#bytesBefore = this.#socket.bytesRead ?? 0
    if (isBinary) this.#peer.close(closeCodes.binary, 'binary frame: commands are text frames')
    else this.receiver?.message(data.toString())
  }

  pong(payload: Buffer): void {
    this.silentPeriods = 0
    this.passOver(payload)
  }

  /** A control frame is no part of a message, wherever it comes. */
  passOver(payload: Buffer): void {
    this.#bytesBefore += controlHeaderBytes + payload.length
  }

  closed(code: number, reason: Buffer): void {
    this.group.delete(this.#peer)
    this.receiver?.closed(code, reason.toString())
  }
}

/** Has what a new socket gets in its first turn, the answer to the handshake and who the browser is, leave in one write. */
class Openings {
  #sockets: Duplex[] = []

  /** `begin` writes to `socket`, and asks the outbox to write more at the end of this turn. */
  gather(socket: Duplex, begin: () => void): void {
    socket.cork()
    begin()
    if (this.#sockets.push(socket) === 1) setImmediate(() => this.#write()) // after that of the outbox
  }

  #write(): void {
    const sockets = this.#sockets
    this.#sockets = []
    for (const socket of sockets) socket.uncork()
  }
}

/** What the connections of one transport share. */
interface Shared {
  readonly accept: Accept
  readonly heartbeat: Heartbeat<Peer>
  readonly onLimit: OnLimit
}

function begin(peer: Peer, socket: Duplex, hello: Hello, { accept, heartbeat, onLimit }: Shared): void {
  const connection = new WebSocketConnection(peer, socket, heartbeat.join(peer), onLimit)
  peer.connection = connection
  connection.receiver = accept(connection, hello)
}

/** Drops who was silent for two periods, or does not end what it says; asks the others for a sign of life. */
function beat(peer: Peer): void {
  const { connection } = peer
  if (connection === undefined || peer.readyState !== WebSocket.OPEN) return
  const isSilent = connection.silentPeriods++ >= 2
  if (isSilent || (connection.isWithinMessage && connection.unfinishedPeriods++ >= 2)) {
    connection.onLimit('pingIntervalMs')
    peer.terminate()
  } else peer.ping()
}

/** Says goodbye, and cuts off who does not answer. */
async function closeAll(peers: readonly Peer[]): Promise<void> {
  const waiting = peers.map((peer) => new Promise((resolve) => peer.once('close', resolve)))
  for (const peer of peers) peer.close(closeCodes.restart, 'the server is stopping')
  const cut = setTimeout(() => {
    for (const peer of peers) peer.terminate()
  }, closingMs)
  await Promise.all(waiting)
  clearTimeout(cut)
}
