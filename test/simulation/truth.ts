/** A message that was kept, or sent. */
export interface Fact {
  readonly text: string
  /** Its numbering and its number, in a log. */
  readonly epoch: string
  readonly seq: number
}

/** What really happened: the messages of each pipe, or of each user's queue, in order. */
export class Truth {
  readonly #facts = new Map<string, Fact[]>()
  readonly #indexes = new Map<string, number>()

  add(key: string, fact: Fact): void {
    const facts = this.of(key)
    this.#indexes.set(`${key} ${fact.text}`, facts.length)
    facts.push(fact)
  }

  of(key: string): Fact[] {
    const facts = this.#facts.get(key) ?? []
    this.#facts.set(key, facts)
    return facts
  }

  /** The place of a message; undefined for one that never was. */
  indexOf(key: string, text: string): number | undefined {
    return this.#indexes.get(`${key} ${text}`)
  }

  /** The place of the message that has this number, or of the last one before it; -1 before all of this numbering. */
  indexAt(key: string, epoch: string, seq: number): number {
    return this.of(key).findLastIndex((fact) => fact.epoch === epoch && fact.seq <= seq)
  }

  /** The place before the first message of a numbering that has none yet, or begins. */
  startOf(key: string, epoch: string): number {
    const first = this.of(key).findIndex((fact) => fact.epoch === epoch)
    return first === -1 ? this.of(key).length - 1 : first - 1
  }
}
