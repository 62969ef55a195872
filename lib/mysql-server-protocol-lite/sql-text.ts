const quote = 0x27
const doubleQuote = 0x22
const backtick = 0x60
const backslash = 0x5c
const hash = 0x23
const dash = 0x2d
const slash = 0x2f
const star = 0x2a
const bang = 0x21
const questionMark = 0x3f
const semicolon = 0x3b
const space = 0x20

/** How many `?` of `sql` stand for values: those outside of quotes, names and comments. */
export function countPlaceholders(sql: string): number {
  let count = 0
  for (let at = findCode(sql, questionMark, 0); at !== -1; at = findCode(sql, questionMark, at + 1)) count++
  return count
}

/**
 * The statements of `sql`, cut at each `;` outside of quotes, names and comments; those of nothing but blanks and
 * comments are left out. A single statement comes back as it is.
 */
export function splitStatements(sql: string): string[] {
  if (!sql.includes(';')) return [sql]
  const statements: string[] = []
  let start = 0
  for (let at = findCode(sql, semicolon, 0); at !== -1; at = findCode(sql, semicolon, start)) {
    statements.push(sql.slice(start, at))
    start = at + 1
  }
  statements.push(sql.slice(start))
  return statements.filter((statement) => hasCode(statement))
}

/** Where the character `wanted` first stands as code at `from` or later; -1 if nowhere. `from` MUST itself be code. */
function findCode(sql: string, wanted: number, from: number): number {
  let at = from
  while (at < sql.length) {
    if (sql.charCodeAt(at) === wanted) return at
    at = skip(sql, at)
  }
  return -1
}

function hasCode(sql: string): boolean {
  let at = 0
  while (at < sql.length) {
    const next = skip(sql, at)
    // A step over one character that isn't blank, or over anything but a comment.
    if (!isBlank(sql.charCodeAt(at)) && commentEnd(sql, at) === -1) return true
    at = next
  }
  return false
}

/** The end of the quoted text, the comment or the single character that starts at `at`. */
function skip(sql: string, at: number): number {
  const code = sql.charCodeAt(at)
  if (code === quote || code === doubleQuote || code === backtick) return quotedEnd(sql, at, code)
  const end = commentEnd(sql, at)
  return end === -1 ? at + 1 : end
}

/** A doubled quote needs no care: it ends one text and begins the next. Backslashes escape, but not in names. */
function quotedEnd(sql: string, start: number, delimiter: number): number {
  for (let at = start + 1; at < sql.length; at++) {
    const code = sql.charCodeAt(at)
    if (code === delimiter) return at + 1
    if (code === backslash && delimiter !== backtick) at++
  }
  return sql.length
}

/** The end of the comment that starts at `at`; -1 if none does. */
function commentEnd(sql: string, at: number): number {
  const code = sql.charCodeAt(at)
  if (code === hash || (code === dash && startsDashComment(sql, at))) return endAfter(sql, '\n', at)
  if (code !== slash || sql.charCodeAt(at + 1) !== star) return -1
  // What is in /*! */ and /*M! */ is code.
  const third = sql.charCodeAt(at + 2)
  if (third === bang || sql.startsWith('M!', at + 2)) return -1
  return endAfter(sql, '*/', at + 2)
}

/** `--` begins a comment only before a blank or control character, or at the end: `5--1` is 6. */
function startsDashComment(sql: string, at: number): boolean {
  return sql.charCodeAt(at + 1) === dash && (at + 2 >= sql.length || isBlank(sql.charCodeAt(at + 2)))
}

function endAfter(sql: string, terminator: string, from: number): number {
  const found = sql.indexOf(terminator, from)
  return found === -1 ? sql.length : found + terminator.length
}

function isBlank(code: number): boolean {
  return code <= space
}
