import type { StoredEntry } from '../../storage/storage.ts'

/** A portion ends with the message that takes it above this, in characters. */
const portionSize = 256 * 1024

/**
 * Cuts stored messages into portions. Each is sent once the network has taken the one before: all at once, a thousand
 * messages of 1 MiB would be longer than a string can be, and more than may wait for a session.
 */
export function* portions(entries: readonly StoredEntry[]): Generator<readonly StoredEntry[]> {
  let from = 0
  let size = 0
  for (const [index, { message }] of entries.entries()) {
    size += message.length
    if (size < portionSize) continue
    yield entries.slice(from, index + 1)
    from = index + 1
    size = 0
  }
  if (from < entries.length) yield entries.slice(from)
}
