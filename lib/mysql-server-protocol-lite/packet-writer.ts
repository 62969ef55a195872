import { maxPayloadBytes } from './constants.ts'

const headerBytes = 4
const firstCapacity = 256
const nothing = Buffer.alloc(0)
/** Up to here, the most bytes that a text can have are reserved; beyond, they are counted. */
const shortText = 1024

/**
 * Builds packets one after the other in one buffer, so that the replies to many commands leave in one write. Fields are
 * those of MySQL internals: "Basic Data Types".
 */
export class PacketWriter {
  #buffer: Buffer = nothing
  #length = 0
  /** Where the header of the open packet is; -1 between packets. */
  #packet = -1

  /** The number of the next packet; the connection sets it at the start of each reply. */
  sequence = 0

  /** Bytes gathered and not taken. */
  get length(): number {
    return this.#length
  }

  /** Takes the gathered packets; the buffer is the caller's. Not within a packet. */
  take(): Buffer {
    const bytes = this.#buffer.subarray(0, this.#length)
    this.#buffer = nothing
    this.#length = 0
    return bytes
  }

  begin(): void {
    this.#packet = this.#length
    this.#reserve(headerBytes)
    this.#length += headerBytes
  }

  /** Completes the open packet; a large payload is cut, the last part being shorter than 0xffffff, 0 bytes if need be. */
  end(): void {
    const payload = this.#packet + headerBytes
    const continuations = Math.floor((this.#length - payload) / maxPayloadBytes)
    if (continuations > 0) this.#makeGaps(payload, continuations)
    let header = this.#packet
    for (let part = 0; part < continuations; part++) {
      this.#header(header, maxPayloadBytes)
      header += headerBytes + maxPayloadBytes
    }
    this.#header(header, this.#length - header - headerBytes)
    this.#packet = -1
  }

  /** Forgets the open packet, if there is one: what threw half-way through it must not leave its bytes behind. */
  abort(): void {
    if (this.#packet !== -1) this.#length = this.#packet
    this.#packet = -1
  }

  uint8(value: number): void {
    this.#reserve(1)
    this.#buffer[this.#length++] = value
  }

  uint16(value: number): void {
    this.#reserve(2)
    this.#buffer[this.#length++] = value
    this.#buffer[this.#length++] = value >>> 8
  }

  uint24(value: number): void {
    this.uint16(value)
    this.uint8(value >>> 16)
  }

  uint32(value: number): void {
    this.uint16(value)
    this.uint16(value >>> 16)
  }

  /** 64 bits in two's complement: also for signed values. */
  uint64(value: bigint): void {
    this.#reserve(8)
    this.#length = this.#buffer.writeBigUInt64LE(BigInt.asUintN(64, value), this.#length)
  }

  double(value: number): void {
    this.#reserve(8)
    this.#length = this.#buffer.writeDoubleLE(value, this.#length)
  }

  zeros(count: number): void {
    this.#reserve(count)
    this.#buffer.fill(0, this.#length, this.#length + count)
    this.#length += count
  }

  lengthEncoded(value: number | bigint): void {
    if (value < 0xfb) {
      this.uint8(Number(value))
    } else if (value <= 0xffff) {
      this.uint8(0xfc)
      this.uint16(Number(value))
    } else if (value <= 0xffffff) {
      this.uint8(0xfd)
      this.uint24(Number(value))
    } else {
      this.uint8(0xfe)
      this.uint64(BigInt(value))
    }
  }

  bytes(value: Buffer): void {
    this.#reserve(value.length)
    value.copy(this.#buffer, this.#length)
    this.#length += value.length
  }

  lengthEncodedBytes(value: Buffer): void {
    this.lengthEncoded(value.length)
    this.bytes(value)
  }

  /** Text as UTF-8, to the end of the packet. */
  text(value: string): void {
    this.#reserve(value.length > shortText ? Buffer.byteLength(value) : value.length * 3)
    this.#length += this.#buffer.write(value, this.#length)
  }

  nullTerminated(value: string): void {
    this.text(value)
    this.uint8(0)
  }

  lengthEncodedText(value: string): void {
    const most = value.length * 3
    if (most >= 0xfb) {
      this.lengthEncoded(Buffer.byteLength(value))
      this.text(value)
      return
    }
    // A UTF-16 unit is at most 3 bytes of UTF-8: the length fits into one byte whatever the text is, one pass will do.
    this.#reserve(1 + most)
    const written = this.#buffer.write(value, this.#length + 1)
    this.#buffer[this.#length] = written
    this.#length += 1 + written
  }

  #header(at: number, length: number): void {
    this.#buffer.writeUIntLE(length, at, 3)
    this.#buffer[at + 3] = this.sequence
    this.sequence = (this.sequence + 1) & 0xff
  }

  #makeGaps(payload: number, count: number): void {
    this.#reserve(count * headerBytes)
    for (let part = count; part > 0; part--) {
      const from = payload + part * maxPayloadBytes
      const end = part === count ? this.#length : from + maxPayloadBytes
      this.#buffer.copyWithin(from + part * headerBytes, from, end)
    }
    this.#length += count * headerBytes
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#buffer.length) return
    const grown = Buffer.allocUnsafe(Math.max(firstCapacity, needed, this.#buffer.length * 2))
    this.#buffer.copy(grown, 0, 0, this.#length)
    this.#buffer = grown
  }
}
