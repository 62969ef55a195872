import type { TestContext } from 'node:test'
import { longPoll } from '../../lib/transports/long-poll.ts'
import { sse } from '../../lib/transports/sse.ts'
import type { Transport } from '../../lib/transports/transport.ts'
import { webSocket } from '../../lib/transports/websocket.ts'
import { PollBrowser, SseBrowser } from './http-browsers.ts'
import type { Inbox } from './inbox.ts'
import { WebSocketBrowser } from './web-socket-browser.ts'

/** A browser at the other end of a real connection, whatever transport carries it. */
export interface NetworkBrowser extends Inbox {
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  command(...fields: readonly string[]): void
  subscribe(...pipes: readonly string[]): Promise<void>
  /** Is gone, without a word. */
  vanish(): void
}

/** A transport, and how a browser comes in over it. */
export interface Way {
  readonly name: string
  readonly transport: () => Transport
  /** `parts` are those of the path, for example `sesion=&myid=&devid=0&v=5.0`. */
  readonly open: (port: number, parts: string, headers?: Record<string, string>) => NetworkBrowser
}

/** Every transport with a network: what holds for one has to hold for all. */
export const ways: readonly Way[] = [
  {
    name: 'WebSocket',
    transport: webSocket,
    open: (port, parts, headers = {}) => new WebSocketBrowser(port, `/ws/${parts}`, { headers }),
  },
  {
    name: 'Server-Sent Events',
    transport: sse,
    open: (port, parts, headers = {}) => new SseBrowser({ port, parts, headers }),
  },
  {
    name: 'long polling',
    transport: longPoll,
    open: (port, parts, headers = {}) => new PollBrowser({ port, parts, headers }),
  },
]

/** Connects a browser; resolves when the server has said who it is. The test ends it. */
export async function connect(t: TestContext, way: Way, ...where: Parameters<Way['open']>): Promise<NetworkBrowser> {
  const browser = way.open(...where)
  t.after(() => browser.vanish())
  await browser.next({ event: 'serverInfo' })
  return browser
}
