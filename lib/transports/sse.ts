import type { IncomingMessage } from 'node:http'
import { EventStream } from './event-stream.ts'
import { Heartbeat } from './heartbeat.ts'
import { answerText } from './http-answers.ts'
import { HttpSessions, type HttpSessionOptions, type OpenSession } from './http-sessions.ts'
import { checkNumbers } from './option-numbers.ts'
import type { Accept, OnLimit, Transport } from './transport.ts'

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
  let streams: EventStreams | undefined

  return {
    name: 'sse',

    start(accept, http, { maxMessageBytes }, rightsOf, onLimit) {
      const sessions = new HttpSessions<EventStream>(options, maxMessageBytes, rightsOf, onLimit)
      streams = new EventStreams(sessions, accept, options, onLimit)
      http.request('sse', sessions.opening('GET', streams.open))
      http.request('send', sessions.send)
    },

    async close() {
      await streams?.stop()
    },
  }
}

/** The streams of one transport, those among them that have ended but not sent all. */
class EventStreams {
  readonly #sessions: HttpSessions<EventStream>
  readonly #accept: Accept
  readonly #heartbeat: Heartbeat<EventStream>
  readonly #streams = new Set<EventStream>()

  constructor(
    sessions: HttpSessions<EventStream>,
    accept: Accept,
    { pingIntervalMs = defaultPingIntervalMs, silenceMs = defaultSilenceMs }: SseOptions,
    onLimit: OnLimit,
  ) {
    this.#sessions = sessions
    this.#accept = accept
    const silentPeriods = Math.max(1, silenceMs / pingIntervalMs)
    this.#heartbeat = new Heartbeat(pingIntervalMs, (stream) => {
      if (!stream.beat(silentPeriods)) onLimit('silenceMs')
    })
  }

  readonly open: OpenSession = (request, response, hello, headers) => {
    if (isForeign(request)) {
      answerText(response, 403, 'Pages open an event stream by EventSource or fetch(), in no other way')
      return
    }
    const stream = new EventStream(request, response, headers)
    this.#streams.add(stream)
    void stream.over.then(() => this.#streams.delete(stream))
    stream.begin(this.#register(stream))
    stream.receiver = this.#accept(stream, hello)
  }

  /** Ends them all; resolves when their browsers have read why, or did not in time. */
  async stop(): Promise<void> {
    this.#heartbeat.stop()
    this.#sessions.close()
    await Promise.all([...this.#streams].map((stream) => stream.stop()))
  }

  /** Until it ends it is found by the id that this returns, and has its turns of the heartbeat. */
  #register(stream: EventStream): string {
    const id = this.#sessions.add(stream)
    const group = this.#heartbeat.join(stream)
    stream.whenEnded(() => {
      this.#sessions.delete(id)
      group.delete(stream)
    })
    return id
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
