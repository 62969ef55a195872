import type { CharacterTest } from './pattern.ts'

const tests = {
  digit: /^\p{Nd}$/u,
  alpha: /^\p{L}$/u,
  alnum: /^[\p{L}\p{Nd}]$/u,
  upper: /^\p{Lu}$/u,
  lower: /^\p{Ll}$/u,
  punct: /^[\p{P}$+<=>^`|~]$/u,
  space: /^\s$/u,
  blank: /^[ \t]$/u,
  cntrl: /^\p{Cc}$/u,
  xdigit: /^[0-9A-Fa-f]$/u,
  word: /^[\p{L}\p{Nd}_]$/u,
  print: /^[\P{C}]$/u,
  graph: /^[^\s\p{C}]$/u,
} as const

/** The names that `[:name:]` may have. */
export const classNames: readonly string[] = Object.keys(tests)

/** What `[:name:]` means; undefined for a name that there is not. */
export function characterClass(name: string): CharacterTest | undefined {
  if (!Object.hasOwn(tests, name)) return undefined
  const test = tests[name as keyof typeof tests]
  return (codePoint) => test.test(String.fromCodePoint(codePoint))
}

/** What `\d` and its like mean; those in capitals are the others. Undefined for other letters. */
export function escapedClass(letter: string): CharacterTest | undefined {
  const name = escapes.get(letter.toLowerCase())
  const test = name === undefined ? undefined : characterClass(name)
  if (test === undefined) return undefined
  return letter === letter.toLowerCase() ? test : (codePoint) => !test(codePoint)
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['d', 'digit'],
  ['w', 'word'],
  ['s', 'space'],
  ['h', 'blank'],
])

/** What is between words and what is not. */
export const isWordCharacter: CharacterTest = (codePoint) => tests.word.test(String.fromCodePoint(codePoint))
