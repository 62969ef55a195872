import { WebSocket } from 'ws'
import { moduleEnvironment } from '../../lib/client/environment.ts'
import { Logger } from '../../lib/client/logger.ts'
import { Session } from '../../lib/client/session.ts'
import { targetOf } from '../../lib/client/target.ts'
import { nodesOf } from '../../lib/client/transports/urls.ts'
import { NodeEventSource } from './event-source.ts'

/** A client that counts what it gets of the pipe `news`: numbers from 0. */
export interface Reader {
  /** In the order in which they came. */
  readonly numbers: readonly number[]
  /** How often it was told that messages are lost. */
  readonly gaps: number
  /** How often it came back by another transport than the last time. */
  readonly switches: number
  close(): void
}

/** Makes a client of the nodes at `urls`. */
export type MakeReader = (urls: readonly string[]) => Reader

/** Our client, protocol 5, by the best transport that works. It is what `CometClient` holds, with an EventSource. */
export function newReader(urls: readonly string[]): Reader {
  const numbers: number[] = []
  let [gaps, switches] = [0, 0]
  let transport: string | undefined
  const environment = { ...moduleEnvironment(WebSocket), EventSource: NodeEventSource }
  const session = new Session(environment, new Logger(() => undefined))
  session.subscribe('news', ({ data }) => numbers.push(Number(data)))
  session.onGap(() => gaps++)
  session.onStateChange((state) => {
    if (state !== 'connected') return
    if (transport !== undefined && transport !== session.transport) switches++
    transport = session.transport
  })
  session.open(targetOf(nodesOf(urls), environment, environment.newUuid()))
  return {
    numbers,
    get gaps() {
      return gaps
    },
    get switches() {
      return switches
    },
    close: () => session.close(),
  }
}

/** How long a client of the old protocol waits before it connects again, at most, in milliseconds. */
const oldRetryMs = 1000

/** A client of the old protocol, which only connects and subscribes again. */
export function oldReader(urls: readonly string[]): Reader {
  const numbers: number[] = []
  let [isClosed, tries] = [false, 0]
  let socket: WebSocket | undefined
  let retry: NodeJS.Timeout | undefined
  const open = (): void => {
    const url = urls[tries++ % urls.length] ?? ''
    socket = new WebSocket(`${url.replace('http', 'ws')}/ws/sesion=&myid=&devid=0&v=4.0&uuid=&api=js`)
    socket.on('open', () => socket?.send('subscription\nnews'))
    socket.on('message', (frame: Buffer) => numbers.push(...numbersIn(frame.toString())))
    socket.on('error', () => undefined) // 'close' follows
    socket.on('close', () => {
      if (!isClosed) retry = setTimeout(open, Math.random() * oldRetryMs)
    })
  }
  open()
  return {
    numbers,
    gaps: 0,
    switches: 0,
    close() {
      isClosed = true
      clearTimeout(retry)
      socket?.terminate()
    },
  }
}

function numbersIn(frame: string): number[] {
  const messages = frame
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly pipe: string; readonly data: unknown })
  return messages.flatMap(({ pipe, data }) => (pipe === 'news' ? [Number(data)] : []))
}
