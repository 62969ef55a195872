import { cometError } from '../errors.ts'
import type { Scalar } from './parse/ast.ts'

/** What a variable takes besides its name and its text, roughly, in characters. */
const overhead = 64

/** The variables of one session by their names; all of them together are bounded. */
export class VariableStore {
  readonly #values = new Map<string, Scalar>()
  readonly #limit: number
  #size = 0

  /** `limit`: the most characters that their names and texts have together. */
  constructor(limit: number) {
    this.#limit = limit
  }

  get(name: string): Scalar | undefined {
    return this.#values.get(name)
  }

  /** @throws CometError COMET_ERR_TOO_LONG; then the variable keeps its former value */
  set(name: string, value: Scalar): void {
    const former = this.#values.get(name)
    const size = this.#size + sizeOf(name, value) - (former === undefined ? 0 : sizeOf(name, former))
    if (size > this.#limit) {
      const column = 'What the variables of this connection hold together'
      throw cometError('COMET_ERR_TOO_LONG', { column, size, unit: 'characters', limit: this.#limit })
    }
    this.#values.set(name, value)
    this.#size = size
  }

  clear(): void {
    this.#values.clear()
    this.#size = 0
  }
}

function sizeOf(name: string, value: Scalar): number {
  return overhead + name.length + (typeof value === 'string' ? value.length : 0)
}
