/** A size and what one of so many costs. */
export type Point = readonly [size: number, cost: number]

/**
 * How the cost of one grows with the size: the exponent of the power law that is nearest to the points (least squares
 * of the logarithms). 0 is not at all, 1 in proportion, below 0 each gets cheaper; NaN for fewer than two points.
 */
export function slopeOf(points: readonly Point[]): number {
  const logs = points.map(([size, cost]) => [Math.log(size), Math.log(cost)] as const)
  const middle = (which: 0 | 1): number => logs.reduce((sum, point) => sum + point[which], 0) / logs.length
  const [x, y] = [middle(0), middle(1)]
  const together = logs.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
  return together / logs.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
}
