import type { Host } from '../host.ts'
import type { Timer } from '../clock.ts'

/** The row of users_time that tells when the process was last alive; users have ids above 0. */
const aliveKey = '0'

/** How often that is written while anybody is online, in milliseconds. */
const refreshMs = 10_000

/**
 * What makes users_time right after a crash: while a user is online the table has 0 for him, and one row that is written
 * now and then has the time at which the process, or any of the nodes, was alive. After a clean end there is no such row.
 */
export class LastAlive {
  readonly #host: Host
  readonly #devId: number
  readonly #isNeeded: () => boolean
  #crashedAt: number | undefined
  #timer: Timer | undefined
  /** Whether this process wrote the row, and did not delete it. */
  #isStored = false

  /** `isNeeded`: whether anybody is online. */
  constructor(host: Host, devId: number, isNeeded: () => boolean) {
    this.#host = host
    this.#devId = devId
    this.#isNeeded = isNeeded
  }

  /** When the process before this one was alive for the last time, in Unix seconds, if it did not end in good order. */
  get crashedAt(): number | undefined {
    return this.#crashedAt
  }

  /** Reads how the process before this one ended. */
  async open(): Promise<void> {
    const row = (await this.#host.storage.get('users_time', this.#devId, [aliveKey])).get(aliveKey)
    if (row !== undefined) this.#crashedAt = Number(row)
  }

  /** Users who are stored as online, and are not, get the time of the crash. */
  async repair(isOnline: (userId: number) => boolean): Promise<void> {
    const time = this.#crashedAt
    if (time === undefined) return
    const rows = await this.#host.storage.get('users_time', this.#devId)
    const left = [...rows].filter(([id, value]) => id !== aliveKey && value === '0' && !isOnline(Number(id)))
    await Promise.all(left.map(([id]) => this.#host.storage.set('users_time', this.#devId, id, String(time))))
    this.#crashedAt = undefined
    if (this.#timer === undefined) await this.#delete()
  }

  /** Somebody is online. */
  start(): void {
    if (this.#timer !== undefined) return
    this.#timer = this.#host.clock.setTimeout(() => {
      this.#timer = undefined
      if (this.#isNeeded()) this.start()
      else if (this.#isLast) this.#report(this.#delete())
    }, refreshMs)
    this.#isStored = true
    const now = String(Math.floor(this.#host.clock.now() / 1000))
    this.#report(this.#host.storage.set('users_time', this.#devId, aliveKey, now))
  }

  /** The process ends in good order. */
  async close(): Promise<void> {
    if (this.#timer !== undefined) this.#host.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#isStored && this.#isLast) await this.#delete()
  }

  /** No other node is alive: of theirs, users may be online. */
  get #isLast(): boolean {
    return this.#host.cluster?.node.hasPeers !== true
  }

  async #delete(): Promise<void> {
    this.#isStored = false
    await this.#host.storage.delete('users_time', this.#devId, [aliveKey])
  }

  #report(written: Promise<void>): void {
    written.catch((error: unknown) => {
      this.#host.logger.error(`The time at which the server was alive could not be stored: ${String(error)}`)
    })
  }
}
