/**
 * Whether `text` matches the LIKE pattern: `%` is any text, `_` any one character, `escape` takes the meaning from the
 * character after it. No regular expression, and time at most the product of both lengths, whatever the pattern is.
 */
export function matchesLike(text: string, pattern: string, escape: string, isBinary: boolean): boolean {
  const parts = compilePattern(isBinary ? pattern : pattern.toLowerCase(), isBinary ? escape : escape.toLowerCase())
  return matches(Array.from(isBinary ? text : text.toLowerCase()), parts)
}

const anyText = Symbol('%')
const anyCharacter = Symbol('_')
type Part = string | typeof anyText | typeof anyCharacter

function compilePattern(pattern: string, escape: string): Part[] {
  const characters = Array.from(pattern)
  const parts: Part[] = []
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? ''
    const escaped = characters[at + 1]
    if (character === escape && escaped !== undefined) {
      parts.push(escaped)
      at++
    } else parts.push(character === '%' ? anyText : character === '_' ? anyCharacter : character)
  }
  return parts
}

/** Where a part does not match, the last `%` takes one character more and all after it is tried again. */
function matches(characters: readonly string[], parts: readonly Part[]): boolean {
  let at = 0
  let part = 0
  let lastAny = -1
  let takenByAny = 0
  while (at < characters.length) {
    const wanted = parts[part]
    if (wanted === anyText) {
      lastAny = part++
      takenByAny = at
    } else if (wanted === anyCharacter || (wanted !== undefined && wanted === characters[at])) {
      part++
      at++
    } else if (lastAny !== -1) {
      part = lastAny + 1
      at = ++takenByAny
    } else return false
  }
  return parts.slice(part).every((rest) => rest === anyText)
}
