import { randomUUID } from 'node:crypto'

/** As many ids of one millisecond as 12 bits can number. */
const idsOfMs = 0x1000

/**
 * Makes the ids of messages: UUIDs of version 7 (RFC 9562, 5.7) that sort in the order in which they were made, also
 * within a millisecond (6.2, method 1), so that back-ends can ask for what came after one.
 */
export class MessageIds {
  #ms = 0
  #count = 0

  /** The next id; `now` is the time in milliseconds. A clock that goes back does no harm. */
  next(now: number): string {
    if (now > this.#ms) {
      this.#ms = now
      this.#count = 0
    } else if (++this.#count === idsOfMs) {
      this.#ms++
      this.#count = 0
    }
    const time = this.#ms.toString(16).padStart(12, '0')
    const count = this.#count.toString(16).padStart(3, '0')
    return `${time.slice(0, 8)}-${time.slice(8)}-7${count}${randomUUID().slice(18)}`
  }
}
