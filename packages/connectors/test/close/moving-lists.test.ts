import { type CloseClient, createCloseClient, paginate, paginateEvents } from '@latchwork/close'
import { type FaultOptions, type Sandbox, startSandbox } from 'close-sandbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Json } from '../../src/index.ts'
import { batchesOf, idsOf, openStream, recordsOf } from './stream-reading.ts'

let sandbox: Sandbox
let organization: string
beforeEach(async () => {
  const records = { email_template: 350, sequence: 4, sequence_subscription: 900, playbook: 250 }
  sandbox = await startSandbox({ leads: 300, records })
  organization = sandbox.organizations[0]?.id ?? ''
})
afterEach(() => sandbox.close())

const truth = (type: string) => sandbox.control.truth(organization, type)

function plainClient(): CloseClient {
  const apiKey = sandbox.apiKeys[0]?.key ?? ''
  return createCloseClient({ apiUrl: sandbox.apiUrl, authorize: async () => ({ type: 'api_key', apiKey }) })
}

/** What a walk by offset reads, as most clients of Close do it. */
async function plainIds(path: string, query: Record<string, string> = {}): Promise<string[]> {
  const client = plainClient()
  const ids: string[] = []
  const list = (paged: object) => client.list(path, { ...query, ...paged })
  for await (const { id } of paginate(list, { _limit: 100 })) ids.push(id)
  return ids
}

/**
 * After every page: one record gets a new date, four that were read are deleted, one is made.
 * @param order the ids as the list has them before it changes
 * @returns ends it, and answers the records that were there all the time
 */
function disturb(
  type: string,
  path: string,
  order: readonly string[],
  make: () => Record<string, string> = () => ({}),
): () => string[] {
  const removed = new Set<string>()
  let turn = 0
  sandbox.control.onListPage({
    path: `/api/v1${path}`,
    afterPages: 1,
    repeat: true,
    do: () => {
      const read = ((turn % 3) * 100 + Math.floor(turn / 3) * 4) % order.length
      for (const id of order.slice(read, read + 4)) {
        if (removed.has(id)) continue
        sandbox.control.remove({ type, id })
        removed.add(id)
      }
      turn += 1
      const left = order.filter((id) => !removed.has(id))
      const moved = left[(turn * 97) % left.length] ?? ''
      sandbox.control.edit({ type, id: moved, changes: { name: `Moved ${turn}` } })
      sandbox.control.insert({ type, record: make() })
    },
  })
  return () => {
    sandbox.control.clearListPageScripts()
    return order.filter((id) => !removed.has(id))
  }
}

const missing = (wanted: readonly string[], found: readonly string[]) => {
  const there = new Set(found)
  return wanted.filter((id) => !there.has(id))
}

describe('a list that changes after every page', () => {
  const path = '/email_template/'

  it('loses records to whoever walks it by offset once', async () => {
    const kept = disturb('email_template', path, await plainIds(path))
    const ids = await plainIds(path)
    expect(missing(kept(), ids).length).toBeGreaterThan(0)
  })

  it('is read whole, each record once', async () => {
    const kept = disturb('email_template', path, await plainIds(path))
    const ids = idsOf(await recordsOf(sandbox, 'email_templates'))
    expect(missing(kept(), ids)).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('is read whole by parents too', async () => {
    const path = '/sequence_subscription/'
    const sequences = idsOf(truth('sequence'))
    const order = await Promise.all(sequences.map((sequence_id) => plainIds(path, { sequence_id })))
    const [sequence_id = ''] = sequences
    const kept = disturb('sequence_subscription', path, order.flat(), () => ({ sequence_id }))
    const ids = idsOf(await recordsOf(sandbox, 'sequence_subscriptions'))
    expect(missing(kept(), ids)).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('has what was deleted no more, once it has come to rest', async () => {
    const [first] = truth('email_template')
    const id = String(first?.['id'])
    sandbox.control.onListPage({
      path: `/api/v1${path}`,
      afterPages: 2,
      do: [{ action: 'delete', type: 'email_template', id }],
    })
    const ids = idsOf(await recordsOf(sandbox, 'email_templates'))
    expect(ids).toEqual(idsOf(truth('email_template')))
    expect(ids).not.toContain(id)
  })

  it.each<Omit<FaultOptions, 'target'>>([
    { kind: 'omit', members: ['has_more'] },
    { kind: 'twice' },
    { kind: 'cut', skip: 2, times: 2 },
    { kind: 'status', status: 503, skip: 3, times: 2 },
  ])('is read whole where answers are spoiled: $kind', async (fault) => {
    sandbox.control.addFault({ target: `/api/v1${path}`, times: 1000, ...fault })
    const ids = idsOf(await recordsOf(sandbox, 'email_templates'))
    expect(ids).toEqual(idsOf(truth('email_template')))
  })

  it('is asked for once where it has one page', async () => {
    sandbox.control.clearRequests()
    await recordsOf(sandbox, 'outcomes')
    // The first asks whether it may be read.
    expect(sandbox.control.requests().length).toBe(2)
  })
})

/** Changes of status: some by an import, which gives many of them one moment. */
function insertChanges(): void {
  const [lead] = truth('lead')
  const insert = (date: string) =>
    sandbox.control.insert({
      type: 'lead_status_change',
      record: { lead_id: String(lead?.['id']), date_created: date, activity_at: date },
    })
  for (let index = 0; index < 230; index += 1) insert('2026-02-01T10:00:00.123000+00:00')
  for (let index = 0; index < 120; index += 1) insert('2026-02-01T10:00:00.122000+00:00')
  for (let day = 1; day <= 28; day += 1) {
    for (let hour = 10; hour < 20; hour += 1)
      insert(`2025-02-${`${day}`.padStart(2, '0')}T${hour}:00:00.000000+00:00`)
  }
}

describe('a list that is read by windows', () => {
  const type = 'lead_status_change'
  const path = '/activity/status_change/lead/'

  it('loses records to whoever walks it by offset, when it changes', async () => {
    insertChanges()
    const kept = disturb(type, path, await plainIds(path))
    const ids = await plainIds(path)
    expect(missing(kept(), ids).length).toBeGreaterThan(0)
  })

  it('is read whole, each record once, when it changes after every page', async () => {
    insertChanges()
    const kept = disturb(type, path, await plainIds(path))
    const ids = idsOf(await recordsOf(sandbox, 'lead_status_changes'))
    expect(missing(kept(), ids)).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
  })

  it.each(['documented', 'naive', 'zulu'] as const)('is read whole where dates are %s', async (spelling) => {
    insertChanges()
    sandbox.control.setTimestamps(spelling)
    expect(idsOf(await recordsOf(sandbox, 'lead_status_changes'))).toEqual(idsOf(truth(type)))
  })
})

describe('a list that is not as it is asked for', () => {
  const rows = (...dates: string[]) => ({
    has_more: true,
    data: dates.map((date_created, index) => ({ id: `acti_${index}`, date_created })),
  })

  it.each([
    ['unsorted', rows('2026-02-01T10:00:00Z', '2026-02-02T10:00:00Z')],
    ['without dates', rows('2026-02-01T10:00:00Z', '')],
    ['the same whatever window is asked for', rows('2026-02-03T10:00:00Z', '2026-02-02T10:00:00Z')],
  ])('fails where it is %s, and is not taken for whole', async (_, page) => {
    const fault = { kind: 'nonsense', body: JSON.stringify(page), times: 1000 } as const
    sandbox.control.addFault({ target: '/api/v1/activity/status_change/lead/', ...fault })
    await expect(recordsOf(sandbox, 'lead_status_changes')).rejects.toMatchObject({
      code: 'upstream_error',
      message: expect.stringContaining('date_created'),
    })
  })
})

/** Events of many moments, and of one that many share. */
function makeEvents(): string[] {
  const leads = truth('lead').map((record) => String(record['id']))
  const nowMs = sandbox.control.now()
  for (const id of leads.slice(0, 150)) {
    sandbox.control.edit({ type: 'lead', id, changes: { description: 'first' } })
  }
  sandbox.control.bulkEdit({ type: 'lead', ids: leads.slice(150, 290), changes: { description: 'bulk' } })
  expect(sandbox.control.now()).toBeGreaterThanOrEqual(nowMs)
  return leads
}

/** After every page, as long as there are turns: a record gets one more change, which its event takes up, and another its first. */
function disturbEvents(leads: readonly string[], turns: number): void {
  let turn = 0
  sandbox.control.onListPage({
    path: '/api/v1/event/',
    afterPages: 1,
    repeat: true,
    do: () => {
      turn += 1
      if (turn > turns) return
      for (const at of [turn * 3, turn * 7]) {
        sandbox.control.edit({ type: 'lead', id: leads[at] ?? '', changes: { description: `turn ${turn}` } })
      }
      sandbox.control.insert({ type: 'note', record: { lead_id: leads[turn] ?? '', note: `Turn ${turn}` } })
    },
  })
}

async function wholeLog(): Promise<Record<string, unknown>[]> {
  const events: Record<string, unknown>[] = []
  for await (const event of paginateEvents(plainClient().events)) events.push({ ...event })
  return events
}

describe('the event log', () => {
  it('loses events to whoever follows its cursor once, when they are put together meanwhile', async () => {
    disturbEvents(makeEvents(), 8)
    const read = await wholeLog()
    sandbox.control.clearListPageScripts()
    expect(missing(idsOf(await wholeLog()), idsOf(read)).length).toBeGreaterThan(0)
  })

  it('is read whole, each event in its last form, and in no form twice', async () => {
    disturbEvents(makeEvents(), 8)
    const read = await recordsOf(sandbox, 'event_log')
    sandbox.control.clearListPageScripts()
    const forms = read.map((event) => `${event['id']} ${event['date_updated']}`)
    expect(new Set(forms).size).toBe(forms.length)
    const last = new Map(read.map((event) => [event['id'], event]))
    const log = await wholeLog()
    expect(idsOf([...last.values()])).toEqual(idsOf(log))
    for (const event of log) expect(last.get(event['id'])).toMatchObject(event)
  })
})

describe('a reading that is taken up again', () => {
  it.each([
    ['email_templates', null],
    ['sequence_subscriptions', null],
    ['lead_status_changes', insertChanges],
    ['event_log', makeEvents],
    ['memberships', null],
  ] as const)(
    'of %s goes on from every batch without losing or repeating a record',
    async (stream, prepare) => {
      prepare?.()
      const reader = await openStream(sandbox, stream)
      const batches = await batchesOf(reader)
      const all = idsOf(batches.flatMap(({ records }) => records))
      expect(all.length).toBeGreaterThan(2)
      const seen: string[] = []
      for (const { records, position } of batches) {
        seen.push(...idsOf(records))
        const stored: Json = JSON.parse(JSON.stringify(position))
        const rest = (await batchesOf(await openStream(sandbox, stream), stored)).flatMap(
          (batch) => batch.records,
        )
        expect([...seen, ...idsOf(rest)].sort()).toEqual(all)
      }
    },
  )

  it.each<[string, Json]>([
    ['email_templates', { after: 'x' }],
    ['sequence_subscriptions', 'sub_1'],
    ['sequence_subscriptions', { parent: 'seq_1' }],
    ['lead_status_changes', 'acti_1'],
    ['lead_status_changes', { descents: 0, fromMs: null, untilMs: '5', newestMs: null, delivered: {} }],
    ['event_log', { cursor: 'x' }],
    ['memberships', 'begun'],
  ])('of %s refuses the position %j, which it never wrote', async (stream, position) => {
    const reader = await openStream(sandbox, stream)
    await expect(batchesOf(reader, position)).rejects.toMatchObject({ code: 'checkpoint_unreadable' })
  })
})
