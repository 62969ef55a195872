import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { matchesLike } from '../../lib/cometql/like.ts'

const like = (text: string, pattern: string, escape = '\\') => matchesLike(text, pattern, escape, true)

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
    assert.equal(matchesLike('ABC', 'a_C', '\\', false), true)
  })

  test('takes no time that explodes', () => {
    assert.equal(like('a'.repeat(2000), `${'%a'.repeat(200)}%b`), false)
  })
})
