import type { StoredEntry, StoredLog } from '../../storage/storage.ts'

/** As an `after`, behind every entry. */
const end = Number.MAX_SAFE_INTEGER
/** As many messages of one pipe may be handed on before the broker brings them. */
const maxAhead = 1000

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
 * broker, where one may overtake another or be lost: then the storage, which has all of them, is asked.
 */
export class KeptOrder {
  readonly #pipe: KeptPipe
  #epoch: string | undefined
  /** The offset of the last one handed on. */
  #last = 0
  /** What came and is not handed on: it is read what came before. */
  #waiting: StoredEntry[] = []
  /** Handed on from the storage, and still to come by way of the broker. */
  readonly #ahead = new Set<number>()
  #reading: Promise<void> | undefined
  #isOpen = false
  #isStale = false
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
    if (this.#reading === undefined && entry.seq === this.#last + 1) this.#handOn(entry)
    else if (!this.#ahead.delete(entry.seq)) {
      // Behind the last: it came twice, or the storage has begun to number anew. In front of it: others are missing.
      this.#waiting.push(entry)
      if (this.#reading === undefined) void this.catchUp()
    }
  }

  /** Hands on what the storage has; resolves when all that it had at the time of the call is handed on. */
  async catchUp(): Promise<void> {
    while (this.#reading !== undefined) await this.#reading
    if (!this.#isClosed) await this.#read(() => (this.#isOpen ? this.#fill() : this.#findEnd()))
  }

  /** The same, if the history named by `epoch` is not handed on up to `offset`. */
  async reach(epoch: string, offset: number): Promise<void> {
    while (this.#reading !== undefined) await this.#reading
    if (epoch !== this.#epoch || offset > this.#last) await this.catchUp()
  }

  /** Tries again what failed. */
  retry(): void {
    if (this.#isStale && this.#reading === undefined) void this.catchUp()
  }

  /** Afterwards nothing is handed on. */
  close(): void {
    this.#isClosed = true
  }

  #read(work: () => Promise<void>): Promise<void> {
    this.#isStale = false
    this.#reading = work().then(
      () => this.#settle(),
      (error: unknown) => this.#fail(error),
    )
    return this.#reading
  }

  async #findEnd(): Promise<void> {
    const { epoch, lastSeq } = await this.#pipe.read(end)
    this.#epoch = epoch
    this.#last = lastSeq
    this.#isOpen = true
  }

  async #fill(): Promise<void> {
    const came = [...this.#waiting]
    const log = await this.#readLog()
    this.#waiting = this.#waiting.slice(came.length)
    const isHere = new Set(came.map(({ seq }) => seq))
    for (const entry of log.entries) {
      if (!isHere.has(entry.seq)) this.#expect(entry.seq)
      this.#handOn(entry)
    }
    this.#last = Math.max(this.#last, log.lastSeq)
    // What was stored before we read and is not there, was cut away, or a replica is behind.
    for (const entry of inOrder(came)) if (entry.seq > this.#last) this.#handOn(entry)
  }

  /** What is behind the last; all of it where the storage numbers anew. */
  async #readLog(): Promise<StoredLog> {
    const log = await this.#pipe.read(this.#last)
    const isSame = this.#epoch === undefined || log.epoch === this.#epoch
    this.#epoch = log.epoch
    if (isSame) return log
    this.#last = 0
    this.#ahead.clear()
    return await this.#pipe.read(0)
  }

  /** What came while it was read. */
  #settle(): void {
    this.#reading = undefined
    const waiting = inOrder(this.#waiting).filter(({ seq }) => !this.#ahead.delete(seq) && seq > this.#last)
    this.#waiting = []
    for (const entry of waiting) {
      if (entry.seq === this.#last + 1) this.#handOn(entry)
      else this.#waiting.push(entry)
    }
    if (this.#waiting.length > 0) void this.catchUp()
  }

  #fail(error: unknown): void {
    this.#reading = undefined
    this.#isStale = true
    if (!this.#isClosed) this.#pipe.failed(error)
  }

  #handOn(entry: StoredEntry): void {
    this.#last = entry.seq
    if (!this.#isClosed) this.#pipe.deliver(entry)
  }

  /** Bounded: what the broker lost never comes. */
  #expect(seq: number): void {
    this.#ahead.add(seq)
    if (this.#ahead.size <= maxAhead) return
    const [first = 0] = this.#ahead
    this.#ahead.delete(first)
  }
}

function inOrder(entries: readonly StoredEntry[]): StoredEntry[] {
  return [...entries].sort((a, b) => a.seq - b.seq)
}
