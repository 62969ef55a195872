import { test } from 'node:test'
import assert from 'node:assert/strict'
import { Searcher } from '../../../lib/cometql/expressions/searcher.ts'
import { Random } from '../../fuzz/random.ts'

test('finds what indexOf and split find, for short and long texts', () => {
  const random = new Random(1)
  const text = (length: number): string => Array.from({ length }, () => random.pick(['a', 'b'])).join('')
  for (let n = 0; n < 500; n++) {
    const needle = random.once(2) ? text(1 + random.below(8)) : 'ab'.repeat(17) + text(random.below(4))
    const haystack = text(random.below(50)) + (random.once(2) ? needle : '') + text(random.below(50))
    const from = random.below(20)
    const searcher = new Searcher(needle)
    assert.equal(searcher.indexIn(haystack, from), haystack.indexOf(needle, from), `${needle} in ${haystack}`)
    assert.deepEqual(searcher.split(haystack), haystack.split(needle))
  }
})
