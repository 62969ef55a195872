import type { Histogram } from './histogram.ts'
import { messageMarks as marks } from './marks.ts'
import type { Counted, Streams } from './streams.ts'

/** Other messages for each subscriber, each with numbers from 1 on. */
export class OwnStreams implements Streams {
  readonly problems: string[] = []
  readonly #latencies: Histogram
  /** What a chunk ended with, in which the marks of a message may begin. */
  readonly #rests = new Map<Counted, Buffer>()
  deliveries = 0

  constructor(latencies: Histogram) {
    this.#latencies = latencies
  }

  begin(subscribers: readonly Counted[]): void {
    this.deliveries = 0
    this.problems.length = 0
    this.#rests.clear()
    for (const subscriber of subscribers) subscriber.messages = 0
  }

  get received(): number {
    return this.deliveries
  }

  receive(subscriber: Counted, bytes: Buffer, now: number): void {
    const rest = this.#rests.get(subscriber)
    const all = rest === undefined ? bytes : Buffer.concat([rest, bytes])
    let searched = 0
    for (let at = marks.find(all, 0, all.length); at !== -1; at = marks.find(all, searched, all.length)) {
      searched = at + marks.length
      this.deliveries++
      this.#latencies.add(now - (marks.timeAt(all, at) ?? now))
      const number = marks.numberAt(all, at)
      if (number !== ++subscriber.messages)
        this.problems.push(`message ${number} came as number ${subscriber.messages}`)
    }
    this.#keep(subscriber, all, Math.max(searched, all.length - marks.length + 1))
  }

  #keep(subscriber: Counted, bytes: Buffer, from: number): void {
    const quote = bytes.indexOf('"n', from, 'latin1')
    const start = quote !== -1 ? quote : bytes.at(-1) === 0x22 ? bytes.length - 1 : bytes.length
    if (start < bytes.length) this.#rests.set(subscriber, Buffer.from(bytes.subarray(start)))
    else this.#rests.delete(subscriber)
  }
}
