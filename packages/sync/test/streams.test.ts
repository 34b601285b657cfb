import { LatchworkError } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { executeRun, JournalError } from '../src/index.ts'
import { counted, failingOne, together } from './together.ts'
import { ids, noFuse, only, saved } from './world.ts'

describe('a run of several streams', () => {
  it.each([1, 2, 9])('moves all of them, %i at once', async (atOnce) => {
    const worlds = { leads: counted(30), calls: counted(7), users: counted(0) }
    const outcome = await executeRun(together(worlds, atOnce))
    expect(outcome).toMatchObject({ status: 'succeeded', error: null, again: null })
    expect([...outcome.streams].map(([name, { status }]) => [name, status]).sort()).toEqual([
      ['calls', 'succeeded'],
      ['leads', 'succeeded'],
      ['users', 'succeeded'],
    ])
    expect([worlds.leads.delivered(), worlds.calls.delivered()]).toEqual([ids(30), ids(7)])
  })

  it('is partial where one fails, says which and why, and moves only that one the next time', async () => {
    const worlds = { leads: counted(30), calls: counted(7) }
    const refused = new LatchworkError('account_refused', { message: 'Close keeps calls to itself.' })
    const outcome = await executeRun(failingOne(together(worlds), 'calls', refused))
    expect(outcome).toMatchObject({
      status: 'partial',
      error: {
        code: 'streams_failed',
        message: '1 of 2 streams failed. calls: Close keeps calls to itself.',
      },
      again: null,
    })
    expect([worlds.leads.delivered(), worlds.calls.delivered()]).toEqual([ids(30), []])

    worlds.leads.records.length = 0
    expect(await executeRun(together(worlds))).toMatchObject({ status: 'succeeded', error: null })
    expect([worlds.leads.delivered(), worlds.calls.delivered()]).toEqual([ids(30), ids(7)])
    expect(saved(worlds.leads)).toMatchObject({ recordsRead: 30, recordsWritten: 30 })
  })

  it('is tried again where what failed may come back', async () => {
    const worlds = { leads: counted(30), calls: counted(7) }
    const away = new LatchworkError('unreachable', { message: 'Nobody there.', retryAfterSeconds: 30 })
    expect(await executeRun(failingOne(together(worlds), 'calls', away))).toMatchObject({
      status: 'partial',
      again: { afterMs: 30_000 },
    })
  })

  it('has failed with the reason that all of them have', async () => {
    const worlds = { leads: counted(3), calls: counted(3) }
    const error = new LatchworkError('api_key_rejected', { message: 'Close refuses the key.' })
    const outcome = await executeRun({ ...together(worlds), openSource: () => Promise.reject(error) })
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'api_key_rejected', message: 'Close refuses the key.' },
    })
  })

  it('opens each side once for all of them, and closes it after the last', async () => {
    const worlds = { leads: counted(30), calls: counted(7), users: counted(2) }
    const request = together(worlds)
    const said: string[] = []
    await executeRun({
      ...request,
      openSource: async (ended) => {
        said.push('open')
        return { ...(await request.openSource(ended)), close: async () => void said.push('close') }
      },
    })
    expect(said).toEqual(['open', 'close'])
  })

  it('opens a side anew for one that it has failed, and leaves the others theirs', async () => {
    const worlds = { leads: counted(40), calls: counted(40) }
    const request = together(worlds)
    let opened = 0
    const open = new Set<number>()
    const outcome = await executeRun({
      ...request,
      waits: { longestMs: 60_000, firstPauseMs: 1, longestPauseMs: 1 },
      openSource: async (ended) => {
        opened += 1
        const number = opened
        open.add(number)
        const source = await request.openSource(ended)
        return {
          ...source,
          open: async (selection, purpose, signal) => {
            if (selection.stream === 'calls' && number < 3) throw new LatchworkError('unreachable')
            return source.open(selection, purpose, signal)
          },
          close: async () => void open.delete(number),
        }
      },
    })
    expect(outcome).toMatchObject({ status: 'succeeded' })
    expect([opened, open.size]).toEqual([3, 0])
    expect([worlds.leads.delivered(), worlds.calls.delivered()]).toEqual([ids(40), ids(40)])
  })

  it('is left as a whole where one of them can not be written down', async () => {
    const worlds = { leads: counted(4_000), calls: counted(7) }
    const request = together(worlds)
    const run = executeRun({
      ...request,
      journal: {
        ...request.journal,
        save: (stream, ...all) =>
          stream === 'calls'
            ? Promise.reject(new Error('the database is away'))
            : request.journal.save(stream, ...all),
      },
    })
    await expect(run).rejects.toBeInstanceOf(JournalError)
    expect(Object.values(worlds).map(({ gaveUp, end }) => [gaveUp, end])).toEqual([
      [false, null],
      [false, null],
    ])
    expect(await executeRun(together(worlds))).toMatchObject({ status: 'succeeded' })
    expect(worlds.leads.delivered()).toEqual(ids(4_000))
  })
})

describe('a stream whose changes are read', () => {
  it('begins where the last run left it, and a full one at the beginning', async () => {
    const world = counted(10)
    const left: unknown[] = []
    const run = (mode: 'full' | 'incremental') => {
      const request = world.request(noFuse())
      world.saved = null
      world.end = null
      return executeRun({
        ...request,
        selections: [{ stream: 'records', mode, columns: [], parameters: {} }],
        journal: {
          ...request.journal,
          begin: async (stream) => ({ ...(await request.journal.begin(stream)), state: left.at(-1) ?? null }),
          ended: async (_stream, _end, state) => void left.push(state),
        },
      })
    }
    await run('incremental')
    expect(saved(world)).toMatchObject({ recordsRead: 10 })
    world.records.push({ id: 'new' })
    await run('incremental')
    // The batch that the first run ended in is not read again.
    expect(saved(world)).toMatchObject({ recordsRead: 0 })
    expect(left).toEqual([12, 12])
    await run('full')
    expect(saved(world)).toMatchObject({ recordsRead: 11 })
    expect(left.at(-1)).toBeNull()
  })

  it('hands deletions to the destination, counts them, and writes a batch of nothing else', async () => {
    const world = counted(3)
    const request = world.request(noFuse())
    const deleted: (readonly string[])[] = []
    const outcome = await executeRun({
      ...request,
      selections: [{ ...only, deletions: 'remove' }],
      openSource: async () => ({
        streams: async () => [],
        open: async () => ({
          ...world.reader(noFuse()),
          async *batches() {
            yield { records: [{ id: 'a' }], deleted: ['b', 'b'], position: 1 }
            yield { records: [], deleted: ['c'], position: 2 }
          },
        }),
        close: async () => undefined,
      }),
      openDestination: async () => ({
        open: async () => ({
          ...world.writer(noFuse(), null),
          write: async (batch) => {
            deleted.push(batch.deleted ?? [])
            return {
              written: batch.records.length,
              refused: [],
              state: null,
            }
          },
        }),
        close: async () => undefined,
      }),
    })
    expect(outcome).toMatchObject({ status: 'succeeded' })
    expect(deleted).toEqual([['b'], ['c']])
    expect(saved(world)).toMatchObject({
      ...{ recordsRead: 1, recordsWritten: 1, recordsDeleted: 2, pages: 2 },
    })
  })
})
