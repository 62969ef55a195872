import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { Budget } from '../../../lib/cometql/expressions/budget.ts'
import { Regexp } from '../../../lib/cometql/regexp/regexp.ts'
import { Random } from '../../fuzz/random.ts'
import { backEnd } from '../back-end.ts'

const matches = (text: string, pattern: string, fold = false): boolean =>
  new Regexp(pattern, fold, new Budget(Infinity, () => undefined)).matches(text)

describe('REGEXP', () => {
  // JavaScript's own expressions mean the same for these.
  const patterns = [
    'abc',
    'a.c',
    '^abc$',
    '^$',
    'a*',
    '^a+b?$',
    '^(ab|cd)+$',
    '^(?:a|b)*c{2,3}$',
    '^a{2}$',
    '^a{2,}b{0,1}$',
    'x{0}',
    '[abc]+',
    '^[^abc]+$',
    '^[a-cx-z]+$',
    '^[]x]',
    '[a-]$',
    '[\\]\\\\]',
    '^\\w+$',
    '\\d\\d',
    '\\s',
    '^\\W$',
    '\\bab\\b',
    '\\Bb',
    'a|',
    '|',
    '()',
    '^(a|ab)(c|bcd)(d*)$',
    '\\.',
    'a\\tb',
    '^(a?){3}$',
    '(a*)*b',
    '(^a|b$)',
    'a+?b*?',
    '^.{2}$',
    'a{x',
  ]
  const texts = [
    '',
    'a',
    'ab',
    'abc',
    'xabcx',
    'aab',
    'abcd',
    'cc',
    'ccc',
    'ab cd',
    '12',
    'a-b',
    ']',
    '\\',
    'a.c',
    'a\tb',
    'b',
    'a{x',
    '😀',
  ]
  for (const pattern of patterns) {
    const expected = new RegExp(pattern.replace('[]x]', '[\\]x]'), pattern.includes('{x') ? '' : 'u')
    test(`'${pattern}' as in JavaScript`, () => {
      for (const text of texts) assert.equal(matches(text, pattern), expected.test(text), text)
    })
  }

  test('made of templates: as in JavaScript', () => {
    const random = new Random(7)
    const atom = (depth: number): string => {
      const kind = random.below(depth > 0 ? 8 : 4)
      if (kind === 0) return random.pick(['a', 'b', 'c'])
      if (kind === 1) return '.'
      if (kind === 2) return random.pick(['[ab]', '[^a]', '[a-c]', '\\w'])
      if (kind === 3) return random.pick(['^', '$', '\\b'])
      if (kind === 4) return `(${atom(depth - 1)}|${atom(depth - 1)})`
      if (kind === 5) return `(?:${atom(depth - 1)}${atom(depth - 1)})${random.pick(['*', '+', '?', '{2}', '{1,2}'])}`
      return atom(depth - 1) + atom(depth - 1)
    }
    for (let count = 0; count < 1000; count++) {
      const pattern = atom(4)
      const expected = new RegExp(pattern, 'u')
      for (const text of ['', 'a', 'ab', 'bca', 'cab ba', 'aaab']) {
        assert.equal(matches(text, pattern), expected.test(text), `'${text}' REGEXP '${pattern}'`)
      }
    }
  })

  test('classes, and letters of all languages', () => {
    assert.equal(matches('Привет', '^[[:alpha:]]+$'), true)
    assert.equal(matches('Привет', '^\\w+$'), true)
    assert.equal(matches('a1', '^[[:alpha:][:digit:]]+$'), true)
    assert.equal(matches('a', '[[:digit:]]'), false)
    assert.equal(matches('a b', '[[:space:]]'), true)
  })

  test('capitals make a difference or not', () => {
    assert.equal(matches('ABC', 'abc'), false)
    assert.equal(matches('ABC', 'abc', true), true)
    assert.equal(matches('ПРИВЕТ', '^[а-я]+$', true), true)
    assert.equal(matches('A', '[[:lower:]]', true), true)
  })

  const wrong: readonly (readonly [pattern: string, message: RegExp])[] = [
    ['(', /nothing closes/],
    [')', /nothing opens/],
    ['[a', /ends too early/],
    ['*', /"\*" with nothing before it/],
    ['a{3,2}', /braces/],
    ['a{5000}', /up to 1000/],
    ['[z-a]', /wrong way round/],
    ['[[:nonsense:]]', /the classes are \[:digit:\]/],
    ['a\\', /ends too early/],
    ['(a)\\1', /\\1 in REGEXP is not supported/],
    ['(?=a)', /\(\?= in REGEXP is not supported/],
    ['(((a{1000}){1000}){1000})', /more than 5000 steps/],
    ['((((){1000}){1000}){1000})', /more than 5000 steps/],
    ['('.repeat(5000), /within each other/],
    ['a' + '*'.repeat(5000), /repetitions of one another/],
    ['a'.repeat(10_001), /The pattern of REGEXP is too long: 10001 characters, the limit is 10000/],
  ]
  for (const [pattern, message] of wrong) {
    test(`'${pattern.slice(0, 40)}' is a sentence`, () => assert.throws(() => matches('a', pattern), { message }))
  }

  test('patterns that are known to take for ever take a moment, or are refused', () => {
    const long = 'a'.repeat(50_000)
    for (const pattern of [
      '(a*)*b',
      '(a+)+b',
      '(a|aa)+$b',
      '(a|a?)+b',
      '^(a+)*c',
      '(.*)*(.*)*(.*)*b',
      'a?'.repeat(30) + 'b',
    ]) {
      assert.equal(matches(long, pattern), false, pattern)
    }
    const tooMuch = { code: 'COMET_ERR_TOO_MUCH_WORK', message: /^REGEXP takes more than/ }
    assert.throws(() => matches('a'.repeat(1_000_000), 'a{500}b'), tooMuch)
    assert.throws(() => matches(long, `[${'b'.repeat(9000)}]`), tooMuch)
  })
})

test('REGEXP, RLIKE and NOT REGEXP in statements', async (t) => {
  const db = await backEnd(t)
  await db.ok("INSERT INTO users_auth (id, hash) VALUES (1, 'abc'), (2, 'ABC'), (3, 'xyz')")
  const ids = async (condition: string, ...params: string[]): Promise<unknown[]> =>
    (await db.values(`SELECT id FROM users_auth WHERE ${condition} ORDER BY id LIMIT 9`, ...params)).flat()
  assert.deepEqual(await ids("hash REGEXP '^a'"), [1]) // the column's capitals make a difference
  assert.deepEqual(await ids("hash COLLATE utf8mb4_general_ci RLIKE '^a'"), [1, 2])
  assert.deepEqual(await ids("hash NOT REGEXP '^a'"), [2, 3])
  assert.deepEqual(await ids('hash NOT RLIKE ?', 'x|B'), [1])
  assert.deepEqual(await ids("hash REGEXP 'a' = 1 AND id IN (1, 2)"), [1])
  assert.deepEqual(await db.values("SELECT 'a' REGEXP NULL, NULL REGEXP 'a', 5 REGEXP '5', 'Ab' REGEXP 'aB'"), [
    [null, null, 1, 1],
  ])
  assert.match((await db.error("SELECT 'a' REGEXP '('")).message, /^REGEXP "\(" is not valid/)
  assert.deepEqual(await db.values("SELECT CONCAT('x', ? REGEXP 'b')", 'abc'), [['x1']])
})
