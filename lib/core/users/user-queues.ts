import type { Entry, StoredEntry, StoredLog } from '../../storage/storage.ts'
import type { Host } from '../host.ts'

/** The private messages of a tenant that wait for their users, as they are stored. */
export class UserQueues {
  readonly #host: Host
  readonly #devId: number

  constructor(host: Host, devId: number) {
    this.#host = host
    this.#devId = devId
  }

  /** A client has the message with this id, and so all before it: they need not wait any more. */
  async acknowledge(userId: number, id: string): Promise<void> {
    const entry = (await this.waiting(userId)).find((waiting) => waiting.id === id)
    if (entry !== undefined) await this.remove(userId, entry.seq)
  }

  /** What waits for the user, oldest first. */
  async waiting(userId: number): Promise<readonly StoredEntry[]> {
    return (await this.read(userId)).entries
  }

  /** Forgets what waits for the user; resolves to how many messages that were. */
  clear(userId: number): Promise<number> {
    return this.remove(userId, Infinity)
  }

  /** Puts a message into the queue; resolves to its seq there. */
  protected keep(userId: number, entry: Entry): Promise<number> {
    const { storage, limits, meter } = this.#host
    const dropped = (count: number): void => meter.hit('maxQueuedMessages', count)
    return storage.append('users_messages', this.#devId, String(userId), entry, limits.maxQueuedMessages, dropped)
  }

  /** What waits behind `after`, with `limit` the first so many of it. */
  protected read(userId: number, after?: number, limit?: number): Promise<StoredLog> {
    return this.#host.storage.read('users_messages', this.#devId, String(userId), after, limit)
  }

  /** Forgets what waits up to `through`; resolves to how many messages that were. */
  protected remove(userId: number, through: number): Promise<number> {
    return this.#host.storage.remove('users_messages', this.#devId, String(userId), 0, through)
  }
}
