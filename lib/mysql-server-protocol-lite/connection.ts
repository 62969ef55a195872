import type { Duplex } from 'node:stream'
import type { SecureContext } from 'node:tls'
import { Compression } from './compression.ts'
import { Command } from './constants.ts'
import { Deadlines, never, type Deadline } from './deadlines.ts'
import { MysqlError } from './errors.ts'
import { writeError } from './results.ts'
import type { Clock, Limits } from './options.ts'
import { PacketReader } from './packet-reader.ts'
import { PacketWriter } from './packet-writer.ts'
import { encrypted, tlsOf, type Tls } from './tls.ts'
import { forInput, type ReplyPlace, type Steps, type Wait, type Wire } from './wire.ts'

/** Output that gathers before it is sent although there is more to come, in bytes. */
const flushBytes = 64 * 1024
/** Output that one connection may send before others get their turn, in bytes. */
const fairBytes = 1024 * 1024
/** COM_QUIT, which is what clients send before they close. */
const quitPacket = Buffer.of(1, 0, 0, 0, Command.QUIT)
/** Compressed frames may hold this much more than one packet: clients gather small ones. */
const frameSlackBytes = 64 * 1024
/** What a connection needs of its server. */
export interface ConnectionOptions {
  readonly id: number
  /** Empty if unknown. */
  readonly remoteAddress: string
  readonly limits: Limits
  readonly clock: Clock
  readonly secureContext: SecureContext | undefined
  readonly onError: (error: unknown) => void
  /** A limit of time has ended it. */
  readonly onLimit: (limit: keyof Limits) => void
  /** Called once, if the client gets that far. */
  readonly onLoggedIn: () => void
  /** Called when the client says good-bye behind a command that is not answered yet. */
  readonly onLeaving: () => void
  /** Called once. */
  readonly onClose: () => void
}

/**
 * One connection: moves bytes between the socket and a conversation. While the conversation waits for something else
 * than input, or for room in the output, no more is read from the socket; replies are gathered and sent when the
 * conversation has nothing left to do, in one write.
 */
export class Connection implements Wire {
  readonly connectionId: number
  readonly remoteAddress: string
  readonly out = new PacketWriter()
  readonly #options: ConnectionOptions
  readonly #reader: PacketReader
  #socket: Duplex
  #compression: Compression | undefined
  #steps: Steps<void> | undefined
  #state: 'running' | 'input' | 'promise' | 'ended' | 'closed' = 'promise'
  #tls: Tls | undefined
  #bytesReceived = 0
  #bytesSent = 0
  #loggedIn = false
  readonly #deadlines: Deadlines
  #deadline: Deadline
  #sentInTurn = 0
  #laterFlush: NodeJS.Immediate | undefined
  #flushesSoon = false
  #whenDrained: (() => void) | undefined

  constructor(socket: Duplex, options: ConnectionOptions) {
    this.connectionId = options.id
    this.remoteAddress = options.remoteAddress
    this.#options = options
    this.#socket = socket
    this.#reader = new PacketReader(options.limits.maxLoginPacketBytes)
    this.#deadlines = new Deadlines(options.clock, options.limits)
    this.#deadline = this.#deadlines.within('loginTimeoutMs')
    socket.on('error', this.#onSocketError)
    this.#listen(socket)
  }

  get secure(): boolean {
    return this.#tls !== undefined
  }

  get tls(): Tls | undefined {
    return this.#tls
  }

  get compressed(): boolean {
    return this.#compression !== undefined
  }

  /** As compressed, but not encrypted. */
  get bytesReceived(): number {
    return this.#bytesReceived
  }

  get bytesSent(): number {
    return this.#bytesSent
  }

  get place(): ReplyPlace {
    return { packet: this.out.sequence, frame: this.#compression?.sequence ?? 0 }
  }

  get isFull(): boolean {
    return this.out.length >= flushBytes || this.#isBlocked
  }

  /** Begins the conversation. To be called once. */
  start(steps: Steps<void>): void {
    this.#steps = steps
    this.#advance(() => steps.next())
  }

  /** Closes at once; what was not sent is lost. */
  destroy(): void {
    this.#socket.destroy()
  }

  /** Ends the connection if it has waited too long. `now`: milliseconds since the Unix epoch. */
  checkDeadline(now: number): void {
    const { at, limit } = this.#deadline
    if (now < at || this.#socket.destroyed) return
    if (limit !== undefined) this.#options.onLimit(limit)
    if (this.#loggedIn || this.#state === 'ended') {
      this.destroy()
      return
    }
    const seconds = this.#options.limits.loginTimeoutMs / 1000
    writeError(this.out, new MysqlError(`The login was not complete within ${seconds} s`, 1159, '08S01'))
    this.#end()
  }

  /** Ends at once, so that another client gets the place; `error` is the last word, where it can still be said. */
  giveWay(error: MysqlError): void {
    if (this.#state !== 'ended') {
      writeError(this.out, error)
      this.#flush()
      this.#state = 'ended'
      this.#socket.end()
    }
    setImmediate(() => this.destroy())
  }

  poll(sequence: number): Buffer | undefined {
    const isNewCommand = sequence === 0
    // Compressed replies are numbered from their command on, so each is a frame of its own.
    if (this.#compression !== undefined && isNewCommand) this.#flush()
    if (isNewCommand) this.#compression?.restart()
    this.#reader.expect(sequence)
    try {
      const packet = this.#next()
      this.out.sequence = this.#reader.nextSequence
      return packet
    } catch (error) {
      // What is said about a packet comes after it.
      this.out.sequence = (this.#reader.nextSequence + 1) & 0xff
      throw error
    }
  }

  *receive(sequence: number): Steps<Buffer> {
    let isWithin = false
    if (this.#loggedIn) this.#deadline = this.#deadlines.within('idleTimeoutMs')
    for (;;) {
      yield* this.drain()
      const packet = this.poll(sequence)
      if (packet !== undefined) {
        if (this.#loggedIn) this.#deadline = never
        return packet
      }
      if (this.#loggedIn && !isWithin && this.#isWithinPacket) {
        isWithin = true
        this.#deadline = this.#deadlines.within('readTimeoutMs')
      }
      yield forInput
    }
  }

  *drain(): Steps<void> {
    this.#flush()
    while (this.#isBlocked) yield this.#drained()
    if (this.#sentInTurn < fairBytes) return
    this.#sentInTurn = 0
    yield new Promise((resolve) => setImmediate(resolve))
  }

  replyAt(place: ReplyPlace, write: () => void): void {
    const running = this.place
    this.#goTo(place)
    write()
    this.#goTo(running)
    if (this.#flushesSoon) return
    this.#flushesSoon = true
    // Once all promises that settled together were heard: their replies leave in one write.
    process.nextTick(() => {
      this.#flushesSoon = false
      this.#flush()
    })
  }

  *startTls(): Steps<void> {
    const { secureContext } = this.#options
    if (secureContext === undefined) return
    const plain = this.#socket
    this.#unlisten(plain)
    const secure = encrypted(plain, this.#reader.takeRest(), secureContext)
    secure.on('error', this.#onSocketError)
    this.#socket = secure
    yield new Promise((resolve) => secure.once('secure', resolve))
    this.#listen(secure)
    this.#tls = tlsOf(secure)
  }

  startCompression(): void {
    this.#flush()
    const rest = this.#reader.takeRest()
    this.#compression = new Compression(this.#options.limits.maxPacketBytes + frameSlackBytes)
    this.#compression.push(rest)
    this.#reader.checksSequence = false
  }

  loggedIn(): void {
    this.#loggedIn = true
    this.#deadline = never
    this.#reader.maxPacketBytes = this.#options.limits.maxPacketBytes
    this.#options.onLoggedIn()
  }

  /** Runs the conversation until it must wait. */
  #advance(resume: () => IteratorResult<Wait, void>): void {
    if (this.#state === 'closed' || this.#state === 'ended') return
    this.#state = 'running'
    try {
      const step = resume()
      if (step.done === true) this.#end()
      else this.#await(step.value)
    } catch (error) {
      this.#options.onError(error)
      this.destroy()
    }
  }

  #await(wait: Wait): void {
    const steps = this.#steps
    if (steps === undefined) return
    if (wait === forInput) {
      this.#state = 'input'
      if (this.#socket.isPaused()) this.#socket.resume()
      return
    }
    this.#state = 'promise'
    // Promises that are settled already go on before this: their replies leave in one write.
    this.#laterFlush ??= setImmediate(() => this.#flush())
    wait.then(
      (value) => this.#advance(() => steps.next(value)),
      (error: unknown) => this.#advance(() => steps.throw(error)),
    )
  }

  #next(): Buffer | undefined {
    const reader = this.#reader
    let packet = reader.next()
    while (packet === undefined && this.#compression !== undefined) {
      const content = this.#compression.next()
      if (content === undefined) return undefined
      reader.push(content)
      packet = reader.next()
    }
    return packet
  }

  #goTo({ packet, frame }: ReplyPlace): void {
    if (this.#compression !== undefined) {
      this.#flush() // each reply is a frame of its own, see poll
      this.#compression.sequence = frame
    }
    this.out.sequence = packet
  }

  #flush(): void {
    clearImmediate(this.#laterFlush)
    this.#laterFlush = undefined
    if (this.out.length === 0) return
    const packets = this.out.take()
    if (!this.#socket.writable) return
    const bytes = this.#compression === undefined ? packets : this.#compression.pack(packets)
    this.#sentInTurn += packets.length
    this.#bytesSent += bytes.length
    this.#socket.write(bytes)
  }

  get #isWithinPacket(): boolean {
    return this.#reader.isWithinPacket || this.#compression?.isWithinFrame === true
  }

  get #isBlocked(): boolean {
    return this.#socket.writableLength >= this.#socket.writableHighWaterMark
  }

  /** Resolves when the socket has taken everything. It never does if that takes too long: the connection is closed then. */
  async #drained(): Promise<void> {
    const deadline = this.#deadline
    if (this.#loggedIn) this.#deadline = this.#deadlines.within('writeTimeoutMs')
    await new Promise<void>((resolve) => {
      this.#whenDrained = resolve
    })
    this.#deadline = deadline
  }

  /** Sends the last words, closes this side, and gives the client a moment to read them and close its own. */
  #end(): void {
    this.#flush()
    this.#state = 'ended'
    this.#deadline = this.#deadlines.lingering()
    // Unread input would turn the close into a reset, which takes the last words with it.
    this.#socket.resume()
    this.#socket.end()
  }

  #listen(socket: Duplex): void {
    socket.on('data', this.#onData)
    socket.on('drain', this.#onDrain)
    socket.on('end', this.#onEnd)
    socket.on('close', this.#onClose)
  }

  #unlisten(socket: Duplex): void {
    socket.off('data', this.#onData)
    socket.off('drain', this.#onDrain)
    socket.off('end', this.#onEnd)
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#state === 'ended') return
    this.#sentInTurn = 0
    this.#bytesReceived += chunk.length
    if (this.#compression === undefined) this.#reader.push(chunk)
    else this.#compression.push(chunk)
    const steps = this.#steps
    if (this.#state === 'input' && steps !== undefined) this.#advance(() => steps.next())
    else {
      this.#socket.pause()
      if ((this.#compression ?? this.#reader).holds(quitPacket)) this.#options.onLeaving()
    }
  }

  readonly #onDrain = (): void => {
    const resolve = this.#whenDrained
    this.#whenDrained = undefined
    resolve?.()
  }

  /** The client has gone: nobody reads what could still be answered. */
  readonly #onEnd = (): void => {
    this.#deadline = this.#deadlines.lingering()
    this.#socket.end()
  }

  readonly #onSocketError = (): void => {
    this.destroy()
  }

  readonly #onClose = (): void => {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    clearImmediate(this.#laterFlush)
    this.#steps?.return()
    this.#options.onClose()
  }
}
