import type { IncomingMessage } from 'node:http'
import type { TransportLimitName } from './transport.ts'

/** What a body of commands may be. */
export interface BodyLimits {
  /** Bytes of the whole body. */
  readonly maxBodyBytes: number
  /** How long it may take to come, in milliseconds. */
  readonly bodyTimeoutMs: number
}

/** As many commands may wait for a session in the core; more would end it. */
const maxCommands = 1000

/** As much of a body that is wrong is repeated, in characters. */
const maxExcerpt = 64

/** A body that is not taken: the status to answer with, a sentence, and which limit says so, if one does. */
export class BodyError extends Error {
  readonly status: number
  readonly limit: TransportLimitName | undefined

  constructor(status: number, sentence: string, limit?: TransportLimitName) {
    super(sentence)
    this.status = status
    this.limit = limit
  }
}

/**
 * The commands in the body of a request: a JSON array of texts, each as one WebSocket text frame would be.
 * @throws BodyError; another error where the browser went away before the end
 */
export async function readCommands(request: IncomingMessage, limits: BodyLimits): Promise<readonly string[]> {
  // Where the host's own middleware has read the stream, what it made of that is here.
  const body = request.readableEnded ? (request as { readonly body?: unknown }).body : await read(request, limits)
  const commands = typeof body === 'string' || Buffer.isBuffer(body) ? parse(body.toString()) : body
  if (!isListOfTexts(commands)) throw new BodyError(400, notCommands(body))
  if (commands.length <= maxCommands) return commands
  const sentence = `The body has ${commands.length} commands, the limit is ${maxCommands}: send fewer at once`
  throw new BodyError(413, sentence, 'maxCommands')
}

function read(request: IncomingMessage, { maxBodyBytes, bodyTimeoutMs }: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const body = new Body()
    const stop = (): void => {
      clearTimeout(deadline)
      request.off('data', onData).off('end', onEnd).off('close', onGone)
    }
    const fail = (error: Error): void => {
      stop()
      reject(error)
    }
    const onData = (chunk: Buffer): void => {
      const size = body.size + chunk.length
      if (size > maxBodyBytes) fail(tooLarge(size, maxBodyBytes))
      else body.add(chunk)
    }
    const onEnd = (): void => {
      stop()
      resolve(body.bytes)
    }
    const onGone = (): void => fail(new Error('The browser went away'))
    const deadline = setTimeout(() => fail(tooSlow(bodyTimeoutMs)), bodyTimeoutMs).unref()
    const announced = Number(request.headers['content-length'] ?? 0)
    if (announced > maxBodyBytes) fail(tooLarge(announced, maxBodyBytes))
    else request.on('data', onData).on('end', onEnd).on('close', onGone)
  })
}

/** What has come of a body. Pieces are copied into one buffer: kept as they are, those of one byte take 180 each. */
class Body {
  size = 0
  #room = Buffer.alloc(0)

  get bytes(): Buffer {
    return this.#room.subarray(0, this.size)
  }

  add(piece: Buffer): void {
    const size = this.size + piece.length
    if (size > this.#room.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, 2 * this.#room.length))
      this.bytes.copy(larger)
      this.#room = larger
    }
    piece.copy(this.#room, this.size)
    this.size = size
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function notCommands(body: unknown): string {
  const rule = 'it must be a JSON array of strings, each one command, for example ["subscription\\nnews"]'
  if (body === undefined)
    return `The body was read by the host's middleware, which did not leave it in request.body; ${rule}`
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body.toString() : shown(body)
  return `The body is ${text.length > maxExcerpt ? `${text.slice(0, maxExcerpt)}…` : text}; ${rule}`
}

/** What middleware has parsed may be nested deeper than can be written again. */
function shown(body: unknown): string {
  try {
    return JSON.stringify(body)
  } catch {
    return 'nested too deeply'
  }
}

function tooLarge(size: number, limit: number): BodyError {
  return new BodyError(
    413,
    `The body has ${size} bytes, the limit is ${limit} (maxBodyBytes): send fewer commands at once`,
    'maxBodyBytes',
  )
}

function tooSlow(limit: number): BodyError {
  const sentence = `The body took longer than ${limit} ms (bodyTimeoutMs): send fewer commands at once`
  return new BodyError(408, sentence, 'bodyTimeoutMs')
}
