import { sendError, type Client, type ServerContext } from './client.ts'
import { runCommand } from './commands.ts'
import { Command } from './constants.ts'
import { badHandshake, MysqlError } from './errors.ts'
import { changeUser, logIn } from './login.ts'
import type { Steps, Wire } from './wire.ts'

/** Commands in a row, some without a reply, after which others get their turn: compressed ones come in millions. */
const fairCommands = 10_000

/** ER_NET_PACKET_TOO_LARGE. */
const tooLarge = 1153

/** All that is said with one client, from the greeting to the end. */
export class Conversation<Session> {
  readonly #wire: Wire
  readonly #server: ServerContext<Session>
  #client: Client<Session> | undefined

  constructor(wire: Wire, server: ServerContext<Session>) {
    this.#wire = wire
    this.#server = server
  }

  /** Who is there; undefined before login. */
  get client(): Client<Session> | undefined {
    return this.#client
  }

  /** The client is about to go, and reads no answer: what only waits needn't. */
  leave(): void {
    if (this.#client === undefined) return
    try {
      this.#server.handler.leaving?.(this.#client.session)
    } catch (error) {
      this.#server.onError(error)
    }
  }

  /** When it is through, the connection is to be closed. Doesn't throw, but for faults of this library. */
  *run(): Steps<void> {
    try {
      this.#client = yield* logIn(this.#wire, this.#server)
      yield* this.#commands(this.#client)
    } catch (error) {
      if (this.#client !== undefined) yield* this.#client.deferred.settled()
      this.#countLimit(error)
      sendError(this.#wire.out, this.#lastWords(error), this.#server.onError)
    } finally {
      this.#client?.end()
    }
  }

  *#commands(client: Client<Session>): Steps<void> {
    const wire = this.#wire
    for (let inRow = 1; ; inRow++) {
      if (inRow % fairCommands === 0) yield new Promise((resolve) => setImmediate(resolve))
      let packet = wire.poll(0)
      if (packet === undefined) {
        inRow = 0
        client.since = this.#server.now()
        packet = yield* wire.receive(0)
        client.beginTurn()
      } else yield* client.takeTurns()
      if (!client.deferred.isEmpty && mustWait(client, packet)) yield* client.deferred.settled()
      if (packet[0] === Command.QUIT) {
        client.leaving = 'Quit'
        return
      }
      client.since = this.#server.now()
      if (packet[0] === Command.CHANGE_USER) yield* changeUser(client, packet)
      else yield* this.#answer(client, packet)
      if (wire.isFull) yield* wire.drain()
    }
  }

  *#answer(client: Client<Session>, packet: Buffer): Steps<void> {
    try {
      const steps = runCommand(client, packet)
      if (steps !== undefined) yield* steps
    } catch (error) {
      yield* client.deferred.settled()
      sendError(client.out, error, this.#server.onError)
    }
    client.sql = undefined
  }

  #countLimit(error: unknown): void {
    if (!(error instanceof MysqlError) || error.number !== tooLarge) return
    this.#server.onLimit(this.#client === undefined ? 'maxLoginPacketBytes' : 'maxPacketBytes')
  }

  /** Before login, bytes that are no packets are no login. */
  #lastWords(error: unknown): unknown {
    return this.#client === undefined && error instanceof MysqlError && isPacketError(error)
      ? badHandshake(error.message)
      : error
  }
}

/** Whether a command waits for the replies to those before it; of statements each finds out for itself. */
function mustWait<Session>({ deferred }: Client<Session>, packet: Buffer): boolean {
  const isStatement = packet[0] === Command.QUERY || packet[0] === Command.STMT_EXECUTE
  return !isStatement || deferred.isFull
}

function isPacketError({ number }: MysqlError): boolean {
  return number === tooLarge || number === 1156
}
