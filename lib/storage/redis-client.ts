import { cometError } from '../errors.ts'
import { messageOf, unavailable } from './unavailable.ts'

/** What is used of a client of `ioredis`, or of its `Cluster`. */
export interface IoredisScripting {
  readonly status: string
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>
  on(event: 'ready', listener: () => void): unknown
  off(event: 'ready', listener: () => void): unknown
}

/** What is used of a client of `redis`, or of what its `createCluster()` makes. */
export interface NodeRedisScripting {
  readonly isOpen: boolean
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  on(event: 'ready', listener: () => void): unknown
  off(event: 'ready', listener: () => void): unknown
}

/** A client of `ioredis` or `redis`. */
export type RedisScripting = IoredisScripting | NodeRedisScripting

/** @throws CometError COMET_ERR_OPTION */
export function checkRedisClient(client: unknown): void {
  const has = (name: string): boolean => typeof (client as Record<string, unknown>)[name] === 'function'
  if (typeof client === 'object' && client !== null && ['eval', 'on', 'off'].every(has)) return
  const rule = 'a client of ioredis or redis, for example new Redis()'
  throw cometError('COMET_ERR_OPTION', { option: 'redisStorage.client', value: typeof client, rule })
}

/** Runs scripts on whichever client, in the order of the calls, without one waiting for another. */
export class RedisScripts {
  readonly #client: RedisScripting
  readonly #patienceMs: number
  readonly #running = new Set<Promise<unknown>>()

  constructor(client: RedisScripting, patienceMs: number) {
    this.#client = client
    this.#patienceMs = patienceMs
  }

  /**
   * Resolves to what the script returns.
   * @throws CometError COMET_ERR_STORAGE, also where there is no answer in time; the script may have run nevertheless
   */
  run(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const running = this.#inTime(this.#send(script, keys, args))
    this.#running.add(running)
    const done = (): void => void this.#running.delete(running)
    running.then(done, done)
    return running
  }

  /** Resolves when all that was begun has ended, well or not. */
  async drained(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  #send(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const client = this.#client
    if ('status' in client) return client.eval(script, keys.length, ...keys, ...args)
    return client.eval(script, { keys: [...keys], arguments: [...args] })
  }

  #inTime(answer: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(unavailable(`Redis did not answer within ${this.#patienceMs} ms; is it running?`))
      }, this.#patienceMs).unref()
      answer.then(
        (result) => {
          clearTimeout(timer)
          resolve(result)
        },
        (error: unknown) => {
          clearTimeout(timer)
          reject(unavailable(`Redis: ${messageOf(error)}`))
        },
      )
    })
  }
}
