import { open, type FileHandle } from 'node:fs/promises'

/**
 * Brings the write-ahead log to the disk. SQLite would do so within each COMMIT (synchronous = FULL), and the whole event
 * loop would stand still for it; here a thread of Node's waits, and one wait does for all commits before it.
 *
 * The extra descriptor is harmless: SQLite's locks are on the other two files (https://sqlite.org/wal.html).
 */
export class WalSync {
  readonly #file: FileHandle
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** `database`: the path of the database, whose log MUST be there. */
  static async open(database: string): Promise<WalSync> {
    return new WalSync(await open(`${database}-wal`, 'r+')) // Windows syncs only what may be written
  }

  /** Resolves when all that is committed now is on the disk; calls resolve in their order. */
  sync(): Promise<void> {
    if (this.#running === undefined) return this.#start()
    // What is running may have begun before the last commit.
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        return this.#start()
      })
    return this.#next
  }

  /** Resolves when no commit waits for the disk. */
  settled(): Promise<void> {
    return this.#next ?? this.#running ?? Promise.resolve()
  }

  async close(): Promise<void> {
    await this.settled().catch(() => undefined)
    await this.#file.close()
  }

  #start(): Promise<void> {
    const running = this.#file.datasync().finally(() => {
      if (this.#running === running) this.#running = undefined
    })
    this.#running = running
    return running
  }
}
