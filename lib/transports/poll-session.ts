import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Frame } from '../core/frame.ts'
import { closeCodes } from '../wire/close-codes.ts'
import { answer, whenOver } from './http-answers.ts'
import { leftCode, lostCode, type HttpSession } from './http-sessions.ts'
import type { Connection, Receiver } from './transport.ts'

/** How long a session of long polling waits for what, in milliseconds. */
export interface PollTimes {
  /** For something to tell, while a poll is there. */
  readonly waitMs: number
  /** For the next poll. */
  readonly idleMs: number
  /** For the next poll, after the one before was cut off. */
  readonly afterCutMs: number
}

/** Who is told of what becomes of a session. */
export interface PollObserver {
  /** Nobody is to find it any more: it stays a while after its end, to tell why it ended. */
  forget(): void
  /** It ended because no poll came in time. */
  timedOut(): void
}

/** A request that waits for an answer, or for the browser to read it. */
interface Poll {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Resolves when the browser has its answer, or is gone. */
  readonly over: Promise<void>
}

/** What goes into one answer. */
class Bundle {
  readonly frames: Frame[] = []
  readonly takers: (() => void)[] = []
  bytes = 0
}

/** How long a browser may take to read its last answer, in milliseconds. */
const stoppingMs = 1000

const comma = Buffer.from(',')

/** A session that is carried by polls, one after the other. */
export class PollSession implements Connection, HttpSession {
  receiver: Receiver | undefined
  readonly headers: OutgoingHttpHeaders
  readonly #times: PollTimes
  readonly #observer: PollObserver
  /** Until it is told: nobody else knows it. */
  #id: string | undefined
  /** The number of the last answer; 0 before the first. */
  #seq = 0
  #waiting = new Bundle()
  /** What the last answer held, until the browser acknowledges it: an answer may be lost. */
  #unacknowledged: Bundle | undefined
  #poll: Poll | undefined
  /** A poll that was answered, until the browser has the answer. */
  #answered: Poll | undefined
  #isAnswerDue = false
  #end: { readonly code: number; readonly reason: string } | undefined
  #isOpen = true
  /** Answers the poll, or ends the session while there is none. */
  #timer: NodeJS.Timeout | undefined

  constructor(headers: OutgoingHttpHeaders, times: PollTimes, observer: PollObserver) {
    this.headers = { ...headers, 'content-type': 'application/json' }
    this.#times = times
    this.#observer = observer
  }

  get bufferedBytes(): number {
    return this.#waiting.bytes + (this.#answered?.response.writableLength ?? 0)
  }

  /** Takes the request that opens the session: its answer is the first, and names the id. */
  begin(id: string, request: IncomingMessage, response: ServerResponse): void {
    this.#id = id
    this.#hold(request, response)
  }

  /**
   * Takes a poll of a browser whose last answer is number `seq`. Returns false for a number that cannot be: the browser
   * connects anew, and its positions bring what it has not got.
   */
  poll(seq: number, request: IncomingMessage, response: ServerResponse): boolean {
    const isRepeat = seq > 0 && seq === this.#seq - 1 && this.#unacknowledged !== undefined
    if (seq !== this.#seq && !isRepeat) return false
    this.#cutUnread()
    if (request.socket.destroyed) return true // it came behind that answer, on the same connection
    if (!isRepeat) this.#acknowledge()
    this.#hold(request, response)
    if (isRepeat || this.#waiting.frames.length > 0 || this.#end !== undefined) this.#answer()
    return true
  }

  send(frame: Frame, taken?: () => void): void {
    if (!this.#isOpen) return
    this.#waiting.frames.push(frame)
    this.#waiting.bytes += frame.list.length
    if (taken !== undefined) this.#waiting.takers.push(taken)
    if (this.#isAnswerDue) return
    this.#isAnswerDue = true
    // Not at once: what the core does in the same breath, for example a close, is to be in the same answer.
    process.nextTick(() => {
      this.#isAnswerDue = false
      if (this.#waiting.frames.length > 0) this.#answer()
    })
  }

  close(code: number, reason: string): void {
    if (!this.#isOpen) return
    this.#end = { code, reason }
    this.#answer()
    this.#closed(code, reason)
  }

  run(commands: readonly string[]): void {
    for (const command of commands) this.receiver?.message(command)
  }

  leave(): void {
    const poll = this.#poll
    this.#poll = undefined
    if (poll !== undefined) answer(poll.response, 204, this.headers)
    this.#cutUnread()
    this.#finish(leftCode, 'the browser left')
  }

  /** Ends it; resolves when the browser has read why, or did not in time. */
  async stop(): Promise<void> {
    this.close(closeCodes.restart, 'the server is stopping')
    this.#finish(closeCodes.restart, 'the server is stopping')
    const poll = this.#answered
    if (poll === undefined) return
    const cut = setTimeout(() => poll.request.socket.destroy(), stoppingMs).unref()
    await poll.over
    clearTimeout(cut)
  }

  #hold(request: IncomingMessage, response: ServerResponse): void {
    const older = this.#poll
    const over = new Promise<void>((resolve) => {
      whenOver(request, response, () => {
        this.#over(poll)
        resolve()
      })
    })
    const poll = { request, response, over }
    this.#poll = poll
    if (older !== undefined) answer(older.response, 204, this.headers)
    request.resume() // a body means nothing here, but while one waits to be read, Node does not see the browser leave
    this.#after(this.#times.waitMs, () => this.#answer())
  }

  /** The browser has the answer, or is gone without one. */
  #over(poll: Poll): void {
    if (this.#answered === poll) this.#answered = undefined
    if (this.#poll !== poll) return
    this.#poll = undefined
    if (this.#id !== undefined) this.#finish(lostCode, '')
    else this.#after(this.#times.afterCutMs, () => this.#timedOut('no poll since one was cut off'))
  }

  /**
   * Nobody waits for the answer before any more. Who does not read it would keep it in our memory, as many times as he
   * asks for it, each by a connection of its own.
   */
  #cutUnread(): void {
    const poll = this.#answered
    if (poll?.response.writableFinished === false) poll.request.socket.destroy()
  }

  /** Of who takes nothing of it for as long as a session waits for a poll; who reads slowly is given the time. */
  #cutStalled(): void {
    const poll = this.#answered
    if (poll?.response.writableFinished !== false) return
    const { socket } = poll.request
    const cut = (): void => void socket.destroy()
    // Without TLS Node counts anew whenever some of it has gone; with TLS once, which is longer than our client waits.
    socket.setTimeout(this.#times.idleMs, cut)
    void poll.over.then(() => socket.off('timeout', cut))
  }

  #acknowledge(): void {
    const takers = this.#unacknowledged?.takers ?? []
    this.#unacknowledged = undefined
    for (const taken of takers) taken()
  }

  /** Answers the poll, if there is one, with the answer that was lost, or with all that waits. */
  #answer(): void {
    const poll = this.#poll
    if (poll === undefined) return
    this.#poll = undefined
    if (this.#unacknowledged === undefined && (this.#seq === 0 || this.#waiting.frames.length > 0)) {
      this.#seq++
      this.#unacknowledged = this.#waiting
      this.#waiting = new Bundle()
    }
    this.#answered = poll
    const isFirst = this.#id !== undefined
    answer(poll.response, 200, this.headers, this.#body(this.#unacknowledged?.frames ?? []))
    // Refused: who does not get this answer knows no id to ask again by, and kept ones would take the places of others.
    if (isFirst && this.#end !== undefined) {
      clearTimeout(this.#timer)
      this.#observer.forget()
      return
    }
    const { idleMs } = this.#times
    this.#after(idleMs, () => this.#timedOut(`no poll for ${idleMs} ms`))
  }

  #body(frames: readonly Frame[]): Buffer {
    const id = this.#id === undefined ? '' : `"session":"${this.#id}",`
    this.#id = undefined
    const isLast = this.#end !== undefined && this.#waiting.frames.length === 0
    const end = isLast ? `,"close":${JSON.stringify(this.#end)}` : ''
    const parts: Buffer[] = [Buffer.from(`{${id}"seq":${this.#seq},"messages":[`)]
    for (const [index, { list }] of frames.entries()) parts.push(...(index === 0 ? [list] : [comma, list]))
    parts.push(Buffer.from(`]${end}}`))
    return Buffer.concat(parts)
  }

  /** One that has ended is only forgotten now. */
  #timedOut(reason: string): void {
    this.#cutStalled()
    if (this.#isOpen) this.#observer.timedOut()
    this.#finish(closeCodes.timeout, reason)
  }

  #finish(code: number, reason: string): void {
    clearTimeout(this.#timer)
    this.#observer.forget()
    this.#closed(code, reason)
  }

  #closed(code: number, reason: string): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.receiver?.closed(code, reason)
  }

  #after(ms: number, run: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(run, ms).unref()
  }
}
