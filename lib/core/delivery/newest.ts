import type { Line } from '../frame.ts'

/** What waits for a session that does not keep up with pipes of which only the newest counts: a line per event. */
export class Newest {
  /** For each pipe the last line of each event, in the order in which they came. */
  #pipes = new Map<string, Map<string, Line>>()
  #skipped = new Set<string>()
  #size = 0

  get isEmpty(): boolean {
    return this.#pipes.size === 0
  }

  /** About how long the lines are, in characters. */
  get size(): number {
    return this.#size
  }

  add(pipe: string, lines: readonly Line[]): void {
    const events = this.#pipes.get(pipe) ?? new Map<string, Line>()
    this.#pipes.set(pipe, events)
    for (const line of lines) {
      const replaced = events.get(line.event)
      if (replaced !== undefined) {
        this.#skipped.add(pipe)
        this.#size -= replaced.size
        events.delete(line.event) // so that it goes to the end
      }
      events.set(line.event, line)
      this.#size += line.size
    }
  }

  /** The session has left a pipe: it gets nothing more of it. */
  forget(pipe: string): void {
    for (const line of this.#pipes.get(pipe)?.values() ?? []) this.#size -= line.size
    this.#pipes.delete(pipe)
    this.#skipped.delete(pipe)
  }

  /** Takes out what waits, and the names of the pipes of which something was left out. */
  take(): { readonly lines: readonly Line[]; readonly skipped: readonly string[] } {
    const lines = [...this.#pipes.values()].flatMap((events) => [...events.values()])
    const skipped = [...this.#skipped]
    this.#pipes = new Map()
    this.#skipped = new Set()
    this.#size = 0
    return { lines, skipped }
  }
}
