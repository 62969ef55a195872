import { holdLock, type Locks } from './locks.ts'

interface Tab {
  pipes: readonly string[]
  /** The count of its last command that was sent. */
  taken: number
  readonly forget: () => void
}

/** The tabs that the leader serves, without its own. */
export class TabRegistry {
  readonly #tabs = new Map<string, Tab>()
  readonly #locks: Locks
  readonly #lockName: (tab: string) => string
  readonly #gone: () => void

  /** Each tab holds the lock `lockName(tab)` as long as it lives; `gone` is called when one has ended. */
  constructor(locks: Locks, lockName: (tab: string) => string, gone: () => void) {
    this.#locks = locks
    this.#lockName = lockName
    this.#gone = gone
  }

  get ids(): string[] {
    return [...this.#tabs.keys()]
  }

  /** All pipes that they want. */
  get pipes(): string[] {
    return [...this.#tabs.values()].flatMap(({ pipes }) => pipes)
  }

  /** Notes what a tab wants. */
  set(id: string, pipes: readonly string[]): void {
    this.#tab(id).pipes = pipes
  }

  remove(id: string): void {
    this.#tabs.get(id)?.forget()
    this.#tabs.delete(id)
    this.#gone()
  }

  /** Whether the `n`th command of a tab is new; then it counts as sent. */
  take(id: string, n: number): boolean {
    const tab = this.#tab(id)
    if (n <= tab.taken) return false
    tab.taken = n
    return true
  }

  clear(): void {
    for (const { forget } of this.#tabs.values()) forget()
    this.#tabs.clear()
  }

  #tab(id: string): Tab {
    let tab = this.#tabs.get(id)
    if (tab === undefined) {
      // Ours only when the tab has let it go, be it by a crash.
      const forget = holdLock(this.#locks, this.#lockName(id), () => this.remove(id))
      tab = { pipes: [], taken: 0, forget }
      this.#tabs.set(id, tab)
    }
    return tab
  }
}
