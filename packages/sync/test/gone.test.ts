import type { Batch, Deletions, StreamPlan } from '@latchwork/connectors'
import { describe, expect, it } from 'vitest'
import { executeRun, type RunRequest } from '../src/index.ts'
import { ids, journaling, keepAll, noFuse, only, reading, saved, World, writing } from './world.ts'

interface Told {
  readonly request: RunRequest
  /** What the destination was asked, in its order. */
  readonly said: string[]
  readonly plans: StreamPlan[]
}

/** A run of all of a world's records, whose destination has some that the source no longer has. */
function following(
  world: World,
  deletions: Deletions | undefined,
  { mode = 'full', gone = 2 }: { readonly mode?: 'full' | 'incremental'; readonly gone?: number } = {},
): Told {
  const said: string[] = []
  const plans: StreamPlan[] = []
  const base = world.request(noFuse())
  const request = writing(
    {
      ...base,
      selections: [
        {
          stream: 'records',
          mode,
          columns: [],
          parameters: {},
          ...(deletions && { target: 'kept', deletions }),
        },
      ],
      openDestination: async (ended) => {
        const destination = await base.openDestination(ended)
        return {
          ...destination,
          open: async (plan, signal) => {
            plans.push(plan)
            return destination.open(plan, signal)
          },
        }
      },
    },
    (writer) => ({
      ...writer,
      sweep: async (existing) => {
        said.push(`sweep after ${world.table.size}`)
        expect(existing).toBeNull()
        return { deleted: gone, state: 'swept' }
      },
      finish: () => {
        said.push('finish')
        return writer.finish()
      },
    }),
  )
  return { request, said, plans }
}

const whole = () => new World(10, 4, true, keepAll)

describe('what a full read has not seen', () => {
  it.each([
    ['mark', 'Records that Close does not have any more were marked as deleted.'],
    ['remove', 'Records that Close does not have any more were removed.'],
  ] as const)(
    'is told to the destination once all is written, and counted: %s',
    async (deletions, message) => {
      const world = whole()
      const { request, said, plans } = following(world, deletions)
      expect(await executeRun(request)).toMatchObject({ status: 'succeeded' })
      expect(said).toEqual(['sweep after 10', 'finish'])
      expect(plans).toMatchObject([{ target: 'kept', deletions, changes: false }])
      expect(saved(world)).toMatchObject({
        recordsDeleted: 2,
        recordsRead: 10,
        recordsWritten: 10,
        notices: [{ code: 'records_gone', column: 'records', count: 2, message }],
      })
      expect(world.delivered()).toEqual(ids(10))
    },
  )

  it('is not told where there is nothing', async () => {
    const world = whole()
    await executeRun(following(world, 'mark', { gone: 0 }).request)
    expect(saved(world).notices).toEqual([])
  })

  it.each([
    ['leave' as const, 'full' as const],
    [undefined, 'full' as const],
    ['mark' as const, 'incremental' as const],
  ])('stays where deletions are %s in a %s run', async (deletions, mode) => {
    const { request, said, plans } = following(whole(), deletions, { mode })
    expect(await executeRun(request)).toMatchObject({ status: 'succeeded' })
    expect(said).toEqual(['finish'])
    expect(plans).toMatchObject([
      { deletions: deletions ?? 'leave', target: deletions === undefined ? null : 'kept' },
    ])
  })

  it('stays where the destination refused a record: it is there, and was not written', async () => {
    const world = new World(10, 4, true, ({ id }) => id === 'r7')
    const { request, said } = following(world, 'remove')
    expect(await executeRun(request)).toMatchObject({ status: 'partial' })
    expect(said).toEqual(['finish'])
  })

  it.each<[string, Partial<Batch>]>([
    ['refused a record', { refused: [{ record: {}, row: null, code: 'record_refused', message: 'No.' }] }],
    [
      'could not read a kind of them',
      { notices: [{ code: 'kind_refused', column: 'sms', count: 1, message: 'Not for you.' }] },
    ],
  ])('stays where the source %s', async (_, more) => {
    const world = whole()
    const { request, said } = following(world, 'remove')
    await executeRun(
      reading(request, (reader) => ({
        ...reader,
        async *batches(position) {
          for await (const batch of reader.batches(position)) yield { ...batch, ...more }
        },
      })),
    )
    expect(said).toEqual(['finish'])
  })

  it('stays where only some of the records are read, as in a replay', async () => {
    const { request, said } = following(whole(), 'remove')
    await executeRun(reading(request, (reader) => ({ ...reader, excerpt: true })))
    expect(said).toEqual(['finish'])
  })

  it('is looked for again where the run was left after the last record', async () => {
    const world = whole()
    const { request } = following(world, 'remove')
    const left = new AbortController()
    const leaving = writing({ ...request, signal: left.signal }, (writer) => ({
      ...writer,
      sweep: async () => {
        left.abort(new Error('the process ends'))
        left.signal.throwIfAborted()
        return { deleted: 0, state: null }
      },
    }))
    await expect(executeRun(leaving)).rejects.toThrow('the process ends')
    expect(saved(world).checkpoint).toMatchObject({ complete: true })
    const { request: again, said } = following(world, 'remove')
    expect(await executeRun(again)).toMatchObject({ status: 'succeeded' })
    expect(said).toEqual(['sweep after 10', 'finish'])
    expect(saved(world)).toMatchObject({ recordsRead: 10, notices: [{ code: 'records_gone', count: 2 }] })
  })
})

describe('a plan', () => {
  it('says that only changes come, once an earlier run has left a state', async () => {
    const { request, plans } = following(whole(), 'mark', { mode: 'incremental' })
    await executeRun(request)
    const later = following(whole(), 'mark', { mode: 'incremental' })
    const { begin } = later.request.journal
    await executeRun(
      journaling(later.request, { begin: async (stream) => ({ ...(await begin(stream)), state: 8 }) }),
    )
    const full = following(whole(), 'mark')
    await executeRun(
      journaling(full.request, {
        begin: async (stream) => ({ ...(await full.request.journal.begin(stream)), state: 8 }),
      }),
    )
    expect([...plans, ...later.plans, ...full.plans].map(({ changes }) => changes)).toEqual([
      false,
      true,
      false,
    ])
  })

  it('names the streams beside it, where there are others', async () => {
    const world = whole()
    const { request, plans } = following(world, 'mark')
    await executeRun(request)
    world.end = null
    const first = { ...only, target: 'kept' }
    await executeRun({ ...request, selections: [first, { ...only, stream: 'other' }], atOnce: 2 })
    const beside = [
      { stream: 'records', target: 'kept' },
      { stream: 'other', target: null },
    ]
    expect(plans.map((plan) => plan.beside)).toEqual([undefined, beside, beside])
  })
})
