import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createCometServer,
  longPoll,
  sse,
  webSocket,
  type CometServer,
  type CometServerOptions,
  type Transport,
} from '../../lib/index.ts'
import { Proxy } from './proxy.ts'

/** A node whose clients are silent for longer than two of these, in milliseconds, ends their connections. */
const pingIntervalMs = 2000

function transports(): Transport[] {
  return [webSocket({ pingIntervalMs }), sse({ pingIntervalMs }), longPoll()]
}

/** One node: a server that stops and starts, and the proxy before it through which its clients come. */
export class ServerNode {
  readonly proxy: Proxy
  readonly #options: () => CometServerOptions
  #http: Server | undefined
  #comet: CometServer | undefined
  #port = 0

  /** `options`: asked at each start; `refused`: for each connection, the paths for which the network does not let it through. */
  constructor(options: () => CometServerOptions, refused: () => readonly string[]) {
    this.#options = options
    this.proxy = new Proxy(refused)
  }

  get url(): string {
    return `http://127.0.0.1:${this.proxy.port}`
  }

  /** Undefined while it is down. */
  get comet(): CometServer | undefined {
    return this.#comet
  }

  async start(): Promise<void> {
    const comet = createCometServer({ transports: transports(), ...this.#options() })
    await comet.ready
    const http = createServer((_, response) => response.writeHead(404).end())
    comet.attach(http)
    http.listen(this.#port, '127.0.0.1')
    await once(http, 'listening')
    if (this.#port === 0) {
      this.#port = (http.address() as AddressInfo).port
      await this.proxy.start(this.#port)
    }
    this.#http = http
    this.#comet = comet
  }

  /** `isCrash`: its connections break first, and no client is told to come back later. */
  async stop(isCrash: boolean): Promise<void> {
    const [comet, http] = [this.#comet, this.#http]
    this.#comet = undefined
    if (isCrash) {
      http?.closeAllConnections()
      this.proxy.cutAll()
    }
    http?.close()
    await comet?.close()
    http?.closeAllConnections()
  }

  async close(): Promise<void> {
    this.proxy.close()
    await this.stop(true)
  }
}
