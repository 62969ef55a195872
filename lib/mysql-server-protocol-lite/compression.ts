import { constants, deflateSync, inflateSync } from 'node:zlib'
import { ByteQueue } from './byte-queue.ts'
import { maxPayloadBytes } from './constants.ts'
import { MysqlError } from './errors.ts'

const headerBytes = 7
/** Shorter content is sent as it is, as MySQL does. */
const minCompressedBytes = 50

/**
 * The frames of CLIENT_COMPRESS: 3 bytes length, 1 byte sequence number, 3 bytes length before compression (0: not
 * compressed), zlib data (MySQL internals: "Compressed Packet"). Packets go on from frame to frame as they like.
 */
export class Compression {
  readonly #bytes = new ByteQueue()
  readonly #maxContentBytes: number
  /** The number of the next frame sent: replies go on counting where the client's frames ended. */
  sequence = 0

  /** `maxContentBytes`: the most that one frame may unpack to. */
  constructor(maxContentBytes: number) {
    this.#maxContentBytes = maxContentBytes
  }

  /** Whether a frame has begun to arrive, but not all of it. */
  get isWithinFrame(): boolean {
    return this.#bytes.length > 0
  }

  push(chunk: Buffer): void {
    const bytes = this.#bytes
    bytes.push(chunk, bytes.length < headerBytes ? 0 : headerBytes + bytes.uint24(0))
  }

  /** Whether these bytes, which are too few to be compressed, are all that was pushed and not read. */
  holds(content: Buffer): boolean {
    return this.#bytes.equals(Buffer.concat([Buffer.of(content.length, 0, 0, 0, 0, 0, 0), content]))
  }

  /** Starts a reply to a command that came in the same frame as the one before. */
  restart(): void {
    this.sequence = 1
  }

  /**
   * The content of the next frame, or undefined until all of it has arrived.
   * @throws MysqlError 1153 if it unpacks to more than is allowed, 1157 if it can't be unpacked
   */
  next(): Buffer | undefined {
    const bytes = this.#bytes
    if (bytes.length < headerBytes) return undefined
    const length = bytes.uint24(0)
    const contentLength = bytes.uint24(4)
    this.#check(Math.max(length, contentLength))
    if (bytes.length < headerBytes + length) return undefined
    this.sequence = (bytes.at(3) + 1) & 0xff
    const content = bytes.take(headerBytes, length)
    return contentLength === 0 ? content : inflate(content, contentLength)
  }

  /** The frames for `packets`. */
  pack(packets: Buffer): Buffer {
    const frames: Buffer[] = []
    for (let start = 0; start < packets.length; start += maxPayloadBytes) {
      frames.push(...this.#frame(packets.subarray(start, start + maxPayloadBytes)))
    }
    return Buffer.concat(frames)
  }

  #frame(content: Buffer): Buffer[] {
    const packed =
      content.length < minCompressedBytes ? content : deflateSync(content, { level: constants.Z_BEST_SPEED })
    const isSmaller = packed.length < content.length
    const body = isSmaller ? packed : content
    const header = Buffer.alloc(headerBytes)
    header.writeUIntLE(body.length, 0, 3)
    header.writeUInt8(this.sequence, 3)
    header.writeUIntLE(isSmaller ? content.length : 0, 4, 3)
    this.sequence = (this.sequence + 1) & 0xff
    return [header, body]
  }

  #check(length: number): void {
    if (length <= this.#maxContentBytes) return
    throw new MysqlError(
      `Got a compressed packet of ${length} bytes; the limit (max_allowed_packet) is ${this.#maxContentBytes}`,
      1153,
      '08S01',
    )
  }
}

/** Never unpacks more than was announced, so that a few bytes can't grow into gigabytes. */
function inflate(content: Buffer, length: number): Buffer {
  try {
    const unpacked = inflateSync(content, { maxOutputLength: length })
    if (unpacked.length === length) return unpacked
  } catch {
    // The client hears the same in either case.
  }
  throw new MysqlError('Cannot uncompress a packet: it does not hold what its header says', 1157, '08S01')
}
