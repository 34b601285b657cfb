import pMap from 'p-map'

/** Works on every item, at most `width` at once. The first failure ends it, once the work under way has ended. */
export async function forEachAtOnce<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = []
  const unlessFailed = async (item: T): Promise<void> => {
    if (failures.length === 0) await work(item).catch((error: unknown) => failures.push(error))
  }
  await pMap(items, unlessFailed, { concurrency: width })
  if (failures.length > 0) throw failures[0]
}
