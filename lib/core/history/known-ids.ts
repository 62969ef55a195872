import type { StoredLog } from '../../storage/storage.ts'

/** So many ids are remembered of all pipes of a tenant; those of pipes not used for longest go first. */
const maxIds = 20_000

interface Known {
  readonly epoch: string
  /** Up to here the log was read. */
  seq: number
  /** The ids of its newest entries, oldest first. */
  readonly ids: Set<string>
}

/** The ids that logs have, so that only what is new in them has to be read to look for one. */
export class KnownIds {
  readonly #read: (pipe: string, after: number) => Promise<StoredLog>
  /** Of the newest entries of a log, so many. */
  readonly #mostOfLog: number
  readonly #logs = new Map<string, Known>()
  #count = 0

  constructor(read: (pipe: string, after: number) => Promise<StoredLog>, mostOfLog: number) {
    this.#read = read
    this.#mostOfLog = mostOfLog
  }

  /** The offset of the entry with this id; undefined where the pipe keeps none, or not any more. */
  async find(pipe: string, id: string): Promise<number | undefined> {
    const { ids } = await this.#update(pipe)
    if (!ids.has(id)) return undefined
    // It may have been removed; who repeats a message can wait for this look.
    return (await this.#read(pipe, 0)).entries.find((entry) => entry.id === id)?.seq
  }

  /** This process has appended an entry. */
  added(pipe: string, id: string, seq: number): void {
    const known = this.#logs.get(pipe)
    if (known?.seq !== seq - 1) return // others have, too: the next look finds all of them
    this.#note(pipe, known, seq, [id])
  }

  async #update(pipe: string): Promise<Known> {
    const before = this.#logs.get(pipe)
    const log = await this.#read(pipe, before?.seq ?? 0)
    if (before !== undefined && before.epoch !== log.epoch) {
      this.#forget(pipe, before)
      return await this.#update(pipe)
    }
    const known = before ?? { epoch: log.epoch, seq: 0, ids: new Set<string>() }
    const ids = log.entries.map(({ id }) => id)
    this.#note(pipe, known, log.lastSeq, ids)
    return known
  }

  #note(pipe: string, known: Known, seq: number, ids: readonly string[]): void {
    this.#forget(pipe, known)
    known.seq = seq
    for (const id of ids) this.#add(known, id)
    this.#logs.set(pipe, known) // as the last one used
    this.#count += known.ids.size
    this.#forgetSurplus(pipe)
  }

  #add({ ids }: Known, id: string): void {
    ids.delete(id)
    ids.add(id)
    if (ids.size > this.#mostOfLog) {
      const [oldest = ''] = ids
      ids.delete(oldest)
    }
  }

  #forgetSurplus(used: string): void {
    for (const [pipe, known] of this.#logs) {
      if (this.#count <= maxIds || pipe === used) return
      this.#forget(pipe, known)
    }
  }

  #forget(pipe: string, { ids }: Known): void {
    if (this.#logs.delete(pipe)) this.#count -= ids.size
  }
}
