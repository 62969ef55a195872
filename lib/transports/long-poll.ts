import { cometError } from '../errors.ts'
import { closeCodes } from '../wire/close-codes.ts'
import { encodeMessage, formOf } from '../wire/messages.ts'
import { answer, answerOtherMethod } from './http-answers.ts'
import { HttpSessions, type HttpSessionOptions, type OpenSession } from './http-sessions.ts'
import { checkNumbers } from './option-numbers.ts'
import { PollSession, type PollTimes } from './poll-session.ts'
import type { Accept, Hello, OnLimit, RequestHandler, Transport } from './transport.ts'

/** Options of `longPoll()`. */
export interface LongPollOptions extends HttpSessionOptions {
  /** How long a poll is held while there is nothing to tell, in milliseconds. Default 25,000. */
  readonly waitMs?: number
  /** A session ends if its browser has not polled for this time, in milliseconds. Default 30,000; 10,000 after a poll was cut off. */
  readonly sessionTimeoutMs?: number
  /** Sessions at the same time: between polls they cost whoever opens them nothing. Default 10,000. */
  readonly maxSessions?: number
}

const defaultWaitMs = 25_000
const defaultSessionTimeoutMs = 30_000
const defaultMaxSessions = 10_000
const afterCutMs = 10_000

/**
 * Long polling: every answer is a whole one, for networks in which nothing else comes through.
 * @throws CometError COMET_ERR_OPTION
 */
export function longPoll(options: LongPollOptions = {}): Transport {
  checkNumbers('longPoll', options, {
    waitMs: 'finite',
    sessionTimeoutMs: 'finite',
    maxSessions: 'or never',
    maxBodyBytes: 'finite',
    bodyTimeoutMs: 'finite',
  })
  let polls: Polls | undefined

  return {
    name: 'long-poll',

    start(accept, http, { maxMessageBytes }, rightsOf, onLimit) {
      const sessions = new HttpSessions<PollSession>(options, maxMessageBytes, rightsOf, onLimit)
      polls = new Polls(sessions, accept, options, onLimit)
      http.request('poll', polls.take)
      http.request('send', sessions.send)
    },

    async close() {
      await polls?.stop()
    },
  }
}

/** Opens the sessions of one transport, and hands each poll to its own. */
class Polls {
  readonly #sessions: HttpSessions<PollSession>
  readonly #accept: Accept
  readonly #onLimit: OnLimit
  readonly #times: PollTimes
  readonly #maxSessions: number
  readonly #opening: RequestHandler

  constructor(
    sessions: HttpSessions<PollSession>,
    accept: Accept,
    {
      waitMs = defaultWaitMs,
      sessionTimeoutMs = defaultSessionTimeoutMs,
      maxSessions = defaultMaxSessions,
    }: LongPollOptions,
    onLimit: OnLimit,
  ) {
    this.#sessions = sessions
    this.#accept = accept
    this.#onLimit = onLimit
    this.#times = { waitMs, idleMs: sessionTimeoutMs, afterCutMs: Math.min(afterCutMs, sessionTimeoutMs) }
    this.#maxSessions = maxSessions
    this.#opening = sessions.opening('POST', this.#open)
  }

  /** A request without a session opens one. */
  readonly take: RequestHandler = (request, response, hello, part) => {
    const id = part('session')
    if (id === undefined) return this.#opening(request, response, hello, part)
    const session = this.#sessions.get(id)
    if (session === undefined) return false
    return (
      answerOtherMethod('POST', request, response, session.headers) ||
      session.poll(Number(part('seq')), request, response)
    )
  }

  /** Ends them all; resolves when their browsers have read why, or did not in time. */
  async stop(): Promise<void> {
    await Promise.all(this.#sessions.close().map((session) => session.stop()))
  }

  readonly #open: OpenSession = (request, response, hello, headers) => {
    if (this.#sessions.size >= this.#maxSessions) {
      this.#onLimit('maxSessions')
      answer(response, 200, { ...headers, 'content-type': 'application/json' }, full(hello, this.#maxSessions))
      return
    }
    const session = new PollSession(headers, this.#times, {
      forget: () => this.#sessions.delete(id),
      timedOut: () => this.#onLimit('sessionTimeoutMs'),
    })
    const id = this.#sessions.add(session)
    session.begin(id, request, response)
    session.receiver = this.#accept(session, hello)
  }
}

/** The whole of a session that could not be opened. */
function full(hello: Hello, limit: number): string {
  const what = `The server has ${limit} sessions of long polling`
  const { message, number, code } = cometError('COMET_ERR_LIMIT', { what, limit: 'longPoll.maxSessions' })
  const data = JSON.stringify({ error: message, error_code: number, info: code })
  const members = `,"error":${number}`
  const line = encodeMessage({ pipe: 'sys', event: 'error', data, userId: 0, members }, formOf(hello.v ?? ''))
  const close = JSON.stringify({ code: closeCodes.tooManyConnections, reason: code })
  return `{"session":"","seq":1,"messages":[${line}],"close":${close}}`
}
