import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { slopeOf, type Point } from './slope.ts'

const sizes = [10, 100, 1000, 10_000]
const points = (cost: (size: number) => number): Point[] => sizes.map((size) => [size, cost(size)])

describe('The slope', () => {
  for (const [what, cost, slope] of [
    ['the same however many there are', () => 7, 0],
    ['in proportion', (size: number) => 3 * size, 1],
    ['with the square', (size: number) => size ** 2, 2],
    ['cheaper with each', (size: number) => 5 / Math.sqrt(size), -0.5],
  ] as const) {
    test(`of what costs ${what} is ${slope}`, () => {
      assert.ok(Math.abs(slopeOf(points(cost)) - slope) < 1e-9)
    })
  }

  test('counts the sizes in between, not only the ends', () => {
    assert.notEqual(
      slopeOf([
        [1, 1],
        [10, 1],
        [100, 4],
        [1000, 1],
      ]),
      0,
    )
  })

  test('of a single size is none', () => {
    assert.ok(Number.isNaN(slopeOf([[1, 1]])))
  })
})
