import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { Kind, tokenize } from '../../../lib/cometql/parse/lexer.ts'

const kindNames = new Map(Object.entries(Kind).map(([name, kind]) => [kind, name]))

/** Tokens as `kind:text`, without the end. */
function tokens(sql: string, ansiQuotes = false): string[] {
  return tokenize(sql, ansiQuotes)
    .filter(({ kind }) => kind !== Kind.end)
    .map(({ kind, text, number }) => `${kindNames.get(kind)}:${number === undefined ? text : String(number)}`)
}

const cases: readonly (readonly [sql: string, ...expected: string[]])[] = [
  ['', ...[]],
  ['Select x', 'word:Select', 'word:x'],
  ['`a``b`', 'name:a`b'],
  ['``', 'name:'],
  ["'it''s'", "text:it's"],
  ['"say ""hi"""', 'text:say "hi"'],
  [String.raw`'\'\"\\\n\r\t\0\b\Z'`, 'text:\'"\\\n\r\t\0\b\x1a'],
  [String.raw`'\%\_\x'`, String.raw`text:\%\_x`],
  [String.raw`'ends with \\'`, 'text:ends with \\'],
  ["'привет 👋'", 'text:привет 👋'],
  ["N'x' n'y'", 'text:x', 'text:y'],
  ["X'4142' 0x4142 x''", 'text:AB', 'text:AB', 'text:'],
  ["b'101' B''", 'number:5', 'number:0'],
  ['1 2.5 .5 1e3 1.5e-1', 'number:1', 'number:2.5', 'number:0.5', 'number:1000', 'number:0.15'],
  ['9007199254740993', 'number:9007199254740993'],
  ['2abc 1e', 'word:2abc', 'word:1e'],
  ['? , ?', 'param:?', 'symbol:,', 'param:?'],
  ['@x @`y z` @', 'userVariable:x', 'userVariable:y z', 'userVariable:'],
  [
    '@@version @@session.sql_mode @@`x`',
    'systemVariable:version',
    'systemVariable:session.sql_mode',
    'systemVariable:x',
  ],
  [
    'a<=>b<>c!=d:=e||f&&g',
    ...['a', '<=>', 'b', '<>', 'c', '!=', 'd', ':=', 'e', '||', 'f', '&&', 'g'].map(
      (each) => `${/\w/.test(each) ? 'word' : 'symbol'}:${each}`,
    ),
  ],
  ['1 -- x\n2 # y\n3 /* z */ 4 --', 'number:1', 'number:2', 'number:3', 'number:4'],
  ['5--1', 'number:5', 'symbol:-', 'symbol:-', 'number:1'],
  ['/*!40101 SET x */', 'word:SET', 'word:x'],
  ['/*! a */ b', 'word:a', 'word:b'],
  ['/*!80000 a */ b', 'word:b'],
  ['/*M!100100 a */ b', 'word:a', 'word:b'],
  ['/*M!999999\\- sandbox */ b', 'word:b'],
  ['имя', 'word:имя'],
]

describe('tokens', () => {
  for (const [sql, ...expected] of cases) test(JSON.stringify(sql), () => assert.deepEqual(tokens(sql), expected))

  test('double quotes are for names under ANSI_QUOTES', () => {
    assert.deepEqual(tokens('"a" \'b\'', true), ['name:a', 'text:b'])
  })

  test('know where they stand', () => {
    const [, second] = tokenize("SELECT  'x'")
    assert.deepEqual([second?.start, second?.end], [8, 11])
  })
})

describe('what is not a token', () => {
  const mistakes: readonly (readonly [sql: string, message: RegExp])[] = [
    ["SELECT 'x", /expected the closing ' of the text near "'x" at position 8/],
    ["'x\\'", /closing '/],
    ['`x', /closing ` of the name/],
    ['/* x', /end of the comment/],
    ["X'4'", /even number of hexadecimal digits/],
    ["b'2'", /binary digits/],
    ['\\', /expected a word, a value or an operator near "\\" at position 1/],
    ['@@', /name of a system variable/],
  ]
  for (const [sql, message] of mistakes) {
    test(sql, () => assert.throws(() => tokenize(sql), { code: 'COMET_ERR_SYNTAX', number: 3, message }))
  }
})

test('a long text without escapes costs no more than its length', () => {
  const text = 'x'.repeat(1_000_000)
  assert.equal(tokenize(`'${text}'`)[0]?.text, text)
})
