import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { PageRights } from './transport.ts'

/** As long a browser need not ask again what a page may send, in seconds; Chromium takes no more. */
const preflightSeconds = 7200

/** Lets a page of `origin` read an answer, as far as its rights go; the answer differs by origin in any case (CORS). */
export function pageHeaders(origin: string | undefined, rights: PageRights): OutgoingHttpHeaders {
  if (origin === undefined || rights === 'none') return { vary: 'Origin' }
  const headers: OutgoingHttpHeaders = { vary: 'Origin', 'access-control-allow-origin': origin }
  return rights === 'user' ? { ...headers, 'access-control-allow-credentials': 'true' } : headers
}

/** Answers, unless the host's own middleware (a timeout, for example) has done so meanwhile. */
export function answer(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  body: string | Buffer = '',
): void {
  if (response.headersSent) return
  const length: OutgoingHttpHeaders = status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }
  response.writeHead(status, { 'cache-control': 'no-store', ...length, ...headers })
  response.end(body)
}

/** Answers with a sentence. */
export function answerText(
  response: ServerResponse,
  status: number,
  sentence: string,
  headers: OutgoingHttpHeaders = {},
): void {
  answer(response, status, { 'content-type': 'text/plain; charset=utf-8', ...headers }, `${sentence}\n`)
}

/**
 * Answers every method but `method`: OPTIONS tells what a page may send, others are refused. Returns whether it did.
 * Browsers ask by OPTIONS first where a page sends more than an HTML form could.
 */
export function answerOtherMethod(
  method: string,
  request: IncomingMessage,
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
): boolean {
  if (request.method === method) return false
  const allow = `${method}, OPTIONS`
  if (request.method !== 'OPTIONS') {
    answerText(response, 405, `This address takes ${allow}, not ${request.method ?? ''}`, { ...headers, allow })
    return true
  }
  answer(response, 204, {
    ...headers,
    allow,
    'access-control-allow-methods': method,
    'access-control-allow-headers': 'Content-Type',
    'access-control-max-age': String(preflightSeconds),
  })
  return true
}

/** Calls `gone` once if the browser goes away, or the answer is complete; also for one that waits in a pipeline. */
export function whenOver(request: IncomingMessage, response: ServerResponse, gone: () => void): void {
  // Node tells an answer that waits behind others on its connection (RFC 9112, 9.3.2) nothing of the connection's end.
  const { socket } = request
  const over = (): void => {
    socket.off('close', over)
    response.off('close', over)
    gone()
  }
  response.once('close', over)
  if (response.socket === null) socket.once('close', over)
}
