import { LatchworkError } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { executeRun } from '../src/index.ts'
import { ids, keepAll, noFuse, only, saved, World } from './world.ts'

const counted = (count: number) => new World(count, 4, true, keepAll)

describe('a comparison of what the destination holds with what there is', () => {
  type Policy = 'mark' | 'remove' | 'leave'
  /** A run whose destination holds records of before, and may be able to compare. */
  async function compared(
    world: World,
    deletions: Policy,
    { canCompare = true, fails = false }: { readonly canCompare?: boolean; readonly fails?: boolean } = {},
  ) {
    const request = world.request(noFuse())
    const planned: unknown[] = []
    let asked = 0
    const away = new LatchworkError('unreachable', { message: 'Nobody there.' })
    const outcome = await executeRun({
      ...request,
      selections: [{ ...only, mode: 'incremental', target: 'table', deletions }],
      openSource: async () => ({
        streams: async () => [],
        open: async () => ({
          ...world.reader(noFuse()),
          async *batches(position) {
            if (position !== null) return
            yield {
              ...{ records: [], position: 1 },
              existing: async function* () {
                asked += 1
                yield ids(2)
                if (fails) throw away
              },
            }
            yield { records: [], position: 'end' }
          },
        }),
        close: async () => undefined,
      }),
      openDestination: async () => ({
        open: async (plan) => {
          planned.push([plan.target, plan.deletions])
          const sweep = async (existing: AsyncIterable<readonly string[]>) => {
            const there = new Set<string>()
            for await (const keys of existing ?? []) for (const key of keys) there.add(key)
            const gone = [...world.table.keys()].filter((key) => !there.has(key))
            for (const key of gone) world.table.delete(key)
            return { deleted: gone.length, state: 'swept' }
          }
          return { ...world.writer(noFuse(), null), ...(canCompare ? { sweep } : {}) }
        },
        close: async () => undefined,
      }),
    })
    return { outcome, planned, asked }
  }

  function holding(count: number): World {
    const world = counted(0)
    for (const id of ids(count)) world.table.set(id, { id })
    return world
  }

  it('removes the others, counts them, and goes on behind it', async () => {
    const world = holding(5)
    const { outcome, planned } = await compared(world, 'remove')
    expect(outcome).toMatchObject({ status: 'succeeded' })
    expect(planned).toEqual([['table', 'remove']])
    expect([...world.table.keys()]).toEqual(ids(2))
    expect(saved(world)).toMatchObject({
      ...{ recordsRead: 0, recordsWritten: 0, recordsDeleted: 3, pages: 0, notices: [] },
      checkpoint: { position: 'end', state: 'swept' },
    })
  })

  it('asks for nothing where deleted records stay', async () => {
    const world = holding(5)
    const { asked } = await compared(world, 'leave')
    expect([asked, world.table.size, saved(world).checkpoint.position]).toEqual([0, 5, 'end'])
  })

  it('is told of where the destination can not compare', async () => {
    const world = holding(5)
    await compared(world, 'mark', { canCompare: false })
    expect(world.table.size).toBe(5)
    expect(saved(world).notices).toMatchObject([{ code: 'deletions_unseen', count: 1 }])
  })

  it('removes nothing where the keys end in an error, which is the source’s', async () => {
    const world = holding(5)
    const { outcome } = await compared(world, 'remove', { fails: true })
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'unreachable' } })
    expect(world.table.size).toBe(5)
    // A run that waits for what is away begins with the comparison again.
    expect(world.saved).toBeNull()
  })
})

describe('an empty batch', () => {
  it('moves the position, and is no page', async () => {
    const world = counted(3)
    const request = world.request(noFuse())
    await executeRun({
      ...request,
      openSource: async () => ({
        streams: async () => [],
        open: async () => ({
          ...world.reader(noFuse()),
          async *batches() {
            yield { records: [{ id: 'a' }], position: 1 }
            yield { records: [], position: 2 }
          },
        }),
        close: async () => undefined,
      }),
    })
    expect(saved(world)).toMatchObject({
      recordsRead: 1,
      pages: 1,
      checkpoint: { position: 2, complete: true },
    })
  })
})
