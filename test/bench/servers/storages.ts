import { memoryStorage, type Storage } from 'star-comet'

/** A storage to measure. */
export interface StorageEntry {
  readonly name: string
  /** How to install what it needs; undefined when nothing is missing. */
  readonly missing: string | undefined
  open(): Promise<{ readonly storage: Storage; close(): Promise<void> }>
}

export const storages: readonly StorageEntry[] = [
  {
    name: 'memory',
    missing: undefined,
    open: () => Promise.resolve({ storage: memoryStorage(), close: () => Promise.resolve() }),
  },
]
