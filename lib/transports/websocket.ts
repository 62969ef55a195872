import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import type { Frame } from '../core/frame.ts'
import { closeCodes } from '../wire/close-codes.ts'
import type { Accept, Connection, Hello, Receiver, Transport } from './transport.ts'

/** Options of `webSocket()`. */
export interface WebSocketOptions {
  /** The largest frame taken from a browser, in bytes: a message and the command around it. Default 1 MiB + 1 KiB. */
  readonly maxPayloadBytes?: number
  /** How often silent browsers are asked whether they live, in milliseconds; after two periods they are dropped. Default 25,000. */
  readonly pingIntervalMs?: number
}

const defaultMaxPayloadBytes = 1024 * 1024 + 1024
const defaultPingIntervalMs = 25_000
/** How long browsers may take to answer the close of a stopping server, in milliseconds. */
const closingMs = 1000

/** The normal way in: text frames in both directions. */
export function webSocket(options: WebSocketOptions = {}): Transport {
  const { maxPayloadBytes = defaultMaxPayloadBytes, pingIntervalMs = defaultPingIntervalMs } = options
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: maxPayloadBytes,
    perMessageDeflate: false, // costs 245 KB a connection from its first message on
    WebSocket: Peer,
  })
  const heartbeat = setInterval(() => beat(server.clients), pingIntervalMs).unref()

  return {
    name: 'websocket',

    start(accept, http) {
      http.upgrade('ws', (request, socket, head, hello) => {
        server.handleUpgrade(request, socket, head, (peer) => begin(peer, socket, hello, accept))
      })
    },

    async close() {
      clearInterval(heartbeat)
      await closeAll(server.clients)
      server.close()
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
  readonly #peer: Peer
  /** The socket below. Whole frames go straight to it, as those that `ws` itself sends do: the two never mix. */
  readonly #socket: Duplex

  constructor(peer: Peer, socket: Duplex) {
    this.#peer = peer
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

function begin(peer: Peer, socket: Duplex, hello: Hello, accept: Accept): void {
  const connection = new WebSocketConnection(peer, socket)
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
  connectionOf(this)?.receiver?.closed(code, reason.toString())
}

function onError(): void {
  // A broken or too large frame: `ws` answers it with the right close code, and 'close' follows.
}

function connectionOf(peer: WebSocket): WebSocketConnection | undefined {
  return peer instanceof Peer ? peer.connection : undefined
}

/** Drops who was silent for two periods, asks the others for a sign of life. */
function beat(peers: ReadonlySet<WebSocket>): void {
  for (const peer of peers) {
    const connection = connectionOf(peer)
    if (connection === undefined || peer.readyState !== WebSocket.OPEN) continue
    if (connection.silentPeriods++ >= 2) peer.terminate()
    else peer.ping()
  }
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
