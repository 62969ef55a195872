/** The most commands that wait for a connection. */
const maxWaiting = 1000

/** Commands that wait for a connection, in order. */
export class Outbox {
  readonly #waiting: string[] = []

  /** Returns false where the oldest command had to go for this one. */
  add(command: string): boolean {
    const isRoom = this.#waiting.push(command) <= maxWaiting
    if (!isRoom) this.#waiting.shift()
    return isRoom
  }

  /** Takes out all that waits. */
  take(): string[] {
    return this.#waiting.splice(0)
  }
}
