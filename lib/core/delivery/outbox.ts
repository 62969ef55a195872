import type { Clock, Timer } from '../clock.ts'
import { Batch } from '../frame.ts'

/** Something that has gathered lines and can hand them to its sessions. */
export interface Gathering {
  settle(): void
}

/** Something that holds a batch and can write it. */
export interface Flushable {
  flush(): void
}

/** What one pipe gathered is written at once when it is more than this, so that frames stay small; in characters. */
const maxOfPipe = 256 * 1024
/**
 * The same for all pipes together, so that memory is bounded. Where many pipes have a message each, it is this that says
 * how many messages a write carries: with 256 KiB, too, 1000 pipes cost a third more.
 */
const maxGathered = 2 * 1024 * 1024

/** So many sessions are written to in about a millisecond. */
const writesPerMs = 100

/** Waiting for more pays where a write carries so many messages then, on the average of the last waits. */
const worthwhile = 1.25
/** What is taken for that average before it is known: a few waits tell. */
const expected = 1.5
/** More than this in one wait says nothing about the next. */
const most = 2
/** The share of the last wait in the average. */
const weight = 0.25
/** Where it does not pay, because the messages are for other sessions each time, so many turns go without. */
const turnsWithout = 32

/**
 * Gathers what is to be written in one turn of the event loop and writes it at its end: pipes hand their lines to their
 * sessions, then each session writes once. A write costs more than all else on the way of a message; so after many writes
 * more is gathered, about as long as they took, and under load at most half of the time goes into writing. What comes
 * later than that, or after few writes, does not wait; nor does anything where waiting saved no writes before.
 */
export class Outbox {
  readonly #clock: Clock
  readonly #maxGatherMs: number
  #pipes: Gathering[] = []
  #sessions: Flushable[] = []
  #gathered = 0
  /** How many sessions the messages of this turn are for, each message by itself. */
  #deliveries = 0
  #nothing = new Batch([])
  #turnEnd: NodeJS.Immediate | undefined
  /** The same where more is gathered than comes in this turn. */
  #later: Timer | undefined
  /** Until when more is gathered, in milliseconds since the epoch. */
  #gatherUntil = 0
  /** How many messages a write carried when more was gathered. */
  #average = expected
  /** So many turns from now on nothing more is gathered. */
  #turnsWithout = 0

  /** `maxGatherMs`: the longest that more is gathered after a turn, in milliseconds. */
  constructor(clock: Clock, maxGatherMs: number) {
    this.#clock = clock
    this.#maxGatherMs = maxGatherMs
  }

  /** What a session begins its turn with: the same object for all, see `Batch.with`. */
  get nothing(): Batch {
    return this.#nothing
  }

  /** `pipe` has its first line of this turn. */
  gather(pipe: Gathering): void {
    this.#pipes.push(pipe)
    this.#schedule()
  }

  /** `session` has its first batch of this turn. */
  queue(session: Flushable): void {
    this.#sessions.push(session)
    this.#schedule()
  }

  /**
   * Counts a line of so many characters for so many sessions; `ofPipe`: the characters of all that its pipe gathered. A
   * long turn is cut short.
   */
  count(characters: number, ofPipe: number, receivers: number): void {
    this.#gathered += characters
    this.#deliveries += receivers
    if (ofPipe > maxOfPipe || this.#gathered > maxGathered) this.flush()
  }

  /** Writes everything now. */
  flush(): void {
    const hasWaited = this.#later !== undefined
    const deliveries = this.#deliveries
    this.#gathered = this.#deliveries = 0
    const pipes = this.#pipes
    this.#pipes = []
    for (const pipe of pipes) pipe.settle()
    this.#unschedule() // not before: the pipes queue sessions, which are written to now
    const sessions = this.#sessions
    this.#sessions = []
    this.#nothing = new Batch([]) // the old one knows what was added to it last
    for (const session of sessions) session.flush()
    if (hasWaited && sessions.length > 0) this.#judgeWait(deliveries / sessions.length)
    this.#gatherUntil = this.#clock.now() + this.#gatherMs(sessions.length)
  }

  /** A wait had each write carry so many messages. */
  #judgeWait(messages: number): void {
    this.#average += (Math.min(messages, most) - this.#average) * weight
    if (this.#average >= worthwhile) return
    this.#average = expected
    this.#turnsWithout = turnsWithout
  }

  /** How long to gather after `writes` writes: not at all after few. */
  #gatherMs(writes: number): number {
    const ms = Math.min(Math.floor(writes / writesPerMs), this.#maxGatherMs)
    if (ms === 0 || this.#turnsWithout === 0) return ms
    this.#turnsWithout--
    return 0
  }

  #schedule(): void {
    if (this.#turnEnd !== undefined || this.#later !== undefined) return
    const wait = Math.min(this.#gatherUntil - this.#clock.now(), this.#maxGatherMs) // the clock may be set back
    if (wait > 0) this.#later = this.#clock.setTimeout(() => this.flush(), wait)
    else this.#turnEnd = setImmediate(() => this.flush())
  }

  #unschedule(): void {
    if (this.#turnEnd !== undefined) clearImmediate(this.#turnEnd)
    if (this.#later !== undefined) this.#clock.clearTimeout(this.#later)
    this.#turnEnd = undefined
    this.#later = undefined
  }
}
