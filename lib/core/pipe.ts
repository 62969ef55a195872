import { Batch, type Line } from './frame.ts'
import type { Outbox } from './outbox.ts'
import type { Session } from './session.ts'

/** Who listens under one name, and what this turn of the event loop has for them. */
export class Pipe {
  readonly name: string
  readonly #outbox: Outbox
  readonly #sessions = new Set<Session>()
  #lines: Line[] = []
  /** The lines of this turn that a session must not get, because it sent them. */
  #own: Map<Session, Set<Line>> | undefined

  constructor(name: string, outbox: Outbox) {
    this.name = name
    this.#outbox = outbox
  }

  /** How many sessions are subscribed. */
  get size(): number {
    return this.#sessions.size
  }

  get sessions(): Iterable<Session> {
    return this.#sessions
  }

  has(session: Session): boolean {
    return this.#sessions.has(session)
  }

  /** Who joins gets what comes from now on, not what this turn gathered before. */
  join(session: Session): void {
    this.settle()
    this.#sessions.add(session)
  }

  /** Who leaves still gets what this turn gathered before. */
  leave(session: Session): void {
    this.settle()
    this.#sessions.delete(session)
  }

  /**
   * Sends `line` to every subscriber but `sender`, at the end of this turn and in order.
   * Returns how many sessions get it. Nothing is done per subscriber here.
   */
  deliver(line: Line, characters: number, sender?: Session): number {
    const own = sender !== undefined && this.#sessions.has(sender)
    const receivers = this.#sessions.size - (own ? 1 : 0)
    if (receivers === 0) return 0
    if (own) this.#keepFrom(sender, line)
    this.#lines.push(line)
    if (this.#lines.length === 1) this.#outbox.gather(this)
    this.#outbox.count(characters)
    return receivers
  }

  /** Hands the gathered lines to the sessions, as one batch for all of them. */
  settle(): void {
    if (this.#lines.length === 0) return
    const lines = this.#lines
    const own = this.#own
    this.#lines = []
    this.#own = undefined
    const batch = new Batch(lines)
    for (const session of this.#sessions) {
      const sent = own?.get(session)
      if (sent === undefined) session.enqueue(batch)
      else if (sent.size < lines.length) session.enqueue(new Batch(lines.filter((line) => !sent.has(line))))
    }
  }

  #keepFrom(sender: Session, line: Line): void {
    this.#own ??= new Map()
    const sent = this.#own.get(sender)
    if (sent === undefined) this.#own.set(sender, new Set([line]))
    else sent.add(line)
  }
}
