/**
 * Asks for the next item while the current one is worked on; never further ahead.
 * When the consumer leaves early, the source is told to end once the item under way has arrived or failed.
 */
export async function* readAhead<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const items = source[Symbol.asyncIterator]()
  let next = items.next()
  try {
    for (;;) {
      const item = await next
      if (item.done === true) return
      next = items.next()
      // A failure is met when its turn comes; until then it must not count as unhandled.
      next.catch(() => undefined)
      yield item.value
    }
  } finally {
    await next.catch(() => undefined)
    await items.return?.()
  }
}
