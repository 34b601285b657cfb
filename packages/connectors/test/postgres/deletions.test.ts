import { describe, expect, it } from 'vitest'
import { streamsGround } from './streams-ground.ts'

const ground = streamsGround()
const { rows, openDestination, open, openIn, run, keys } = ground

describe('deleted records', () => {
  it('are marked, and are there again when they come again', async () => {
    await run({ deletions: 'mark' }, ['a', 'b', 'c'])
    await run({ deletions: 'mark' }, ['d'], ['a', 'c', 'unknown'])
    expect(await keys()).toEqual(['(a)', 'b', '(c)', 'd'])
    const marked = () => rows(`SELECT _deleted_at AS at FROM leads WHERE id = 'c'`)
    const first = await marked()
    await run({ deletions: 'mark' }, ['a'], ['c'])
    expect(await keys()).toEqual(['a', 'b', '(c)', 'd'])
    expect(await marked()).toEqual(first)
    // Also for a flow that leaves them by now.
    await run({ deletions: 'leave' }, ['c'], ['b'])
    expect(await keys()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('are removed', async () => {
    await run({ deletions: 'remove' }, ['a', 'b', 'c'])
    await run({ deletions: 'remove' }, ['d'], ['a', 'c', 'unknown', 'n\0ul'])
    expect(await keys()).toEqual(['b', 'd'])
  })

  it('are found whatever type their key has in the table', async () => {
    await ground.database.client.query('CREATE TABLE leads (id integer PRIMARY KEY, name text)')
    await run({ deletions: 'mark' }, ['1', '2'])
    await run({ deletions: 'mark' }, [], ['2', 'no number'])
    expect(await keys()).toEqual([1, '(2)'])
  })

  it('are counted beside the records of their batch, where they were there', async () => {
    const writer = await open({ deletions: 'mark' })
    expect(await writer.write({ records: [{ id: 'a' }, { name: 'no id' }], deleted: ['b'] })).toMatchObject({
      ...{ written: 1, deleted: 0 },
      refused: [{ index: 1 }],
    })
    expect(await writer.write({ records: [], deleted: ['a', 'b'] })).toMatchObject({ written: 0, deleted: 1 })
    await writer.close()
  })
})

describe('what a full run has not seen', () => {
  it.each([
    ['mark', ['a', '(b)', '(c)'], 2],
    ['remove', ['a'], 2],
  ] as const)('is gone: %s', async (deletions, left, count) => {
    await run({ deletions }, ['a', 'b', 'c'])
    expect(await run({ deletions }, ['a'], [], true)).toBe(count)
    expect(await keys()).toEqual(left)
    expect(await run({ deletions }, ['a'], [], true)).toBe(0)
    expect(await run({ deletions }, ['a', 'b', 'c'], [], true)).toBe(0)
    expect(await keys()).toEqual(['a', 'b', 'c'])
  })

  it('is told from what the same run wrote before it was taken up again', async () => {
    await run({ deletions: 'remove' }, ['gone', 'a', 'b'])
    const first = await open({ deletions: 'remove' })
    const { state } = await first.write({ records: [{ id: 'a', name: 'new' }] })
    await first.close()
    const second = await open({ deletions: 'remove', resume: state })
    expect(second.state).toBeUndefined()
    await second.write({ records: [{ id: 'b', name: 'new' }] })
    expect(await second.sweep?.(null, () => true)).toMatchObject({ deleted: 1, state: { records: 2 } })
    await second.close()
    expect(await keys()).toEqual(['a', 'b'])
  })

  it('is told before anything is written, so that the beginning is not forgotten', async () => {
    const writer = await open({ deletions: 'mark' })
    expect(writer.state).toEqual({
      records: 0,
      empty: true,
      begun: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\.\d{6}Z$/),
    })
    await writer.close()
    const left = await open()
    expect(left.state).toBeUndefined()
    await left.close()
  })

  it('is nothing of what this run has written, though the clock was set back meanwhile', async () => {
    await run({ deletions: 'remove' }, ['gone'])
    const writer = await open({
      deletions: 'remove',
      resume: { records: 0, begun: '2999-01-01T00:00:00.000000Z' },
    })
    await writer.write({ records: [{ id: 'a' }] })
    expect(await writer.sweep?.(null, () => true)).toMatchObject({ deleted: 1 })
    await writer.close()
    expect(await keys()).toEqual(['a'])
  })

  it('is marked, but never removed, where nobody knows when it was written', async () => {
    const make = `CREATE TABLE leads (id text PRIMARY KEY, name text); INSERT INTO leads VALUES ('old', 'o')`
    await ground.database.client.query(make)
    expect(await run({ deletions: 'remove' }, ['a'], [], true)).toBe(0)
    expect(await keys()).toEqual(['a', 'old'])
    expect(await run({ deletions: 'mark' }, ['a'], [], true)).toBe(1)
    expect(await keys()).toEqual(['a', '(old)'])
  })

  it('is what is not among the keys that there are', async () => {
    async function* existing(...all: readonly string[][]): AsyncGenerator<string[]> {
      yield* all
    }
    await run({ deletions: 'mark' }, ['a', 'b', 'c', 'd'])
    const writer = await open({ deletions: 'mark' })
    await writer.write({ records: [{ id: 'new' }], deleted: ['d'] })
    expect(await writer.sweep?.(existing(['x', 'b'], ['b', 'd']), () => true)).toMatchObject({
      deleted: 2,
      state: { records: 1, begun: expect.any(String) },
    })
    expect(await keys()).toEqual(['(a)', 'b', '(c)', '(d)', 'new'])
    async function* failing(): AsyncGenerator<string[]> {
      yield ['a']
      throw new Error('Close is away')
    }
    await expect(writer.sweep?.(failing(), () => true)).rejects.toThrow('Close is away')
    expect(await keys()).toEqual(['(a)', 'b', '(c)', '(d)', 'new'])
    await writer.close()
  })

  it.each([
    ['mark', null, ['(b)', 'c', 'd', 'e'], 2, 3],
    ['remove', null, ['b', 'c', 'd', 'e'], 4, 4],
    ['mark', ['e', 'd'], ['(b)', 'c', 'd', 'e'], 1, 3],
  ] as const)(
    'is asked for before anything is deleted, and stays where it is not allowed: %s, %j',
    async (deletions, existing, all, gone, known) => {
      await run({ deletions }, ['b', 'c', 'd'])
      if (deletions === 'mark') await run({ deletions }, [], ['b'])
      await run({ deletions }, ['e'])
      const writer = await open({ deletions })
      if (deletions === 'mark') await writer.write({ records: [{ id: 'e' }] })
      const asked: unknown[] = []
      async function* keysThere(): AsyncGenerator<readonly string[]> {
        yield existing ?? []
      }
      const swept = await writer.sweep?.(existing === null ? null : keysThere(), (found) => {
        asked.push(found)
        return false
      })
      const held = { gone, known }
      expect([swept, asked]).toMatchObject([{ deleted: 0, held }, [held]])
      expect(await keys()).toEqual(all)
      await writer.close()
    },
  )

  it('is nothing in a table that was empty, for which nobody is asked', async () => {
    const writer = await open({ deletions: 'mark' })
    await writer.write({ records: [{ id: 'a' }] })
    async function* unasked(): AsyncGenerator<string[]> {
      yield []
      throw new Error('asked')
    }
    expect(await writer.sweep?.(unasked(), () => true)).toMatchObject({ deleted: 0 })
    await writer.close()
  })

  it('is changed some rows at a time, however many there are', async () => {
    await run({ deletions: 'mark' }, ['a'])
    await ground.database.client.query(
      `INSERT INTO leads (id, _synced_at) SELECT 'x' || n, '2020-01-01' FROM generate_series(1, 12001) n`,
    )
    const transactions = async () =>
      (await rows(`SELECT count(DISTINCT xmin::text)::int AS n FROM leads WHERE _deleted_at IS NOT NULL`))[0]
        .n
    expect(await run({ deletions: 'mark' }, ['a'], [], true)).toBe(12_001)
    expect(await transactions()).toBe(3)
    expect(await run({ deletions: 'remove' }, ['a', 'b'], [], true)).toBe(12_001)
    expect(await keys()).toEqual(['a', 'b'])
  })

  it('is not looked for among records without a key', async () => {
    const writer = await open({ key: null, deletions: 'remove' })
    expect(writer.sweep).toBeUndefined()
    await writer.close()
  })

  it('stays where another process has taken the run up', async () => {
    await run({ deletions: 'remove' }, ['gone'])
    const hold = () => Promise.reject(new Error('taken up by another'))
    const writer = await openIn(await openDestination('leads'), { deletions: 'remove', hold })
    await expect(writer.sweep?.(null, () => true)).rejects.toThrow('taken up by another')
    await writer.close()
    expect(await keys()).toEqual(['gone'])
  })
})
