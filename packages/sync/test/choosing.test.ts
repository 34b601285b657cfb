import type { StreamPlan } from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { type ChosenStream, executeRun, type RunRequest } from '../src/index.ts'
import { counted, failingOne, together } from './together.ts'
import { clock, ids, noFuse, World } from './world.ts'

const skippable = (request: RunRequest): RunRequest => ({
  ...request,
  selections: [...Object.values(request.selections)].map((each: ChosenStream) => ({
    ...each,
    skippable: true,
  })),
})
const unavailable = new LatchworkError('stream_unavailable', { message: 'The plan has no calls.' })

describe('a stream that the account may not read', () => {
  it('is passed over with the reason where nobody chose it by name, and the run succeeds', async () => {
    const worlds = { leads: counted(9), calls: counted(7) }
    const outcome = await executeRun(failingOne(skippable(together(worlds)), 'calls', unavailable))
    expect(outcome).toMatchObject({ status: 'succeeded', error: null, again: null })
    const skipped = {
      status: 'skipped',
      error: { code: 'stream_unavailable', message: 'The plan has no calls.' },
    }
    expect(outcome.streams.get('calls')).toEqual(skipped)
    expect(worlds.calls.stops).toEqual([skipped])
    expect([worlds.leads.delivered(), worlds.leads.stops]).toEqual([ids(9), []])
  })

  it('fails where it was chosen by name', async () => {
    const worlds = { leads: counted(9), calls: counted(7) }
    const outcome = await executeRun(failingOne(together(worlds), 'calls', unavailable))
    expect(outcome).toMatchObject({ status: 'partial', error: { code: 'streams_failed' } })
    expect(worlds.calls.stops).toMatchObject([
      { status: 'failed', error: { code: 'stream_unavailable', message: 'The plan has no calls.' } },
    ])
  })

  it('is not passed over for any other reason', async () => {
    const worlds = { leads: counted(9), calls: counted(7) }
    const broken = new LatchworkError('upstream_error', { message: 'Close answered nonsense.' })
    const outcome = await executeRun(failingOne(skippable(together(worlds)), 'calls', broken))
    expect(outcome).toMatchObject({ status: 'partial', error: { code: 'streams_failed' } })
  })

  it('leaves nothing of a run that has no other: it has failed, with the reasons', async () => {
    const worlds = { calls: counted(7) }
    const request = failingOne(skippable(together(worlds)), 'calls', unavailable)
    expect(await executeRun(request)).toMatchObject({
      status: 'failed',
      error: {
        code: 'stream_unavailable',
        message: "None of the source's streams may be read. calls: The plan has no calls.",
      },
    })
    expect(await executeRun({ ...request, selections: [] })).toMatchObject({
      status: 'failed',
      error: { code: 'stream_unavailable', message: 'The source has no streams.' },
    })
  })
})

describe('a run that asks its source for the streams', () => {
  const asking = (request: RunRequest, ask: () => Promise<readonly ChosenStream[]>): RunRequest => ({
    ...request,
    waits: { longestMs: 60_000, firstPauseMs: 1, longestPauseMs: 1 },
    selections: async () => ask(),
  })
  const both: readonly ChosenStream[] = ['leads', 'calls'].map((stream) => ({
    ...{ stream, mode: 'full', columns: [], parameters: {} },
  }))

  it('asks again while the source is away, and says so', async () => {
    const worlds = { leads: counted(9), calls: counted(7) }
    let asked = 0
    const said: (string | null)[] = []
    const outcome = await executeRun({
      ...asking(together(worlds), async () => {
        asked += 1
        if (asked < 3) throw new LatchworkError('unreachable', { message: 'Nobody there.' })
        return both
      }),
      activity: (sentence) => void said.push(sentence),
    })
    expect(outcome).toMatchObject({ status: 'succeeded' })
    expect([worlds.leads.delivered(), worlds.calls.delivered()]).toEqual([ids(9), ids(7)])
    expect(said[0]).toContain('Close is away')
    expect(said.at(-1)).toBeNull()
  })

  it('has failed where it is not told, and is tried again where that may pass', async () => {
    const worlds = { leads: counted(9) }
    const refused = new LatchworkError('api_key_rejected', { message: 'Close refuses the key.' })
    expect(await executeRun(asking(together(worlds), () => Promise.reject(refused)))).toMatchObject({
      ...{ status: 'failed', error: { code: 'api_key_rejected' }, again: null },
    })
    const away = new LatchworkError('unreachable', { message: 'Nobody there.', retryAfterSeconds: 90 })
    expect(await executeRun(asking(together(worlds), () => Promise.reject(away)))).toMatchObject({
      ...{ status: 'failed', error: { code: 'unreachable' }, again: { afterMs: 90_000 } },
    })
  })

  it('ends while it waits, once it is cancelled', async () => {
    const request = asking(together({ leads: counted(9) }), () =>
      Promise.reject(new LatchworkError('unreachable', { retryAfterSeconds: 50 })),
    )
    const outcome = await executeRun({
      ...request,
      clock: { ...clock, sleep: (_ms, signal) => clock.sleep(1, signal) },
      waits: { longestMs: 600_000, firstPauseMs: 1, longestPauseMs: 1 },
      journal: { ...request.journal, cancelling: async () => true },
    })
    expect(outcome).toMatchObject({ status: 'cancelled', error: null })
  })
})

describe('a stream that a flow chooses', () => {
  it('has its name in the destination, and what becomes of deleted records, in its plan', async () => {
    const plans: Pick<StreamPlan, 'target' | 'deletions'>[] = []
    const run = async (more: Partial<ChosenStream>) => {
      const own = new World(3, 4, true, () => false)
      const request = own.request(noFuse())
      await executeRun({
        ...request,
        selections: [{ ...{ stream: 'records', mode: 'full', columns: [], parameters: {} }, ...more }],
        openDestination: async () => ({
          open: async ({ target, deletions }) => {
            plans.push({ target, deletions })
            return own.writer(noFuse(), null)
          },
          close: async () => undefined,
        }),
      })
    }
    await run({ target: 'people', deletions: 'remove' })
    await run({})
    expect(plans).toEqual([
      { target: 'people', deletions: 'remove' },
      { target: null, deletions: 'leave' },
    ])
  })
})
