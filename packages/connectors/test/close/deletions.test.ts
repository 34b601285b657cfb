import { type Comparison, comparisonMs } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Mirror } from './mirror.ts'

const dayMs = 86_400_000

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox({ leads: 60, now: Date.parse('2026-05-01T12:00:00Z') })
})
afterEach(() => sandbox.close())

const organizationId = () => sandbox.organizations[0]?.id ?? ''
const truth = (type: string) => sandbox.control.truth(organizationId(), type)
const idsOf = (type: string) =>
  truth(type)
    .map(({ id }) => String(id))
    .sort()
const some = (type: string, index = 0) => String(truth(type)[index]?.['id'])
const later = (milliseconds = 3_600_000) => sandbox.control.advanceClock(milliseconds)

const types = [
  ['leads', 'lead', ''],
  ['contacts', 'contact', ''],
  ['opportunities', 'opportunity', ''],
  ['tasks', 'task', ''],
  ['activities', 'activity.note', 'activity.note'],
] as const

/** A destination that holds all of a stream by now. */
async function filled(stream: string, columns: readonly string[] = [], kinds = ''): Promise<Mirror> {
  const mirror = new Mirror(sandbox, stream, columns, { kinds })
  await mirror.run()
  later()
  return mirror
}

describe('deletions in an incremental run of Close', () => {
  it.each(types)('are seen of %s, also where they go with their lead', async (stream, type, kinds) => {
    const mirror = await filled(stream, ['date_updated'], kinds)
    const before = mirror.ids()
    sandbox.control.remove({ type, id: some(type, 7) })
    sandbox.control.remove({ type: 'lead', id: some('lead', 2) })
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf(type))
    expect(mirror.deleted.toSorted()).toEqual(before.filter((id) => !idsOf(type).includes(id)))
    expect(mirror.comparisons).toBe(0)
  })

  it.each(types)(
    'a merged lead’s %s follow it, whether their dates move or not',
    async (stream, type, kinds) => {
      const mirror = await filled(stream, type === 'lead' ? ['name'] : ['lead_id'], kinds)
      const [a, b, c, d] = [0, 1, 2, 3].map((index) => some('lead', index))
      for (const [source, destination] of [
        [a, b],
        [b, c],
      ] as const) {
        sandbox.control.merge({ source: String(source), destination: String(destination), keepDates: true })
      }
      sandbox.control.merge({ source: String(d), destination: String(c) })
      await mirror.run()
      expect(mirror.ids()).toEqual(idsOf(type))
      const leads = (records: Iterable<Readonly<Record<string, unknown>>>) =>
        [...records].map(({ id, lead_id }) => [id, lead_id]).sort()
      if (type !== 'lead') expect(leads(mirror.records.values())).toEqual(leads(truth(type)))
    },
  )

  it('a record that was deleted and is there again stays', async () => {
    const mirror = await filled('contacts', ['name'])
    const record = truth('contact')[3] ?? {}
    sandbox.control.remove({ type: 'contact', id: String(record['id']) })
    sandbox.control.insert({ type: 'contact', record })
    await mirror.run()
    expect(mirror.records.has(String(record['id']))).toBe(true)
    expect(mirror.ids()).toEqual(idsOf('contact'))
  })

  it('a record that was deleted in one run and is there again in the next comes back, with its old date', async () => {
    const mirror = await filled('contacts', ['name'])
    const record = truth('contact')[3] ?? {}
    sandbox.control.remove({ type: 'contact', id: String(record['id']) })
    await mirror.run()
    expect(mirror.records.has(String(record['id']))).toBe(false)
    sandbox.control.insert({ type: 'contact', record })
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf('contact'))
  })

  it('a record that was changed and then deleted within one run is gone', async () => {
    const mirror = await filled('contacts', ['name'])
    const id = some('contact', 3)
    sandbox.control.edit({ type: 'contact', id, changes: { name: 'Last words' } })
    sandbox.control.onListPage({
      path: '/api/v1/data/search/',
      afterPages: 1,
      do: [{ action: 'delete', type: 'contact', id }],
    })
    await mirror.run()
    expect(mirror.read.some((record) => record['id'] === id)).toBe(true)
    expect(mirror.ids()).toEqual(idsOf('contact'))
  })

  it('cost a few requests to the log where it has little to tell, and one for each kind where it has much', async () => {
    const mirror = await filled('leads')
    const asked = () => sandbox.control.requests().filter(({ path }) => path === '/api/v1/event/').length
    const askedBy = async (notes: number) => {
      for (let at = 0; at < notes; at += 1)
        sandbox.control.insert({ type: 'activity.note', record: { lead_id: some('lead') } })
      const gone = truth('contact')[3] ?? {}
      sandbox.control.remove({ type: 'contact', id: String(gone['id']) })
      const before = asked()
      await mirror.run()
      expect(mirror.records.get(String(gone['lead_id']))?.['contact_ids']).not.toContain(gone['id'])
      later()
      return asked() - before
    }
    expect(await askedBy(10)).toBeLessThanOrEqual(3)
    expect(await askedBy(210)).toBeGreaterThan(10)
  })

  it('are seen though the log is late', async () => {
    const mirror = await filled('contacts', ['name'])
    sandbox.control.setEventLag(120_000)
    sandbox.control.remove({ type: 'contact', id: some('contact', 3) })
    later(10_000)
    await mirror.run()
    expect(mirror.ids()).not.toEqual(idsOf('contact'))
    later(180_000)
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf('contact'))
  })

  it('are seen in any number, also where the run is cut off between them', async () => {
    const mirror = await filled('leads', ['name'])
    const record = { lead_id: some('lead', 1) }
    const tasks = new Mirror(sandbox, 'tasks', ['text'])
    const ids = Array.from({ length: 500 }, () =>
      String(sandbox.control.insert({ type: 'task', record })['id']),
    )
    await tasks.run()
    later()
    for (const id of ids) sandbox.control.remove({ type: 'task', id })
    await tasks.run(2)
    await tasks.run()
    expect(tasks.ids()).toEqual(idsOf('task'))
    expect(mirror.ids()).toEqual(idsOf('lead'))
  })

  it('what a lead shows of its children changes with them', async () => {
    const mirror = await filled('leads', ['contacts', 'opportunities', 'tasks'])
    sandbox.control.edit({ type: 'contact', id: some('contact', 0), changes: { title: 'Changed' } })
    sandbox.control.remove({ type: 'contact', id: some('contact', 20) })
    sandbox.control.remove({ type: 'task', id: some('task', 30) })
    sandbox.control.insert({ type: 'opportunity', record: { lead_id: some('lead', 2), value: 700 } })
    sandbox.control.merge({ source: some('lead', 4), destination: some('lead', 3), keepDates: true })
    await mirror.run()
    const shown = (records: Iterable<Readonly<Record<string, unknown>>>) =>
      Object.fromEntries(
        [...records].map(({ id, contacts, opportunities, tasks }) => [
          id,
          { contacts, opportunities, tasks },
        ]),
      )
    expect(shown(mirror.records.values())).toEqual(shown(truth('lead')))
  })
})

it('a lead loses a contact that was deleted twice, in another lead each time', async () => {
  const mirror = await filled('leads', ['contacts'])
  const contact = truth('contact')[3] ?? {}
  const [id, other] = [String(contact['id']), some('lead', 9)]
  expect(contact['lead_id']).not.toBe(other)
  sandbox.control.remove({ type: 'contact', id })
  sandbox.control.insert({ type: 'contact', record: { id, lead_id: other } })
  await mirror.run()
  sandbox.control.remove({ type: 'contact', id })
  await mirror.run()
  const shown = truth('lead').find((lead) => lead['id'] === other)?.['contacts']
  expect(mirror.records.get(other)).toMatchObject({ contacts: shown })
})

describe('a comparison of ids', () => {
  it('takes the place of the log once the state is older than that, and everything is read again', async () => {
    const mirror = await filled('contacts', ['name', 'lead_id'])
    sandbox.control.remove({ type: 'contact', id: some('contact', 3) })
    sandbox.control.merge({ source: some('lead', 4), destination: some('lead', 3), keepDates: true })
    later(40 * dayMs)
    await mirror.run()
    expect(mirror.comparisons).toBe(1)
    expect(mirror.ids()).toEqual(idsOf('contact'))
    const leads = (records: Iterable<Readonly<Record<string, unknown>>>) =>
      [...records].map(({ id, lead_id }) => [id, lead_id]).sort()
    expect(leads(mirror.records.values())).toEqual(leads(truth('contact')))
    later()
    await mirror.run()
    expect([mirror.comparisons, mirror.read]).toEqual([0, []])
  })

  it.each([402, 403] as const)(
    'finds deletions once a week where the log is refused by %i, and says so',
    async (status) => {
      sandbox.control.refuse({ path: '/api/v1/event/**', status })
      const mirror = await filled('contacts', ['name'])
      sandbox.control.remove({ type: 'contact', id: some('contact', 3) })
      await mirror.run()
      expect(mirror.notices).toMatchObject([{ code: 'deletions_unseen' }])
      expect([mirror.comparisons, mirror.ids().length]).toEqual([0, idsOf('contact').length + 1])
      later(8 * dayMs)
      await mirror.run()
      expect([mirror.comparisons, mirror.ids()]).toEqual([1, idsOf('contact')])
      sandbox.control.remove({ type: 'contact', id: some('contact', 5) })
      await mirror.run()
      sandbox.control.clearRefusals()
      await mirror.run()
      // The log tells what was deleted while it was refused.
      expect([mirror.comparisons, mirror.ids()]).toEqual([0, idsOf('contact')])
      expect(mirror.notices).toEqual([])
    },
  )

  it('finds what has no events once a week', async () => {
    const mirror = await filled('activities', ['_type'], 'activity.created,activity.note')
    sandbox.control.remove({ type: 'lead', id: some('lead', 2) })
    later(8 * dayMs)
    await mirror.run()
    expect(mirror.comparisons).toBe(1)
    expect(mirror.ids()).toEqual([...idsOf('activity.created'), ...idsOf('activity.note')].sort())
  })

  it('compares as often as the flow says, and again where a comparison was held back', async () => {
    const mirror = await filled('activities', ['_type'], 'activity.created')
    const dueAfter = async (days: number, comparison: Comparison) => {
      mirror.compare(comparisonMs[comparison])
      later(days * dayMs)
      await mirror.run()
      return mirror.comparisons
    }
    expect([await dueAfter(1, 'daily'), await dueAfter(0.5, 'daily')]).toEqual([1, 0])
    expect([await dueAfter(7, 'monthly'), await dueAfter(7, 'never')]).toEqual([0, 0])
    mirror.holds = true
    expect([await dueAfter(7, 'weekly'), await dueAfter(0, 'weekly')]).toEqual([1, 1])
    mirror.holds = false
    expect([await dueAfter(0, 'weekly'), await dueAfter(0, 'weekly')]).toEqual([1, 0])
    expect(mirror.ids()).toEqual(idsOf('activity.created'))
  })

  it('never takes a refused kind for deleted', async () => {
    const mirror = await filled('activities', ['_type'], 'activity.sms,activity.note')
    const target = '/api/v1/data/search/'
    sandbox.control.addFault({
      target,
      kind: 'status',
      status: 403,
      containing: '"activity.sms"',
      times: 1000,
    })
    later(40 * dayMs)
    await mirror.run()
    expect(mirror.comparisons).toBe(0)
    expect(mirror.ids()).toEqual([...idsOf('activity.sms'), ...idsOf('activity.note')].sort())
    expect(mirror.notices.map(({ code }) => code).sort()).toEqual(['deletions_unseen', 'kind_refused'])
    sandbox.control.clearFaults()
    sandbox.control.addFault({ target, kind: 'status', status: 403, skip: 6, times: 1000 })
    const again = await mirror.run().catch((error: unknown) => error)
    expect(again).toMatchObject({ code: 'stream_unavailable' })
    expect(mirror.ids()).toEqual([...idsOf('activity.sms'), ...idsOf('activity.note')].sort())
  })

  it('clears what a place holds that a stream was read into before it was reset', async () => {
    const mirror = await filled('contacts', ['name'])
    sandbox.control.remove({ type: 'contact', id: some('contact', 3) })
    mirror.state = null
    later(40 * dayMs)
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf('contact'))
  })
})
