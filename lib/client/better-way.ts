import { closeCodes } from '../wire/close-codes.ts'
import { abnormal, type Connect } from './connection.ts'
import type { Environment } from './environment.ts'
import { HeldConnection } from './held-connection.ts'
import { parseFrame, type ServerMessage } from './server-message.ts'
import type { Told, WantedPipes } from './wanted-pipes.ts'

/** How long it waits before each try, in milliseconds; the last one holds for all that follow. */
const waitsMs = [10_000, 60_000, 300_000, 1_800_000]
/** How long nothing must have been sent by the fallback before it is left: what it is answered comes by it. */
const quietMs = 1000
/** A page that never is quiet is left no later than this. */
const maxNoisyMs = 10_000

/** What is asked and told while there may be a better way. */
export interface BetterWayEvents {
  /** Begins a try. */
  readonly connect: Connect
  /** Whether the server, which has let us in by that way, too, takes us for who we are. */
  isAsGood(info: ServerMessage): boolean
  /** Now is the time to take `connection` over; by it the server was `told` which pipes are wanted. */
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
  /** What the server was told by it, once it has let us in, and when. */
  #told: { readonly told: Told; readonly at: number } | undefined

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
    this.#held = this.#told = undefined
  }

  /** A command was sent by the fallback. */
  sent(): void {
    const { clock } = this.#environment
    if (this.#told === undefined || clock.now() - this.#told.at > maxNoisyMs) return
    clock.clearTimeout(this.#timer)
    this.#goOverWhenQuiet()
  }

  /** What the server was told of by the other connection holds no more. */
  changed(): void {
    if (this.#told === undefined) return
    this.stop()
    this.#tryIn(quietMs)
  }

  #tryIn(ms: number): void {
    this.#timer = this.#environment.clock.setTimeout(() => this.#try(), ms)
  }

  #wait(): void {
    const ms = waitsMs[Math.min(this.#tries++, waitsMs.length - 1)] ?? 0
    // At any moment of the second half: pages of a server that was away do not come all at once.
    this.#tryIn((ms * (1 + this.#environment.random())) / 2)
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
    this.stop()
    this.#wait()
    // Any other code is the server's own: it was reached.
    if (code === abnormal || code === closeCodes.timeout) this.#events.refused()
  }

  #received(text: string): void {
    const held = this.#held
    if (this.#told !== undefined || held === undefined) return
    const info = parseFrame(text, () => undefined).find(({ pipe, event }) => pipe === 'sys' && event === 'serverInfo')
    if (info === undefined) return
    if (!this.#events.isAsGood(info)) {
      this.#failed(closeCodes.refused)
      return
    }
    // From now on it brings all that the fallback brings: what comes twice is left out when it is taken over.
    const { command, told } = this.#pipes.forAnother()
    if (told.pipes.length > 0) held.send(command)
    this.#told = { told, at: this.#environment.clock.now() }
    this.#goOverWhenQuiet()
  }

  #goOverWhenQuiet(): void {
    this.#timer = this.#environment.clock.setTimeout(() => {
      const [held, told] = [this.#held, this.#told?.told]
      this.#held = this.#told = undefined
      if (held !== undefined && told !== undefined) this.#events.ready(held, told)
    }, quietMs)
  }
}
