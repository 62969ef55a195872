import { Batch } from './frame.ts'

/** Something that has gathered lines and can hand them to its sessions. */
export interface Gathering {
  settle(): void
}

/** Something that holds a batch and can write it. */
export interface Flushable {
  flush(): void
}

/** A turn that gathered more than this is written at once, so that frames stay small and memory bounded; in characters. */
const maxGathered = 256 * 1024

/**
 * Gathers what is to be written in one turn of the event loop and writes it at its end: pipes hand their lines to their
 * sessions, then each session writes once. A write costs more than all else on the way of a message.
 */
export class Outbox {
  #pipes: Gathering[] = []
  #sessions: Flushable[] = []
  #gathered = 0
  #nothing = new Batch([])
  #turnEnd: NodeJS.Immediate | undefined

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

  /** Counts what a pipe gathered, in characters; a long turn is cut short. */
  count(characters: number): void {
    this.#gathered += characters
    if (this.#gathered > maxGathered) this.flush()
  }

  /** Writes everything now. */
  flush(): void {
    if (this.#turnEnd !== undefined) clearImmediate(this.#turnEnd)
    this.#turnEnd = undefined
    this.#gathered = 0
    const pipes = this.#pipes
    this.#pipes = []
    for (const pipe of pipes) pipe.settle()
    const sessions = this.#sessions
    this.#sessions = []
    this.#nothing = new Batch([]) // the old one knows what was added to it last
    for (const session of sessions) session.flush()
  }

  #schedule(): void {
    this.#turnEnd ??= setImmediate(() => {
      this.#turnEnd = undefined
      this.flush()
    })
  }
}
