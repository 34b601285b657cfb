import { LatchworkError } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { executeRun, type RunRequest } from '../src/index.ts'
import { ids, keepAll, noFuse, saved, World } from './world.ts'

describe('a page of which a part was written', () => {
  /** Writes half of the second page, then says why it could not go on. */
  const halving = (world: World, why: unknown): RunRequest => {
    const request = world.request(noFuse())
    let pages = 0
    return {
      ...request,
      openDestination: async (options, signal) => {
        const destination = await request.openDestination(options, signal)
        return {
          ...destination,
          write: async (page) => {
            pages += 1
            if (pages !== 2) return { ...(await destination.write(page)), created: page.length }
            for (const record of page.slice(0, 5)) world.table.set(String(record['id']), record)
            return { written: 5, created: 4, refused: [], state: options.resume, interrupted: why }
          },
        }
      },
    }
  }

  it('is counted as far as it went, and counted once when it is written again', async () => {
    const world = new World(30, 10, true, keepAll)
    expect(await executeRun(halving(world, new LatchworkError('key_rejected')))).toMatchObject({
      status: 'failed',
      error: { code: 'key_rejected' },
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
    const outcome = await executeRun({
      ...request,
      journal: {
        ...request.journal,
        save: async (progress, refused, last) => {
          if (progress.checkpoint.part !== null) asked = true
          const { cancelling } = await request.journal.save(progress, refused, last)
          return { cancelling: cancelling || asked }
        },
      },
    })
    expect(outcome).toEqual({ status: 'cancelled' })
    expect(saved(world)).toMatchObject({ recordsWritten: 15, recordsCreated: 14 })
  })
})

describe('a record that comes twice in a page', () => {
  it('is written and counted once where it has a key, as it came last', async () => {
    const world = new World(3, 3, true, keepAll)
    const request = world.request(noFuse())
    await executeRun({
      ...request,
      openSource: async (signal) => ({
        ...(await request.openSource(signal)),
        async *pages() {
          const [a, b] = [
            { id: 'a', n: 1 },
            { id: 'b', n: 1 },
          ]
          yield { records: [a, b, { ...a, n: 2 }, { n: 9 }, { n: 9 }], position: 1 }
        },
      }),
      openDestination: async () => ({
        write: async (page) => {
          world.part.push(...page)
          return { written: page.length, refused: [], state: null }
        },
        finish: async () => null,
        abort: async () => undefined,
        close: async () => undefined,
      }),
    })
    expect(world.part).toEqual([{ id: 'b', n: 1 }, { id: 'a', n: 2 }, { n: 9 }, { n: 9 }])
    expect(saved(world)).toMatchObject({ recordsRead: 4, recordsWritten: 4 })
  })
})
