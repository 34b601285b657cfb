import type { Gone } from '@latchwork/connectors'
import { describe, expect, it } from 'vitest'
import { executeRun, type RunRequest } from '../src/index.ts'
import { journaling, keepAll, noFuse, only, reading, saved, World, writing } from './world.ts'

/** A run whose destination finds that records are gone; what it was allowed. */
function finding(found: Gone, request: RunRequest) {
  const allowed: boolean[] = []
  return {
    allowed,
    request: writing(request, (writer) => ({
      ...writer,
      sweep: async (existing, allows) => {
        for await (const keys of existing ?? []) expect(keys).toEqual(['r0'])
        const isAllowed = allows(found)
        allowed.push(isAllowed)
        return isAllowed
          ? { deleted: found.gone, state: 'swept' }
          : { deleted: 0, held: found, state: 'swept' }
      },
    })),
  }
}

const full = { ...only, deletions: 'mark' } as const
/** A run of everything. */
function whole(world: World, acceptsGone = false): RunRequest {
  return { ...world.request(noFuse()), selections: [{ ...full, acceptsGone }] }
}
/** A run of changes that ends with a comparison. */
function changes(world: World, acceptsGone = false): RunRequest {
  const selections = [{ ...full, mode: 'incremental', acceptsGone } as const]
  return reading({ ...world.request(noFuse()), selections }, (reader) => ({
    ...reader,
    async *batches(position) {
      if (position !== null) return
      async function* existing() {
        yield ['r0']
      }
      yield { records: [], existing, heldPosition: 'due again', position: 'compared' }
    },
  }))
}

describe('a comparison that would mark more than half of what the destination holds', () => {
  const readings = [
    ['everything', whole],
    ['changes', changes],
  ] as const

  it.each(readings)('is held back, told, and leaves the run partial: of %s', async (_, request) => {
    const world = new World(1, 4, true, keepAll)
    const { request: run, allowed } = finding({ gone: 51, known: 100 }, request(world))
    const outcome = await executeRun(run)
    expect(outcome).toMatchObject({ status: 'partial', error: null })
    expect(allowed).toEqual([false])
    expect(world.end).toMatchObject({ status: 'partial' })
    expect(saved(world)).toMatchObject({
      recordsDeleted: 0,
      notices: [{ code: 'deletions_held', column: 'records', count: 51 }],
    })
    expect(saved(world).notices[0].message).toContain('more than half of its 100')
  })

  it.each(readings)('goes on where somebody has said that they are gone: of %s', async (_, request) => {
    const world = new World(1, 4, true, keepAll)
    const { request: run } = finding({ gone: 100, known: 100 }, request(world, true))
    expect(await executeRun(run)).toMatchObject({ status: 'succeeded' })
    expect(saved(world)).toMatchObject({ recordsDeleted: 100 })
  })

  it.each([
    [{ gone: 50, known: 100 }, true],
    [{ gone: 20, known: 20 }, true],
    [{ gone: 21, known: 21 }, false],
    [{ gone: 21, known: 41 }, false],
    [{ gone: 21, known: 42 }, true],
  ])('is allowed for half of them, or for a few: %j', async (found, expected) => {
    const { request, allowed } = finding(found, whole(new World(1, 4, true, keepAll)))
    await executeRun(request)
    expect(allowed).toEqual([expected])
  })

  it.each([
    [{ gone: 99, known: 100 }, true],
    [{ gone: 100, known: 100 }, false],
  ])('is what another filter is for, unless it keeps nothing: %j', async (found, expected) => {
    const world = new World(1, 4, true, keepAll)
    const selections = [{ ...full, otherFilter: true } as const]
    const { request, allowed } = finding(found, { ...world.request(noFuse()), selections })
    await executeRun(request)
    expect(allowed).toEqual([expected])
  })

  it('is due again in the next run, which goes on from there', async () => {
    const world = new World(0, 4, true, keepAll)
    const states: unknown[] = []
    const { request } = finding({ gone: 30, known: 30 }, changes(world))
    const { ended } = request.journal
    await executeRun(
      journaling(request, {
        ended: (stream, end, state) => {
          states.push(state)
          return ended(stream, end, state)
        },
      }),
    )
    expect(states).toEqual(['due again'])
    expect(saved(world).checkpoint).toMatchObject({ position: 'due again', state: 'swept' })
  })
})

describe('a range of a stream', () => {
  const range = { fromMs: 0, untilMs: 1000 }

  it('begins at the start, is written over what there is, compares nothing and leaves no state', async () => {
    const world = new World(3, 4, true, keepAll)
    const selections = [{ ...full, mode: 'incremental', range } as const]
    const base = world.request(noFuse())
    const read = reading({ ...base, selections }, (reader) => ({ ...reader, excerpt: true }))
    const { request, allowed } = finding({ gone: 1, known: 3 }, read)
    const states: unknown[] = []
    const { begin, ended } = request.journal
    const outcome = await executeRun(
      journaling(request, {
        begin: async (stream) => ({ ...(await begin(stream)), state: 2 }),
        ended: (stream, end, state) => {
          states.push(state)
          return ended(stream, end, state)
        },
      }),
    )
    expect(outcome).toMatchObject({ status: 'succeeded' })
    expect([allowed, states, saved(world).recordsRead]).toEqual([[], [null], 3])
  })

  it('is refused before anything is read where the source would read everything', async () => {
    const world = new World(3, 4, true, keepAll)
    const outcome = await executeRun({ ...world.request(noFuse()), selections: [{ ...full, range }] })
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'backfill_unsupported' } })
    expect(world.table.size).toBe(0)
  })
})
