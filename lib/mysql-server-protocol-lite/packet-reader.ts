import { ByteQueue } from './byte-queue.ts'
import { maxPayloadBytes } from './constants.ts'
import { MysqlError } from './errors.ts'

const headerBytes = 4

/**
 * Cuts the byte stream into packets: 3 bytes length, 1 byte sequence number, payload; a payload of 0xffffff bytes goes on
 * in the next packet (MySQL internals: "MySQL Packets"). Synchronous, and knows no socket.
 */
export class PacketReader {
  readonly #bytes = new ByteQueue()
  #parts: Buffer[] = []
  #partBytes = 0
  #expected = 0

  /** Compressed frames carry numbers of their own; within them, clients number packets as they like. */
  checksSequence = true

  /** The largest payload taken, in bytes, judged by the header, before anything is buffered. */
  maxPacketBytes: number

  constructor(maxPacketBytes: number) {
    this.maxPacketBytes = maxPacketBytes
  }

  /** The sequence number that follows the last packet read: the one a reply starts with. */
  get nextSequence(): number {
    return this.#expected
  }

  /** Whether a packet has begun to arrive, but not all of it. */
  get isWithinPacket(): boolean {
    return this.#bytes.length > 0 || this.#parts.length > 0
  }

  /** Appends what arrived. The caller MUST NOT change `chunk` afterwards. */
  push(chunk: Buffer): void {
    const bytes = this.#bytes
    bytes.push(chunk, bytes.length < headerBytes ? 0 : headerBytes + bytes.uint24(0))
  }

  /** Whether these bytes are all that was pushed and not read. */
  holds(bytes: Buffer): boolean {
    return this.#bytes.equals(bytes)
  }

  /** The bytes that were pushed and not read, for whoever reads the stream from here on. */
  takeRest(): Buffer {
    return this.#bytes.take(0, this.#bytes.length)
  }

  /** Says which number the next packet carries: 0 at the start of a command. Not to be called within a packet. */
  expect(sequence: number): void {
    if (this.#parts.length === 0) this.#expected = sequence
  }

  /**
   * The next payload, or undefined until all of it has arrived.
   * @throws MysqlError 1153 if it is larger than `maxPacketBytes`, 1156 if its number is not the expected one. The stream
   * can't be read any further then.
   */
  next(): Buffer | undefined {
    const bytes = this.#bytes
    while (bytes.length >= headerBytes) {
      const length = bytes.uint24(0)
      this.#check(length, bytes.at(3))
      if (bytes.length < headerBytes + length) return undefined
      this.#expected = (bytes.at(3) + 1) & 0xff
      const payload = bytes.take(headerBytes, length)
      if (length < maxPayloadBytes) return this.#parts.length === 0 ? payload : this.#join(payload)
      this.#parts.push(payload)
      this.#partBytes += length
    }
    return undefined
  }

  #check(length: number, sequence: number): void {
    if (this.#partBytes + length > this.maxPacketBytes) {
      throw new MysqlError(
        `Got a packet of ${this.#partBytes + length} bytes or more; the limit (max_allowed_packet) is ${this.maxPacketBytes}`,
        1153,
        '08S01',
      )
    }
    if (this.checksSequence && sequence !== this.#expected) {
      throw new MysqlError(
        `Got packets out of order: number ${sequence} where ${this.#expected} was expected`,
        1156,
        '08S01',
      )
    }
  }

  #join(last: Buffer): Buffer {
    const whole = Buffer.concat([...this.#parts, last])
    this.#parts = []
    this.#partBytes = 0
    return whole
  }
}
