import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Frame } from '../core/frame.ts'
import { closeCodes } from '../wire/close-codes.ts'
import { whenOver } from './http-answers.ts'
import { leftCode, lostCode, type HttpSession } from './http-sessions.ts'
import type { Connection, Receiver } from './transport.ts'

/** How long a browser may take to read what was sent before the end, in milliseconds. */
const closingMs = 10_000
/** The same where the server stops. */
const stoppingMs = 1000
/** A comment: an event stream may hold one anywhere between events. */
const ping = Buffer.from(':\n\n')

const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-store, no-transform', // middleware that compresses would hold back what is small
  'x-accel-buffering': 'no', // the same for nginx
}

/** A session that is carried by an event stream. */
export class EventStream implements Connection, HttpSession {
  receiver: Receiver | undefined
  readonly headers: OutgoingHttpHeaders
  /** Resolves when the browser has read all, or is gone. */
  readonly over: Promise<void>
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  #onEnd: (() => void) | undefined
  #isOpen = true
  /** Periods of the heartbeat since something went either way. */
  #silentPeriods = 0
  /** Ends the wait for a browser that does not read its last bytes. */
  #cut: NodeJS.Timeout | undefined

  constructor(request: IncomingMessage, response: ServerResponse, headers: OutgoingHttpHeaders) {
    this.#request = request
    this.#response = response
    this.headers = headers
    this.over = new Promise((resolve) => {
      whenOver(request, response, () => {
        clearTimeout(this.#cut)
        this.#end(lostCode, '')
        resolve()
      })
    })
    response.on('error', ignore)
  }

  get bufferedBytes(): number {
    return this.#response.writableLength
  }

  /** `run` is called when nothing more is sent. */
  whenEnded(run: () => void): void {
    this.#onEnd = run
  }

  /** Sends the head, and the id under which the browser sends its commands. */
  begin(id: string): void {
    // Without Transfer-Encoding the end of the connection is the end of the stream (RFC 9112, 6.3): each frame is one
    // write of bytes that all streams share, where every chunk would need a header of its own.
    this.#response.removeHeader('transfer-encoding')
    this.#response.shouldKeepAlive = false
    this.#response.writeHead(200, { ...this.headers, ...streamHeaders })
    this.#response.write(`event: session\ndata: {"session":"${id}"}\n\n`)
  }

  send(frame: Frame, taken?: () => void): void {
    if (!this.#isOpen) return
    this.#silentPeriods = 0
    if (taken === undefined) this.#response.write(frame.serverSentEvent)
    else
      this.#response.write(frame.serverSentEvent, (error) => {
        if (!error) taken()
      })
  }

  /** Shows proxies that the stream lives; ends it, and returns false, where nobody did the same for so many periods. */
  beat(silentPeriods: number): boolean {
    const isAlive = this.#silentPeriods++ < silentPeriods
    if (isAlive) this.#response.write(ping)
    else this.close(closeCodes.timeout, 'the browser is silent')
    return isAlive
  }

  run(commands: readonly string[]): void {
    this.#silentPeriods = 0
    for (const command of commands) this.receiver?.message(command)
  }

  close(code: number, reason: string): void {
    this.#finish(code, reason)
  }

  leave(): void {
    this.#finish(leftCode, 'the browser left')
  }

  /** Ends it, and what it still has to send soon after. */
  stop(): Promise<void> {
    this.#finish(closeCodes.restart, 'the server is stopping')
    this.#cutIn(stoppingMs) // also one that was ended before
    return this.over
  }

  #finish(code: number, reason: string): void {
    if (!this.#isOpen) return
    this.#response.end(`event: close\ndata: ${JSON.stringify({ code, reason })}\n\n`)
    this.#cutIn(closingMs)
    this.#end(code, reason)
  }

  #cutIn(ms: number): void {
    clearTimeout(this.#cut)
    this.#cut = setTimeout(() => this.#request.socket.destroy(), ms).unref()
  }

  #end(code: number, reason: string): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#onEnd?.()
    this.receiver?.closed(code, reason)
  }
}

function ignore(): void {
  // A write that met the end of the connection: 'close' tells of it.
}
