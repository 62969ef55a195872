import type { Scalar } from '../parse/ast.ts'
import { characterCount, offsetOf, reversed } from '../expressions/code-points.ts'
import { Searcher } from '../expressions/searcher.ts'
import { compare, fold, roundHalfAway, toNumber, toText } from '../expressions/values.ts'
import type { Functions } from './function.ts'

/** The text of the argument `index`; none of them is NULL, unless the function takes that. */
function textAt(args: readonly Scalar[], index: number): string {
  const value = args[index]
  return value === undefined || value === null ? '' : toText(value)
}

/** A count or a position: a whole number, rounded like in MySQL, halves away from 0. */
function numberAt(args: readonly Scalar[], index: number): number {
  const value = args[index]
  return value === undefined || value === null ? 0 : roundHalfAway(Number(toNumber(value)))
}

/** Functions of texts. Positions count from 1, in characters. */
export const textFunctions: Functions = {
  CONCAT: {
    min: 1,
    max: Infinity,
    type: 'text',
    length: (args) => joinedLength(args, ''),
    apply: (args) => joined(args, ''),
  },
  CONCAT_WS: {
    min: 2,
    max: Infinity,
    type: 'text',
    takesNull: true,
    length: (args) => (args[0] === null ? 0 : joinedLength(args.slice(1), textAt(args, 0))),
    apply: (args) => (args[0] === null ? null : joined(args.slice(1), textAt(args, 0))),
  },
  LEFT: { min: 2, type: 'text', apply: (args) => left(textAt(args, 0), numberAt(args, 1)) },
  RIGHT: { min: 2, type: 'text', apply: (args) => right(textAt(args, 0), numberAt(args, 1)) },
  SUBSTRING: { min: 2, max: 3, type: 'text', apply: substring },
  SUBSTR: { min: 2, max: 3, type: 'text', apply: substring },
  MID: { min: 2, max: 3, type: 'text', apply: substring },
  SUBSTRING_INDEX: { min: 3, type: 'text', apply: substringIndex },
  LENGTH: { min: 1, type: 'int', apply: (args) => Buffer.byteLength(textAt(args, 0)) },
  OCTET_LENGTH: { min: 1, type: 'int', apply: (args) => Buffer.byteLength(textAt(args, 0)) },
  CHAR_LENGTH: { min: 1, type: 'int', apply: (args) => characterCount(textAt(args, 0)) },
  CHARACTER_LENGTH: { min: 1, type: 'int', apply: (args) => characterCount(textAt(args, 0)) },
  UPPER: { min: 1, type: 'text', apply: (args) => textAt(args, 0).toUpperCase() },
  UCASE: { min: 1, type: 'text', apply: (args) => textAt(args, 0).toUpperCase() },
  LOWER: { min: 1, type: 'text', apply: (args) => textAt(args, 0).toLowerCase() },
  LCASE: { min: 1, type: 'text', apply: (args) => textAt(args, 0).toLowerCase() },
  TRIM: { min: 3, type: 'text', apply: (args) => trim(textAt(args, 0), textAt(args, 1), textAt(args, 2)) },
  LTRIM: { min: 1, type: 'text', apply: (args) => trim(textAt(args, 0), ' ', 'LEADING') },
  RTRIM: { min: 1, type: 'text', apply: (args) => trim(textAt(args, 0), ' ', 'TRAILING') },
  REPLACE: { min: 3, type: 'text', length: replacedLength, apply: replace },
  REVERSE: { min: 1, type: 'text', apply: (args) => reversed(textAt(args, 0)) },
  REPEAT: {
    min: 2,
    type: 'text',
    length: (args) => textAt(args, 0).length * Math.max(0, numberAt(args, 1)),
    apply: (args) => repeat(textAt(args, 0), numberAt(args, 1)),
  },
  LPAD: { min: 3, type: 'text', length: paddedLength, apply: (args) => pad(args, (text, padding) => padding + text) },
  RPAD: { min: 3, type: 'text', length: paddedLength, apply: (args) => pad(args, (text, padding) => text + padding) },
  LOCATE: {
    min: 2,
    max: 3,
    type: 'int',
    apply: (args) => locate(textAt(args, 1), textAt(args, 0), args.length > 2 ? numberAt(args, 2) : 1),
  },
  INSTR: { min: 2, type: 'int', apply: (args) => locate(textAt(args, 0), textAt(args, 1), 1) },
  STRCMP: { min: 2, type: 'int', apply: (args) => compare(textAt(args, 0), textAt(args, 1), false) },
  FIELD: { min: 2, max: Infinity, type: 'int', takesNull: true, apply: field },
  ELT: { min: 2, max: Infinity, type: 'text', takesNull: true, apply: elt },
  FIND_IN_SET: {
    min: 2,
    type: 'int',
    apply: (args) =>
      fold(textAt(args, 1))
        .split(',')
        .indexOf(fold(textAt(args, 0))) + 1,
  },
  QUOTE: {
    min: 1,
    type: 'text',
    takesNull: true,
    apply: (args) => (args[0] === null ? 'NULL' : quote(textAt(args, 0))),
  },
  ASCII: { min: 1, type: 'int', apply: (args) => Buffer.from(textAt(args, 0))[0] ?? 0 },
  CHAR: {
    min: 1,
    max: Infinity,
    type: 'text',
    apply: (args) => Buffer.from(args.map((_, index) => numberAt(args, index))).toString(),
  },
  SPACE: {
    min: 1,
    type: 'text',
    length: (args) => numberAt(args, 0),
    apply: (args) => repeat(' ', numberAt(args, 0)),
  },
}

function joined(values: readonly Scalar[], separator: string): string {
  return values
    .filter((value) => value !== null)
    .map(toText)
    .join(separator)
}

/** How long `joined` will be. */
function joinedLength(values: readonly Scalar[], separator: string): number {
  const texts = values.filter((value) => value !== null).map(toText)
  return texts.reduce((sum, { length }) => sum + length, separator.length * Math.max(0, texts.length - 1))
}

/** The first `count` characters. */
export function left(text: string, count: number): string {
  return text.slice(0, offsetOf(text, count))
}

function right(text: string, count: number): string {
  return count <= 0 ? '' : text.slice(offsetOf(text, characterCount(text) - count))
}

function substring(args: readonly Scalar[]): string {
  const text = textAt(args, 0)
  const position = numberAt(args, 1)
  const start = position < 0 ? characterCount(text) + position : position - 1
  if (start < 0) return ''
  const rest = text.slice(offsetOf(text, start))
  return args.length > 2 ? left(rest, numberAt(args, 2)) : rest
}

/** What stands before the count-th delimiter; counted from the end if negative. */
function substringIndex(args: readonly Scalar[]): string {
  const delimiter = textAt(args, 1)
  const count = numberAt(args, 2)
  if (delimiter === '' || count === 0) return ''
  const parts = new Searcher(delimiter).split(textAt(args, 0))
  return (count > 0 ? parts.slice(0, count) : parts.slice(count)).join(delimiter)
}

function trim(text: string, what: string, side: string): string {
  let start = 0
  let end = text.length
  if (what === '') return text
  if (side !== 'TRAILING') while (start < end && text.startsWith(what, start)) start += what.length
  if (side !== 'LEADING') while (end - what.length >= start && text.endsWith(what, end)) end -= what.length
  return text.slice(start, end)
}

function replace(args: readonly Scalar[]): string {
  const [text, from, to] = [textAt(args, 0), textAt(args, 1), textAt(args, 2)]
  // Several times as fast as replaceAll() where there are millions of them; and `$` means nothing.
  return from === '' ? text : new Searcher(from).split(text).join(to)
}

function replacedLength(args: readonly Scalar[]): number {
  const [text, from, to] = [textAt(args, 0), textAt(args, 1), textAt(args, 2)]
  if (from === '' || to.length <= from.length) return text.length
  const found = new Searcher(from).split(text).length - 1
  return text.length + found * (to.length - from.length)
}

function repeat(text: string, count: number): string {
  return count < 1 || text === '' ? '' : text.repeat(Math.trunc(count))
}

function pad(args: readonly Scalar[], join: (text: string, padding: string) => string): Scalar {
  const text = textAt(args, 0)
  const length = numberAt(args, 1)
  const padding = textAt(args, 2)
  if (length < 0) return null
  if (text.length >= length) return text.slice(0, length)
  return padding === '' ? '' : join(text, ''.padEnd(length - text.length, padding))
}

/** Without anything to pad with, the text only gets shorter. */
function paddedLength(args: readonly Scalar[]): number {
  return textAt(args, 2) === '' ? 0 : numberAt(args, 1)
}

function locate(text: string, needle: string, from: number): number {
  return from < 1 ? 0 : new Searcher(fold(needle)).indexIn(fold(text), from - 1) + 1
}

/** The argument at the place that the first one says, from 1. */
function elt(args: readonly Scalar[]): Scalar {
  return args.slice(1)[roundHalfAway(numberAt(args, 0)) - 1] ?? null
}

/** At which place of the others the first argument stands. */
function field(args: readonly Scalar[]): number {
  const [wanted = null, ...others] = args
  if (wanted === null) return 0
  return others.findIndex((other) => other !== null && compare(wanted, other, false) === 0) + 1
}

/** As a literal that means the same (MySQL Reference: QUOTE). */
function quote(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0').replaceAll('\x1a', '\\Z')
  return `'${escaped}'`
}
