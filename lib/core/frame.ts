import { encodeMessage, type Form, type OutgoingMessage } from '../wire/messages.ts'

/** Bytes that go to many connections: built once, when the first of them asks. */
export class Frame {
  /** One or more lines, joined by a line break. */
  readonly text: string
  #webSocket: Buffer | undefined
  #serverSentEvent: Buffer | undefined
  #list: Buffer | undefined

  constructor(text: string) {
    this.text = text
  }

  /** A whole unmasked WebSocket text frame (RFC 6455, 5.2), header and payload in one Buffer: one chunk, one write. */
  get webSocket(): Buffer {
    this.#webSocket ??= webSocketFrame(this.text)
    return this.#webSocket
  }

  /** One event of an event stream (HTML Standard, 9.2.6): the browser joins its `data` lines by line breaks again. */
  get serverSentEvent(): Buffer {
    this.#serverSentEvent ??= Buffer.from(`data: ${this.text.replaceAll('\n', '\ndata: ')}\n\n`)
    return this.#serverSentEvent
  }

  /** The lines as the elements of a JSON array, without its brackets: a line break stands only between two lines. */
  get list(): Buffer {
    this.#list ??= Buffer.from(this.text.replaceAll('\n', ','))
    return this.#list
  }
}

/** About how much a line has besides its data, in characters: names, ids and times, as JSON. */
const aroundData = 100

/** One message on its way out, put into each form at most once. */
export class Line {
  /** Its place in the history of its pipe; undefined where there is none. */
  readonly offset: number | undefined
  readonly #message: OutgoingMessage
  #form3: string | undefined
  #form4: string | undefined
  #form5: string | undefined

  constructor(message: OutgoingMessage, offset?: number) {
    this.#message = message
    this.offset = offset
  }

  get event(): string {
    return this.#message.event
  }

  /** About how long the line is, in characters; known before it is built. */
  get size(): number {
    return this.#message.data.length + aroundData
  }

  /** The JSON line that clients of `form` read. */
  text(form: Form): string {
    if (form === 4) return (this.#form4 ??= encodeMessage(this.#message, 4))
    if (form === 5) return (this.#form5 ??= encodeMessage(this.#message, 5))
    return (this.#form3 ??= encodeMessage(this.#message, 3))
  }
}

/**
 * What waits for a session in this turn of the event loop: a list of lines that never changes, made by adding to the end of
 * another one. Sessions to which the same happened hold the same Batch, so its bytes are built once for all of them.
 */
export class Batch {
  readonly #before: Batch | undefined
  readonly #lines: readonly Line[]
  #form3: Frame | undefined
  #form4: Frame | undefined
  #form5: Frame | undefined
  #lastAdded: readonly Line[] | undefined
  #lastResult: Batch | undefined

  constructor(lines: readonly Line[], before?: Batch) {
    this.#lines = lines
    this.#before = before
  }

  /** This batch and then `lines`. Asking for the same again gives the same object: that is what makes sharing work. */
  with(lines: readonly Line[]): Batch {
    if (this.#lastAdded !== lines || this.#lastResult === undefined) {
      this.#lastAdded = lines
      this.#lastResult = new Batch(lines, this)
    }
    return this.#lastResult
  }

  /** The lines in the form of one write. */
  frame(form: Form): Frame {
    if (form === 4) return (this.#form4 ??= new Frame(this.#text(4)))
    if (form === 5) return (this.#form5 ??= new Frame(this.#text(5)))
    return (this.#form3 ??= new Frame(this.#text(3)))
  }

  /** From the last line to the first: a batch knows only the one before it. */
  #text(form: Form): string {
    let text = linesBefore('', this.#lines, form)
    for (let batch = this.#before; batch !== undefined; batch = batch.#before) {
      text = linesBefore(text, batch.#lines, form)
    }
    return text
  }
}

function linesBefore(text: string, lines: readonly Line[], form: Form): string {
  let all = text
  for (let i = lines.length - 1; i >= 0; i--) {
    const line = lines[i]?.text(form) ?? ''
    all = all === '' ? line : `${line}\n${all}`
  }
  return all
}

const textFrame = 0x81 // FIN and opcode 1
const length16 = 126
const length64 = 127

function webSocketFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const header = length < length16 ? 2 : length <= 0xffff ? 4 : 10
  const frame = Buffer.allocUnsafe(header + length)
  frame[0] = textFrame
  if (header === 2) frame[1] = length
  else if (header === 4) {
    frame[1] = length16
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = length64
    frame.writeUInt32BE(Math.floor(length / 0x1_0000_0000), 2)
    frame.writeUInt32BE(length % 0x1_0000_0000, 6)
  }
  frame.write(text, header)
  return frame
}
