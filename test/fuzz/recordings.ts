import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Capability, Command, lastPreparedId } from '../../lib/mysql-server-protocol-lite/constants.ts'

/** One packet of a client; of a client that compresses, one frame. */
export interface Packet {
  readonly sequence: number
  readonly payload: Buffer
  /** The length before compression, of a frame. */
  readonly unpacked?: number
  /** What the header says instead of the payload's length. */
  readonly length?: number
}

/** What one client sent over one connection. */
export interface Recording {
  readonly name: string
  readonly login: readonly Packet[]
  readonly commands: readonly Packet[]
}

const folder = join(import.meta.dirname, 'corpus')

/** The recordings that record.ts made. */
export function readRecordings(): Recording[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.bin'))
  return names.sort().map((name) => ({ name, ...split(readFileSync(join(folder, name))) }))
}

/** The login is numbered from 1 on, in step with the server; each command begins with 0. */
function split(bytes: Buffer): Omit<Recording, 'name'> {
  const login: Packet[] = []
  const commands: Packet[] = []
  const compresses = (bytes.readUInt32LE(4) & Capability.COMPRESS) !== 0
  for (let at = 0; at < bytes.length;) {
    const sequence = bytes.readUInt8(at + 3)
    const isLogin = commands.length === 0 && sequence > 0
    const headerBytes = compresses && !isLogin ? 7 : 4
    const start = at + headerBytes
    at = start + bytes.readUIntLE(at, 3)
    const payload = bytes.subarray(start, at)
    const unpacked = headerBytes === 7 ? { unpacked: bytes.readUIntLE(start - 3, 3) } : {}
    ;(isLogin ? login : commands).push({ sequence, payload, ...unpacked })
  }
  return { login, commands }
}

/** The bytes of packets as they go over the wire. */
export function wireBytes(packets: readonly Packet[]): Buffer {
  return Buffer.concat(packets.flatMap(packetBytes))
}

function packetBytes({ sequence, payload, unpacked, length = payload.length }: Packet): Buffer[] {
  const header = Buffer.alloc(unpacked === undefined ? 4 : 7)
  header.writeUIntLE(length & 0xffffff, 0, 3)
  header.writeUInt8(sequence & 0xff, 3)
  if (unpacked !== undefined) header.writeUIntLE(unpacked & 0xffffff, 4, 3)
  return [header, payload]
}

const withStatementId: ReadonlySet<number | undefined> = new Set([
  Command.STMT_EXECUTE,
  Command.STMT_SEND_LONG_DATA,
  Command.STMT_CLOSE,
  Command.STMT_RESET,
  Command.STMT_FETCH,
])

/**
 * Some of the commands of a recording, `count` from `start` on. What belongs to a prepared statement names the last one
 * prepared: in another session it has another number.
 */
export function cutOut({ commands }: Recording, start: number, count: number): Packet[] {
  return commands.slice(start, start + count).map((packet) => {
    const { payload, unpacked } = packet
    if (unpacked !== undefined || payload.length < 5 || !withStatementId.has(payload[0])) return packet
    const renamed = Buffer.from(payload)
    renamed.writeUInt32LE(lastPreparedId, 1)
    return { ...packet, payload: renamed }
  })
}
