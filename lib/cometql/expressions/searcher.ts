/** Up to this length the engine's own search is quick in any case. */
const shortLength = 32

/**
 * Searches for one text in others in time proportional to these. `indexOf` takes the product of both lengths where the
 * text was made for that: seconds for a megabyte.
 */
export class Searcher {
  readonly #needle: string
  readonly #table: Int32Array | undefined

  constructor(needle: string) {
    this.#needle = needle
    this.#table = needle.length > shortLength ? tableOf(needle) : undefined
  }

  /** Like `text.indexOf(needle, from)`. */
  indexIn(text: string, from: number): number {
    const needle = this.#needle
    const table = this.#table
    if (table === undefined) return text.indexOf(needle, from)
    let matched = 0
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at)
      while (matched > 0 && needle.charCodeAt(matched) !== code) matched = table[matched - 1] ?? 0
      if (needle.charCodeAt(matched) === code) matched++
      if (matched === needle.length) return at - matched + 1
    }
    return -1
  }

  /** Like `text.split(needle)`. */
  split(text: string): string[] {
    if (this.#table === undefined) return text.split(this.#needle)
    const parts: string[] = []
    let start = 0
    for (let at = this.indexIn(text, 0); at !== -1; at = this.indexIn(text, start)) {
      parts.push(text.slice(start, at))
      start = at + this.#needle.length
    }
    parts.push(text.slice(start))
    return parts
  }
}

/** For each place of the needle, how long its longest beginning is that also ends there (Knuth, Morris and Pratt). */
function tableOf(needle: string): Int32Array {
  const table = new Int32Array(needle.length)
  let length = 0
  for (let at = 1; at < needle.length; at++) {
    while (length > 0 && needle.charCodeAt(at) !== needle.charCodeAt(length)) length = table[length - 1] ?? 0
    if (needle.charCodeAt(at) === needle.charCodeAt(length)) length++
    table[at] = length
  }
  return table
}
