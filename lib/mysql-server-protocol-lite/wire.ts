import type { PacketWriter } from './packet-writer.ts'

/** What a conversation waits for: the client's next bytes, or a promise. */
export type Wait = typeof forInput | PromiseLike<unknown>

/** "The client's next bytes", see Wait. */
export const forInput = Symbol('input')

/**
 * A piece of the conversation with a client, as a generator: it runs on while it can, so an answer that is there at once
 * costs no turn, and yields what it must wait for. If the connection closes meanwhile, it is ended by `return()`, so that
 * `finally` blocks run; they MUST NOT yield.
 */
export type Steps<T> = Generator<Wait, T, unknown>

/** Waits for a value that may be a promise. */
export function* settled<T>(value: T | PromiseLike<T>): Steps<T> {
  return isPromise(value) ? ((yield value) as T) : value
}

export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** Where the reply to a command begins in the numbering of packets and, where they are compressed, of frames. */
export interface ReplyPlace {
  readonly packet: number
  readonly frame: number
}

/** The bytes of one connection, as the conversation sees them: packets in, packets out. */
export interface Wire {
  readonly connectionId: number
  /** Empty if unknown. */
  readonly remoteAddress: string
  /** Whether TLS is on. */
  readonly secure: boolean
  /** Where replies are written. What is in it is sent before the conversation waits. */
  readonly out: PacketWriter
  /** Where the reply to the running command goes. */
  readonly place: ReplyPlace
  /** Whether so much output has gathered, here or in the socket, that `drain` MUST be waited for. */
  readonly isFull: boolean
  /** The next packet if it has already arrived. `sequence`: the number that it MUST have. */
  poll(sequence: number): Buffer | undefined
  /** The next packet. */
  receive(sequence: number): Steps<Buffer>
  /** Sends what was written, and waits until the client has taken enough of it. */
  drain(): Steps<void>
  /** Has `write` write the reply to an earlier command, between two replies; it is sent when this turn's are written. */
  replyAt(place: ReplyPlace, write: () => void): void
  /** From here on, the bytes are a TLS stream. */
  startTls(): Steps<void>
  /** From the next packet on, the bytes are compressed frames, both ways. */
  startCompression(): void
  /** The login is through: the limits for clients who are logged in hold. */
  loggedIn(): void
}
