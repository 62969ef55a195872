import type { Histogram } from './histogram.ts'
import type { Marks } from './marks.ts'
import type { Counted, Streams } from './streams.ts'

/**
 * The same bytes for all subscribers: those of whoever is ahead are searched for messages, and all others' are compared
 * with them, which costs next to nothing.
 */
export class SharedStream implements Streams {
  readonly problems: string[] = []
  readonly #marks: Marks
  readonly #latencies: Histogram
  #subscribers: readonly Counted[] = []
  /** The bytes of whoever is ahead; the first `#known` are in use. */
  #reference = Buffer.alloc(1024 * 1024)
  #known = 0
  /** Where each message's marks end in the reference, and when it was published, where it says that. */
  #ends: number[] = []
  #times: (number | undefined)[] = []
  #searched = 0

  constructor(marks: Marks, latencies: Histogram) {
    this.#marks = marks
    this.#latencies = latencies
  }

  begin(subscribers: readonly Counted[]): void {
    this.#subscribers = subscribers
    this.#known = 0
    this.#searched = 0
    this.#ends = []
    this.#times = []
    this.problems.length = 0
    for (const subscriber of subscribers) {
      subscriber.bytes = 0
      subscriber.messages = 0
    }
  }

  receive(subscriber: Counted, bytes: Buffer, now: number): void {
    const from = subscriber.bytes
    subscriber.bytes += bytes.length
    const same = Math.min(bytes.length, this.#known - from)
    if (same > 0 && this.#reference.compare(bytes, 0, same, from, from + same) !== 0) {
      this.problems.push('a subscriber got other bytes than the others')
    }
    if (same < bytes.length) this.#append(bytes.subarray(same))
    while ((this.#ends[subscriber.messages] ?? Infinity) <= subscriber.bytes) {
      const time = this.#times[subscriber.messages]
      if (time !== undefined) this.#latencies.add(now - time)
      subscriber.messages++
    }
  }

  get received(): number {
    return this.#subscribers.reduce((least, { messages }) => Math.min(least, messages), Infinity)
  }

  get deliveries(): number {
    return this.#subscribers.reduce((sum, { messages }) => sum + messages, 0)
  }

  #append(bytes: Buffer): void {
    while (this.#known + bytes.length > this.#reference.length)
      this.#reference = Buffer.concat([this.#reference, Buffer.alloc(this.#reference.length)])
    bytes.copy(this.#reference, this.#known)
    this.#known += bytes.length
    this.#search()
  }

  #search(): void {
    const marks = this.#marks
    const known = this.#reference.subarray(0, this.#known)
    for (let at = marks.find(known, this.#searched, known.length); at !== -1;) {
      const number = marks.numberAt(known, at)
      this.#searched = at + marks.length
      this.#ends.push(this.#searched)
      this.#times.push(marks.timeAt(known, at))
      const place = this.#ends.length
      if (number !== undefined && number !== place) this.problems.push(`message ${number} came as number ${place}`)
      at = marks.find(known, this.#searched, known.length)
    }
    this.#searched = Math.max(this.#searched, known.length - marks.length + 1) // what was searched is not searched again
  }
}
