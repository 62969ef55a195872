import type { Connection } from '../../transports/transport.ts'
import type { Form } from '../../wire/messages.ts'
import type { Batch, Frame, Line } from '../frame.ts'
import type { Host } from '../host.ts'
import { Newest } from './newest.ts'
import type { Flushable } from './outbox.ts'

/** More than this for one session alone is sent before the turn ends, so that frames stay small; in characters. */
const maxOwnSize = 256 * 1024

/** A session for which more waits in its socket does not keep up; its system's buffers are full, too. In bytes. */
const slowBytes = 64 * 1024

/** Is told whether the network took what was sent. */
type Taker = (taken: boolean) => void

/** Whose messages these are. */
export interface Owner {
  /** It reads too slowly: it is to be closed, it must not hold back the others. */
  tooSlow(): void
  /** Lines of these pipes were left out, newer ones follow. */
  skipped(pipes: readonly string[]): void
}

/** What a session has to get, until the network has taken it. */
export class Outgoing implements Flushable {
  readonly #host: Host
  readonly #connection: Connection
  readonly #form: Form
  readonly #owner: Owner
  /** What this turn of the event loop has for the session. */
  #waiting: Batch | undefined
  /** Who wants to know when the network has taken what waits in this turn. */
  #takers: Taker[] | undefined
  /** The same for each frame that was sent and is not taken, yet; somebody asked for these. */
  #inFlight: Set<readonly Taker[]> | undefined
  /** The last of them. */
  #lastSent: Taker[] | undefined
  /** What waits for a slow reader of pipes of which only the newest counts; undefined while it keeps up. */
  #newest: Newest | undefined
  /** How much of what waits is for this session alone, in characters. */
  #ownSize = 0
  #isOpen = true

  constructor(host: Host, connection: Connection, form: Form, owner: Owner) {
    this.#host = host
    this.#connection = connection
    this.#form = form
    this.#owner = owner
  }

  /** Sends `line` to this session alone. */
  send(line: Line): void {
    this.#ownSize += line.size
    this.enqueue([line])
    if (this.#ownSize > maxOwnSize) this.flush()
  }

  /** Sends `lines` at the end of this turn, in one write with all else that the session gets. */
  enqueue(lines: readonly Line[]): void {
    if (this.#waiting === undefined) this.#host.outbox.queue(this)
    this.#waiting = (this.#waiting ?? this.#host.outbox.nothing).with(lines)
  }

  /**
   * The same for lines of a pipe of which only the newest counts. What a slow reader has not got goes for what is newer, as
   * long as it reads nothing; it is not closed for that.
   */
  enqueueNewest(pipe: string, lines: readonly Line[]): void {
    const { maxBufferedBytes } = this.#host.limits
    if (this.#newest !== undefined) {
      this.#newest.add(pipe, lines)
      // Not at once: what its end makes others publish must come after what this turn has for them.
      if (this.#newest.size > maxBufferedBytes) this.#host.outbox.queue(this)
    } else if (this.#connection.bufferedBytes > Math.min(slowBytes, maxBufferedBytes / 2)) {
      this.#newest = new Newest()
      this.#newest.add(pipe, lines)
      this.#sendNewest(this.#newest)
    } else this.enqueue(lines)
  }

  /** The session has left a pipe: what waits of it there, goes. */
  forget(pipe: string): void {
    this.#newest?.forget(pipe)
  }

  /** Writes what waits. */
  flush(): void {
    const batch = this.#waiting
    this.#waiting = undefined
    const isCutShort = this.#ownSize > maxOwnSize
    this.#ownSize = 0
    if (!this.#isOpen) return
    if (this.#hasTooMuch(batch)) {
      this.#owner.tooSlow()
      return
    }
    if (batch === undefined) return
    const frame = batch.frame(this.#form)
    if (this.#takers === undefined && !isCutShort) this.#connection.send(frame)
    else this.#sendFor(this.#takers ?? [], frame)
  }

  /** Resolves to true when the network has taken what was sent until now, to false when the connection ended before. */
  taken(): Promise<boolean> {
    const isSent = this.#waiting === undefined && this.#lastSent === undefined
    if (!this.#isOpen || isSent) return Promise.resolve(this.#isOpen)
    return new Promise((resolve) => {
      if (this.#waiting !== undefined) (this.#takers ??= []).push(resolve)
      else this.#lastSent?.push(resolve)
    })
  }

  /** The connection has ended: nothing is sent any more. */
  end(): void {
    this.#isOpen = false
    for (const taker of [...(this.#takers ?? []), ...[...(this.#inFlight ?? [])].flat()]) taker(false)
  }

  /** More waits than may: in its socket, where `batch` would follow that, or for it to read again. */
  #hasTooMuch(batch: Batch | undefined): boolean {
    const { maxBufferedBytes } = this.#host.limits
    if (batch !== undefined && this.#connection.bufferedBytes > maxBufferedBytes) return true
    return this.#newest !== undefined && this.#newest.size > maxBufferedBytes
  }

  /** One portion at a time is on its way, and what comes meanwhile waits until the network has taken that. */
  #sendNewest(newest: Newest): void {
    const { lines, skipped } = newest.take()
    if (skipped.length > 0) this.#owner.skipped(skipped)
    this.enqueue(lines)
    void this.taken().then((isTaken) => {
      if (!isTaken) return
      if (newest.isEmpty) this.#newest = undefined
      else this.#sendNewest(newest)
    })
  }

  /** Sends `frame` and tells `takers`, and those who ask until then, when the network has taken it. */
  #sendFor(takers: Taker[], frame: Frame): void {
    this.#takers = undefined
    this.#lastSent = takers
    const inFlight = (this.#inFlight ??= new Set())
    inFlight.add(takers)
    this.#connection.send(frame, () => {
      inFlight.delete(takers)
      if (this.#lastSent === takers) this.#lastSent = undefined
      for (const taker of takers) taker(true)
    })
  }
}
