import { LatchworkError } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { executeRun, type Waits } from '../src/index.ts'
import { clock, ids, journaling, keepAll, noFuse, reading, saved, World, writing } from './world.ts'

describe('a run that meets what is away', () => {
  const waits: Waits = { longestMs: 900_000, firstPauseMs: 1_000, longestPauseMs: 60_000 }
  /** A clock of its own, which goes on only while somebody waits. */
  const ownClock = () => {
    let nowMs = 1_000_000
    const slept: number[] = []
    return {
      slept,
      now: () => nowMs,
      sleep: (ms: number, signal?: AbortSignal) => {
        // The look whether somebody cancels goes by the real time.
        if (signal !== undefined && ms === 1000 && new Error().stack?.includes('watchCancellation')) {
          return clock.sleep(ms, signal)
        }
        signal?.throwIfAborted()
        slept.push(ms)
        nowMs += ms
        return Promise.resolve()
      },
    }
  }
  const unreachable = (retryAfterSeconds?: number) =>
    new LatchworkError('unreachable', {
      message: 'Nobody there.',
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    })
  /** Sides that are away so often before they are there. */
  const away = (world: World, side: 'source' | 'destination', times: number, error = unreachable) => {
    let left = times
    const fail = () => {
      left -= 1
      if (left >= 0) throw error()
    }
    const read = reading(world.request(noFuse()), (reader) => ({
      ...reader,
      async *batches(position) {
        for await (const batch of reader.batches(position)) {
          if (side === 'source') fail()
          yield batch
        }
      },
    }))
    return writing(read, (writer) => ({
      ...writer,
      write: async (batch) => {
        if (side === 'destination') fail()
        return writer.write(batch)
      },
    }))
  }

  it.each(['source', 'destination'] as const)(
    'waits for its %s with growing pauses, and goes on',
    async (side) => {
      const world = new World(40, 10, false, keepAll)
      const time = ownClock()
      const outcome = await executeRun({ ...away(world, side, 9), clock: time, waits })
      expect(outcome).toMatchObject({ status: 'succeeded' })
      expect(world.delivered()).toEqual(ids(40))
      expect(saved(world)).toMatchObject({ recordsRead: 40, recordsWritten: 40, pages: 4 })
      expect(time.slept).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000))
      const name = side === 'source' ? 'Close' : 'PostgreSQL'
      expect(world.said[0]).toBe(`${name} is away; next try in 1 s.`)
      expect(world.said[4]).toBe(`${name} has been away for 15 s; next try in 16 s.`)
      expect(world.said[8]).toBe(`${name} has been away for 3 minutes; next try in 60 s.`)
      expect(world.gaveUp).toBe(false)
    },
  )

  it('waits as long as it is told to', async () => {
    const world = new World(40, 10, false, keepAll)
    const time = ownClock()
    await executeRun({ ...away(world, 'source', 2, () => unreachable(90)), clock: time, waits })
    expect(time.slept).toEqual([90_000, 90_000])
    expect(world.delivered()).toEqual(ids(40))
  })

  it('fails after its waits, and can be taken up again where it stopped', async () => {
    const world = new World(40, 10, false, keepAll)
    const time = ownClock()
    const failing = { ...away(world, 'destination', 1_000), clock: time, waits }
    const outcome = await executeRun(failing)
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'unreachable' },
      again: { afterMs: 60_000 },
    })
    expect(time.slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(900_000)
    expect(time.slept.length).toBeGreaterThan(15)
    expect(world.gaveUp).toBe(false)
    expect(await executeRun(world.request(noFuse()))).toMatchObject({ status: 'succeeded' })
    expect(world.delivered()).toEqual(ids(40))
  })

  it('does not wait for what will not pass, nor longer than it may', async () => {
    for (const error of [new LatchworkError('account_refused'), new Error('ours')]) {
      const world = new World(40, 10, false, keepAll)
      const time = ownClock()
      const outcome = await executeRun({
        ...away(world, 'source', 1, () => error as LatchworkError),
        clock: time,
        waits,
      })
      expect(outcome).toMatchObject({ status: 'failed', again: null })
      expect([time.slept, world.gaveUp]).toEqual([[], true])
    }
    const world = new World(40, 10, false, keepAll)
    const time = ownClock()
    const told = await executeRun({
      ...away(world, 'source', 1, () => unreachable(3_600)),
      clock: time,
      waits,
    })
    expect(told).toMatchObject({ status: 'failed', again: { afterMs: 3_600_000 } })
    expect(time.slept).toEqual([])
  })

  it('waits for the database that it is written down in, and goes on as it stands there', async () => {
    const world = new World(40, 10, false, keepAll)
    const time = ownClock()
    const request = world.request(noFuse())
    let left = 4
    const outcome = await executeRun(
      journaling(
        { ...request, clock: time, waits },
        {
          save: async (stream, progress, refused, lastRecords) => {
            const answer = await request.journal.save(stream, progress, refused, lastRecords)
            // It was saved, but nobody heard of it.
            if (progress.pages >= 2 && left > 0) {
              left -= 1
              throw new LatchworkError('storage_unavailable')
            }
            return answer
          },
        },
      ),
    )
    expect(outcome).toMatchObject({ status: 'succeeded' })
    expect(world.delivered()).toEqual(ids(40))
    expect(saved(world)).toMatchObject({ recordsRead: 40, recordsWritten: 40, pages: 4 })
    expect(world.said).toContain("Latchwork's own database is away; next try in 1 s.")
  })

  it('is cancelled while it waits', async () => {
    const world = new World(40, 10, false, keepAll)
    const request = away(world, 'source', 1_000)
    let asked = false
    const outcome = await executeRun({
      ...request,
      waits: { longestMs: 900_000, firstPauseMs: 600_000, longestPauseMs: 600_000 },
      journal: { ...request.journal, cancelling: async () => asked },
      activity: () => {
        asked = true
      },
    })
    expect(outcome.status).toBe('cancelled')
    expect(world.gaveUp).toBe(false) // nothing was open
  })
})
