import { Allowance } from '../limits/allowance.ts'
import type { Timer } from '../clock.ts'
import type { Host } from '../host.ts'

/** Commands that may wait while an earlier one (or the login) is not finished, or while too many came. */
const maxWaiting = 1000

/** A command counts as one for each so many characters: large messages cost all who get them. */
const charactersPerCommand = 10_000

/** How long commands wait that come too fast, in milliseconds: long enough that several run after it. */
const pauseMs = 100

/** Whose commands these are. */
export interface Owner {
  /** Runs one; returns a promise where the next one has to wait. Neither throws nor rejects. */
  run(text: string): void | Promise<void>
  /** More wait than may. */
  tooManyCommands(): void
}

/** The commands of one session: one after the other, and no more of them than `limits.maxCommandsPerSecond`. */
export class Inbox {
  readonly #host: Host
  readonly #owner: Owner
  /** Those that came while another one runs; undefined while none does. */
  #waiting: string[] | undefined = []
  /** How long they are, in characters. */
  #size = 0
  /** Made for the first command: many sessions only listen. */
  #allowance: Allowance | undefined
  #pause: Timer | undefined
  #isClosed = false

  /** Commands wait until `open()`. */
  constructor(host: Host, owner: Owner) {
    this.#host = host
    this.#owner = owner
  }

  take(text: string): void {
    this.#host.meter.commands++
    this.#next(text)
  }

  /** The answer to a command has so many characters: making it took time, too. */
  countAnswer(characters: number): void {
    this.#allowance?.owe(characters / charactersPerCommand)
  }

  /** Runs the commands that waited, until one of them makes the rest wait again. */
  open(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    this.#size = 0
    for (const text of waiting) this.#next(text)
  }

  /** Nothing runs any more. */
  close(): void {
    this.#isClosed = true
    if (this.#pause !== undefined) this.#host.clock.clearTimeout(this.#pause)
  }

  #next(text: string): void {
    if (this.#isClosed) return
    if (this.#waiting !== undefined) this.#wait(text)
    else if (this.#isAllowed(text)) this.#run(text)
    else {
      this.#waiting = []
      this.#wait(text)
      this.#pause = this.#host.clock.setTimeout(() => this.open(), pauseMs)
    }
  }

  #isAllowed(text: string): boolean {
    const { clock, meter, rates } = this.#host
    const now = clock.now()
    this.#allowance ??= new Allowance(rates.commands, now)
    if (this.#allowance.take(now, Math.max(1, text.length / charactersPerCommand))) return true
    meter.hit('maxCommandsPerSecond')
    return false
  }

  #run(text: string): void {
    const pending = this.#owner.run(text)
    if (pending === undefined) return
    this.#waiting = []
    void pending.then(() => this.open())
  }

  /** Keeps a command until those before it are done. */
  #wait(text: string): void {
    const { maxBufferedBytes, maxMessageBytes } = this.#host.limits
    this.#size += text.length
    this.#waiting?.push(text)
    const isTooMuch = (this.#waiting?.length ?? 0) > maxWaiting || this.#size > maxBufferedBytes + maxMessageBytes
    if (!isTooMuch) return
    this.#host.meter.hit('maxCommandsPerSecond')
    this.#owner.tooManyCommands()
  }
}
