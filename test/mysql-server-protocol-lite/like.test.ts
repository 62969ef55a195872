import assert from 'node:assert/strict'
import { test } from 'node:test'
import { like } from '../../lib/mysql-server-protocol-lite/like.ts'

for (const [text, pattern, expected] of [
  ['name', 'name', true],
  ['Name', 'nAME', true],
  ['name', 'nam', false],
  ['name', 'names', false],
  ['name', 'n%', true],
  ['name', '%e', true],
  ['name', '%a%e', true],
  ['name', '%e%a%', false],
  ['name', 'n_m_', true],
  ['name', '___', false],
  ['a_b', 'a\\_b', true],
  ['axb', 'a\\_b', false],
  ['100%', '100\\%', true],
  ['', '%', true],
  ['', '', true],
  ['🐢', '_', true],
  ['aaab', '%a%ab', true],
] as const) {
  test(`"${text}" ${expected ? 'is' : 'is not'} like "${pattern}"`, () => assert.equal(like(text, pattern), expected))
}

test('no pattern takes long', { timeout: 2000 }, () => {
  assert.equal(like('a'.repeat(1000), '%a'.repeat(500) + 'b'), false)
})
