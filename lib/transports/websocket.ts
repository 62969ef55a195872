import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import type { Frame } from '../core/frame.ts'
import { closeCodes } from '../wire/close-codes.ts'
import { Heartbeat } from './heartbeat.ts'
import { checkNumbers } from './option-numbers.ts'
import type { Accept, Connection, Hello, Receiver, Transport } from './transport.ts'

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

    start(accept, http, { maxMessageBytes }) {
      const settings = {
        noServer: true,
        maxPayload: options.maxPayloadBytes ?? maxMessageBytes + aroundMessage,
        closeTimeout: closeTimeoutMs, // its types do not know it, so `settings` is an object of its own
        perMessageDeflate: false, // costs 245 KB a connection from its first message on
        WebSocket: Peer,
      }
      const server = new WebSocketServer(settings)
      const heartbeat = new Heartbeat(options.pingIntervalMs ?? defaultPingIntervalMs, beat)
      http.upgrade('ws', (request, socket, head, hello) => {
        server.handleUpgrade(request, socket, head, (peer) => begin(peer, socket, hello, accept, heartbeat))
      })
      stop = async () => {
        heartbeat.stop()
        await closeAll(server.clients)
        server.close()
      }
    },

    async close() {
      await stop?.()
    },
  }
}

/** A WebSocket that knows the connection it carries, so that its listeners can be shared functions, not closures. */
class Peer extends WebSocket {
  connection: WebSocketConnection | undefined
}

class WebSocketConnection implements Connection {
  receiver: Receiver | undefined
  /** Periods of the heartbeat since the browser was heard. */
  silentPeriods = 0
  /** Those who are asked for a sign of life together with this one. */
  readonly group: Set<Peer>
  readonly #peer: Peer
  /** The socket below. Whole frames go straight to it, as those that `ws` itself sends do: the two never mix. */
  readonly #socket: Duplex

  constructor(peer: Peer, socket: Duplex, group: Set<Peer>) {
    this.#peer = peer
    this.group = group
    this.#socket = socket
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength
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
}

function begin(peer: Peer, socket: Duplex, hello: Hello, accept: Accept, heartbeat: Heartbeat<Peer>): void {
  const connection = new WebSocketConnection(peer, socket, heartbeat.join(peer))
  peer.connection = connection
  connection.receiver = accept(connection, hello)
  peer.on('message', onMessage)
  peer.on('pong', onPong)
  peer.on('close', onClose)
  peer.on('error', onError)
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const connection = connectionOf(this)
  if (connection === undefined) return
  connection.silentPeriods = 0
  if (isBinary) this.close(closeCodes.binary, 'binary frame: commands are text frames')
  else connection.receiver?.message((data as Buffer).toString())
}

function onPong(this: WebSocket): void {
  const connection = connectionOf(this)
  if (connection !== undefined) connection.silentPeriods = 0
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  const connection = connectionOf(this)
  if (this instanceof Peer) connection?.group.delete(this)
  connection?.receiver?.closed(code, reason.toString())
}

function onError(): void {
  // A broken or too large frame: `ws` answers it with the right close code, and 'close' follows.
}

function connectionOf(peer: WebSocket): WebSocketConnection | undefined {
  return peer instanceof Peer ? peer.connection : undefined
}

/** Drops who was silent for two periods, asks the others for a sign of life. */
function beat(peer: Peer): void {
  if (peer.connection === undefined || peer.readyState !== WebSocket.OPEN) return
  if (peer.connection.silentPeriods++ >= 2) peer.terminate()
  else peer.ping()
}

/** Says goodbye, and cuts off who does not answer. */
async function closeAll(peers: ReadonlySet<WebSocket>): Promise<void> {
  const waiting = [...peers].map((peer) => new Promise((resolve) => peer.once('close', resolve)))
  for (const peer of peers) peer.close(closeCodes.restart, 'the server is stopping')
  const cut = setTimeout(() => {
    for (const peer of peers) peer.terminate()
  }, closingMs)
  await Promise.all(waiting)
  clearTimeout(cut)
}
