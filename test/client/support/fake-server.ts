import type { Environment, WebSocketLike } from '../../../lib/client/environment.ts'
import { FakeClock } from './fake-clock.ts'

/** The server's end of one connection. */
export class FakeSocket implements WebSocketLike {
  onopen: WebSocketLike['onopen'] = null
  onmessage: WebSocketLike['onmessage'] = null
  onclose: WebSocketLike['onclose'] = null
  onerror: WebSocketLike['onerror'] = null
  readonly url: string
  /** Commands that came from the client, oldest first. */
  readonly received: string[] = []
  isOpen = false
  isClosedByClient = false

  constructor(url: string) {
    this.url = url
  }

  send(text: string): void {
    if (!this.isOpen) throw new Error('InvalidStateError: sent before the connection was open')
    this.received.push(text)
  }

  close(): void {
    this.isClosedByClient = true
  }

  /** Completes the handshake and lets the client in. */
  welcome(authorized = false, hash = ''): void {
    this.open()
    this.line({ pipe: 'sys', event: 'serverInfo', data: hash, authorized, server: 'fake', message_send_time: 1 })
  }

  open(): void {
    this.isOpen = true
    this.onopen?.(new Event('open'))
  }

  /** Sends one message. */
  line(message: object): void {
    this.text(JSON.stringify(message))
  }

  /** Sends one text frame. */
  text(data: string): void {
    this.onmessage?.({ data } as MessageEvent<unknown>)
  }

  /** Ends the connection: 1006 is a network that broke. */
  drop(code = 1006, reason = ''): void {
    this.isOpen = false
    this.onclose?.({ code, reason } as CloseEvent)
  }
}

/** Changes to the environment that `fakeServer` makes. */
export type EnvironmentOptions = Partial<Environment>

/** A server in the same process, and an environment whose WebSocket connects to it. `random` is 0.5 always. */
export function fakeServer(options: EnvironmentOptions = {}) {
  const sockets: FakeSocket[] = []
  const clock = new FakeClock()
  const printed: string[] = []
  const reported: unknown[] = []
  let uuids = 0
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  const window = new EventTarget()

  class WebSocket extends FakeSocket {
    constructor(url: string) {
      super(url)
      sockets.push(this)
    }
  }

  const environment: Environment = {
    WebSocket,
    EventSource: undefined,
    fetch: undefined,
    BroadcastChannel: undefined,
    locks: undefined,
    clock,
    random: () => 0.5,
    newUuid: () => `uuid${++uuids}`,
    storage: undefined,
    location: { protocol: 'https:', host: 'page.example' },
    scriptUrl: 'https://page.example/CometServerApi.js',
    window,
    document: page,
    reportError: (error) => reported.push(error),
    print: (text) => printed.push(text),
    ...options,
  }

  return {
    environment,
    clock,
    sockets,
    window,
    page,
    /** Lines for the developer of the page. */
    printed,
    /** What callbacks have thrown. */
    reported,
    /** The newest connection. */
    get socket(): FakeSocket {
      const socket = sockets.at(-1)
      if (socket === undefined) throw new Error('the client has not connected')
      return socket
    },
  }
}
