/** Halves of characters that take two: most texts have none, and these need no splitting into characters. */
const surrogates = /[\ud800-\udfff]/

/** The offset in `text` behind the first `count` characters. */
export function offsetOf(text: string, count: number): number {
  if (count >= text.length || !surrogates.test(text)) return Math.min(Math.max(0, count), text.length)
  let at = 0
  for (let seen = 0; seen < count && at < text.length; seen++) at += widthAt(text, at)
  return at
}

/** How many characters there are. */
export function characterCount(text: string): number {
  if (!surrogates.test(text)) return text.length
  let count = 0
  for (let at = 0; at < text.length; at += widthAt(text, at)) count++
  return count
}

/** The characters from back to front. */
export function reversed(text: string): string {
  const bytes = Buffer.allocUnsafe(text.length * 2)
  let end = bytes.length
  for (let at = 0; at < text.length;) {
    const width = widthAt(text, at)
    end -= width * 2
    for (let half = 0; half < width; half++) bytes.writeUInt16LE(text.charCodeAt(at + half), end + half * 2)
    at += width
  }
  return bytes.toString('utf16le')
}

/** How many places of the string the character at `at` takes. */
export function widthAt(text: string, at: number): 1 | 2 {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}
