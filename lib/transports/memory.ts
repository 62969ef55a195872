import type { Frame } from '../core/frame.ts'
import type { Accept, Connection, Hello, Receiver, Transport } from './transport.ts'

/** A line that the server sent, parsed. */
export type ReceivedMessage = Readonly<Record<string, unknown>>

/** A browser without a socket. */
export interface MemoryBrowser {
  /** Everything that came until now. */
  readonly received: readonly ReceivedMessage[]
  /** Sends a command, for example `subscription\nnews`. */
  send(command: string): void
  /**
   * Resolves to the first message for which `isIt` is true: one that came already, or the next that comes.
   * @throws Error with the reason, when the connection ends before
   */
  next(isIt: (message: ReceivedMessage) => boolean): Promise<ReceivedMessage>
  /** Ends the connection from the browser's side. */
  close(): void
  /** Resolves when the connection ends, from whichever side. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
}

/** A transport within the process. */
export interface MemoryTransport extends Transport {
  /** Connects a browser; what `hello` leaves out is that of an anonymous visitor of tenant 0. */
  connect(hello?: Partial<Hello>): MemoryBrowser
}

const visitor: Hello = {
  sesion: '',
  myid: '',
  devid: '0',
  v: '4.0',
  uuid: '',
  ip: '127.0.0.1',
  secure: false,
  headers: {},
}

/** Connects browsers that exist only in memory: for tests of what is built on the server, without a port. */
export function memory(): MemoryTransport {
  const open = new Set<MemoryConnection>()
  let accept: Accept | undefined

  return {
    name: 'memory',

    start(accepting) {
      accept = accepting
    },

    connect(hello = {}) {
      if (accept === undefined) throw new Error('The memory transport is not part of a comet server that runs')
      const connection = new MemoryConnection(() => open.delete(connection))
      open.add(connection)
      connection.receiver = accept(connection, { ...visitor, ...hello })
      return connection
    },

    close() {
      accept = undefined
      for (const connection of [...open]) connection.close(1012, 'the server is stopping')
      return Promise.resolve()
    },
  }
}

/** Somebody who waits for a message. */
interface Waiter {
  readonly isIt: (message: ReceivedMessage) => boolean
  readonly resolve: (message: ReceivedMessage) => void
  readonly reject: (error: Error) => void
}

class MemoryConnection implements Connection, MemoryBrowser {
  readonly bufferedBytes = 0
  readonly received: ReceivedMessage[] = []
  readonly closed: Promise<{ code: number; reason: string }>
  receiver: Receiver | undefined
  readonly #waiting = new Set<Waiter>()
  readonly #onClose: () => void
  #end: ((end: { code: number; reason: string }) => void) | undefined
  /** Why there is no connection any more. */
  #ended: Error | undefined

  constructor(onClose: () => void) {
    this.#onClose = onClose
    this.closed = new Promise((resolve) => (this.#end = resolve))
  }

  /** The core sends a frame; a program sends a command. */
  send(frame: Frame | string, taken?: () => void): void {
    if (this.#end === undefined) return
    if (typeof frame === 'string') {
      this.receiver?.message(frame)
      return
    }
    for (const line of frame.text.split('\n')) this.#receive(JSON.parse(line) as ReceivedMessage)
    taken?.() // before a program that awaited one of the messages goes on
  }

  next(isIt: (message: ReceivedMessage) => boolean): Promise<ReceivedMessage> {
    const before = this.received.find(isIt)
    if (before !== undefined) return Promise.resolve(before)
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const message = new Promise<ReceivedMessage>((resolve, reject) => this.#waiting.add({ isIt, resolve, reject }))
    message.catch(() => undefined) // whoever awaits it is told; who does not, must not end the process
    return message
  }

  close(code = 1000, reason = ''): void {
    const end = this.#end
    if (end === undefined) return
    this.#end = undefined
    this.#onClose()
    this.receiver?.closed(code, reason)
    this.#ended = new Error(
      `The connection ended (${code}${reason === '' ? '' : `, ${reason}`}) before the message came`,
    )
    for (const { reject } of this.#waiting) reject(this.#ended)
    this.#waiting.clear()
    end({ code, reason })
  }

  #receive(message: ReceivedMessage): void {
    this.received.push(message)
    for (const waiter of [...this.#waiting]) {
      if (!waiter.isIt(message)) continue
      this.#waiting.delete(waiter)
      waiter.resolve(message)
    }
  }
}
