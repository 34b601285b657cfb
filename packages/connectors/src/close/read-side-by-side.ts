/** One of several things read at once. */
export interface Lane<T> {
  open(): AsyncGenerator<T, void, undefined>
}

/**
 * Reads lanes side by side, at most `width` at once, and yields what arrives in the order of arrival, with its lane.
 * Each lane in work has one item asked for ahead. `null` in place of an item: the lane has ended.
 */
export async function* readSideBySide<T, L extends Lane<T>>(
  lanes: readonly L[],
  width: number,
): AsyncGenerator<{ lane: L; item: T | null }, void, undefined> {
  type Arrival = { lane: L; items: AsyncGenerator<T, void, undefined>; result: IteratorResult<T, void> }
  const waiting = [...lanes]
  const open = new Map<L, { items: AsyncGenerator<T, void, undefined>; arrival: Promise<Arrival> }>()
  const ask = (lane: L, items: AsyncGenerator<T, void, undefined>): void => {
    const arrival = items.next().then((result) => ({ lane, items, result }))
    // A failure is reported in its turn; until then it must not count as unhandled.
    arrival.catch(() => undefined)
    open.set(lane, { items, arrival })
  }
  try {
    for (;;) {
      while (open.size < width) {
        const lane = waiting.shift()
        if (lane === undefined) break
        ask(lane, lane.open())
      }
      if (open.size === 0) return
      const { lane, items, result } = await Promise.race([...open.values()].map(({ arrival }) => arrival))
      if (result.done === true) {
        open.delete(lane)
        yield { lane, item: null }
      } else {
        ask(lane, items)
        yield { lane, item: result.value }
      }
    }
  } finally {
    for (const { items, arrival } of open.values()) {
      await arrival.catch(() => undefined)
      await items.return()
    }
  }
}
