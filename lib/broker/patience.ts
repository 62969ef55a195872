import { cometError, type CometError } from '../errors.ts'

/** How long a message waits for an engine that is away, in milliseconds, where the options say nothing else. */
export const defaultPatienceMs = 2000

/** What to do about an engine that is away. */
export function away(problem: string): CometError {
  return cometError('COMET_ERR_BROKER', { problem })
}

/** The sentence of an error that a driver threw. */
export function problemOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error)
}

/** Options that all brokers with an engine have. */
export interface PatienceOptions {
  /** How long `publish` waits for an engine that is away before it fails, in milliseconds. Default 2000. */
  readonly patienceMs?: number
}

/** @throws CometError COMET_ERR_OPTION */
export function checkPatience(option: string, value: unknown): void {
  if (typeof value === 'number' && value > 0 && value <= 2 ** 31 - 1) return
  throw cometError('COMET_ERR_OPTION', { option, value: String(value), rule: 'a number of milliseconds above 0' })
}

interface Waiting {
  readonly text: string
  readonly resolve: () => void
  readonly reject: (error: CometError) => void
  readonly timer: NodeJS.Timeout
}

/** How often an engine that is connected and does not answer gets a message to try it, as a part of the patience. */
const triesOfPatience = 10

/**
 * Sends one message after the other, without waiting for answers, while the engine is there. While it is away messages
 * wait in order; each gets its answer within `patienceMs`. An engine that does not answer gets only one now and then: the
 * driver would hold all others in memory for as long as that lasts.
 */
export class PatientSender {
  readonly #engine: string
  readonly #patienceMs: number
  readonly #send: (text: string) => Promise<unknown>
  readonly #pending = new Set<Waiting>()
  readonly #waiting = new Set<Waiting>()
  #isReady = false
  /** Something that was sent had no answer in time, and nothing had one since. */
  #isSilent = false
  /** Runs while nothing may be sent to a silent engine. */
  #pause: NodeJS.Timeout | undefined
  #isClosed = false

  /** `engine`: what sentences call it. `send` MUST keep the order of its calls. */
  constructor(engine: string, patienceMs: number, send: (text: string) => Promise<unknown>) {
    this.#engine = engine
    this.#patienceMs = patienceMs
    this.#send = send
  }

  publish(text: string): Promise<void> {
    if (this.#isClosed) return Promise.reject(away('the connection is closed'))
    return new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => this.#late(one), this.#patienceMs).unref()
      const one: Waiting = { text, resolve, reject, timer }
      this.#waiting.add(one)
      this.#work()
    })
  }

  /** The engine is there: what waited goes first. */
  resume(): void {
    this.#isReady = true
    this.#isSilent = false
    this.#work()
  }

  /** The engine is away. */
  pause(): void {
    this.#isReady = false
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#pause)
    for (const one of [...this.#waiting, ...this.#pending]) this.#fail(one, 'the connection is closed')
  }

  #work(): void {
    for (const one of this.#waiting) {
      if (!this.#isReady || (this.#isSilent && this.#pause !== undefined)) return
      if (this.#isSilent) this.#pauseAfterTry()
      this.#start(one)
    }
  }

  #pauseAfterTry(): void {
    this.#pause = setTimeout(() => {
      this.#pause = undefined
      this.#work()
    }, this.#patienceMs / triesOfPatience).unref()
  }

  #start(one: Waiting): void {
    this.#waiting.delete(one)
    this.#pending.add(one)
    this.#send(one.text).then(
      () => {
        if (this.#forget(one)) one.resolve()
        this.#isSilent = false
        this.#work()
      },
      (error: unknown) => this.#fail(one, `${this.#engine}: ${problemOf(error)}`),
    )
  }

  #late(one: Waiting): void {
    this.#isSilent ||= this.#pending.has(one)
    this.#fail(one, `${this.#engine} did not answer within ${this.#patienceMs} ms; is it running?`)
  }

  #fail(one: Waiting, problem: string): void {
    if (this.#forget(one)) one.reject(away(problem))
  }

  #forget(one: Waiting): boolean {
    clearTimeout(one.timer)
    return this.#waiting.delete(one) || this.#pending.delete(one)
  }
}
