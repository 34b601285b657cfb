import { LatchworkError } from '@latchwork/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { executeRun, type RunOutcome } from '../src/index.ts'
import {
  clock,
  Fuse,
  ids,
  isWhole,
  journaling,
  keepAll,
  noFuse,
  nothingYet,
  ProcessEnded,
  reading,
  saved,
  World,
  writing,
} from './world.ts'

describe('a run whose process ends at any step and is taken up again', () => {
  it("ends with exactly the source's records, refused ones in quarantine once each", async () => {
    const crashes = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 12 })
    const setup = fc.record({
      count: fc.integer({ min: 0, max: 40 }),
      pageSize: fc.integer({ min: 1, max: 9 }),
      byKey: fc.boolean(),
      refuseEvery: fc.integer({ min: 2, max: 12 }),
      crashes,
    })
    await fc.assert(
      fc.asyncProperty(setup, async ({ count, pageSize, byKey, refuseEvery, crashes: steps }) => {
        const refused = (id: unknown) => Number(String(id).slice(1)) % refuseEvery === 1
        const world = new World(count, pageSize, byKey, (record) => refused(record['id']))
        let outcome: RunOutcome | null = null
        for (const left of steps) {
          outcome = await executeRun(world.request(new Fuse(left))).catch((error: unknown) => {
            expect(error).toMatchObject({ cause: expect.any(ProcessEnded) })
            return null
          })
          if (outcome !== null && isWhole(outcome)) break
          if (outcome !== null)
            expect(outcome).toMatchObject({ status: 'failed', cause: expect.any(ProcessEnded) })
        }
        if (outcome === null || !isWhole(outcome)) outcome = await executeRun(world.request(noFuse()))
        const written = ids(count).filter((id) => !refused(id))
        expect(outcome.status).toBe(
          written.length === count ? 'succeeded' : written.length > 0 ? 'partial' : 'failed',
        )
        expect(world.delivered()).toEqual(written)
        expect(world.quarantine.map((entry) => entry.key)).toEqual(ids(count).filter(refused))
        const row = saved(world)
        expect(row).toMatchObject({
          recordsRead: count,
          recordsWritten: world.delivered().length,
          recordsRefused: world.quarantine.length,
          pages: Math.ceil(count / pageSize),
        })
      }),
      { numRuns: 500 },
    )
  })
})

describe('a run', () => {
  it('is partial where records were refused, and has failed where none was written', async () => {
    const partial = new World(20, 6, false, (record) => record['id'] === 'r7')
    expect(await executeRun(partial.request(noFuse()))).toMatchObject({ status: 'partial' })
    expect(partial.delivered()).toEqual(ids(20).filter((id) => id !== 'r7'))

    const none = new World(249, 100, false, () => true)
    expect(await executeRun(none.request(noFuse()))).toMatchObject({
      status: 'failed',
      error: { code: 'nothing_written', message: expect.stringContaining('All 249 records') },
    })
    expect([none.whole, none.gaveUp, none.quarantine.length]).toEqual([null, true, 249])

    const empty = new World(0, 6, false, keepAll)
    expect(await executeRun(empty.request(noFuse()))).toMatchObject({ status: 'succeeded' })
  })

  it.each([
    ['a text', 'start'],
    ['nothing at all', undefined],
    ['no position', { state: 1, complete: false }],
    ['more than there is', { position: 10, state: 10, complete: false, ranges: [] }],
    ['a word for a yes', { position: 10, state: 10, complete: 'no' }],
  ])('whose checkpoint has %s fails, and opens nothing', async (_what, checkpoint) => {
    const world = new World(100, 10, false, keepAll)
    const request = world.request(noFuse())
    const opening = () => Promise.reject(new Error('opened'))
    const counts = { ...nothingYet, recordsRead: 10, recordsWritten: 10, pages: 1 }
    const outcome = await executeRun(
      journaling(
        { ...request, openSource: opening, openDestination: opening },
        { begin: async () => ({ ...counts, checkpoint }) },
      ),
    )
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'checkpoint_unreadable', message: expect.stringContaining('Run the flow again') },
    })
    expect([world.saved, world.whole, world.gaveUp]).toEqual([null, null, false])
  })

  it('does not wait for the source once the destination has failed', async () => {
    const world = new World(10, 5, false, keepAll)
    const waiting = reading(world.request(noFuse()), (reader, signal) => ({
      ...reader,
      async *batches() {
        yield { records: [{ id: 'r0' }], position: 1 }
        // As if the other system had said to come back in a week.
        await clock.sleep(7 * 24 * 3_600_000, signal)
      },
    }))
    const outcome = await executeRun(
      writing(waiting, (writer) => ({
        ...writer,
        write: () => Promise.reject(new LatchworkError('data_dir_unwritable')),
      })),
    )
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'data_dir_unwritable' } })
  })

  it('keeps the last 50 records that the destination took', async () => {
    const world = new World(120, 10, false, keepAll)
    await executeRun(world.request(noFuse()))
    expect(world.lastRecords.map((record) => record['id'])).toEqual(ids(120).slice(-50))

    const isEven = (id: unknown) => Number(String(id).slice(1)) % 2 === 0
    const picky = new World(120, 10, false, (record) => isEven(record['id']))
    await executeRun(picky.request(noFuse()))
    const odd = ids(120).filter((id) => !isEven(id))
    expect(picky.lastRecords.map((record) => record['id'])).toEqual(odd.slice(-50))
  })

  it('fails with the code and words of what went wrong, and hides what is not meant for people', async () => {
    const world = new World(10, 5, false, keepAll)
    const failing = (error: Error) =>
      executeRun({ ...world.request(noFuse()), openSource: () => Promise.reject(error) })
    expect(await failing(new LatchworkError('unreachable', { message: 'Nobody there.' }))).toMatchObject({
      status: 'failed',
      error: { code: 'unreachable', message: 'Nobody there.' },
    })
    const internal = await failing(new Error('secret detail'))
    expect(internal).toMatchObject({ status: 'failed', error: { code: 'internal' } })
    expect(internal.error?.message).not.toContain('secret detail')
  })

  it('never reads more than one batch ahead', async () => {
    const world = new World(50, 5, false, keepAll)
    let read = 0
    let written = 0
    const watched = reading(world.request(noFuse()), (reader) => ({
      ...reader,
      async *batches(position) {
        for await (const batch of reader.batches(position)) {
          read += 1
          expect(read - written).toBeLessThanOrEqual(2)
          yield batch
        }
      },
    }))
    await executeRun(
      writing(watched, (writer) => ({
        ...writer,
        write: async (batch) => {
          const result = await writer.write(batch)
          written += 1
          return result
        },
      })),
    )
    expect(written).toBe(10)
  })
})
