import * as closeCodes from '../../wire/close-codes.ts'
import { pipeQuestionCommand } from '../../wire/commands.ts'
import { backoffDelay } from './backoff.ts'
import type { Connect, Connection, ConnectionState } from '../transports/connection.ts'
import type { Environment } from '../environment.ts'
import { Heartbeat } from './heartbeat.ts'
import { onWakeUp } from './wake-ups.ts'

/** What a reconnecting connection tells. */
export interface ReconnectingEvents {
  received(text: string): void
  /** A try has failed, but was not refused. Returns whether there is another way to try at once. */
  failed(): boolean
  /** A connection ended. `retryMs`: when the next try begins; undefined: there is none. */
  lost(code: number, reason: string, retryMs: number | undefined): void
}

/** Codes from here on say that trying again would end the same way (see lib/wire/close-codes.ts). */
const firstFinalCode = 4500
/** A connection that the client has left of its own accord: as when it closes a WebSocket. */
const left = 1000
/** How long a try may take until the server lets the client in. */
const connectTimeoutMs = 15_000
/** A connection that held this long was good: after it the backoff begins anew. */
const goodAfterMs = 5000
/** Every server answers this one, in one short line; a pipe that nobody uses counts 0. */
const probe = pipeQuestionCommand('pipe_count', 'web_ping', 'ping')

/** A connection that comes back. */
export class ReconnectingConnection {
  readonly #connect: Connect
  readonly #events: ReconnectingEvents
  readonly #environment: Environment
  readonly #heartbeat: Heartbeat
  #state: ConnectionState = 'disconnected'
  #connection: Connection | undefined
  #isOpen = false
  #failures = 0
  #acceptedAt = 0
  /** When the server has asked us to come back, after the connection ends. */
  #comeBackAt: number | undefined
  /** Waits for the next try, or watches over the one under way. */
  #timer: unknown
  #ignoreWakeUps: (() => void) | undefined

  /** `connect` begins one try; it is asked anew for each. */
  constructor(connect: Connect, events: ReconnectingEvents, environment: Environment) {
    this.#connect = connect
    this.#events = events
    this.#environment = environment
    this.#heartbeat = new Heartbeat(
      environment.clock,
      () => this.send(probe),
      () => this.#timedOut(),
    )
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** Connects, and connects again whenever the connection is lost. Does nothing where that is under way. */
  open(): void {
    if (this.#state !== 'disconnected') return
    this.#failures = 0
    this.#ignoreWakeUps = onWakeUp(this.#environment, () => this.wake())
    this.#try()
  }

  /** Ends the connection and all tries. */
  close(): void {
    this.#drop()
    this.#state = 'disconnected'
    this.#ignoreWakeUps?.()
  }

  /** The server has let the client in: commands go out from now on, not earlier, because it may refuse. */
  accepted(): void {
    if (!this.#isOpen || this.#state === 'connected') return
    this.#environment.clock.clearTimeout(this.#timer)
    this.#state = 'connected'
    this.#acceptedAt = this.#environment.clock.now()
    this.#comeBackAt = undefined
    this.#heartbeat.start()
  }

  /** Tries now where it waits for the next try, and asks whether the connection lives where it has one. */
  wake(): void {
    if (this.#state === 'connected') {
      this.#heartbeat.wake()
    } else if (this.#state === 'connecting' && this.#connection === undefined) {
      this.#environment.clock.clearTimeout(this.#timer)
      this.#try()
    }
  }

  /** The server is going to end the connection, and wants us back in `ms` milliseconds: so its clients spread. */
  comeBackIn(ms: number): void {
    if (ms >= 0) this.#comeBackAt = this.#environment.clock.now() + ms
  }

  /** Leaves the connection for one that is up already, and that `connect` hands over. */
  goOver(connect: Connect, reason: string): void {
    this.#drop()
    this.#try(connect)
    this.#events.lost(left, reason, 0)
  }

  /** Sends one command. MUST NOT be called but in the state `connected`. */
  send(text: string): void {
    this.#connection?.send(text)
  }

  #try(connect: Connect = this.#connect): void {
    const { clock } = this.#environment
    this.#state = 'connecting'
    this.#timer = clock.setTimeout(() => this.#timedOut(), connectTimeoutMs)
    try {
      this.#connection = connect({
        opened: () => (this.#isOpen = true),
        received: (text) => this.#received(text),
        closed: (code, reason) => this.#closed(code, reason),
      })
    } catch (error) {
      this.#closed(closeCodes.refused, String(error))
    }
  }

  #received(text: string): void {
    this.#heartbeat.heard()
    this.#events.received(text)
  }

  #timedOut(): void {
    this.#closed(closeCodes.timeout, 'the server is silent')
  }

  #closed(code: number, reason: string): void {
    const { clock } = this.#environment
    const isFinal = code >= firstFinalCode
    const hasOtherWay = !isFinal && this.#state !== 'connected' && this.#events.failed()
    if (this.#state === 'connected' && clock.now() - this.#acceptedAt >= goodAfterMs) this.#failures = 0
    else if (!hasOtherWay) this.#failures++
    this.#drop()
    const retryMs = isFinal ? undefined : hasOtherWay ? 0 : this.#retryDelay(code)
    if (retryMs === undefined) this.close()
    else this.#retryIn(retryMs)
    this.#events.lost(code, reason, retryMs)
  }

  #retryDelay(code: number): number {
    if (this.#comeBackAt !== undefined) {
      const waitMs = Math.max(0, this.#comeBackAt - this.#environment.clock.now())
      this.#comeBackAt = undefined
      return waitMs
    }
    // A restarting server has all its clients coming back: no fast first try.
    const failures = code === closeCodes.restart ? Math.max(1, this.#failures) : this.#failures
    return backoffDelay(failures, () => this.#environment.random())
  }

  #retryIn(ms: number): void {
    this.#state = 'connecting'
    this.#timer = this.#environment.clock.setTimeout(() => this.#try(), ms)
  }

  #drop(): void {
    this.#environment.clock.clearTimeout(this.#timer)
    this.#heartbeat.stop()
    this.#connection?.close()
    this.#connection = undefined
    this.#isOpen = false
  }
}
