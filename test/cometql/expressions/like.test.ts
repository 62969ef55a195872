import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { Budget } from '../../../lib/cometql/expressions/budget.ts'
import { matchesLike } from '../../../lib/cometql/expressions/like.ts'

const budget = (): Budget => new Budget(Infinity, () => undefined)
const like = (text: string, pattern: string, escape = '\\') => matchesLike(text, pattern, escape, true, budget())

describe('LIKE', () => {
  const cases: readonly (readonly [text: string, pattern: string, expected: boolean])[] = [
    ['', '', true],
    ['', '%', true],
    ['a', '', false],
    ['abc', 'abc', true],
    ['abc', 'ABC', false],
    ['abc', 'a%', true],
    ['abc', '%c', true],
    ['abc', '%b%', true],
    ['abc', 'a_c', true],
    ['abc', 'a_', false],
    ['abcabd', '%ab_', true],
    ['abcabd', '%abc', false],
    ['a%c', 'a\\%c', true],
    ['abc', 'a\\%c', false],
    ['a_c', 'a\\_c', true],
    ['a\\c', 'a\\\\c', true],
    ['👋!', '_!', true],
    ['a.c', 'a.c', true],
    ['axc', 'a.c', false],
  ]
  for (const [text, pattern, expected] of cases) {
    test(`'${text}' LIKE '${pattern}'`, () => assert.equal(like(text, pattern), expected))
  }

  test('another escape, and no capitals', () => {
    assert.equal(like('50%', '50!%', '!'), true)
    assert.equal(matchesLike('ABC', 'a_C', '\\', false, budget()), true)
  })

  test('takes no time that explodes: what takes long is refused', () => {
    const tooMuch = { code: 'COMET_ERR_TOO_MUCH_WORK', message: /^LIKE takes more than .* fewer % and _/ }
    assert.equal(like('a'.repeat(2000), `${'%a'.repeat(200)}%b`), false)
    assert.throws(() => like('a'.repeat(100_000), `%${'a_'.repeat(10_000)}b%`), tooMuch)
    assert.equal(like('a'.repeat(1_000_000), `%${'a'.repeat(50_000)}b${'a'.repeat(50_000)}%`), false)
  })

  test('a word in eight million characters is found', () => {
    const text = 'x'.repeat(8_000_000)
    assert.equal(like(`${text}word${text}`, '%word%'), true)
    assert.equal(like(text, '%word%'), false)
    assert.equal(like(`word${text}`, 'word%'), true)
    assert.equal(like(`${text}word`, '%word'), true)
  })
})
