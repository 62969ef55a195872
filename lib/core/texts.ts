/** As many texts are remembered; then it begins anew. */
const maxTexts = 1000
/** Longer ones are hardly ever the same. */
const maxLength = 256
/** No browser says more: so much is kept of each. */
const maxKept = 1024

/** Keeps texts that many connections say, such as the names of browsers, once for all of them. */
export class Texts {
  readonly #known = new Map<string, string>()

  /** The same text, the same string wherever it was said before; of one that is too long its beginning. */
  shared(text: string): string {
    if (text.length > maxKept) return ownText(text.slice(0, maxKept))
    const known = this.#known.get(text)
    if (known !== undefined || text.length > maxLength) return known ?? text
    if (this.#known.size >= maxTexts) this.#known.clear()
    this.#known.set(text, text)
    return text
  }
}

/** The same text as a string of its own: what was cut out of another string keeps the whole of that in memory. */
export function ownText(text: string): string {
  return Buffer.from(text).toString()
}
