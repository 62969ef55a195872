import { isUtf8 } from 'node:buffer'
import { MysqlError } from './errors.ts'

/** Turns bytes of a client into text. */
export type Decode = (bytes: Buffer) => string

/** Character sets other than UTF-8 that clients may send: MySQL's name, the label of the Encoding Standard, collation ids. */
const legacyCharsets: readonly (readonly [name: string, label: string, collations: readonly number[]])[] = [
  ['latin1', 'windows-1252', [5, 8, 15, 31, 47, 48, 49, 94]],
  ['ascii', 'windows-1252', [11, 65]],
  ['latin2', 'iso-8859-2', [2, 9, 21, 27, 77]],
  ['latin5', 'windows-1254', [30, 78]],
  ['latin7', 'iso-8859-13', [20, 41, 42, 79]],
  ['cp1250', 'windows-1250', [26, 34, 44, 66, 99]],
  ['cp1251', 'windows-1251', [14, 23, 50, 51, 52]],
  ['cp1256', 'windows-1256', [57, 67]],
  ['cp1257', 'windows-1257', [29, 58, 59]],
  ['cp866', 'ibm866', [36, 68]],
  ['koi8r', 'koi8-r', [7, 74]],
  ['koi8u', 'koi8-u', [22, 75]],
  ['greek', 'iso-8859-7', [25, 70]],
  ['hebrew', 'iso-8859-8', [16, 71]],
  ['tis620', 'windows-874', [18, 89]],
  ['macroman', 'macintosh', [39, 53]],
  ['ujis', 'euc-jp', [12, 91]],
  ['eucjpms', 'euc-jp', [97, 98]],
  ['euckr', 'euc-kr', [19, 85]],
]

/**
 * Character sets in which a backslash or a letter may be the second byte of a character. Clients escape quotes by bytes,
 * statements are read as text: where the two see different characters, a value can end its quotes.
 */
const unsafeCharsets: ReadonlyMap<string, readonly number[]> = new Map([
  ['big5', [1, 84]],
  ['gb2312', [24, 86]],
  ['gbk', [28, 87]],
  ['gb18030', [248, 249, 250]],
  ['sjis', [13, 88]],
  ['cp932', [95, 96]],
])

/** @throws MysqlError 1231 for the collation id of a character set that statements cannot safely be read in */
export function checkCollation(id: number | undefined): void {
  if (id === undefined) return
  for (const [name, collations] of unsafeCharsets) if (collations.includes(id)) throw unsafe(name)
}

/** The same for a character set by MySQL's name, in any case. */
export function checkCharset(name: string): void {
  if (unsafeCharsets.has(name.toLowerCase())) throw unsafe(name)
}

function unsafe(charset: string): MysqlError {
  return new MysqlError(
    `The character set ${charset} is not supported, because a backslash may be a part of its characters: use utf8mb4`,
    1231,
    '42000',
  )
}

/** The decoder for a collation id of a login; UTF-8 for all of utf8mb4's, utf8mb3's and unknown ones. */
export function decoderOfCollation(id: number): Decode {
  const found = legacyCharsets.find(([, , collations]) => collations.includes(id))
  return found === undefined ? decodeUtf8 : legacyDecoder(found[1])
}

/** The decoder for a character set by MySQL's name, in any case; UTF-8 for unknown ones. */
export function decoderOfCharset(name: string): Decode {
  const found = legacyCharsets.find(([known]) => known === name.toLowerCase())
  return found === undefined ? decodeUtf8 : legacyDecoder(found[1])
}

/** UTF-8; bytes that are none become U+FFFD. */
export function decodeUtf8(bytes: Buffer): string {
  return bytes.toString('utf8')
}

/** Several clients announce latin1 because nobody told them otherwise, and send UTF-8: what is valid UTF-8 is taken as that. */
function legacyDecoder(label: string): Decode {
  const decoder = label === 'windows-1252' ? windows1252 : new TextDecoder(label)
  return (bytes) => (isUtf8(bytes) ? decodeUtf8(bytes) : decoder.decode(bytes))
}

/** What MySQL's latin1 has in place of ISO 8859-1's control characters 0x80 to 0x9f. */
const windows1252Specials = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

/** Node's own decoder of this name does ISO 8859-1 in several releases of Node 20 and 22. */
const windows1252 = {
  decode: (bytes: Buffer): string =>
    bytes
      .toString('latin1')
      .replace(/[\x80-\x9f]/g, (control) => windows1252Specials.charAt(control.charCodeAt(0) - 0x80)),
}

const charsetStatement =
  /^\s*(?:\/\*!\d*\s*)?SET\s+(?:NAMES\s|CHARACTER\s+SET\s|CHARSET\s|(?:SESSION\s|LOCAL\s|@@|@@SESSION\.|@@LOCAL\.)?character_set_client\s*(?::?=))\s*['"`]?(\w+)/i

/** The character set that a statement like `SET NAMES cp1251` switches to; undefined for other statements. */
export function charsetSetBy(sql: string): string | undefined {
  return mayBeSet(sql) ? charsetStatement.exec(sql)?.[1] : undefined
}

/** A glance at the first character spares nearly all statements the regular expression. */
function mayBeSet(sql: string): boolean {
  const first = sql.charCodeAt(0)
  return first === 0x53 || first === 0x73 || first === 0x2f || first <= 0x20
}
