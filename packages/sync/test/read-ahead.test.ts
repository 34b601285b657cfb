import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { joinBatches } from '../src/batch.ts'
import { readAhead } from '../src/read-ahead.ts'

/** Items that are there at once; `ended` says whether the source was told to end. */
function sourceOf<T>(items: readonly T[], failure?: Error) {
  const seen = { asked: 0, ended: false }
  async function* read(): AsyncGenerator<T, void, undefined> {
    try {
      for (const item of items) {
        seen.asked += 1
        yield item
      }
      if (failure) throw failure
    } finally {
      seen.ended = true
    }
  }
  return { seen, items: read() }
}

/** Joins small numbers, as texts. */
const join = (one: string, next: string) => (`${one}${next}`.length <= 4 ? `${one}${next}` : null)

it('hands over what arrived while the consumer was busy as one, in order, and what can’t be joined for itself', async () => {
  const { items } = sourceOf(['a', 'b', 'c', 'long!', 'd', 'e'])
  const taken: string[] = []
  for await (const item of readAhead(items, join)) {
    taken.push(item)
    await delay(5)
  }
  expect(taken).toEqual(['a', 'bc', 'long!', 'de'])
})

it('hands over what has arrived without waiting for more', async () => {
  async function* slow(): AsyncGenerator<string, void, undefined> {
    yield 'a'
    yield 'b'
    await delay(10_000)
  }
  const ahead = readAhead(slow(), join)
  expect((await ahead.next()).value).toBe('a')
  await delay(5)
  expect((await ahead.next()).value).toBe('b')
})

it('meets a failure after everything that arrived before it', async () => {
  const { items } = sourceOf(['a', 'b', 'c'], new Error('away'))
  const taken: string[] = []
  const reading = async () => {
    for await (const item of readAhead(items, join)) {
      taken.push(item)
      await delay(5)
    }
  }
  await expect(reading()).rejects.toThrow('away')
  expect(taken).toEqual(['a', 'bc'])
})

it('asks for one item ahead where nothing is joined, and ends its source when the consumer leaves', async () => {
  const { seen, items } = sourceOf(['a', 'b', 'c', 'd'])
  for await (const _ of readAhead(items, undefined)) {
    await delay(5)
    expect(seen.asked).toBe(2)
    break
  }
  expect(seen.ended).toBe(true)
})

it('makes one batch of two only where the order of what they say does not matter', () => {
  const one = { records: [{ id: 1 }], position: 1 }
  const two = { records: [{ id: 2 }], position: 2 }
  expect(joinBatches(one, two)).toEqual({
    records: [{ id: 1 }, { id: 2 }],
    notices: [],
    pages: 2,
    position: 2,
  })
  expect(joinBatches({ ...one, rows: [5] }, { ...two, rows: [6] })).toMatchObject({ rows: [5, 6] })
  expect(joinBatches({ ...one, rows: [5] }, two)).toBeNull()
  const many = { records: Array.from({ length: 500 }, (_, id) => ({ id })), position: 3 }
  expect(joinBatches(one, many)).toBeNull()
  const refused = [{ record: {}, row: null, code: 'record_too_large', message: 'Too large.' }]
  async function* existing(): AsyncGenerator<readonly string[], void, undefined> {}
  for (const further of [
    { deleted: ['x'] },
    { refused },
    { replayed: [] },
    { existing },
    { heldPosition: 3 },
  ]) {
    expect(joinBatches({ ...one, ...further }, two)).toBeNull()
    expect(joinBatches(one, { ...two, ...further })).toBeNull()
  }
})
