import { cometError } from '../errors.ts'
import * as closeCodes from '../wire/close-codes.ts'
import { encodeMessage, formOf } from '../wire/messages.ts'
import { answer, answerOtherMethod } from './http-answers.ts'
import { HttpSessions, type HttpSessionOptions, type OpenSession } from './http-sessions.ts'
import { checkNumbers } from './option-numbers.ts'
import { PollSession } from './poll-session.ts'
import type { Hello, RequestHandler, Transport } from './transport.ts'

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
  const {
    waitMs = defaultWaitMs,
    sessionTimeoutMs = defaultSessionTimeoutMs,
    maxSessions = defaultMaxSessions,
  } = options
  const times = { waitMs, idleMs: sessionTimeoutMs, afterCutMs: Math.min(afterCutMs, sessionTimeoutMs) }
  let stop: (() => Promise<void>) | undefined

  return {
    name: 'long-poll',

    start(accept, http, { maxMessageBytes }, rightsOf) {
      const sessions = new HttpSessions<PollSession>(options, maxMessageBytes, rightsOf)
      const open: OpenSession = (request, response, hello, headers) => {
        if (sessions.size >= maxSessions) {
          answer(response, 200, { ...headers, 'content-type': 'application/json' }, full(hello, maxSessions))
          return
        }
        const session = new PollSession(headers, times, () => sessions.delete(id))
        const id = sessions.add(session)
        session.begin(id, request, response)
        session.receiver = accept(session, hello)
      }
      const opening = sessions.opening('POST', open)
      http.request('poll', (request, response, hello, part) => {
        const id = part('session')
        return id === undefined
          ? opening(request, response, hello, part)
          : next(sessions.get(id), request, response, hello, part)
      })
      http.request('send', sessions.send)
      stop = async () => {
        await Promise.all(sessions.close().map((session) => session.stop()))
      }
    },

    async close() {
      await stop?.()
    },
  }
}

/** Hands a poll to its session; returns false where there is none, or it does not know this seq. */
function next(session: PollSession | undefined, ...[request, response, , part]: Parameters<RequestHandler>): boolean {
  if (session === undefined) return false
  return (
    answerOtherMethod('POST', request, response, session.headers) ||
    session.poll(Number(part('seq')), request, response)
  )
}

/** The whole of a session that could not be opened. */
function full(hello: Hello, limit: number): string {
  const what = `the server has ${limit} sessions of long polling, the limit of longPoll.maxSessions`
  const { message, number, code } = cometError('COMET_ERR_DENIED', { what })
  const data = JSON.stringify({ error: message, error_code: number, info: code })
  const members = `,"error":${number}`
  const line = encodeMessage({ pipe: 'sys', event: 'error', data, userId: 0, members }, formOf(hello.v ?? ''))
  const close = JSON.stringify({ code: closeCodes.tooManyConnections, reason: code })
  return `{"session":"","seq":1,"messages":[${line}],"close":${close}}`
}
