const nothing = Buffer.alloc(0)

/**
 * Bytes that arrived and are not used up. Chunks are used as they are while packets arrive whole; what is cut in the
 * middle is copied, into buffers that grow with what has really arrived, not with what a header announced.
 * Slices handed out stay valid: nothing is moved or overwritten.
 */
export class ByteQueue {
  #buffer: Buffer = nothing
  #start = 0
  #end = 0

  get length(): number {
    return this.#end - this.#start
  }

  /** Appends `chunk`, which the caller MUST NOT change afterwards. `expected`: bytes that are awaited in all, if known. */
  push(chunk: Buffer, expected = 0): void {
    if (this.#start === this.#end) {
      this.#buffer = chunk
      this.#start = 0
      this.#end = chunk.length
      return
    }
    // A chunk as it came has no free end: only buffers made here are written to.
    if (this.#end + chunk.length > this.#buffer.length) this.#grow(this.length + chunk.length, expected)
    chunk.copy(this.#buffer, this.#end)
    this.#end += chunk.length
  }

  /** The byte at `index` from the front; 0 beyond the end. */
  at(index: number): number {
    return index < this.length ? (this.#buffer[this.#start + index] ?? 0) : 0
  }

  /** The little-endian number of 3 bytes at `index` from the front. */
  uint24(index: number): number {
    return this.at(index) | (this.at(index + 1) << 8) | (this.at(index + 2) << 16)
  }

  /** Whether these bytes are all that there is. */
  equals(bytes: Buffer): boolean {
    return this.#buffer.subarray(this.#start, this.#end).equals(bytes)
  }

  /** Takes `length` bytes off the front, without `skip` bytes before them; `skip + length` MUST be there. */
  take(skip: number, length: number): Buffer {
    const from = this.#start + skip
    const taken = this.#buffer.subarray(from, from + length)
    this.#start = from + length
    if (this.#start === this.#end) this.#release()
    return taken
  }

  /** An idle connection holds no chunk. */
  #release(): void {
    this.#buffer = nothing
    this.#start = 0
    this.#end = 0
  }

  #grow(needed: number, expected: number): void {
    // Doubling makes large packets cost one copy per byte on average; small ones get what they need.
    const capacity = Math.max(needed, Math.min(expected, needed * 2))
    const grown = Buffer.allocUnsafe(capacity)
    this.#buffer.copy(grown, 0, this.#start, this.#end)
    this.#end -= this.#start
    this.#start = 0
    this.#buffer = grown
  }
}
