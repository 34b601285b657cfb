/** Runs work whose errors are told in the words of the catalogue. */
export type Guard = <T>(work: () => Promise<T>) => Promise<T>

/** An iteration whose errors pass through the guard, and those of its end, too. */
export async function* guardItems<T>(
  all: AsyncIterable<T>,
  guard: Guard,
): AsyncGenerator<T, void, undefined> {
  const items = all[Symbol.asyncIterator]()
  try {
    for (;;) {
      const item = await guard(() => items.next())
      if (item.done === true) return
      yield item.value
    }
  } finally {
    await guard(async () => items.return?.())
  }
}
