import type { WebSocketLike } from '../../lib/client/environment.ts'
import type { Frame } from '../../lib/core/frame.ts'
import type { Accept, Connection, Hello, Receiver } from '../../lib/transports/transport.ts'
import type { NodeClock } from './node-clock.ts'
import type { World } from './world.ts'

/** Of a connection that broke, as browsers and `ws` say it. */
const abnormal = 1006

interface Item {
  readonly at: number
  readonly size: number
  readonly deliver: () => void
  readonly taken: (() => void) | undefined
}

/** One direction of a connection: in order, each thing with a delay of its own, as much on the way as its buffer takes. */
class Lane {
  isStalled = false
  isCut = false
  readonly #world: World
  readonly #buffer: number
  readonly #slowest: number
  #onTheWay: Item[] = []
  #waiting: Omit<Item, 'at'>[] = []
  #lastAt = 0

  /** `slowest`: the longest delay, in milliseconds. `buffer`: what the systems of both sides hold, in characters. */
  constructor(world: World, slowest: number, buffer: number) {
    this.#world = world
    this.#slowest = slowest
    this.#buffer = buffer
  }

  /** How much waits before the network. */
  get waiting(): number {
    return this.#waiting.reduce((sum, { size }) => sum + size, 0)
  }

  send(size: number, deliver: () => void, taken?: () => void): void {
    this.#waiting.push({ size, deliver, taken })
    this.#fill()
  }

  stall(isStalled: boolean): void {
    this.isStalled = isStalled
    this.#arrive()
  }

  #fill(): void {
    if (this.isCut) return
    let held = this.#onTheWay.reduce((sum, { size }) => sum + size, 0)
    for (
      let next = this.#waiting[0];
      next !== undefined && (held < this.#buffer || next.size === 0);
      next = this.#waiting[0]
    ) {
      this.#waiting.shift()
      held += next.size
      this.#lastAt = Math.max(this.#lastAt, this.#world.now + this.#world.between(1, this.#slowest))
      this.#onTheWay.push({ ...next, at: this.#lastAt })
      this.#world.in(this.#lastAt - this.#world.now, () => this.#arrive())
      if (next.taken !== undefined) queueMicrotask(next.taken)
    }
  }

  #arrive(): void {
    while (!this.isCut && !this.isStalled) {
      const next = this.#onTheWay[0]
      if (next === undefined || next.at > this.#world.now) return
      this.#onTheWay.shift()
      next.deliver()
      this.#fill()
    }
  }
}

/** One connection between a page and the server. */
export class Link implements Connection {
  readonly #network: Network
  readonly #world: World
  readonly #page: NodeClock
  readonly #server: NodeClock
  readonly #socket: SimulatedSocket
  readonly #down: Lane
  readonly #up: Lane
  #receiver: Receiver | undefined
  #isClosing = false

  constructor(network: Network, server: NodeClock, page: NodeClock, socket: SimulatedSocket) {
    const { world, slowest, buffer } = network
    this.#network = network
    this.#world = world
    this.#server = server
    this.#page = page
    this.#socket = socket
    this.#down = new Lane(world, slowest, buffer)
    this.#up = new Lane(world, slowest, Infinity)
  }

  /** The server takes the connection. */
  begin(accept: Accept, hello: Hello): void {
    this.#down.send(0, () => this.#page.do(() => this.#socket.opened(this)))
    this.#receiver = accept(this, hello)
  }

  get page(): NodeClock {
    return this.#page
  }

  // The server's side

  get bufferedBytes(): number {
    return this.#down.waiting
  }

  send(frame: Frame, taken?: () => void): void {
    if (this.#isClosing || this.#server.isDead) return
    this.#down.send(frame.text.length, () => this.#page.do(() => this.#socket.received(frame.text)), taken)
  }

  close(code: number, reason: string): void {
    if (this.#isClosing || this.#server.isDead) return
    this.#isClosing = true
    this.#down.send(0, () =>
      this.#page.do(() => {
        this.#socket.closed(code, reason)
        this.#up.send(0, () => this.#ended(code, reason))
      }),
    )
    this.#world.in(1000, () => this.#ended(code, reason)) // no server waits for ever for the answer
  }

  // The page's side

  command(text: string): void {
    this.#up.send(text.length, () => this.#server.do(() => this.#receiver?.message(text)))
  }

  leave(): void {
    this.#up.send(0, () => this.#ended(1000, ''))
  }

  // The network

  /** The page's system reads nothing, or reads again. */
  stall(isStalled: boolean): void {
    this.#down.stall(isStalled)
  }

  /** The connection breaks, and both sides hear of it. */
  cut(): void {
    this.#cutLanes()
    this.#world.in(this.#world.between(0, 50), () => this.#ended(abnormal, ''))
    this.#world.in(this.#world.between(0, 50), () => this.#page.do(() => this.#socket.closed(abnormal, '')))
  }

  /** Nothing gets through any more, and nobody is told. The server's pings find it out. */
  halfOpen(): void {
    this.#cutLanes()
    this.#world.in(this.#world.between(50_000, 75_000), () => this.#ended(abnormal, ''))
  }

  #cutLanes(): void {
    this.#down.isCut = true
    this.#up.isCut = true
  }

  #ended(code: number, reason: string): void {
    const receiver = this.#receiver
    if (receiver === undefined) return
    this.#receiver = undefined
    this.#isClosing = true
    this.#cutLanes()
    this.#network.links.delete(this)
    this.#server.do(() => receiver.closed(code, reason))
  }
}

/** A page's WebSocket. */
export class SimulatedSocket implements WebSocketLike {
  onopen: WebSocketLike['onopen'] = null
  onmessage: WebSocketLike['onmessage'] = null
  onclose: WebSocketLike['onclose'] = null
  onerror: WebSocketLike['onerror'] = null
  #link: Link | undefined
  #isOver = false

  constructor(network: Network, page: NodeClock, url: string) {
    network.connect(this, page, url)
  }

  send(text: string): void {
    if (this.#link === undefined) throw new Error('InvalidStateError: sent before the connection was open')
    if (!this.#isOver) this.#link.command(text)
  }

  close(): void {
    this.#isOver = true
    this.#link?.leave()
  }

  opened(link: Link): void {
    if (this.#isOver) link.leave()
    this.#link = link
    this.onopen?.(new Event('open'))
  }

  received(data: string): void {
    if (!this.#isOver) this.onmessage?.({ data } as MessageEvent<unknown>)
  }

  closed(code: number, reason: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.onclose?.({ code, reason } as CloseEvent)
  }
}

/** What a network is like. */
export interface NetworkSettings {
  /** The longest delay, in milliseconds. */
  readonly slowest: number
  /** What the systems of both ends of a connection hold, in characters. */
  readonly buffer: number
  /** How many connections of a hundred break soon. */
  readonly flakiness: number
}

/** The way between pages and the one server that is up. */
export class Network {
  readonly world: World
  readonly links = new Set<Link>()
  readonly slowest: number
  readonly buffer: number
  /** How many connections of a hundred break soon. */
  flakiness: number
  /** The server that is up. */
  server: { readonly accept: Accept; readonly clock: NodeClock } | undefined
  /** Pages without a network. */
  readonly offline = new Set<NodeClock>()

  constructor(world: World, { slowest, buffer, flakiness }: NetworkSettings) {
    this.world = world
    this.slowest = slowest
    this.buffer = buffer
    this.flakiness = flakiness
  }

  connect(socket: SimulatedSocket, page: NodeClock, url: string): void {
    this.world.in(this.world.between(1, this.slowest), () => {
      const { server } = this
      if (page.isDead) return
      if (server === undefined || this.offline.has(page)) {
        page.do(() => socket.closed(abnormal, ''))
        return
      }
      const link = new Link(this, server.clock, page, socket)
      this.links.add(link)
      link.begin(server.accept, helloOf(url))
      if (this.world.chance(this.flakiness)) this.world.in(this.world.between(0, 4 * this.slowest), () => link.cut())
    })
  }
}

function helloOf(url: string): Hello {
  const path = url.slice(url.indexOf('/ws/') + 4)
  const parts = new Map(path.split('&').map((part) => part.split('=', 2) as [string, string]))
  const part = (name: string): string => decodeURIComponent(parts.get(name) ?? '')
  const [sesion, myid, devid, v, uuid] = [part('sesion'), part('myid'), part('devid'), part('v'), part('uuid')]
  return { sesion, myid, devid, v, uuid, ip: '127.0.0.1', secure: false, headers: {} }
}
