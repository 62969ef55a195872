import { describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { isOriginAllowed } from '../../lib/core/origins.ts'

const own = 'https://Shop.example:8087'

describe('origins', () => {
  const table: readonly (readonly [origin: string | undefined, rules: readonly string[], isAllowed: boolean])[] = [
    [undefined, [], true],
    ['', ['same-origin'], true],
    ['https://a.example', ['*'], true],
    ['null', ['*'], true],
    ['https://a.example', [], false],
    ['https://a.example', ['https://a.example'], true],
    ['HTTPS://A.example', ['https://a.EXAMPLE'], true],
    ['https://a.example', ['http://a.example'], false],
    ['https://a.example', ['https://a.example:8080'], false],
    ['https://a.example.evil.example', ['https://a.example'], false],
    ['https://x.a.example', ['https://*.a.example'], true],
    ['https://x.y.a.example', ['https://*.a.example'], true],
    ['https://a.example', ['https://*.a.example'], false],
    ['https://.a.example', ['https://*.a.example'], false],
    ['http://x.a.example', ['https://*.a.example'], false],
    ['https://evila.example', ['https://*.a.example'], false],
    ['https://x.a.example', ['https://*.b.example', 'https://*.a.example'], true],
    ['https://shop.example:8087', ['same-origin'], true],
    ['http://shop.example:8087', ['same-origin'], false],
    ['https://shop.example', ['same-origin'], false],
    ['null', ['same-origin'], false],
    ['null', ['https://a.example'], false],
  ]
  for (const [origin, rules, isAllowed] of table) {
    test(`${origin ?? 'none'} ${isAllowed ? 'may' : 'may not'} where ${JSON.stringify(rules)}`, () =>
      assert.equal(isOriginAllowed(origin, own, rules), isAllowed))
  }

  test('without a Host nothing is of the same origin', () =>
    assert.equal(isOriginAllowed('https://shop.example', undefined, ['same-origin']), false))
})
