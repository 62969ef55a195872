import { malformedPacket } from './errors.ts'

/**
 * Reads the fields of one payload from front to back (MySQL internals: "Basic Data Types"). A field that reaches beyond
 * the end throws MysqlError 1835.
 */
export class PayloadReader {
  readonly #bytes: Buffer
  #offset: number

  constructor(bytes: Buffer, offset = 0) {
    this.#bytes = bytes
    this.#offset = offset
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#advance(1))
  }

  uint16(): number {
    return this.#bytes.readUInt16LE(this.#advance(2))
  }

  uint32(): number {
    return this.#bytes.readUInt32LE(this.#advance(4))
  }

  int8(): number {
    return this.#bytes.readInt8(this.#advance(1))
  }

  int16(): number {
    return this.#bytes.readInt16LE(this.#advance(2))
  }

  int32(): number {
    return this.#bytes.readInt32LE(this.#advance(4))
  }

  uint64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#advance(8))
  }

  int64(): bigint {
    return this.#bytes.readBigInt64LE(this.#advance(8))
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#advance(4))
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#advance(8))
  }

  /** A length-encoded integer. Lengths above 2^53 can't be in any packet and count as malformed by what follows. */
  lengthEncoded(): number {
    const first = this.uint8()
    if (first < 0xfb) return first
    if (first === 0xfc) return this.uint16()
    if (first === 0xfd) return this.uint8() | (this.uint16() << 8)
    if (first === 0xfe) return Number(this.uint64())
    throw malformedPacket(`0x${first.toString(16)} is not the start of a length`)
  }

  bytes(length: number): Buffer {
    const from = this.#advance(length)
    return this.#bytes.subarray(from, from + length)
  }

  lengthEncodedBytes(): Buffer {
    return this.bytes(this.lengthEncoded())
  }

  /** Text up to a zero byte; some clients leave out the last one of a packet. */
  nullTerminated(): string {
    const zero = this.#bytes.indexOf(0, this.#offset)
    const end = zero === -1 ? this.#bytes.length : zero
    const text = this.#bytes.toString('utf8', this.#offset, end)
    this.#offset = Math.min(end + 1, this.#bytes.length)
    return text
  }

  rest(): Buffer {
    return this.bytes(this.remaining)
  }

  #advance(length: number): number {
    const from = this.#offset
    if (length > this.remaining) throw malformedPacket(`a field of ${length} bytes, and ${this.remaining} are left`)
    this.#offset += length
    return from
  }
}
