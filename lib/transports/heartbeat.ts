/** A step is taken as often, if the period is longer, in milliseconds. */
const stepMs = 250

/** Has every member's turn come once in a period, each at a moment of its own: not all browsers answer at once. */
export class Heartbeat<Member> {
  readonly #parts: readonly Set<Member>[]
  readonly #timer: NodeJS.Timeout | undefined
  #step = 0
  #joined = 0

  /** `beat` is called for each member once in `periodMs` milliseconds, until `stop`; Infinity: never. */
  constructor(periodMs: number, beat: (member: Member) => void) {
    const steps = periodMs === Infinity ? 1 : Math.max(1, Math.floor(periodMs / stepMs))
    this.#parts = Array.from({ length: steps }, () => new Set())
    if (periodMs === Infinity) return
    this.#timer = setInterval(() => {
      for (const member of this.#part(this.#step++)) beat(member)
    }, periodMs / steps).unref()
  }

  /** Returns the part to which the member now belongs; who ends is to be deleted from it. */
  join(member: Member): Set<Member> {
    return this.#part(this.#joined++).add(member)
  }

  /** All who belong to any part. */
  *members(): Iterable<Member> {
    for (const part of this.#parts) yield* part
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #part(index: number): Set<Member> {
    const part = this.#parts[index % this.#parts.length]
    if (part === undefined) throw new RangeError(`A heartbeat has no part ${index}`)
    return part
  }
}
