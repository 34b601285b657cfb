/**
 * Asks for the next item while the present one is worked on, and for further ones as long as `join` makes one of them and
 * those that wait already; never further ahead.
 * When the consumer leaves early, the source is told to end once the item under way has arrived or failed.
 * @param join null where the two must stay apart; undefined where nothing is ever joined
 */
export async function* readAhead<T>(
  source: AsyncIterable<T>,
  join: ((one: T, next: T) => T | null) | undefined,
): AsyncGenerator<T, void, undefined> {
  const items = source[Symbol.asyncIterator]()
  const ask = () => {
    const asked = items.next()
    // A failure is met when its turn comes; until then it must not count as unhandled.
    asked.catch(() => undefined)
    return asked
  }
  let next = ask()
  /** What arrives until the consumer is back; what can't be joined, the end and a failure are left to their turn. */
  const collect = async (isBack: Promise<null>): Promise<T | null> => {
    let all: T | null = null
    while (join !== undefined) {
      const item = await Promise.race([isBack, next.catch(() => null)])
      if (item === null || item.done === true) return all
      const joined: T | null = all === null ? item.value : join(all, item.value)
      if (joined === null) return all
      all = joined
      next = ask()
    }
    return null
  }
  let collected: Promise<T | null> = Promise.resolve(null)
  try {
    for (;;) {
      const item = await next
      if (item.done === true) return
      next = ask()
      for (let batch: T | null = item.value; batch !== null; batch = await collected) {
        const back = Promise.withResolvers<null>()
        collected = collect(back.promise)
        try {
          yield batch
        } finally {
          back.resolve(null)
        }
      }
    }
  } finally {
    await collected
    await next.catch(() => undefined)
    await items.return?.()
  }
}
