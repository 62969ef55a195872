import { connect, type Socket } from 'node:net'
import { microseconds, type Subscribing } from '../messages.ts'
import type { Counted } from './streams.ts'

/** A connection of the load process. Reads go into one buffer for all: that is cheaper than a buffer each. */
export class Subscriber implements Counted {
  bytes = 0
  messages = 0
  readonly #socket: Socket
  readonly #number: number
  readonly #subscribing: Subscribing
  readonly #receive: (subscriber: Subscriber, bytes: Buffer, now: number) => void
  readonly #ready: (error?: Error) => void
  #step = 0
  /** What came since the last step; undefined once all steps are done. */
  #head: string | undefined = ''

  constructor(
    port: number,
    number: number,
    subscribing: Subscribing,
    receive: (subscriber: Subscriber, bytes: Buffer, now: number) => void,
    ready: (error?: Error) => void,
  ) {
    this.#number = number
    this.#subscribing = subscribing
    this.#receive = receive
    this.#ready = ready
    const onread = { buffer: shared, callback: (length: number) => this.#onRead(shared.subarray(0, length)) }
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread })
    this.#socket.on('error', (error) => ready(error))
    this.#socket.on('close', () => ready(new Error(`subscriber ${number} was disconnected`)))
    const { path } = subscribing
    if (path !== undefined) this.#socket.write(handshake(this.#fill(path)))
    this.#advance()
  }

  say(text: string): void {
    const isWebSocket = this.#subscribing.path !== undefined
    this.#socket.write(isWebSocket ? maskedFrame(this.#fill(text)) : this.#fill(text))
  }

  #onRead(bytes: Buffer): boolean {
    if (this.#head === undefined) this.#receive(this, bytes, microseconds())
    else {
      this.#head += bytes.toString('latin1')
      this.#advance()
    }
    return true
  }

  #advance(): void {
    for (; this.#head !== undefined; this.#step++) {
      const step = this.#subscribing.steps[this.#step]
      if (step === undefined) {
        this.#head = undefined
        this.#ready()
        return
      }
      const at = this.#head.indexOf(step.expect)
      if (at === -1) return
      this.#head = this.#head.slice(at + step.expect.length)
      for (const text of step.say ?? []) this.say(text)
    }
  }

  #fill(text: string): string {
    const { numbers = Infinity } = this.#subscribing
    return text.replaceAll('#', String(this.#number % numbers))
  }
}

const shared = Buffer.alloc(1024 * 1024)

function handshake(path: string): string {
  const headers = ['Host: localhost', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13']
  return `GET ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`
}

function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  if (payload.length > 125) throw new Error('The commands of the benchmark are short')
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]) // a mask of zeros changes nothing
}
