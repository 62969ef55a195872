import type { BinaryOperator } from './ast.ts'

/** Words that end an expression, so they are neither columns nor text unless quoted. */
export const reservedWords: ReadonlySet<string> = new Set(
  (
    'AND AS ASC BETWEEN BY CROSS DESC DIV ELSE END FOR FROM GROUP HAVING IN INNER INTO IS JOIN LIKE LIMIT MOD NATURAL ' +
    'NOT OFFSET ON OR ORDER REGEXP RLIKE SELECT STRAIGHT_JOIN THEN UNION USING WAIT WHEN WHERE XOR'
  ).split(' '),
)

/** What NOT may stand before. */
export const negatable: ReadonlySet<string> = new Set(['IN', 'LIKE', 'BETWEEN', 'REGEXP', 'RLIKE'])
export const unarySymbols: ReadonlySet<string> = new Set(['-', '+', '!', '~'])
/** Operators and clauses that may stand before a parenthesis without being functions. */
export const reservedCalls: ReadonlySet<string> = new Set(
  [...reservedWords, 'CASE', 'BINARY', 'INTERVAL'].filter((word) => word !== 'MOD'),
)

/** By how they are written. */
export const comparisons: ReadonlyMap<string, BinaryOperator> = new Map([
  ['=', '='],
  ['<>', '<>'],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
  ['<=>', '<=>'],
])

/** From the loosest to the tightest (MySQL Reference: "Operator Precedence"). */
export const arithmetics: readonly ReadonlyMap<string, BinaryOperator>[] = [
  new Map([['|', '|']]),
  new Map([['&', '&']]),
  new Map([
    ['<<', '<<'],
    ['>>', '>>'],
  ]),
  new Map([
    ['+', '+'],
    ['-', '-'],
  ]),
  new Map([
    ['*', '*'],
    ['/', '/'],
    ['%', '%'],
    ['MOD', '%'],
    ['DIV', 'DIV'],
  ]),
  new Map([['^', '^']]),
]

export const constants: ReadonlyMap<string, number | null> = new Map([
  ['NULL', null],
  ['TRUE', 1],
  ['FALSE', 0],
])

/** What may stand after IS. */
export const isOperands: ReadonlyMap<string, boolean | null> = new Map([
  ['NULL', null],
  ['UNKNOWN', null],
  ['TRUE', true],
  ['FALSE', false],
])

export const callsWithoutParentheses: ReadonlySet<string> = new Set(
  'CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER LOCALTIME LOCALTIMESTAMP UTC_DATE UTC_TIME UTC_TIMESTAMP'.split(
    ' ',
  ),
)
