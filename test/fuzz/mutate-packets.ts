import { Command } from '../../lib/mysql-server-protocol-lite/constants.ts'
import { mutateSql } from './mutate-sql.ts'
import type { Random } from './random.ts'
import { cutOut, type Packet, type Recording } from './recordings.ts'

/** A change of one packet, which MUST NOT change the bytes of the original. */
type PacketMutation = (packet: Packet, random: Random) => Packet

/** Numbers at which something begins or ends. */
const interestingNumbers: readonly number[] = [
  0, 1, 2, 3, 4, 7, 8, 16, 63, 64, 127, 128, 250, 251, 252, 253, 254, 255, 256, 1023, 0x7fff, 0x8000, 0xffff, 0x10000,
  0x7fffff, 0xffffff, 0x7fffffff, 0x80000000, 0xffffffff,
]

const packetMutations: readonly PacketMutation[] = [
  changed((payload, random) => {
    const at = random.below(payload.length)
    payload[at] = (payload[at] ?? 0) ^ (1 << random.below(8))
  }),
  changed((payload, random) => {
    payload[random.below(payload.length)] = random.pick(interestingNumbers) & 0xff
  }),
  changed(writeInteresting),
  (packet, random) => ({ ...packet, payload: packet.payload.subarray(0, random.below(packet.payload.length + 1)) }),
  (packet, random) => ({ ...packet, payload: inserted(packet.payload, random.bytes(12), random) }),
  (packet, random) => ({ ...packet, payload: inserted(packet.payload, piece(packet.payload, random), random) }),
  (packet, random) => ({ ...packet, payload: withoutPiece(packet.payload, random) }),
  // Another command with the same arguments.
  changed((payload, random) => {
    payload[0] = random.below(0x22)
  }),
  (packet, random) => ({ ...packet, sequence: random.pick([0, 1, 2, 255, random.below(256)]) }),
  (packet, random) => ({ ...packet, length: packet.payload.length + random.below(9) - 4 }),
  (packet, random) => ({ ...packet, length: random.pick(interestingNumbers) }),
  (packet, random) =>
    packet.unpacked === undefined ? packet : { ...packet, unpacked: random.pick(interestingNumbers) },
  withOtherSql,
  withOtherSql,
  withOtherSql,
]

function changed(change: (payload: Buffer, random: Random) => void): PacketMutation {
  return (packet, random) => {
    if (packet.payload.length === 0) return packet
    const payload = Buffer.from(packet.payload)
    change(payload, random)
    return { ...packet, payload }
  }
}

function writeInteresting(payload: Buffer, random: Random): void {
  const size = random.pick([1, 2, 3, 4])
  if (payload.length < size) return
  const limit = 2 ** (8 * size)
  payload.writeUIntLE(random.pick(interestingNumbers) % limit, random.below(payload.length - size + 1), size)
}

function piece(bytes: Buffer, random: Random): Buffer {
  const start = random.below(bytes.length + 1)
  return bytes.subarray(start, start + random.below(bytes.length - start + 1))
}

function inserted(bytes: Buffer, more: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])
}

function withoutPiece(bytes: Buffer, random: Random): Buffer {
  const start = random.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + random.below(8))])
}

function withOtherSql(packet: Packet, random: Random): Packet {
  const { payload, unpacked } = packet
  const isSql = payload[0] === Command.QUERY || payload[0] === Command.STMT_PREPARE
  if (!isSql || unpacked !== undefined) return packet
  const sql = mutateSql(payload.toString('utf8', 1), random)
  return { ...packet, payload: Buffer.concat([payload.subarray(0, 1), Buffer.from(sql)]) }
}

/** A session made of one or two recordings: a login, a few commands, some of them changed. */
export function mutateSession(recordings: readonly Recording[], random: Random): Packet[] {
  const recording = random.pick(recordings)
  const packets = [...recording.login, ...someCommands(recording, random)]
  // Frames of compressed sessions and packets of others don't mix, but servers must take that, too.
  if (random.once(8)) packets.push(...someCommands(random.pick(recordings), random))
  for (let count = 1 + random.below(3); count > 0; count--) mutateOne(packets, recording.login.length, random)
  return packets
}

function someCommands(recording: Recording, random: Random): Packet[] {
  return cutOut(recording, random.below(recording.commands.length + 1), 1 + random.below(5))
}

/** Logins are left alone mostly: after a broken one nothing else is tried. */
function mutateOne(packets: Packet[], loginPackets: number, random: Random): void {
  const first = random.once(8) ? 0 : loginPackets
  const at = Math.min(first + random.below(Math.max(1, packets.length - first)), packets.length - 1)
  const packet = packets[at]
  if (packet === undefined) return
  const kind = random.below(20)
  if (kind === 0) packets.splice(at, 1)
  else if (kind === 1) packets.splice(at, 0, packet)
  else if (kind === 2) packets.push(packet)
  else packets[at] = random.pick(packetMutations)(packet, random)
}

/** Cuts bytes at random points, mostly a few. */
export function cut(bytes: Buffer, random: Random): Buffer[] {
  const chunks: Buffer[] = []
  const most = random.pick([bytes.length, bytes.length, bytes.length, 400, 40, random.once(20) ? 1 : 200])
  for (let at = 0; at < bytes.length;) {
    const end = most === bytes.length ? bytes.length : at + 1 + random.below(most)
    chunks.push(bytes.subarray(at, end))
    at = end
  }
  return chunks
}

/** Changes raw bytes, wherever packets begin and end. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  const packet = random.pick(packetMutations.slice(0, 7))({ sequence: 0, payload: bytes }, random)
  return packet.payload
}
