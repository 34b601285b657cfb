import type {
  Clock,
  DestinationWriter,
  Json,
  RefusedRecord,
  SourcePage,
  SourceReader,
} from '@latchwork/connectors'
import { type DataRecord, LatchworkError } from '@latchwork/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  executeRun,
  JournalError,
  type RunOutcome,
  type RunRequest,
  RunTaken,
  type Waits,
} from '../src/index.ts'
import type { QuarantinedRecord } from '../src/run.ts'

class ProcessEnded extends Error {}

/** Ends the process at a chosen step: from then on nothing that it does reaches the world. */
class Fuse {
  #left: number
  constructor(steps: number) {
    this.#left = steps
  }
  burn(): void {
    this.#left -= 1
    if (this.#left < 0) throw new ProcessEnded()
  }
}
const noFuse = () => new Fuse(Number.POSITIVE_INFINITY)

const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms)
      signal?.addEventListener('abort', () => {
        clearTimeout(timer)
        reject(signal.reason)
      })
    }),
}

/** Of a run that has read nothing. */
const nothingYet = {
  ...{ recordsRead: 0, recordsWritten: 0, recordsRefused: 0, recordsCreated: 0, pages: 0 },
  ...{ notices: [], checkpoint: null },
}
/** A run that waits for nothing. */
const noWaits: Waits = { longestMs: 0, firstPauseMs: 1, longestPauseMs: 1 }

/** What outlives a process: a destination that keeps records by key or by length, and the run's row. */
class World {
  readonly records: DataRecord[]
  readonly byKey: boolean
  readonly pageSize: number
  readonly refuse: (record: DataRecord) => boolean
  table = new Map<string, DataRecord>()
  part: DataRecord[] = []
  whole: DataRecord[] | null = null
  gaveUp = false
  saved: string | null = null
  quarantine: QuarantinedRecord[] = []
  lastRecords: readonly DataRecord[] = []
  /** Why the run may not go on. */
  refusal: LatchworkError | null = null
  cancelAfterPages = Number.POSITIVE_INFINITY
  /** What the run said that it does. */
  said: string[] = []

  constructor(count: number, pageSize: number, byKey: boolean, refuse: (record: DataRecord) => boolean) {
    this.records = Array.from({ length: count }, (_, index) => ({ id: `r${index}` }))
    this.pageSize = pageSize
    this.byKey = byKey
    this.refuse = refuse
  }

  source(fuse: Fuse): SourceReader {
    const { records, pageSize } = this
    return {
      columns: [{ name: 'id', label: 'Id', type: 'text' }],
      key: 'id',
      ordered: true,
      count: async () => records.length,
      close: async () => undefined,
      async *pages(position): AsyncGenerator<SourcePage> {
        for (let at = typeof position === 'number' ? position : 0; at < records.length; at += pageSize) {
          fuse.burn()
          await Promise.resolve()
          yield { records: records.slice(at, at + pageSize), position: at + pageSize }
        }
      },
    }
  }

  destination(fuse: Fuse, resume: Json | null): DestinationWriter {
    fuse.burn()
    let length = typeof resume === 'number' ? resume : 0
    if (this.whole === null) this.part.length = length
    return {
      write: async (page) => {
        fuse.burn()
        const refused: RefusedRecord[] = page.flatMap((record, index) =>
          this.refuse(record) ? [{ index, code: 'record_refused', message: 'No.' }] : [],
        )
        const accepted = page.filter((record) => !this.refuse(record))
        for (const record of accepted) {
          this.table.set(String(record['id']), record)
          this.part.push(record)
          // Half a page may be there when the process ends.
          fuse.burn()
        }
        length += accepted.length
        return { written: accepted.length, refused, state: length }
      },
      finish: async () => {
        fuse.burn()
        this.whole ??= [...this.part]
        fuse.burn()
        return { file: 'out', bytes: this.whole.length }
      },
      abort: async () => {
        fuse.burn()
        this.gaveUp = true
      },
      close: async () => undefined,
    }
  }

  request(fuse: Fuse, signal = new AbortController().signal): RunRequest {
    return {
      openSource: async () => {
        fuse.burn()
        return this.source(fuse)
      },
      openDestination: async ({ resume }) => this.destination(fuse, resume),
      journal: {
        begin: async () => {
          fuse.burn()
          return this.saved === null ? { ...nothingYet } : JSON.parse(this.saved)
        },
        opened: async () => fuse.burn(),
        save: async (progress, refused, lastRecords) => {
          fuse.burn()
          this.saved = JSON.stringify(progress)
          this.quarantine.push(...refused)
          if (lastRecords.length > 0) this.lastRecords = lastRecords
          fuse.burn()
          return { cancelling: progress.pages >= this.cancelAfterPages }
        },
        cancelling: async () => false,
        refusal: async () => this.refusal,
      },
      ...{ clock, signal, waits: noWaits },
      names: { source: 'Close', destination: 'PostgreSQL' },
      activity: (sentence) => {
        if (sentence !== null) this.said.push(sentence)
      },
      lastRecords: this.lastRecords,
    }
  }

  delivered(): string[] {
    const records = this.byKey ? [...this.table.values()] : (this.whole ?? [])
    return records.map((record) => String(record['id']))
  }
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => `r${index}`)

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
          if (outcome !== null && 'output' in outcome) break
          if (outcome !== null)
            expect(outcome).toMatchObject({ status: 'failed', cause: expect.any(ProcessEnded) })
        }
        if (outcome === null || !('output' in outcome)) outcome = await executeRun(world.request(noFuse()))
        const written = ids(count).filter((id) => !refused(id))
        expect(outcome.status).toBe(
          written.length === count ? 'succeeded' : written.length > 0 ? 'partial' : 'failed',
        )
        expect(world.delivered()).toEqual(written)
        expect(world.quarantine.map((entry) => entry.key)).toEqual(ids(count).filter(refused))
        const row = JSON.parse(world.saved ?? '{}')
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
  const keepAll = () => false

  it('is cancelled between pages, and the destination gives up', async () => {
    const world = new World(100, 10, false, keepAll)
    world.cancelAfterPages = 3
    expect(await executeRun(world.request(noFuse()))).toEqual({ status: 'cancelled' })
    expect(world.gaveUp).toBe(true)
    expect(world.whole).toBeNull()
    expect(JSON.parse(world.saved ?? '{}')).toMatchObject({ pages: 3 })
  })

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

  it('#52 ends at the next page once it may not go on, and the destination gives up', async () => {
    const refusal = new LatchworkError('access_withdrawn', { message: 'Ask Ann.' })
    const failed = { status: 'failed', error: { code: 'access_withdrawn', message: 'Ask Ann.' } }
    const world = new World(100, 10, false, keepAll)
    const request = world.request(noFuse())
    const run = executeRun({
      ...request,
      journal: {
        ...request.journal,
        save: async (progress, refused, lastRecords) => {
          if (progress.pages === 3) world.refusal = refusal
          return request.journal.save(progress, refused, lastRecords)
        },
      },
    })
    expect(await run).toMatchObject(failed)
    expect([world.gaveUp, world.whole]).toEqual([true, null])
    expect(JSON.parse(world.saved ?? '{}')).toMatchObject({ pages: 3 })

    // Nothing is opened for one that may not begin.
    const late = new World(1, 1, false, keepAll)
    late.refusal = refusal
    const opening = () => Promise.reject(new Error('opened'))
    expect(await executeRun({ ...late.request(noFuse()), openSource: opening })).toMatchObject(failed)
  })

  it('#52 ends while the source waits, once it may not go on', async () => {
    const world = new World(1, 1, false, keepAll)
    const request = world.request(noFuse())
    const outcome = await executeRun({
      ...request,
      openSource: async (signal) => ({
        ...world.source(noFuse()),
        async *pages() {
          yield { records: [{ id: 'r0' }], position: 1 }
          world.refusal = new LatchworkError('access_withdrawn')
          await clock.sleep(7 * 24 * 3_600_000, signal)
        },
      }),
    })
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'access_withdrawn' } })
    expect(world.gaveUp).toBe(true)
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
    const outcome = await executeRun({
      ...{ ...request, openSource: opening, openDestination: opening },
      journal: { ...request.journal, begin: async () => ({ ...counts, checkpoint }) },
    })
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'checkpoint_unreadable', message: expect.stringContaining('Run the flow again') },
    })
    expect([world.saved, world.whole, world.gaveUp]).toEqual([null, null, false])
  })

  it('is cancelled while the source waits', async () => {
    const world = new World(1, 1, false, keepAll)
    const request = world.request(noFuse())
    const waiting: SourceReader = {
      ...world.source(noFuse()),
      async *pages() {
        await new Promise((_, reject) => waitFor.addEventListener('abort', () => reject(waitFor.reason)))
      },
    }
    let waitFor = new AbortController().signal
    const outcome = await executeRun({
      ...request,
      openSource: async (signal) => {
        waitFor = signal
        return waiting
      },
      journal: { ...request.journal, cancelling: async () => true },
    })
    expect(outcome).toEqual({ status: 'cancelled' })
    expect(world.gaveUp).toBe(true)
  })

  it('is left as it is when its process must leave', async () => {
    const world = new World(100, 10, false, keepAll)
    const leaving = new AbortController()
    const request = world.request(noFuse(), leaving.signal)
    const save = request.journal.save
    const run = executeRun({
      ...request,
      journal: {
        ...request.journal,
        save: async (progress, refused, lastRecords) => {
          const answer = await save(progress, refused, lastRecords)
          if (progress.pages === 4) leaving.abort(new Error('the server stops'))
          return answer
        },
      },
    })
    await expect(run).rejects.toThrow('the server stops')
    expect(world.gaveUp).toBe(false)
    expect((await executeRun(world.request(noFuse()))).status).toBe('succeeded')
    expect(world.delivered()).toEqual(ids(100))
  })

  it('is left as it is when it cannot be written down', async () => {
    const world = new World(20, 10, false, keepAll)
    const request = world.request(noFuse())
    const run = executeRun({
      ...request,
      journal: { ...request.journal, save: () => Promise.reject(new Error('the database is away')) },
    })
    await expect(run).rejects.toBeInstanceOf(JournalError)
    expect(world.gaveUp).toBe(false)
    expect((await executeRun(world.request(noFuse()))).status).toBe('succeeded')
    expect(world.delivered()).toEqual(ids(20))
  })

  it('does not wait for the source once the destination has failed', async () => {
    const world = new World(10, 5, false, keepAll)
    const request = world.request(noFuse())
    const outcome = await executeRun({
      ...request,
      openSource: async (signal) => ({
        ...world.source(noFuse()),
        async *pages() {
          yield { records: [{ id: 'r0' }], position: 1 }
          // As if the other system had said to come back in a week.
          await clock.sleep(7 * 24 * 3_600_000, signal)
        },
      }),
      openDestination: async (options, signal) => ({
        ...(await request.openDestination(options, signal)),
        write: () => Promise.reject(new LatchworkError('data_dir_unwritable')),
      }),
    })
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
    expect(internal.status === 'failed' && internal.error.message).not.toContain('secret detail')
  })

  it('never reads more than one page ahead', async () => {
    const world = new World(50, 5, false, keepAll)
    let read = 0
    let written = 0
    const request = world.request(noFuse())
    await executeRun({
      ...request,
      openSource: async (signal) => {
        const source = await request.openSource(signal)
        return {
          ...source,
          async *pages(position) {
            for await (const page of source.pages(position)) {
              read += 1
              expect(read - written).toBeLessThanOrEqual(2)
              yield page
            }
          },
        }
      },
      openDestination: async (options, signal) => {
        const destination = await request.openDestination(options, signal)
        return {
          ...destination,
          write: async (page) => {
            const result = await destination.write(page)
            written += 1
            return result
          },
        }
      },
    })
    expect(written).toBe(10)
  })
})

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
    const request = world.request(noFuse())
    const fail = () => {
      left -= 1
      if (left >= 0) throw error()
    }
    return {
      ...request,
      openSource: async (signal: AbortSignal) => {
        const source = await request.openSource(signal)
        return {
          ...source,
          async *pages(position: Json | null) {
            for await (const page of source.pages(position)) {
              if (side === 'source') fail()
              yield page
            }
          },
        }
      },
      openDestination: async (
        options: Parameters<RunRequest['openDestination']>[0],
        signal: AbortSignal,
      ): Promise<DestinationWriter> => {
        const destination = await request.openDestination(options, signal)
        return {
          ...destination,
          write: async (page) => {
            if (side === 'destination') fail()
            return destination.write(page)
          },
        }
      },
    }
  }

  it.each(['source', 'destination'] as const)(
    'waits for its %s with growing pauses, and goes on',
    async (side) => {
      const world = new World(40, 10, false, () => false)
      const time = ownClock()
      const outcome = await executeRun({ ...away(world, side, 9), clock: time, waits })
      expect(outcome).toMatchObject({ status: 'succeeded' })
      expect(world.delivered()).toEqual(ids(40))
      expect(JSON.parse(world.saved ?? '{}')).toMatchObject({ recordsRead: 40, recordsWritten: 40, pages: 4 })
      expect(time.slept).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000))
      const name = side === 'source' ? 'Close' : 'PostgreSQL'
      expect(world.said[0]).toBe(`${name} is away; next try in 1 s.`)
      expect(world.said[4]).toBe(`${name} has been away for 15 s; next try in 16 s.`)
      expect(world.said[8]).toBe(`${name} has been away for 3 minutes; next try in 60 s.`)
      expect(world.gaveUp).toBe(false)
    },
  )

  it('waits as long as it is told to', async () => {
    const world = new World(40, 10, false, () => false)
    const time = ownClock()
    await executeRun({ ...away(world, 'source', 2, () => unreachable(90)), clock: time, waits })
    expect(time.slept).toEqual([90_000, 90_000])
    expect(world.delivered()).toEqual(ids(40))
  })

  it('fails after its waits, and can be taken up again where it stopped', async () => {
    const world = new World(40, 10, false, () => false)
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
      const world = new World(40, 10, false, () => false)
      const time = ownClock()
      const outcome = await executeRun({
        ...away(world, 'source', 1, () => error as LatchworkError),
        clock: time,
        waits,
      })
      expect(outcome).toMatchObject({ status: 'failed', again: null })
      expect([time.slept, world.gaveUp]).toEqual([[], true])
    }
    const world = new World(40, 10, false, () => false)
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
    const world = new World(40, 10, false, () => false)
    const time = ownClock()
    const request = world.request(noFuse())
    let left = 4
    const outcome = await executeRun({
      ...{ ...request, clock: time, waits },
      journal: {
        ...request.journal,
        save: async (progress, refused, lastRecords) => {
          const answer = await request.journal.save(progress, refused, lastRecords)
          // It was saved, but nobody heard of it.
          if (progress.pages >= 2 && left > 0) {
            left -= 1
            throw new LatchworkError('storage_unavailable')
          }
          return answer
        },
      },
    })
    expect(outcome).toMatchObject({ status: 'succeeded' })
    expect(world.delivered()).toEqual(ids(40))
    expect(JSON.parse(world.saved ?? '{}')).toMatchObject({ recordsRead: 40, recordsWritten: 40, pages: 4 })
    expect(world.said).toContain("Latchwork's own database is away; next try in 1 s.")
  })

  it('is cancelled while it waits', async () => {
    const world = new World(40, 10, false, () => false)
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
    expect(outcome).toEqual({ status: 'cancelled' })
    expect(world.gaveUp).toBe(false) // nothing was open
  })
})

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
  const saved = (world: World) => JSON.parse(world.saved ?? '{}')

  it('is counted as far as it went, and counted once when it is written again', async () => {
    const world = new World(30, 10, true, () => false)
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
    const world = new World(30, 10, true, () => false)
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
    const world = new World(3, 3, true, () => false)
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
    expect(JSON.parse(world.saved ?? '{}')).toMatchObject({ recordsRead: 4, recordsWritten: 4 })
  })
})

describe('a run that another process has taken up', () => {
  it.each(['save', 'opened', 'begin', 'refusal'] as const)(
    'is left as it is as soon as %s is refused',
    async (where) => {
      const world = new World(30, 10, false, () => false)
      const request = world.request(noFuse())
      const taken = () => Promise.reject(new RunTaken())
      await expect(
        executeRun({ ...request, journal: { ...request.journal, [where]: taken } }),
      ).rejects.toBeInstanceOf(RunTaken)
      expect([world.gaveUp, world.whole]).toEqual([false, null])
    },
  )

  it('is not given up for a failure that it meets before it knows', async () => {
    const world = new World(30, 10, false, () => false)
    const request = world.request(noFuse())
    let hasIt = true
    const run = executeRun({
      ...request,
      journal: {
        ...request.journal,
        cancelling: async () => {
          if (!hasIt) throw new RunTaken()
          return false
        },
      },
      openDestination: async (options, signal) => ({
        ...(await request.openDestination(options, signal)),
        write: async () => {
          hasIt = false
          throw new LatchworkError('key_rejected')
        },
      }),
    })
    await expect(run).rejects.toBeInstanceOf(RunTaken)
    expect([world.gaveUp, world.whole]).toEqual([false, null])
  })
})
