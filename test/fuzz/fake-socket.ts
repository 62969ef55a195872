import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'

/**
 * A socket without a network and without the machinery of streams, as a server sees it: only what a connection uses, and
 * many times as fast. What the client sends is handed out at once, unless the server has paused.
 */
export class FakeSocket extends EventEmitter {
  readonly writableHighWaterMark = 16 * 1024
  writable = true
  writableLength = 0
  /** What the server wrote. */
  readonly received: Buffer[] = []
  isClosed = false
  /** Whether the server has closed its side. */
  hasEnded = false
  /** Whether the client reads; if not, `takeAll` lets it read once. */
  readonly #isSlow: boolean
  #paused = false
  #unread: Buffer[] = []
  #clientHasEnded = false
  #isHandingOut = false

  constructor(isSlow: boolean) {
    super()
    this.#isSlow = isSlow
  }

  /** The type that servers take. */
  get asDuplex(): Duplex {
    return this as unknown as Duplex
  }

  /** Whether the server has taken all that the client sent. */
  get isRead(): boolean {
    return this.#unread.length === 0
  }

  /** The client sends. */
  push(chunk: Buffer): void {
    this.#unread.push(chunk)
    this.#handOut()
  }

  /** The client closes its side. */
  finish(): void {
    this.#clientHasEnded = true
    this.#handOut()
  }

  /** A slow client reads what waits for it. */
  takeAll(): void {
    const wasFull = this.writableLength >= this.writableHighWaterMark
    this.writableLength = 0
    if (wasFull && !this.isClosed) this.emit('drain')
  }

  write(bytes: Buffer): boolean {
    this.received.push(Buffer.from(bytes))
    if (this.#isSlow) this.writableLength += bytes.length
    return this.writableLength < this.writableHighWaterMark
  }

  end(): void {
    this.writable = false
    this.hasEnded = true
    if (this.#clientHasEnded) this.destroy()
  }

  /** As with real streams the event comes later: the caller may be in the middle of something. */
  destroy(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.writable = false
    queueMicrotask(() => this.emit('close'))
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#handOut()
  }

  isPaused(): boolean {
    return this.#paused
  }

  /** Not from within itself: a server that resumes while it handles a chunk gets the next one after that. */
  #handOut(): void {
    if (this.#isHandingOut) return
    this.#isHandingOut = true
    while (!this.#paused && !this.isClosed && this.#unread.length > 0) this.emit('data', this.#unread.shift())
    this.#isHandingOut = false
    if (!this.#clientHasEnded || this.isClosed || this.#paused || this.#unread.length > 0) return
    if (this.hasEnded) this.destroy()
    else this.emit('end')
  }
}
