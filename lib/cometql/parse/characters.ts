/** The character codes that the lexer looks at. */
export const Char = {
  bang: 0x21,
  doubleQuote: 0x22,
  hash: 0x23,
  quote: 0x27,
  open: 0x28,
  close: 0x29,
  star: 0x2a,
  plus: 0x2b,
  comma: 0x2c,
  dash: 0x2d,
  dot: 0x2e,
  slash: 0x2f,
  zero: 0x30,
  question: 0x3f,
  at: 0x40,
  backslash: 0x5c,
  backtick: 0x60,
  b: 0x62,
  e: 0x65,
  n: 0x6e,
  x: 0x78,
} as const

const start = 1
const part = 2

/** What a 7-bit character may do in an identifier. */
const classes = new Uint8Array(128)
for (let code = 0; code < 128; code++) {
  const isLetter = /[A-Za-z_$]/.test(String.fromCharCode(code))
  if (isLetter) classes[code] = start | part
  else if (code >= 0x30 && code <= 0x39) classes[code] = part
}

/** Letters, `_`, `$` and everything beyond ASCII. */
export function isIdentifierStart(code: number): boolean {
  return code < 128 ? ((classes[code] ?? 0) & start) !== 0 : code >= 128
}

/** The same, and digits. False for NaN, the code after the end. */
export function isIdentifierPart(code: number): boolean {
  return code < 128 ? ((classes[code] ?? 0) & part) !== 0 : code >= 128
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** Blanks, line ends and control characters; not NaN, the code after the end. */
export function isBlank(code: number): boolean {
  return code <= 0x20
}
