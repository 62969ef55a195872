import {
  Capability,
  Command,
  FieldType,
  offeredCapabilities,
  Status,
} from '../../lib/mysql-server-protocol-lite/constants.ts'
import type { PayloadReader } from '../../lib/mysql-server-protocol-lite/payload-reader.ts'
import {
  clientsTurn,
  contentOf,
  Malformed,
  outOfPackets,
  packetsOf,
  readFields,
  ReplyCursor,
  type WirePacket,
} from './reply-cursor.ts'

/** What the replies to a session say about the server. */
export interface Verdict {
  /** Whether everything that was asked has its answer, or the server has closed. */
  readonly isAnswered: boolean
  /** What was asked and how it ended, each in a short word: what tells one case from another. */
  readonly trace: readonly string[]
}

/**
 * Reads a session from both sides: what the client sent, and what the server answered until now. `hasEnded`: the server
 * has closed its side.
 * @throws Malformed if an answer is wrong: cut off, out of order, not in the form that belongs to the question, or one too many
 */
export function judge(sent: Buffer, received: Buffer, hasEnded: boolean): Verdict {
  return new Judge(sent, received, hasEnded).run()
}

class Judge {
  readonly #sent: Buffer
  readonly #received: Buffer
  readonly #questions: readonly WirePacket[]
  readonly #hasEnded: boolean
  readonly #trace: string[] = []
  #replies: ReplyCursor
  #asked = 0
  #capabilities = 0

  constructor(sent: Buffer, received: Buffer, hasEnded: boolean) {
    this.#sent = sent
    this.#received = received
    this.#questions = packetsOf(sent)
    this.#hasEnded = hasEnded
    this.#replies = new ReplyCursor(packetsOf(received))
  }

  run(): Verdict {
    let isAnswered = true
    try {
      if (this.#logIn()) this.#commands()
    } catch (error) {
      const isOut = error === outOfPackets || error === clientsTurn
      if (!isOut && !this.#isLastWord()) throw error
      isAnswered = this.#hasEnded || error === clientsTurn
    }
    if (isAnswered && this.#replies.left > 0 && !this.#isLastWord()) {
      throw new Malformed(`${this.#replies.left} packets too many after ${this.#trace.join(' ')}`)
    }
    return { isAnswered, trace: this.#trace }
  }

  /** An error about the stream itself: it may come at any point, under any number, and nothing follows it. */
  #isLastWord(): boolean {
    const isLast = this.#hasEnded && this.#replies.left === 1 && this.#replies.peek()?.[0] === 0xff
    if (isLast) this.#trace.push(`end:${errorCode(this.#replies.peek() ?? Buffer.alloc(0))}`)
    return isLast
  }

  /** The next packet that the client sent; undefined after the last one that is whole. */
  #ask(): WirePacket | undefined {
    const question = this.#questions[this.#asked++]
    if (question !== undefined) this.#replies.answer(question.sequence)
    return question
  }

  /** Whether commands follow. */
  #logIn(): boolean {
    this.#replies.answer(-1)
    if (this.#replies.next()[0] !== 10) throw new Malformed('the server does not greet')
    const login = this.#ask()
    if (login === undefined) return false
    this.#capabilities = login.payload.length < 4 ? 0 : login.payload.readUInt32LE(0) & offeredCapabilities
    if (!this.#authenticate()) return false
    return (this.#capabilities & Capability.COMPRESS) === 0 || this.#compressed()
  }

  /** The answer to a login: perhaps the question for another proof, perhaps "the proof is right", then OK or an error. */
  #authenticate(): boolean {
    let reply = this.#replies.next()
    if (reply[0] === 0xfe) {
      this.#trace.push('switch')
      if (this.#ask() === undefined) throw clientsTurn
      reply = this.#replies.next()
    }
    if (reply[0] === 1) reply = this.#replies.next()
    this.#note('login', reply)
    if (reply[0] === 0xff) return false
    this.#okStatus(reply)
    return true
  }

  /** Of compressed answers only their form is looked at. Always false: no commands can be told. */
  #compressed(): boolean {
    const loginBytes = this.#received.length - this.#bytesLeft()
    const packets = packetsOf(contentOf(this.#received.subarray(loginBytes)))
    for (const { payload } of packets) this.#trace.push(`z${payload[0] === 0xff ? errorCode(payload) : ''}`)
    this.#replies = new ReplyCursor([])
    return false
  }

  /** What came after the packets that were read: 4 bytes of header each. */
  #bytesLeft(): number {
    let at = 0
    for (let count = packetsOf(this.#received).length - this.#replies.left; count > 0; count--) {
      at += 4 + this.#received.readUIntLE(at, 3)
    }
    return this.#received.length - at
  }

  #commands(): void {
    for (let question = this.#ask(); question !== undefined; question = this.#ask()) {
      // Out of step: the server must hang up, with an error.
      if (question.sequence !== 0) throw outOfPackets
      if (question.payload[0] === Command.QUIT) {
        this.#trace.push('quit')
        if (!this.#hasEnded) throw outOfPackets
        return
      }
      this.#answer(question.payload)
    }
    if (this.#sent.length === 0) throw new Malformed('an answer without a question')
  }

  #answer(question: Buffer): void {
    const command = question[0]
    switch (command) {
      case Command.STMT_CLOSE:
      case Command.STMT_SEND_LONG_DATA:
        return
      case Command.CHANGE_USER:
        if (!this.#authenticate()) throw outOfPackets
        return
      case Command.QUERY:
      case Command.PROCESS_INFO:
        while (this.#result(command, textRow));
        return
      case Command.STMT_EXECUTE:
        this.#result(command, binaryRow)
        return
      case Command.STMT_PREPARE:
        this.#prepared()
        return
      case Command.STMT_FETCH:
      case Command.FIELD_LIST:
        this.#rows(command, () => undefined)
        return
      case Command.STATISTICS:
        this.#note(command, this.#replies.next())
        return
      default:
        this.#simple(command ?? -1)
    }
  }

  /** OK, EOF or an error. */
  #simple(command: number): void {
    const reply = this.#replies.next()
    this.#note(command, reply)
    if (reply[0] === 0) this.#okStatus(reply)
    else if (reply[0] !== 0xff && (reply[0] !== 0xfe || reply.length !== 5)) throw unexpected('OK, EOF or error', reply)
  }

  /** OK, error, or rows. Returns whether another result follows. */
  #result(command: number, row: RowCheck): boolean {
    const reply = this.#replies.next()
    if (reply[0] === 0 || reply[0] === 0xff) {
      this.#note(command, reply)
      return reply[0] === 0 && hasMore(this.#okStatus(reply))
    }
    const count = readFields(reply, (fields) => lengthEncoded(fields))
    const types = this.#columns(count)
    if (!this.#deprecatesEof) {
      const status = this.#eofStatus(this.#replies.next())
      if ((status & Status.CURSOR_EXISTS) !== 0) return false
    }
    return hasMore(this.#rows(command, (payload) => row(payload, types)))
  }

  get #deprecatesEof(): boolean {
    return (this.#capabilities & Capability.DEPRECATE_EOF) !== 0
  }

  #columns(count: number): number[] {
    return Array.from({ length: count }, () => readFields(this.#replies.next(), columnType))
  }

  /** Rows, or listed fields, up to what ends them; returns the status. */
  #rows(command: number, check: (payload: Buffer) => void): number {
    let count = 0
    for (;;) {
      const reply = this.#replies.next()
      if (reply[0] === 0xff || (reply[0] === 0xfe && reply.length < 10)) {
        this.#trace.push(`${command}:${reply[0] === 0xff ? errorCode(reply) : `rows${Math.min(count, 3)}`}`)
        if (reply[0] === 0xff) return 0
        return this.#deprecatesEof ? this.#okStatus(reply) : this.#eofStatus(reply)
      }
      count++
      check(reply)
    }
  }

  /** COM_STMT_PREPARE_OK, with the definitions of the parameters and of the columns. */
  #prepared(): void {
    const reply = this.#replies.next()
    this.#note(Command.STMT_PREPARE, reply)
    if (reply[0] === 0xff) return
    if (reply[0] !== 0 || reply.length !== 12) throw unexpected('COM_STMT_PREPARE_OK', reply)
    for (const count of [reply.readUInt16LE(7), reply.readUInt16LE(5)]) {
      this.#columns(count)
      if (count > 0 && !this.#deprecatesEof) this.#eofStatus(this.#replies.next())
    }
  }

  #note(command: number | string, reply: Buffer): void {
    this.#trace.push(`${command}:${reply[0] === 0xff ? errorCode(reply) : 'ok'}`)
  }

  #okStatus(reply: Buffer): number {
    if (reply[0] !== 0 && reply[0] !== 0xfe) throw unexpected('OK', reply)
    return readFields(reply, (fields) => {
      fields.uint8()
      lengthEncoded(fields)
      lengthEncoded(fields)
      const status = fields.uint16()
      fields.uint16()
      if (fields.remaining > 0) fields.lengthEncodedBytes()
      return status
    })
  }

  #eofStatus(reply: Buffer): number {
    if (reply[0] !== 0xfe || reply.length !== 5) throw unexpected('EOF', reply)
    return reply.readUInt16LE(3)
  }
}

type RowCheck = (payload: Buffer, types: readonly number[]) => void

function textRow(payload: Buffer, types: readonly number[]): void {
  readFields(payload, (fields) => {
    for (let count = types.length; count > 0; count--) skipText(fields)
  })
}

function binaryRow(payload: Buffer, types: readonly number[]): void {
  readFields(payload, (fields) => {
    if (fields.uint8() !== 0) throw new Malformed('a binary row begins with 0')
    const nulls = fields.bytes((types.length + 9) >> 3)
    for (const [index, type] of types.entries()) {
      const bit = index + 2
      if ((((nulls[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 0) skipBinary(fields, type)
    }
  })
}

function skipBinary(fields: PayloadReader, type: number): void {
  if (type === FieldType.LONG) fields.uint32()
  else if (type === FieldType.LONGLONG || type === FieldType.DOUBLE) fields.bytes(8)
  else fields.lengthEncodedBytes()
}

/** A length-encoded text, or NULL. */
function skipText(fields: PayloadReader): void {
  const first = fields.uint8()
  if (first !== 0xfb) fields.bytes(lengthFrom(first, fields))
}

function lengthEncoded(fields: PayloadReader): number {
  return lengthFrom(fields.uint8(), fields)
}

function lengthFrom(first: number, fields: PayloadReader): number {
  if (first < 0xfb) return first
  if (first === 0xfc) return fields.uint16()
  if (first === 0xfd) return fields.bytes(3).readUIntLE(0, 3)
  if (first === 0xfe) return Number(fields.uint64())
  throw new Malformed(`${first} begins no length`)
}

/** Reads a column definition; returns the type. */
function columnType(fields: PayloadReader): number {
  if (fields.lengthEncodedBytes().toString() !== 'def') throw new Malformed('a column definition begins with "def"')
  for (let texts = 0; texts < 5; texts++) fields.lengthEncodedBytes()
  if (fields.uint8() !== 0x0c) throw new Malformed('the fixed fields of a column definition are 12 bytes')
  fields.bytes(6)
  const type = fields.uint8()
  fields.bytes(5)
  return type
}

function hasMore(status: number): boolean {
  return (status & Status.MORE_RESULTS_EXIST) !== 0
}

function errorCode(reply: Buffer): string {
  if (reply.length < 9 || reply[3] !== 0x23) throw unexpected('an error', reply)
  // Two errors of one number differ by their words.
  return `e${reply.readUInt16LE(1)}${reply.toString('latin1', 9, 21).replace(/[^A-Za-z ]/g, '')}`
}

function unexpected(wanted: string, reply: Buffer): Malformed {
  return new Malformed(`${wanted} was due, not ${reply.toString('hex', 0, 100)}`)
}
