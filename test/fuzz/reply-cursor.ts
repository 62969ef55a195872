import { inflateSync } from 'node:zlib'
import { PayloadReader } from '../../lib/mysql-server-protocol-lite/payload-reader.ts'

/** A packet, whole. */
export interface WirePacket {
  readonly sequence: number
  readonly payload: Buffer
}

/** What no server may send. */
export class Malformed extends Error {}

/** Thrown where there are no more packets: the rest has not come yet, or never will. One for all: no stack is needed. */
export const outOfPackets = new Error('no more packets')

/** Thrown where the server waits for the client, who sends nothing more. */
export const clientsTurn = new Error('the client is due')

const maxPayload = 0xffffff

/** The packets that `bytes` hold; what is incomplete at the end is left out. */
export function packetsOf(bytes: Buffer): WirePacket[] {
  const packets: WirePacket[] = []
  let parts: Buffer[] = []
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUIntLE(at, 3)
    const end = at + 4 + length
    if (end > bytes.length) break
    parts.push(bytes.subarray(at + 4, end))
    if (length < maxPayload) {
      const [first = bytes] = parts
      packets.push({
        sequence: bytes.readUInt8(at + 3),
        payload: parts.length === 1 ? first : Buffer.concat(parts),
      })
      parts = []
    }
    at = end
  }
  return packets
}

/** What the compressed frames in `bytes` hold. @throws Malformed if they hold something else than they say */
export function contentOf(bytes: Buffer): Buffer {
  const contents: Buffer[] = []
  for (let at = 0; at + 7 <= bytes.length;) {
    const start = at + 7
    const unpacked = bytes.readUIntLE(at + 4, 3)
    at = start + bytes.readUIntLE(at, 3)
    if (at > bytes.length) throw new Malformed('the last compressed frame is cut off')
    const content = bytes.subarray(start, at)
    contents.push(unpacked === 0 ? content : inflateSync(content, { maxOutputLength: unpacked }))
    if (unpacked !== 0 && contents.at(-1)?.length !== unpacked) throw new Malformed('a compressed frame is too short')
  }
  return Buffer.concat(contents)
}

/** Fields of one packet of a server. @throws Malformed beyond its end */
export function readFields<T>(payload: Buffer, read: (fields: PayloadReader) => T): T {
  try {
    const fields = new PayloadReader(payload)
    const result = read(fields)
    if (fields.remaining > 0) throw new Malformed(`${fields.remaining} bytes too many`)
    return result
  } catch (error) {
    throw new Malformed(`${String(error)} in ${payload.toString('hex', 0, 200)}`)
  }
}

/** The packets of a server in their order; each reply is numbered on from what it answers. */
export class ReplyCursor {
  readonly #packets: readonly WirePacket[]
  #at = 0
  #expected = 0

  constructor(packets: readonly WirePacket[]) {
    this.#packets = packets
  }

  /** How many packets there are left. */
  get left(): number {
    return this.#packets.length - this.#at
  }

  /** The next reply answers a packet of this number. */
  answer(sequence: number): void {
    this.#expected = (sequence + 1) & 0xff
  }

  peek(): Buffer | undefined {
    return this.#packets[this.#at]?.payload
  }

  /** @throws outOfPackets, Malformed if it has not the number that follows */
  next(): Buffer {
    const packet = this.#packets[this.#at]
    if (packet === undefined) throw outOfPackets
    if (packet.sequence !== this.#expected) {
      throw new Malformed(`packet ${this.#at} has the number ${packet.sequence} instead of ${this.#expected}`)
    }
    this.#at++
    this.#expected = (this.#expected + 1) & 0xff
    return packet.payload
  }
}
