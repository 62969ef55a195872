import type { Entry, LogName, Storage, StoredEntry, TableName } from '../storage/storage.ts'

/** A MUST of `Storage` as a test: it throws an AssertionError where the storage does not keep to it. */
export type ConformanceTest = readonly [title: string, run: (storage: Storage) => Promise<void>]

/** Storages on the same data. */
export interface Shared {
  /** Makes one, already open. */
  readonly open: () => Promise<Storage>
  /** Closes one before the end of the test. */
  readonly close: (storage: Storage) => Promise<void>
}

/** The same for what only several storages on the same data can show. */
export type SharedTest = readonly [title: string, run: (shared: Shared) => Promise<void>]

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

/** Values that look like numbers, and are texts all the same. */
export const exoticNumbers: Readonly<Record<string, string>> = {
  zero: '0',
  'with a leading zero': '007',
  'with a sign': '-1',
  'with an exponent': '1e3',
  'above 32 bits': '4102444800',
  'of 2^53 - 1': '9007199254740991',
  'above 2^53': '9007199254740993',
  'above 64 bits': '99999999999999999999',
}

/** The keys that occur, pipe names (which differ in case only, too), user ids and tokens, and some that might. */
export const exoticKeys = [
  'a-b_c=d+e/f',
  'Case',
  'case',
  '0',
  '00',
  '-1',
  '9007199254740991',
  'session-hashes-of abcdefgh',
  'with space at the end',
  'with space at the end ',
  'имя 👍🏽 %_\\\'"',
  '',
  'x'.repeat(64),
  'j'.repeat(600),
  'k'.repeat(4096),
  `${'k'.repeat(4095)}l`,
]

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

/** 1 to `count`. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}
