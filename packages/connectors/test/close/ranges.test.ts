import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Json, Selection, StreamReader } from '../../src/index.ts'
import { testContext } from '../context.ts'
import { batchesOf, openSandboxSource } from './stream-reading.ts'

const dayMs = 86_400_000

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox({ leads: 60, now: Date.parse('2026-05-01T12:00:00Z') })
})
afterEach(() => sandbox.close())

const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
const at = (record: Readonly<Record<string, unknown>>, field: string) => Date.parse(String(record[field]))

async function openRange(
  stream: string,
  fromMs: number,
  untilMs: number,
  parameters: Selection['parameters'] = {},
): Promise<StreamReader> {
  const source = await openSandboxSource(sandbox)
  const range = { fromMs, untilMs }
  const selection = { stream, mode: 'full', columns: [], parameters, range } as const
  return source.open(selection, 'run', testContext().signal)
}

/** The middle half of what there is, by its dates. */
function middleOf(types: readonly string[]): [fromMs: number, untilMs: number] {
  const dates = types
    .flatMap((type) => truth(type).map((each) => at(each, 'date_created')))
    .sort((a, b) => a - b)
  const [from = 0, until = 0] = [
    dates[Math.floor(dates.length / 4)],
    dates[Math.floor((3 * dates.length) / 4)],
  ]
  return [from, until + 1]
}

describe('a range of dates of a stream of Close', () => {
  it.each([
    ['leads', ['lead'], ''],
    ['contacts', ['contact'], ''],
    ['activities', ['activity.note', 'activity.call'], 'activity.note,activity.call'],
  ] as const)(
    'brings what was created or changed in it, each once, cut off anywhere: %s',
    async (stream, types, kinds) => {
      const [fromMs, untilMs] = middleOf(types)
      // Of before it, and of after it: changed within it and now.
      sandbox.control.advanceClock(3_600_000)
      const within = (ms: number) => ms >= fromMs && ms < untilMs
      const wanted = types
        .flatMap((type) => truth(type))
        .filter((each) => within(at(each, 'date_created')) || within(at(each, 'date_updated')))
        .map(({ id }) => String(id))
        .sort()
      expect(wanted.length).toBeGreaterThan(5)
      const reader = await openRange(stream, fromMs, untilMs, { kinds })
      expect([reader.excerpt, await reader.count()]).toEqual([true, null])
      const whole = await batchesOf(reader)
      const idsIn = (batches: typeof whole) =>
        batches.flatMap(({ records }) => records.map(({ id }) => String(id))).sort()
      expect(idsIn(whole)).toEqual(wanted)
      expect(whole.flatMap(({ deleted = [] }) => deleted)).toEqual([])
      for (const [index, { position }] of whole.entries()) {
        const stored: Json = JSON.parse(JSON.stringify(position))
        const rest = await batchesOf(await openRange(stream, fromMs, untilMs, { kinds }), stored)
        expect(idsIn([...whole.slice(0, index + 1), ...rest])).toEqual(wanted)
      }
    },
  )

  it('brings what was changed in it and made before', async () => {
    const [oldest] = truth('lead').toSorted((a, b) => at(a, 'date_created') - at(b, 'date_created'))
    sandbox.control.advanceClock(10 * dayMs)
    sandbox.control.edit({ type: 'lead', id: String(oldest?.['id']), changes: { name: 'Another' } })
    const nowMs = at(truth('lead').find(({ id }) => id === oldest?.['id']) ?? {}, 'date_updated')
    const batches = await batchesOf(await openRange('leads', nowMs - dayMs, nowMs + dayMs))
    expect(batches.flatMap(({ records }) => records.map(({ id, name }) => [id, name]))).toEqual([
      [oldest?.['id'], 'Another'],
    ])
  })

  it('keeps to the parameters of its stream', async () => {
    const [fromMs, untilMs] = middleOf(['lead'])
    const created = truth('lead').filter((each) => {
      const ms = at(each, 'date_created')
      return ms >= fromMs && ms < untilMs
    })
    const status = created[0]?.['status_id']
    const wanted = created.filter((each) => each['status_id'] === status).map(({ id }) => String(id))
    expect(wanted.length).toBeLessThan(created.length)
    const batches = await batchesOf(await openRange('leads', fromMs, untilMs, { status_id: String(status) }))
    const read = batches.flatMap(({ records }) => records)
    expect(read.map(({ id }) => String(id))).toEqual(expect.arrayContaining(wanted))
    expect(new Set(read.map((each) => each['status_id']))).toEqual(new Set([status]))
  })

  it('is not of what can not be searched by date: then the reader says nothing of an excerpt', async () => {
    const reader = await openRange('users', 0, dayMs)
    expect(reader.excerpt).toBeUndefined()
  })
})
