import type { Random } from './random.ts'
import { generateSql, statements, values } from './statements.ts'

type Mutation = (tokens: string[], random: Random) => void

/** Texts, names, words, blanks, and all else character by character. */
const token = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`|[\w$@]+|\s+|[^]/gu

/** What does not end, or means something else than it looks like. */
const odd: readonly string[] = [
  "'", '"', '`', '/*', '*/', '/*!', '/*!50000', '/*M!100100', '--', '-- ', '#', '\0', '\\', "\\'", ';', ';;', '(', ')', '((((', ',', '.', '..', '@', '@@', ':=', '<=>', '<', '=',
  '!', '*', '%', '?', '{', '}', '\u00a0', '\u2028', '\ufeff', '😀', '\ud83d', 'é', 'ǰ', "''", "'\\", "X'", "N'", "b'", '0x', '1e', '1.', '.1', '1..2', 'NULL', 'AND', 'OR', 'NOT', 'IN', 'IS', 'LIKE', 'ESCAPE',
  'BETWEEN', 'SELECT', 'FROM', 'WHERE', 'AS', 'UNION', 'CASE', 'END', 'DISTINCT', 'INTERVAL', 'COLLATE', 'BINARY', 'LIMIT', 'ORDER', 'BY', 'GROUP', 'WAIT', 'constructor', '__proto__', 'toString', 'hasOwnProperty',
] // prettier-ignore

const mutations: readonly Mutation[] = [
  (tokens, random) => tokens.splice(random.below(tokens.length), 1 + random.below(3)),
  (tokens, random) => tokens.splice(at(tokens, random), 0, random.pick(odd)),
  (tokens, random) => tokens.splice(at(tokens, random), 0, random.pick(values)),
  (tokens, random) => tokens.splice(random.below(tokens.length), 1, random.pick(odd)),
  (tokens, random) => tokens.splice(random.below(tokens.length), 1, random.pick(values)),
  (tokens, random) => tokens.splice(at(tokens, random), 0, random.pick(tokens)),
  swap,
  (tokens, random) => tokens.splice(at(tokens, random), tokens.length, ...cutOf(random.pick(statements), random)),
  (tokens, random) => tokens.splice(at(tokens, random), 0, ...cutOf(generateSql(random), random).slice(0, 6)),
  repeatPiece,
  nest,
  (tokens, random) => tokens.splice(random.below(tokens.length), 1, random.pick(tokens).toUpperCase()),
  (tokens) => tokens.push(';', tokens.join('')),
]

function at(tokens: readonly string[], random: Random): number {
  return random.below(tokens.length + 1)
}

function swap(tokens: string[], random: Random): void {
  const [a, b] = [random.below(tokens.length), random.below(tokens.length)]
  const [first = '', second = ''] = [tokens[a], tokens[b]]
  tokens[a] = second
  tokens[b] = first
}

/** Long lists and long chains, mostly short ones. */
function repeatPiece(tokens: string[], random: Random): void {
  const start = random.below(tokens.length)
  const piece = tokens.slice(start, start + 1 + random.below(6))
  const times = random.once(50) ? 2000 : 1 + random.below(20)
  tokens.splice(start, 0, ...Array.from({ length: times }, () => piece).flat())
}

/** Parentheses, calls and signs, one within the other. */
function nest(tokens: string[], random: Random): void {
  const [open, close] = random.pick([
    ['(', ')'],
    ['IF(1,', ',2)'],
    ['CONCAT(', ')'],
    ['(SELECT ', ')'],
    ['NOT ', ''],
    ['-', ''],
    ['CASE WHEN ', ' THEN 1 END'],
    ['/*! ', ' */'],
  ] as const)
  const depth = random.once(50) ? 5000 : 1 + random.below(10)
  const start = random.below(tokens.length)
  tokens.splice(start, 1, open.repeat(depth), tokens[start] ?? '', close.repeat(depth))
}

function cutOf(sql: string, random: Random): string[] {
  const tokens = sql.match(token) ?? []
  return tokens.slice(random.below(tokens.length))
}

/** A statement with up to four changes. */
export function mutateSql(sql: string, random: Random): string {
  const tokens = sql.match(token) ?? ['']
  for (let count = 1 + random.below(4); count > 0; count--) {
    random.pick(mutations)(tokens, random)
    if (tokens.length === 0) tokens.push(' ')
  }
  return tokens.join('')
}

/** A statement from the list, or a new one, changed or as it is. */
export function anySql(random: Random): string {
  if (random.once(3)) return generateSql(random)
  return mutateSql(random.once(4) ? generateSql(random) : random.pick(statements), random)
}
