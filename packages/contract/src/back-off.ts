/**
 * How long to wait after failures: twice as long after each.
 * @param failures in a row, from 1 on
 * @param firstMs after the first, in milliseconds
 */
export function doublingMs(failures: number, firstMs: number, longestMs = Number.POSITIVE_INFINITY): number {
  return Math.min(longestMs, firstMs * 2 ** (failures - 1))
}
