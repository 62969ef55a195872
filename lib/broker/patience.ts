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

/**
 * Sends one message after the other, without waiting for answers, while the engine is there. While it is away messages
 * wait in order; each gets its answer within `patienceMs`.
 */
export class PatientSender {
  readonly #engine: string
  readonly #patienceMs: number
  readonly #send: (text: string) => Promise<unknown>
  readonly #pending = new Set<Waiting>()
  #waiting = new Set<Waiting>()
  #isReady = false
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
      const timer = setTimeout(() => {
        this.#fail(one, `${this.#engine} did not answer within ${this.#patienceMs} ms; is it running?`)
      }, this.#patienceMs).unref()
      const one: Waiting = { text, resolve, reject, timer }
      if (this.#isReady) this.#start(one)
      else this.#waiting.add(one)
    })
  }

  /** The engine is there: what waited goes first. */
  resume(): void {
    this.#isReady = true
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const one of waiting) this.#start(one)
  }

  /** The engine is away. */
  pause(): void {
    this.#isReady = false
  }

  close(): void {
    this.#isClosed = true
    for (const one of [...this.#waiting, ...this.#pending]) this.#fail(one, 'the connection is closed')
  }

  #start(one: Waiting): void {
    this.#pending.add(one)
    this.#send(one.text).then(
      () => {
        if (this.#forget(one)) one.resolve()
      },
      (error: unknown) => this.#fail(one, `${this.#engine}: ${problemOf(error)}`),
    )
  }

  #fail(one: Waiting, problem: string): void {
    if (this.#forget(one)) one.reject(away(problem))
  }

  #forget(one: Waiting): boolean {
    clearTimeout(one.timer)
    return this.#waiting.delete(one) || this.#pending.delete(one)
  }
}
