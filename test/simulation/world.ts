import { Random } from '../fuzz/random.ts'

interface Happening {
  readonly at: number
  readonly run: () => void
}

/** Everything that happens in one run: one thing after the other, at moments of a time that only this moves. */
export class World {
  readonly random: Random
  /** What was done and seen, for who reads a failure. */
  readonly trace: string[] = []
  /** Milliseconds since the beginning. */
  now = 0
  #happenings: Happening[] = []
  /** How often something was asked for. */
  #asked = 0

  constructor(seed: number) {
    this.random = new Random(seed)
  }

  note(text: string): void {
    this.trace.push(`${String(this.now).padStart(7)} ${text}`)
  }

  /** Does `run` in `delay` milliseconds; what is due at the same moment happens in the order in which it was asked for. */
  in(delay: number, run: () => void): object {
    this.#asked++
    const happening = { at: this.now + Math.max(0, Math.floor(delay)), run }
    let index = this.#happenings.length
    while (index > 0 && (this.#happenings[index - 1]?.at ?? 0) > happening.at) index--
    this.#happenings.splice(index, 0, happening)
    return happening
  }

  cancel(happening: object): void {
    const index = this.#happenings.indexOf(happening as Happening)
    if (index !== -1) this.#happenings.splice(index, 1)
  }

  /** A number of milliseconds from `from` to `to`. */
  between(from: number, to: number): number {
    return from + this.random.below(to - from + 1)
  }

  /** True in `percent` of all cases. */
  chance(percent: number): boolean {
    return this.random.below(100) < percent
  }

  /** Lets `ms` milliseconds pass. What is due at one moment happens in one turn of the event loop, as under load. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms
    await this.#settle() // what was begun before
    for (let next = this.#happenings[0]; next !== undefined && next.at <= end; next = this.#happenings[0]) {
      this.now = next.at
      while (this.#happenings[0]?.at === this.now) this.#happenings.shift()?.run()
      await this.#settle()
    }
    this.now = end
  }

  /** Waits until nothing is left to do at this moment: what one turn writes, or is answered, may go on in the next. */
  async #settle(): Promise<void> {
    let before: number
    do {
      before = this.#asked
      await turn()
      await turn() // what a promise begins in the first one is written in the second
    } while (this.#asked > before)
  }
}

/** Resolves when what was begun in this turn of the event loop is done, and has been written. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
