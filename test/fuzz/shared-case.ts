import type { Case } from './fuzzer.ts'

const maxBytes = 4 * 1024 * 1024
const headerInts = 4

/**
 * The case that a worker runs, in memory that the main thread sees, too: of a case that never ends, or takes all memory,
 * nobody else could tell.
 */
export class SharedCase {
  readonly memory: SharedArrayBuffer
  readonly #header: Int32Array
  readonly #bytes: Buffer

  constructor(memory = new SharedArrayBuffer(headerInts * 4 + maxBytes)) {
    this.memory = memory
    this.#header = new Int32Array(memory, 0, headerInts)
    this.#bytes = Buffer.from(memory, headerInts * 4)
  }

  /** How many cases there were: it stands still when a case hangs. */
  get count(): number {
    return Atomics.load(this.#header, 0)
  }

  /** The case that was put last; of a session the bytes without where they were cut. */
  get current(): Case {
    const bytes = Buffer.from(this.#bytes.subarray(0, this.#header[2]))
    if (this.#header[1] === 0) return { kind: 'sql', sql: bytes.toString() }
    return { kind: 'wire', chunks: [bytes], isSlow: this.#header[3] === 1 }
  }

  readonly put = (next: Case): void => {
    this.#header[1] = next.kind === 'wire' ? 1 : 0
    this.#header[2] = next.kind === 'sql' ? this.#bytes.write(next.sql) : this.#putChunks(next.chunks)
    this.#header[3] = next.kind === 'wire' && next.isSlow ? 1 : 0
    Atomics.add(this.#header, 0, 1)
  }

  #putChunks(chunks: readonly Buffer[]): number {
    let at = 0
    for (const chunk of chunks) at += chunk.copy(this.#bytes, at)
    return at
  }
}
