import type { Entry, StoredEntry } from './storage.ts'

/** The entry with its place in the log. Member by member: in Node 20 `{ ...entry, seq }` takes ten times as long. */
export function numbered({ id, time, event, message, userId, json }: Entry, seq: number): StoredEntry {
  return { id, time, event, message, userId, json, seq }
}
