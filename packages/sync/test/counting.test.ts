import { LatchworkError } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { executeRun, type RunRequest } from '../src/index.ts'
import { ids, journaling, keepAll, noFuse, reading, saved, World, writing } from './world.ts'

describe('a batch of which a part was written', () => {
  /** Writes half of the second batch, then says why it could not go on. */
  const halving = (world: World, why: unknown): RunRequest => {
    let batches = 0
    return writing(world.request(noFuse()), (writer, resume) => ({
      ...writer,
      write: async (batch) => {
        batches += 1
        const { records } = batch
        if (batches !== 2) return { ...(await writer.write(batch)), created: records.length }
        for (const record of records.slice(0, 5)) world.table.set(String(record['id']), record)
        return { written: 5, created: 4, refused: [], state: resume, interrupted: why }
      },
    }))
  }

  it('is counted as far as it went, and counted once when it is written again', async () => {
    const world = new World(30, 10, true, keepAll)
    expect(await executeRun(halving(world, new LatchworkError('api_key_rejected')))).toMatchObject({
      status: 'failed',
      error: { code: 'api_key_rejected' },
    })
    expect(saved(world)).toMatchObject({ recordsRead: 15, recordsWritten: 15, recordsCreated: 14, pages: 1 })
    expect(await executeRun(world.request(noFuse()))).toMatchObject({ status: 'succeeded' })
    expect(saved(world)).toMatchObject({ recordsRead: 30, recordsWritten: 30, pages: 3 })
    expect(world.delivered()).toEqual(ids(30))
  })

  it('is counted when the run is cancelled', async () => {
    const world = new World(30, 10, true, keepAll)
    const request = halving(world, new Error('aborted'))
    let asked = false
    const outcome = await executeRun(
      journaling(request, {
        save: async (stream, progress, refused, last) => {
          if (progress.checkpoint.part !== null) asked = true
          const { cancelling } = await request.journal.save(stream, progress, refused, last)
          return { cancelling: cancelling || asked }
        },
      }),
    )
    expect(outcome.status).toBe('cancelled')
    expect(saved(world)).toMatchObject({ recordsWritten: 15, recordsCreated: 14 })
  })
})

describe('a record that comes twice in a batch', () => {
  it('is written and counted once where it has a key, as it came last', async () => {
    const world = new World(3, 3, true, keepAll)
    const twice = reading(world.request(noFuse()), (reader) => ({
      ...reader,
      async *batches() {
        const [a, b] = [
          { id: 'a', n: 1 },
          { id: 'b', n: 1 },
        ]
        yield { records: [a, b, { ...a, n: 2 }, { n: 9 }, { n: 9 }], position: 1 }
      },
    }))
    await executeRun(
      writing(twice, (writer) => ({
        ...writer,
        write: async ({ records }) => {
          world.part.push(...records)
          return { written: records.length, refused: [], state: null }
        },
      })),
    )
    expect(world.part).toEqual([{ id: 'b', n: 1 }, { id: 'a', n: 2 }, { n: 9 }, { n: 9 }])
    expect(saved(world)).toMatchObject({ recordsRead: 4, recordsWritten: 4 })
  })
})
