import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { compare, compareForOrder, toNumber, toTruth } from '../../../lib/cometql/expressions/values.ts'

describe('the number in a text', () => {
  const cases: readonly (readonly [text: string, number: number])[] = [
    ['12', 12],
    [' 12 ', 12],
    ['1e3', 1000],
    ['-1.5x', -1.5],
    ['12 apples', 12],
    ['apples', 0],
    ['', 0],
    ['0x10', 0],
    ['Infinity', 0],
  ]
  for (const [text, number] of cases) test(JSON.stringify(text), () => assert.equal(toNumber(text), number))
})

test('two texts compare as texts, anything else as numbers', () => {
  assert(compare('10', '9', true) < 0)
  assert(compare('10', 9, true) > 0)
  assert.equal(compare('a', 'A', false), 0)
  assert(compare('a', 'A', true) > 0)
  assert.equal(compare(5n, '5.0', true), 0)
})

test('NULL comes first, and is neither true nor false', () => {
  assert.deepEqual(
    ['b', null, 'a', null].sort((a, b) => compareForOrder(a, b, true)),
    [null, null, 'a', 'b'],
  )
  assert.deepEqual([null, 0, '0', 0n, '1x', 2].map(toTruth), [null, false, false, false, true, true])
})
