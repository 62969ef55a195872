import { Char } from './characters.ts'
import { syntaxError } from './syntax-error.ts'

/** What follows a backslash, and what the two mean (MySQL Reference: "String Literals"). Other characters mean themselves. */
const escapes: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['b', '\b'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['Z', '\x1a'],
  // Both characters stay: LIKE takes the backslash itself.
  ['%', '\\%'],
  ['_', '\\_'],
])

/**
 * Reads the quoted text whose opening quote is at `start`: the text as meant, and the offset after the closing quote.
 * Text without escapes, the usual case, is one slice.
 * @throws CometError COMET_ERR_SYNTAX if it does not end
 */
export function readEscapedText(sql: string, start: number): { text: string; end: number } {
  const quoteCode = sql.charCodeAt(start)
  const quote = quoteCode === Char.quote ? "'" : '"'
  const end = sql.indexOf(quote, start + 1)
  if (end === -1) throw syntaxError(sql, start, `the closing ${quote} of the text`)
  const text = sql.slice(start + 1, end)
  if (sql.charCodeAt(end + 1) !== quoteCode && !text.includes('\\')) return { text, end: end + 1 }
  return readInPieces(sql, start, quoteCode)
}

/** Runs between the escapes are sliced, not copied character by character. */
function readInPieces(sql: string, start: number, quoteCode: number): { text: string; end: number } {
  let text = ''
  let runStart = start + 1
  for (let at = runStart; at < sql.length; at++) {
    const code = sql.charCodeAt(at)
    if (code === Char.backslash && at + 1 < sql.length) {
      const escaped = sql.charAt(at + 1)
      text += sql.slice(runStart, at) + (escapes.get(escaped) ?? escaped)
      runStart = at + 2
      at++
    } else if (code === quoteCode) {
      text += sql.slice(runStart, at)
      if (sql.charCodeAt(at + 1) !== quoteCode) return { text, end: at + 1 }
      runStart = at + 1
      at++
    }
  }
  throw syntaxError(sql, start, `the closing ${String.fromCharCode(quoteCode)} of the text`)
}
