import { LatchworkError } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { executeRun, JournalError, RunTaken } from '../src/index.ts'
import { clock, ids, journaling, keepAll, noFuse, reading, saved, World, writing } from './world.ts'

describe('a run', () => {
  it('is cancelled between batches, and the destination gives up', async () => {
    const world = new World(100, 10, false, keepAll)
    world.cancelAfterPages = 3
    expect((await executeRun(world.request(noFuse()))).status).toBe('cancelled')
    expect(world.gaveUp).toBe(true)
    expect(world.whole).toBeNull()
    expect(saved(world)).toMatchObject({ pages: 3 })
  })

  it('#52 ends at the next batch once it may not go on, and the destination gives up', async () => {
    const refusal = new LatchworkError('access_withdrawn', { message: 'Ask Ann.' })
    const failed = { status: 'failed', error: { code: 'access_withdrawn', message: 'Ask Ann.' } }
    const world = new World(100, 10, false, keepAll)
    const request = world.request(noFuse())
    const run = executeRun(
      journaling(request, {
        save: async (stream, progress, refused, lastRecords) => {
          if (progress.pages === 3) world.refusal = refusal
          return request.journal.save(stream, progress, refused, lastRecords)
        },
      }),
    )
    expect(await run).toMatchObject(failed)
    expect([world.gaveUp, world.whole]).toEqual([true, null])
    expect(saved(world)).toMatchObject({ pages: 3 })

    // Nothing is opened for one that may not begin.
    const late = new World(1, 1, false, keepAll)
    late.refusal = refusal
    const opening = () => Promise.reject(new Error('opened'))
    expect(await executeRun({ ...late.request(noFuse()), openSource: opening })).toMatchObject(failed)
  })

  it('#52 ends while the source waits, once it may not go on', async () => {
    const world = new World(1, 1, false, keepAll)
    const outcome = await executeRun(
      reading(world.request(noFuse()), (reader, signal) => ({
        ...reader,
        async *batches() {
          yield { records: [{ id: 'r0' }], position: 1 }
          world.refusal = new LatchworkError('access_withdrawn')
          await clock.sleep(7 * 24 * 3_600_000, signal)
        },
      })),
    )
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'access_withdrawn' } })
    expect(world.gaveUp).toBe(true)
  })

  it('is cancelled while the source waits', async () => {
    const world = new World(1, 1, false, keepAll)
    const waiting = reading(world.request(noFuse()), (reader, signal) => ({
      ...reader,
      async *batches() {
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
    }))
    const outcome = await executeRun(journaling(waiting, { cancelling: async () => true }))
    expect(outcome.status).toBe('cancelled')
    expect(world.gaveUp).toBe(true)
  })

  it('is left as it is when its process must leave', async () => {
    const world = new World(100, 10, false, keepAll)
    const leaving = new AbortController()
    const request = world.request(noFuse(), leaving.signal)
    const save = request.journal.save
    const run = executeRun(
      journaling(request, {
        save: async (stream, progress, refused, lastRecords) => {
          const answer = await save(stream, progress, refused, lastRecords)
          if (progress.pages === 4) leaving.abort(new Error('the server stops'))
          return answer
        },
      }),
    )
    await expect(run).rejects.toThrow('the server stops')
    expect(world.gaveUp).toBe(false)
    expect((await executeRun(world.request(noFuse()))).status).toBe('succeeded')
    expect(world.delivered()).toEqual(ids(100))
  })

  it('is left as it is when it cannot be written down', async () => {
    const world = new World(20, 10, false, keepAll)
    const request = world.request(noFuse())
    const run = executeRun(
      journaling(request, { save: () => Promise.reject(new Error('the database is away')) }),
    )
    await expect(run).rejects.toBeInstanceOf(JournalError)
    expect(world.gaveUp).toBe(false)
    expect((await executeRun(world.request(noFuse()))).status).toBe('succeeded')
    expect(world.delivered()).toEqual(ids(20))
  })
})

describe('a run that another process has taken up', () => {
  it.each(['save', 'opened', 'begin', 'ended', 'refusal'] as const)(
    'is left as it is as soon as %s is refused',
    async (where) => {
      const world = new World(30, 10, false, keepAll)
      const request = world.request(noFuse())
      const taken = () => Promise.reject(new RunTaken())
      await expect(executeRun(journaling(request, { [where]: taken }))).rejects.toBeInstanceOf(RunTaken)
      expect(world.gaveUp).toBe(false)
      // Only one that ended has put its result in its place.
      expect(world.whole === null).toBe(where !== 'ended')
    },
  )

  it('is not given up for a failure that it meets before it knows', async () => {
    const world = new World(30, 10, false, keepAll)
    const request = world.request(noFuse())
    let hasIt = true
    const watched = journaling(request, {
      cancelling: async () => {
        if (!hasIt) throw new RunTaken()
        return false
      },
    })
    const run = executeRun(
      writing(watched, (writer) => ({
        ...writer,
        write: async () => {
          hasIt = false
          throw new LatchworkError('api_key_rejected')
        },
      })),
    )
    await expect(run).rejects.toBeInstanceOf(RunTaken)
    expect([world.gaveUp, world.whole]).toEqual([false, null])
  })
})
