/** The middle value; of an even count the upper one of the two. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

/** Calls per second by several callers at once. */
export async function perSecond(
  seconds: number,
  callers: number,
  call: () => Promise<unknown>,
): Promise<number> {
  const startedAt = performance.now()
  const end = startedAt + seconds * 1000
  let count = 0
  const caller = async () => {
    for (; performance.now() < end; count++) await call()
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return (count * 1000) / (performance.now() - startedAt)
}
