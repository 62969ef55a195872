import { randomBytes } from 'node:crypto'

/** A masked frame, as a browser sends it (RFC 6455, 5.2); the first byte holds FIN, the reserved bits and the opcode. */
export function frame(firstByte: number, payload: Uint8Array): Buffer {
  const mask = randomBytes(4)
  const masked = Buffer.from(payload).map((byte, i) => byte ^ mask[i % 4]!)
  return Buffer.concat([Buffer.from([firstByte]), maskedLength(payload.length), mask, masked])
}

/** A text frame, complete in itself. */
export const text = (command: string): Buffer => frame(0x81, Buffer.from(command))

/** A frame as the server sends it. */
export interface ServerFrame {
  readonly firstByte: number
  readonly payload: Buffer
}

/** The complete frames that `bytes`, which begin with the answer to the handshake, hold. @throws where one is masked */
export function serverFrames(bytes: Buffer): readonly ServerFrame[] {
  const frames: ServerFrame[] = []
  let at = bytes.indexOf('\r\n\r\n') + 4
  while (at >= 4 && at + 2 <= bytes.length) {
    const short = bytes[at + 1]!
    if (short > 127) throw new Error('The server masked a frame')
    const start = at + (short === 127 ? 10 : short === 126 ? 4 : 2)
    if (start > bytes.length) break
    const length =
      short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short === 126 ? bytes.readUInt16BE(at + 2) : short
    if (start + length > bytes.length) break
    frames.push({ firstByte: bytes[at]!, payload: bytes.subarray(start, start + length) })
    at = start + length
  }
  return frames
}

/** The shortest form of a length, with the bit that announces a mask. */
function maskedLength(length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | length])
  const bytes = Buffer.alloc(length < 65_536 ? 3 : 9)
  bytes[0] = length < 65_536 ? 0xfe : 0xff
  bytes.writeUIntBE(length, bytes.length - (length < 65_536 ? 2 : 6), length < 65_536 ? 2 : 6)
  return bytes
}
