import type { Line } from './frame.ts'
import type { Outbox } from './delivery/outbox.ts'
import type { Session } from './session.ts'

/** What came for a session that gets what it missed first. */
interface Held {
  lines: Line[]
  /** About how long they are, in characters. */
  size: number
  readonly maxSize: number
  /** More came than may be held: nothing is, and all has to be read from the history. */
  hasOverflowed: boolean
}

/** Who listens under one name, and what this turn of the event loop has for them. */
export class Pipe {
  readonly name: string
  readonly #outbox: Outbox
  readonly #isNewestOnly: boolean
  readonly #sessions = new Set<Session>()
  #lines: Line[] = []
  /** About how long they are, in characters. */
  #size = 0
  /** The lines of this turn that a session must not get, because it sent them. */
  #own: Map<Session, Set<Line>> | undefined
  /** Sessions that get what they missed first: what comes meanwhile waits here. */
  #held: Map<Session, Held> | undefined

  /** `isNewestOnly`: a session that reads too slowly gets only the last line of each event. */
  constructor(name: string, outbox: Outbox, isNewestOnly = false) {
    this.name = name
    this.#outbox = outbox
    this.#isNewestOnly = isNewestOnly
  }

  /** How many sessions are subscribed. */
  get size(): number {
    return this.#sessions.size
  }

  get sessions(): Iterable<Session> {
    return this.#sessions
  }

  /** Who joins gets what comes from now on, not what this turn gathered before. */
  join(session: Session): void {
    this.settle()
    this.#sessions.add(session)
  }

  /** Holds back what comes for `session`, until `release`: not more than about `maxSize` characters. */
  hold(session: Session, maxSize: number): void {
    this.settle()
    this.#held ??= new Map()
    this.#held.set(session, { lines: [], size: 0, maxSize, hasOverflowed: false })
  }

  /** Whether more came for `session` than may be held, and was let go; from now on it is held again. */
  hasOverflowed(session: Session): boolean {
    this.settle()
    const held = this.#held?.get(session)
    if (held?.hasOverflowed !== true) return false
    held.hasOverflowed = false
    return true
  }

  isHolding(session: Session): boolean {
    return this.#held?.has(session) === true
  }

  /** Sends what was held back, but for messages up to `offset`: those it has got in another way. */
  release(session: Session, offset: number): void {
    this.settle()
    const held = this.#held?.get(session)?.lines ?? []
    const lines = held.filter((line) => line.offset === undefined || line.offset > offset)
    this.#held?.delete(session)
    if (this.#held?.size === 0) this.#held = undefined
    this.#give(session, lines)
  }

  /** Who leaves still gets what this turn gathered before; who is gone does not, and many may go in one turn. */
  leave(session: Session): void {
    if (session.isOpen) this.settle()
    this.#sessions.delete(session)
    this.#held?.delete(session)
  }

  /**
   * Sends `line` to every subscriber but `sender`, at the end of this turn and in order.
   * Returns how many sessions get it. Nothing is done per subscriber here.
   */
  deliver(line: Line, sender?: Session): number {
    const own = sender !== undefined && this.#sessions.has(sender)
    const receivers = this.#sessions.size - (own ? 1 : 0)
    if (receivers === 0) return 0
    if (own) this.#keepFrom(sender, line)
    this.#lines.push(line)
    if (this.#lines.length === 1) this.#outbox.gather(this)
    this.#size += line.size
    this.#outbox.count(line.size, this.#size, receivers)
    return receivers
  }

  /** Hands the gathered lines to the sessions: the same list to all of them, so that its bytes are built once. */
  settle(): void {
    if (this.#lines.length === 0) return
    const lines = this.#lines
    const own = this.#own
    this.#lines = []
    this.#size = 0
    this.#own = undefined
    for (const session of this.#sessions) {
      const sent = own?.get(session)
      const held = this.#held?.get(session)
      if (sent === undefined && held === undefined) this.#give(session, lines)
      else
        this.#handOver(
          lines.filter((line) => sent?.has(line) !== true),
          held,
          session,
        )
    }
  }

  #handOver(lines: readonly Line[], held: Held | undefined, session: Session): void {
    if (held === undefined) this.#give(session, lines)
    else if (!held.hasOverflowed) hold(held, lines)
  }

  #give(session: Session, lines: readonly Line[]): void {
    if (lines.length === 0) return
    if (this.#isNewestOnly) session.enqueueNewest(this.name, lines)
    else session.enqueue(lines)
  }

  #keepFrom(sender: Session, line: Line): void {
    this.#own ??= new Map()
    const sent = this.#own.get(sender)
    if (sent === undefined) this.#own.set(sender, new Set([line]))
    else sent.add(line)
  }
}

function hold(held: Held, lines: readonly Line[]): void {
  held.lines.push(...lines)
  for (const { size } of lines) held.size += size
  if (held.size <= held.maxSize) return
  held.lines = []
  held.size = 0
  held.hasOverflowed = true
}
