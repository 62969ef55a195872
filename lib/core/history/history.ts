import { cometError } from '../../errors.ts'
import type { Entry, Storage, StoredEntry, StoredLog } from '../../storage/storage.ts'
import { KnownIds } from './known-ids.ts'

/** The most messages that a pipe can keep. */
const maxKeep = 1000

/** Where a message is in the history, and whether it was not there before. */
export interface Appended {
  readonly offset: number
  readonly isNew: boolean
}

/** Which pipes of a tenant keep messages, and the messages that they keep. */
export class History {
  readonly #storage: Storage
  readonly #devId: number
  readonly #changed: ((pipe: string, keep: number | null) => void) | undefined
  #settings = new Map<string, number>()
  /** The last change of each setting, while it is being stored. */
  readonly #changes = new Map<string, symbol>()
  /** The pipes in which a message with a given id is looked for: appends to them wait for one another. */
  readonly #turns = new Map<string, Promise<unknown>>()
  readonly #ids = new KnownIds((pipe, after) => this.log(pipe, after), maxKeep)

  /** `changed` is told of a setting once it is stored; null where it is deleted. */
  constructor(storage: Storage, devId: number, changed?: (pipe: string, keep: number | null) => void) {
    this.#storage = storage
    this.#devId = devId
    this.#changed = changed
  }

  /** Reads the settings; afterwards `keepOf` answers without waiting. */
  async open(): Promise<void> {
    const rows = await this.#storage.get('pipes_settings', this.#devId)
    this.#settings = new Map([...rows].map(([name, length]) => [name, keepFrom(length)]))
  }

  /** How many messages each pipe keeps. */
  get settings(): ReadonlyMap<string, number> {
    return this.#settings
  }

  /** How many messages `pipe` keeps; 0 for one without a setting. */
  keepOf(pipe: string): number {
    return this.#settings.get(pipe) ?? 0
  }

  /**
   * Lets `pipe` keep its last `length` messages: 0 to 1000, more counts as 1000.
   * @throws CometError COMET_ERR_INVALID for a negative or broken number.
   */
  async setKeep(pipe: string, length: number): Promise<void> {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw cometError('COMET_ERR_INVALID', { column: 'length', value: length, rule: 'a whole number from 0 to 1000' })
    }
    const keep = Math.min(length, maxKeep)
    await this.#change(pipe, keep, () => this.#storage.set('pipes_settings', this.#devId, pipe, String(keep)))
    await this.#cut(pipe, keep)
  }

  /** Another node has changed the setting of `pipe`; null where it was deleted. */
  note(pipe: string, keep: number | null): void {
    if (keep === null) this.#settings.delete(pipe)
    else this.#settings.set(pipe, keep)
  }

  /** Drops the setting of `pipe` and what it kept; resolves to how many settings there were, 1 or 0. */
  async dropKeep(pipe: string): Promise<number> {
    const dropped = await this.#change(pipe, null, () => this.#storage.delete('pipes_settings', this.#devId, [pipe]))
    await this.clear(pipe)
    return dropped
  }

  /**
   * Keeps a message. Appends to one pipe resolve in order. With `once` a message whose id the pipe keeps already is not
   * kept again: so a back-end that does not know whether its INSERT arrived may repeat it.
   */
  append(pipe: string, entry: Entry, once: boolean): Promise<Appended> {
    const before = this.#turns.get(pipe)
    if (!once && before === undefined) return this.#append(pipe, entry)
    // Looking and appending are two steps: what comes in between waits for its turn.
    const done = (before ?? Promise.resolve()).then(() =>
      once ? this.#appendIfNew(pipe, entry) : this.#append(pipe, entry),
    )
    const turn = done.catch(() => undefined)
    this.#turns.set(pipe, turn)
    void turn.then(() => {
      if (this.#turns.get(pipe) === turn) this.#turns.delete(pipe)
    })
    return done
  }

  /** What `pipe` keeps behind `after`, with `limit` the first so many of it, and how far it got. */
  log(pipe: string, after = 0, limit?: number): Promise<StoredLog> {
    return this.#storage.read('pipes_messages', this.#devId, pipe, after, limit)
  }

  /** What `pipe` keeps, oldest first. */
  async read(pipe: string): Promise<readonly StoredEntry[]> {
    return (await this.log(pipe)).entries
  }

  /** Forgets what `pipe` kept; resolves to how many messages that were. Offsets go on. */
  clear(pipe: string): Promise<number> {
    return this.#storage.remove('pipes_messages', this.#devId, pipe, 0, Infinity)
  }

  /**
   * Forgets the message with this id, in `from`, or in every pipe that has one: ids that back-ends give are unique within
   * a pipe only. Resolves to how many there were.
   */
  async deleteMessage(id: string, from?: string): Promise<number> {
    let count = 0
    for (const pipe of from === undefined ? [...this.#settings.keys()] : [from]) {
      const entry = (await this.read(pipe)).find((kept) => kept.id === id)
      if (entry !== undefined) {
        count += await this.#storage.remove('pipes_messages', this.#devId, pipe, entry.seq, entry.seq)
      }
    }
    return count
  }

  /** Counts at once, for what is published behind it; not any more, where it cannot be stored. */
  async #change<Result>(pipe: string, keep: number | null, store: () => Promise<Result>): Promise<Result> {
    const before = this.#settings.get(pipe) ?? null
    const change = Symbol(pipe)
    this.#changes.set(pipe, change)
    const end = (now: number | null): void => {
      if (this.#changes.get(pipe) !== change) return // a later one counts already
      this.#changes.delete(pipe)
      this.note(pipe, now) // also where it is stored: meanwhile the settings may have been read as they were before
    }
    this.note(pipe, keep)
    try {
      const result = await store()
      end(keep)
      this.#changed?.(pipe, keep)
      return result
    } catch (error) {
      end(before)
      throw error
    }
  }

  async #append(pipe: string, entry: Entry): Promise<Appended> {
    const keep = this.keepOf(pipe)
    return { offset: await this.#storage.append('pipes_messages', this.#devId, pipe, entry, keep), isNew: true }
  }

  async #appendIfNew(pipe: string, entry: Entry): Promise<Appended> {
    const known = await this.#ids.find(pipe, entry.id)
    if (known !== undefined) return { offset: known, isNew: false }
    const appended = await this.#append(pipe, entry)
    this.#ids.added(pipe, entry.id, appended.offset)
    return appended
  }

  async #cut(pipe: string, keep: number): Promise<void> {
    const kept = await this.read(pipe)
    const last = kept[kept.length - keep - 1]
    if (last !== undefined) await this.#storage.remove('pipes_messages', this.#devId, pipe, 0, last.seq)
  }
}

/** How many messages a stored setting stands for: the original server has no limit, and takes any number. */
function keepFrom(length: string): number {
  const keep = Math.min(Math.floor(Number(length)), maxKeep)
  return keep > 0 ? keep : 0
}
