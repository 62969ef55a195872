import type { StoredEntry, StoredLog } from '../../storage/storage.ts'

/** As an `after`, behind every entry. */
const end = Number.MAX_SAFE_INTEGER
/** Of as many messages of one pipe it is known that the broker is still to bring them. */
const maxAhead = 1000
/** As many may wait behind a hole, or for the storage. */
const maxWaiting = 1000

/** What a KeptOrder needs of its pipe. */
export interface KeptPipe {
  read(after: number): Promise<StoredLog>
  /** Called once for each message, in the order of the history. */
  deliver(entry: StoredEntry): void
  /** The storage cannot be read. */
  failed(error: unknown): void
}

/**
 * Hands the messages of one pipe that keeps history on in the order of their offsets, though they come by way of the
 * broker, where one may overtake another or be lost: then the storage is asked. What the storage has cut away meanwhile
 * is waited for until the second beat: it is on its way, unless the broker lost it.
 */
export class KeptOrder {
  readonly #pipe: KeptPipe
  #epoch: string | undefined
  /** The offset of the last one handed on. */
  #last = 0
  /** The storage was read up to here: of what is before it and missing, it has nothing. */
  #readThrough = 0
  /** Those behind a hole, by their offsets. */
  readonly #waiting = new Map<number, StoredEntry>()
  /** Known from the storage, and still to come by way of the broker. */
  readonly #ahead = new Set<number>()
  #reading: Promise<void> | undefined
  #isOpen = false
  #isStale = false
  /** The last one before the hole that there was at the last beat. */
  #heldAt: number | undefined
  #isClosed = false

  constructor(pipe: KeptPipe) {
    this.#pipe = pipe
  }

  /** Begins behind what is kept now; resolves when it is known where that is. */
  open(): Promise<void> {
    return this.catchUp()
  }

  /** Begins with the first message that is kept, where the pipe has just begun to keep any. */
  begin(): void {
    this.#isOpen = true
  }

  /** Resolves when nothing is being read. */
  get settled(): Promise<void> | undefined {
    return this.#reading
  }

  /** A message that came by way of the broker. */
  take(entry: StoredEntry): void {
    if (this.#ahead.delete(entry.seq)) return
    this.#waiting.set(entry.seq, entry)
    if (this.#reading !== undefined) this.#dropSurplus()
    else if (entry.seq > this.#last) this.#goOn()
    else void this.#read(false) // it came twice, or the storage has begun to number anew
  }

  /** Hands on what the storage has; resolves when all that it had at the time of the call is handed on. */
  async catchUp(): Promise<void> {
    while (this.#reading !== undefined) await this.#reading
    if (!this.#isClosed) await this.#read(true)
  }

  /** The same, if the history named by `epoch` is not handed on up to `offset`. */
  async reach(epoch: string, offset: number): Promise<void> {
    while (this.#reading !== undefined) await this.#reading
    if (epoch !== this.#epoch || offset > this.#last) await this.catchUp()
  }

  /** Comes with every beat: tries again what failed, and no longer waits for what does not come. */
  retry(): void {
    if (this.#reading !== undefined) return
    if (this.#isStale || this.#heldAt === this.#last) void this.catchUp()
    this.#heldAt = this.#waiting.size > 0 ? this.#last : undefined
  }

  /** Afterwards nothing is handed on. */
  close(): void {
    this.#isClosed = true
  }

  /** `all`: also what is behind a hole. */
  #read(all: boolean): Promise<void> {
    this.#isStale = false
    this.#reading = (this.#isOpen ? this.#fill(all) : this.#findEnd()).then(
      () => {
        this.#reading = undefined
        this.#skipTo(this.#last)
        this.#goOn()
      },
      (error: unknown) => this.#fail(error),
    )
    return this.#reading
  }

  async #findEnd(): Promise<void> {
    const { epoch, lastSeq } = await this.#pipe.read(end)
    this.#epoch = epoch
    this.#skipTo(lastSeq)
    this.#readThrough = lastSeq
    this.#isOpen = true
  }

  async #fill(all: boolean): Promise<void> {
    const came = [...this.#waiting.keys()]
    const before = this.#epoch
    const { entries, lastSeq } = await this.#readLog(came)
    const isNew = this.#epoch !== before && this.#last === 0 // nobody here has anything of it
    for (const entry of entries) this.#expect(entry)
    // Those that came before we read and are not there: a replica is behind. They are not read for again and again.
    this.#readThrough = Math.max(lastSeq, ...came.filter((seq) => this.#waiting.has(seq)))
    if (!all && !isNew) return
    this.#handOnRead()
    this.#skipTo(lastSeq)
  }

  /** What is behind the last; all of it where the storage numbers anew. */
  async #readLog(came: readonly number[]): Promise<StoredLog> {
    const log = await this.#pipe.read(this.#last)
    const isSame = this.#epoch === undefined || log.epoch === this.#epoch
    this.#epoch = log.epoch
    if (isSame) return log
    const whole = await this.#pipe.read(0)
    for (const seq of came) if (seq > whole.lastSeq) this.#waiting.delete(seq) // of the numbering before
    this.#last = 0
    this.#ahead.clear()
    return whole
  }

  /** Hands on up to the next hole; if the storage may have what is missing there, it is asked. */
  #goOn(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) this.#handOn(next)
    if (this.#waiting.size === 0 || this.#isClosed) return
    if (this.#last >= this.#readThrough) void this.#read(false)
    else if (this.#waiting.size > maxWaiting) {
      this.#handOnRead()
      this.#goOn()
    }
  }

  #next(): StoredEntry | undefined {
    return this.#waiting.get(this.#last + 1)
  }

  /** Hands on all that the storage was read for, whatever is missing between them. */
  #handOnRead(): void {
    const inOrder = [...this.#waiting.values()].sort((a, b) => a.seq - b.seq)
    for (const entry of inOrder) if (entry.seq > this.#last && entry.seq <= this.#readThrough) this.#handOn(entry)
  }

  #handOn(entry: StoredEntry): void {
    this.#waiting.delete(entry.seq)
    this.#last = entry.seq
    if (!this.#isClosed) this.#pipe.deliver(entry)
  }

  /** Nothing up to `seq` is waited for any more. */
  #skipTo(seq: number): void {
    this.#last = Math.max(this.#last, seq)
    for (const waiting of this.#waiting.keys()) if (waiting <= this.#last) this.#waiting.delete(waiting)
  }

  /** Bounded: what the broker lost never comes. */
  #expect(entry: StoredEntry): void {
    if (entry.seq <= this.#last || this.#waiting.has(entry.seq)) return
    this.#waiting.set(entry.seq, entry)
    this.#ahead.add(entry.seq)
    if (this.#ahead.size > maxAhead) this.#ahead.delete(firstOf(this.#ahead))
  }

  /** While the storage cannot be read, the oldest go: it has them. */
  #dropSurplus(): void {
    if (this.#waiting.size <= maxWaiting) return
    const oldest = firstOf(this.#waiting.keys())
    this.#waiting.delete(oldest)
    this.#ahead.delete(oldest)
  }

  #fail(error: unknown): void {
    this.#reading = undefined
    this.#isStale = true
    if (!this.#isClosed) this.#pipe.failed(error)
  }
}

function firstOf(numbers: Iterable<number>): number {
  const [first = 0] = numbers
  return first
}
