/**
 * SQL's LIKE in any case: `%` stands for any text, `_` for one character, a backslash makes the next one stand for itself.
 * Takes time in proportion to both lengths, whatever the pattern is.
 */
export function like(text: string, pattern: string): boolean {
  const subject = Array.from(text.toLowerCase())
  const wanted = parse(pattern.toLowerCase())
  let at = 0
  let next = 0
  let lastPercent = -1
  let retryAt = 0
  while (at < subject.length) {
    const part = wanted[next]
    if (part === anyText) {
      lastPercent = next++
      retryAt = at
    } else if (part !== undefined && (part === anyCharacter || part === subject[at])) {
      next++
      at++
    } else if (lastPercent === -1) {
      return false
    } else {
      // The last `%` takes one character more; earlier ones need not be tried again.
      next = lastPercent + 1
      at = ++retryAt
    }
  }
  return wanted.slice(next).every((part) => part === anyText)
}

const anyText = Symbol('%')
const anyCharacter = Symbol('_')

function parse(pattern: string): (string | symbol)[] {
  const parts: (string | symbol)[] = []
  let escaped = false
  for (const character of pattern) {
    if (character === '\\' && !escaped) {
      escaped = true
      continue
    }
    if (!escaped && character === '%') parts.push(anyText)
    else if (!escaped && character === '_') parts.push(anyCharacter)
    else parts.push(character)
    escaped = false
  }
  return parts
}
