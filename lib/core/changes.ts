import type { Entry } from '../storage/storage.ts'

/** Something that happened in a tenant and that a back-end may be waiting for. */
export type Change =
  | { readonly kind: 'message'; readonly pipe: string; readonly entry: Entry }
  | { readonly kind: 'members'; readonly pipe: string }
  | { readonly kind: 'user'; readonly userId: number }

/** Tells those who wait for a change; costs nothing while nobody does. */
export class Changes {
  readonly #watchers = new Set<(change: Change) => void>()

  /** Whether it is worth making a Change. */
  get isWatched(): boolean {
    return this.#watchers.size > 0
  }

  /** Calls `watcher` for every change until the returned function is called. A watcher MUST NOT throw. */
  watch(watcher: (change: Change) => void): () => void {
    this.#watchers.add(watcher)
    return () => {
      this.#watchers.delete(watcher)
    }
  }

  tell(change: Change): void {
    for (const watcher of [...this.#watchers]) watcher(change)
  }
}
