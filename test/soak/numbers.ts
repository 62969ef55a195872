/** What became of numbered messages. */
export interface Tally {
  readonly expected: number
  readonly lost: number
  readonly doubled: number
  readonly disordered: number
}

export const noTally: Tally = { expected: 0, lost: 0, doubled: 0, disordered: 0 }

export function sumOf(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (sum, one) => ({
      expected: sum.expected + one.expected,
      lost: sum.lost + one.lost,
      doubled: sum.doubled + one.doubled,
      disordered: sum.disordered + one.disordered,
    }),
    noTally,
  )
}

/** Checks that 1, 2, 3 … come, each once and in this order. It remembers only what is missing. */
export class Numbers {
  readonly #missing = new Set<number>()
  #last = 0
  #doubled = 0
  #disordered = 0
  #hasBegun = false

  /** Whether anything came at all. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** From now on nothing may be missed. */
  begin(): void {
    this.#hasBegun = true
  }

  add(n: number): void {
    if (n > this.#last) {
      for (let missing = this.#last + 1; missing < n; missing++) this.#missing.add(missing)
      this.#last = n
    } else if (this.#missing.delete(n)) this.#disordered++
    else this.#doubled++
  }

  /** Whether all up to `published` have come. */
  isComplete(published: number): boolean {
    return this.#last >= published && this.#missing.size === 0
  }

  tally(published: number): Tally {
    const lost = this.#missing.size + Math.max(0, published - this.#last)
    return { expected: published, lost, doubled: this.#doubled, disordered: this.#disordered }
  }
}
