import { test } from 'node:test'
import assert from 'node:assert/strict'
import { characterCount, offsetOf, reversed } from '../../../lib/cometql/expressions/code-points.ts'

for (const text of ['', 'abc', '😀a😀b', '\ud800a', 'a\udc00', '😀😀', 'ü😀é']) {
  test(`${JSON.stringify(text)} by characters, of which some take two places`, () => {
    const characters = Array.from(text)
    assert.equal(characterCount(text), characters.length)
    assert.equal(reversed(text), characters.toReversed().join(''))
    for (let count = -2; count < 6; count++) {
      assert.equal(text.slice(0, offsetOf(text, count)), characters.slice(0, Math.max(0, count)).join(''))
    }
  })
}
