import type { Dropped, Entry, LogName, Storage } from '../../lib/storage/storage.ts'
import { memoryStorage } from '../../lib/storage/memory.ts'
import type { NodeClock } from './node-clock.ts'
import type { Truth } from './truth.ts'
import type { World } from './world.ts'

/** A database beside the server: it outlives crashes, answers late, and may lose everything when that is asked for. */
export class Database {
  readonly #world: World
  readonly #truth: Truth
  readonly #slowest: number
  #data = memoryStorage()
  /** When the last answer about a key comes: answers keep their order. */
  readonly #answersAt = new Map<string, number>()

  constructor(world: World, truth: Truth, slowest: number) {
    this.#world = world
    this.#truth = truth
    this.#slowest = slowest
  }

  get data(): Storage {
    return this.#data
  }

  /** Loses all messages, as one without a disk does; settings and hashes are written again. */
  async wipe(): Promise<void> {
    const before = this.#data
    this.#data = memoryStorage()
    for (const table of ['users_auth', 'pipes_settings'] as const) {
      for (const [key, value] of await before.get(table, 0)) await this.#data.set(table, 0, key, value)
    }
  }

  /** The storage of a server: what a server that has ended asked for may have happened, but it gets no answer. */
  storageOf(server: NodeClock): Storage {
    const answer = <Result>(key: string, work: (data: Storage) => Promise<Result>): Promise<Result> =>
      server.isDead ? never() : this.#later(server, key, work(this.#data))
    return {
      open: () => Promise.resolve(),
      close: () => Promise.resolve(),
      get: (table, devId, keys) => answer(table, (data) => data.get(table, devId, keys)),
      set: (table, devId, key, value) => answer(table, (data) => data.set(table, devId, key, value)),
      delete: (table, devId, keys) => answer(table, (data) => data.delete(table, devId, keys)),
      append: (log, _, key, entry, keep, dropped) =>
        answer(`${log} ${key}`, (data) => this.#record(data, log, key, entry, keep, dropped)),
      read: (log, devId, key, after, limit) =>
        answer(`${log} ${key}`, (data) => data.read(log, devId, key, after, limit)),
      remove: (log, devId, key, from, through) =>
        answer(`${log} ${key}`, (data) => data.remove(log, devId, key, from, through)),
    }
  }

  async #record(
    data: Storage,
    log: LogName,
    key: string,
    entry: Entry,
    keep: number,
    dropped: Dropped | undefined,
  ): Promise<number> {
    const done = data.append(log, 0, key, entry, keep, dropped)
    const { epoch } = await data.read(log, 0, key, Infinity)
    const seq = await done
    const text = entry.json ? String(JSON.parse(entry.message)) : entry.message
    this.#truth.add(`${log} ${key}`, { text, epoch, seq })
    return seq
  }

  #later<Result>(server: NodeClock, key: string, result: Promise<Result>): Promise<Result> {
    const { now } = this.#world
    const at = Math.max(this.#answersAt.get(key) ?? 0, now + this.#world.between(0, this.#slowest))
    this.#answersAt.set(key, at)
    if (at === now) return result
    return new Promise((resolve, reject) => {
      this.#world.in(at - now, () => {
        if (!server.isDead) result.then(resolve, reject)
      })
    })
  }
}

function never<Result>(): Promise<Result> {
  return new Promise(() => undefined)
}
