import * as closeCodes from '../../wire/close-codes.ts'
import { abnormal, type Connect } from '../transports/connection.ts'
import type { Environment } from '../environment.ts'
import { HeldConnection } from './held-connection.ts'
import { parseFrame, type ServerMessage } from '../server-message.ts'
import type { Told, WantedPipes } from '../subscriptions/wanted-pipes.ts'

/** How long it waits before each of the first tries, and before all that follow, in milliseconds. */
const waitsMs = [10_000, 60_000, 300_000]
const laterWaitMs = 1_800_000
/** How long nothing must have been sent by the fallback before it is left: what it is answered comes by it. */
const quietMs = 1000
/** A page that never is quiet is left no later than this; a server that does not subscribe it so long is given up. */
const patienceMs = 10_000

/** What is asked and told while there may be a better way. */
export interface BetterWayEvents {
  /** Begins a try. */
  readonly connect: Connect
  /** From now on (or no more) messages may come by both ways, which has to be noticed of each. */
  doubled(isSo: boolean): void
  /** Whether the server, which has let us in by that way, too, takes us for who we are. */
  isAsGood(info: ServerMessage): boolean
  /** Now is the time to take `connection` over, and what it kept; by it the server was `told` which pipes are wanted. */
  ready(connection: HeldConnection, told: Told): void
  /** The network lets nothing through that way. */
  refused(): void
}

/**
 * Looks, behind a fallback that works, whether a WebSocket comes up by now: after 10 seconds, then ever more rarely. The
 * fallback is left when the other way brings all that it brings, so nothing is lost in between.
 */
export class BetterWay {
  readonly #environment: Environment
  readonly #pipes: WantedPipes
  readonly #events: BetterWayEvents
  #tries = 0
  #timer: unknown
  #held: HeldConnection | undefined
  /** What the server was told by it, once it has let us in. */
  #told: Told | undefined
  /** Since when it brings all that the fallback brings, in milliseconds since the epoch. */
  #readySince: number | undefined

  constructor(environment: Environment, pipes: WantedPipes, events: BetterWayEvents) {
    this.#environment = environment
    this.#pipes = pipes
    this.#events = events
  }

  /** A fallback has come up. */
  start(): void {
    this.stop()
    this.#tries = 0
    this.#wait()
  }

  /** There is no fallback any more. */
  stop(): void {
    this.#environment.clock.clearTimeout(this.#timer)
    this.#held?.close()
    if (this.#told !== undefined) this.#events.doubled(false)
    this.#forget()
  }

  /** A command was sent by the fallback. */
  sent(): void {
    // Where it is not ready this is no number, which is not below anything.
    if (this.#environment.clock.now() - (this.#readySince ?? NaN) <= patienceMs) this.#goOverWhenQuiet()
  }

  /** What the server was told of by the other connection holds no more. */
  changed(): void {
    if (this.#told === undefined) return
    this.stop()
    // As after a failure: a page whose subscriptions change all the time would open one connection after the other.
    this.#wait()
  }

  #wait(): void {
    const ms = waitsMs[this.#tries++] ?? laterWaitMs
    // At any moment of the second half: pages of a server that was away do not come all at once.
    const waitMs = (ms * (1 + this.#environment.random())) / 2
    this.#timer = this.#environment.clock.setTimeout(() => this.#try(), waitMs)
  }

  #try(): void {
    try {
      this.#held = new HeldConnection(this.#events.connect, {
        received: (text) => this.#received(text),
        closed: (code) => this.#failed(code),
      })
    } catch {
      this.#failed(abnormal)
    }
  }

  #failed(code: number): void {
    const wasLetIn = this.#told !== undefined
    this.stop()
    this.#wait()
    // Any other code is the server's own: it was reached.
    if (!wasLetIn && (code === abnormal || code === closeCodes.timeout)) this.#events.refused()
  }

  #received(text: string): void {
    if (this.#readySince !== undefined) return
    for (const message of parseFrame(text, () => undefined)) {
      if (message.pipe !== 'sys' || this.#held === undefined) continue
      if (message.event === 'serverInfo' && this.#told === undefined) this.#letIn(message)
      if (message.event === 'subscribed') this.#begin()
    }
  }

  #letIn(info: ServerMessage): void {
    if (!this.#events.isAsGood(info)) {
      this.#failed(closeCodes.refused)
      return
    }
    this.#events.doubled(true)
    const { command, told } = this.#pipes.forAnother()
    this.#told = told
    if (told.pipes.length > 0) {
      this.#held?.send(command)
      this.#timer = this.#environment.clock.setTimeout(() => this.#failed(closeCodes.refused), patienceMs)
    } else this.#begin()
  }

  /** From now on it brings all that the fallback brings: what comes twice is left out when it is taken over. */
  #begin(): void {
    this.#readySince = this.#environment.clock.now()
    this.#goOverWhenQuiet()
  }

  #goOverWhenQuiet(): void {
    const { clock } = this.#environment
    clock.clearTimeout(this.#timer)
    this.#timer = clock.setTimeout(() => {
      const held = this.#held
      const told = this.#told
      this.#forget()
      if (held !== undefined && told !== undefined) this.#events.ready(held, told)
    }, quietMs)
  }

  #forget(): void {
    this.#held = this.#told = this.#readySince = undefined
  }
}
