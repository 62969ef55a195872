import type { MysqlValue } from './mysql-driver.ts'

/** `?, ?, ?` */
export function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ')
}

/** `(?, ?), (?, ?)`: rows of an INSERT. */
export function rowMarks(rows: number, columns: number): string {
  const row = `(${marks(columns)})`
  return Array.from({ length: rows }, () => row).join(', ')
}

/** A statement is cut off above this, in characters of its values: far below `max_allowed_packet`, 16 MiB by default. */
const maxCharacters = 512 * 1024

/**
 * Cuts a list so that each part goes into one statement.
 * @param most how many of a part at most
 * @param size how many characters one takes, about
 */
export function* chunks<One>(list: readonly One[], most: number, size?: (one: One) => number): Generator<One[]> {
  let chunk: One[] = []
  let characters = 0
  for (const one of list) {
    const more = size?.(one) ?? 0
    if (chunk.length > 0 && (chunk.length === most || characters + more > maxCharacters)) {
      yield chunk
      chunk = []
      characters = 0
    }
    chunk.push(one)
    characters += more
  }
  if (chunk.length > 0) yield chunk
}

/** How many characters a row takes, about. */
export function sizeOf(values: readonly MysqlValue[]): number {
  return values.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0)
}

/** The members of a list by what `group` says of them, each in the order of the list. */
export function groups<One>(list: readonly One[], group: (one: One) => string): Map<string, [One, ...One[]]> {
  const found = new Map<string, [One, ...One[]]>()
  for (const one of list) {
    const name = group(one)
    const members = found.get(name)
    if (members === undefined) found.set(name, [one])
    else members.push(one)
  }
  return found
}
