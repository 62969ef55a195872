import type { Entry, LogName, Storage, StoredEntry, TableName } from '../storage/storage.ts'

/** A MUST of `Storage` as a test: it throws an AssertionError where the storage does not keep to it. */
export type ConformanceTest = readonly [title: string, run: (storage: Storage) => Promise<void>]

/** All tables. */
export const tables: readonly TableName[] = [
  'users_auth',
  'users_time',
  'users_data',
  'pipes_settings',
  'revoked_tokens',
]
/** All logs. */
export const logs: readonly LogName[] = ['pipes_messages', 'users_messages']

/** Texts that must come back exactly as they were. */
export const exoticTexts: Readonly<Record<string, string>> = {
  empty: '',
  'with spaces around it': ' a\t',
  'with NUL': 'a\0b',
  'with quotes and backslashes': `it's "so" \\ \\' %s \${x} $1`,
  'with line breaks': 'a\nb\r\nc\u2028d',
  'with emoji': '👍🏽 Ünïcode имя',
  'of 1 MiB': 'é'.repeat(512 * 1024),
}

/** The keys that occur: pipe names (which differ in case only, too), user ids, and JWTs. */
export const exoticKeys = ['a-b_c=d+e/f', 'Case', 'case', '0', '9007199254740991', 'x'.repeat(64), 'j'.repeat(600)]

/** An entry to append, told from others by its number. */
export function entry(number: number): Entry {
  return {
    id: `id-${number}`,
    time: 1_700_000_000 + number,
    event: number % 2 === 0 ? '' : 'add',
    message: `{"n":${number}}`,
    userId: number,
    json: number % 2 === 0,
  }
}

/** The entry with the members of the interface only: adapters MAY return more. */
export function plain({ seq, id, time, event, message, userId, json }: StoredEntry): StoredEntry {
  return { seq, id, time, event, message, userId, json }
}

/** The places of the entries. */
export function seqs(entries: readonly StoredEntry[]): number[] {
  return entries.map(({ seq }) => seq)
}

/** The rows in the order of their keys: tables have none of their own. */
export function sorted(rows: ReadonlyMap<string, string>): [string, string][] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The entries of a log. */
export async function entries(storage: Storage, ...where: Parameters<Storage['read']>): Promise<StoredEntry[]> {
  return (await storage.read(...where)).entries
}
