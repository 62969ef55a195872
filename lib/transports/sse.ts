import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Frame } from '../core/frame.ts'
import * as closeCodes from '../wire/close-codes.ts'
import { Heartbeat } from './heartbeat.ts'
import { answerText, whenOver } from './http-answers.ts'
import {
  HttpSessions,
  leftCode,
  lostCode,
  type HttpSession,
  type HttpSessionOptions,
  type OpenSession,
} from './http-sessions.ts'
import { checkNumbers } from './option-numbers.ts'
import type { Connection, Receiver, Transport } from './transport.ts'

/** Options of `sse()`. */
export interface SseOptions extends HttpSessionOptions {
  /**
   * How often each stream gets a comment, so that no proxy takes it for dead, in milliseconds; Infinity: never. Default
   * 25,000. Each has its own moment in the period.
   */
  readonly pingIntervalMs?: number
  /**
   * A stream ends if it carried no message and its browser sent no command for this time, in milliseconds; Infinity:
   * never. Comments alone do not show that anybody is there. Our client asks after 45 s of silence. Default 180,000;
   * without pings nobody looks.
   */
  readonly silenceMs?: number
}

const defaultPingIntervalMs = 25_000
const defaultSilenceMs = 180_000
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

/**
 * Server-Sent Events: an event stream to the browser, its commands by POST. For networks that let no WebSocket through.
 * @throws CometError COMET_ERR_OPTION
 */
export function sse(options: SseOptions = {}): Transport {
  checkNumbers('sse', options, {
    maxBodyBytes: 'finite',
    bodyTimeoutMs: 'finite',
    pingIntervalMs: 'or never',
    silenceMs: 'or never',
  })
  const { pingIntervalMs = defaultPingIntervalMs, silenceMs = defaultSilenceMs } = options
  const silentPeriods = Math.max(1, silenceMs / pingIntervalMs)
  let stop: (() => Promise<void>) | undefined

  return {
    name: 'sse',

    start(accept, http, { maxMessageBytes }, rightsOf) {
      const sessions = new HttpSessions<Stream>(options, maxMessageBytes, rightsOf)
      const streams = new Set<Stream>()
      const heartbeat = new Heartbeat<Stream>(pingIntervalMs, (stream) => stream.beat(silentPeriods))
      const open: OpenSession = (request, response, hello, headers) => {
        if (isForeign(request)) {
          answerText(response, 403, 'Pages open an event stream by EventSource or fetch(), in no other way')
          return
        }
        const stream = new Stream(request, response, headers)
        const id = sessions.add(stream)
        const group = heartbeat.join(stream)
        stream.whenEnded(() => {
          sessions.delete(id)
          group.delete(stream)
        })
        streams.add(stream)
        void stream.over.then(() => streams.delete(stream))
        stream.begin(id)
        stream.receiver = accept(stream, hello)
      }
      http.request('sse', sessions.opening('GET', open))
      http.request('send', sessions.send)
      stop = async () => {
        heartbeat.stop()
        sessions.close()
        await Promise.all([...streams].map((stream) => stream.stop()))
      }
    },

    async close() {
      await stop?.()
    },
  }
}

/** How browsers that say so (Fetch Metadata) open a stream: by EventSource or by fetch(). */
const streamModes: readonly (string | undefined)[] = [undefined, 'cors', 'same-origin']

/**
 * Whether a page wants it as an image or the like, or sends its user there: such a request names no origin, but brings
 * the cookies of the user, who would be online for anybody's page, and whose private messages would go into nothing.
 */
function isForeign({ headers }: IncomingMessage): boolean {
  return !streamModes.includes(headers['sec-fetch-mode'])
}

/** A session that is carried by an event stream. */
class Stream implements Connection, HttpSession {
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

  /** Shows proxies that the stream lives, and ends it where nobody did the same for so many periods. */
  beat(silentPeriods: number): void {
    if (this.#silentPeriods++ >= silentPeriods) this.close(closeCodes.timeout, 'the browser is silent')
    else this.#response.write(ping)
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
