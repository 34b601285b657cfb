import type { DataRecord } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Mirror } from './mirror.ts'
import { idsOf } from './stream-reading.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox({ leads: 60, now: Date.parse('2026-05-01T12:00:00Z') })
})
afterEach(() => sandbox.close())

const truth = (type: string) => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
const kept = (type: string, field: string, value: unknown) =>
  idsOf(truth(type).filter((row) => row[field] === value))
const edit = (type: string, row: DataRecord | undefined, changes: Record<string, string | boolean>) =>
  sandbox.control.edit({ type, id: String(row?.['id']), changes })
/** Beyond what is read again in any case. */
const later = (milliseconds = 3_600_000) => sandbox.control.advanceClock(milliseconds)
const statuses = () => truth('lead_status').map(({ id }) => String(id))

describe('an incremental run with parameters', () => {
  it('brings what comes into the filter, and deletes what leaves it', async () => {
    const [first = '', second = ''] = statuses()
    const mirror = new Mirror(sandbox, 'leads', ['status_id'], { status_id: first })
    await mirror.run()
    expect(mirror.ids()).toEqual(kept('lead', 'status_id', first))
    later()
    const inside = truth('lead').filter((row) => row['status_id'] === first)
    const outside = truth('lead').filter((row) => row['status_id'] !== first)
    edit('lead', inside[0], { status_id: second })
    edit('lead', inside[1], { description: 'Stays' })
    edit('lead', outside[0], { status_id: first })
    edit('lead', outside[1], { description: 'Was never in it' })
    sandbox.control.remove({ type: 'lead', id: String(inside[2]?.['id']) })
    await mirror.run()
    expect(mirror.ids()).toEqual(kept('lead', 'status_id', first))
    expect(idsOf(mirror.read)).toEqual(idsOf([inside[1] ?? {}, outside[0] ?? {}]))
    expect(mirror.comparisons).toBe(0)
    later()
    await mirror.run()
    later()
    await mirror.run()
    expect([mirror.read, mirror.deleted]).toEqual([[], []])
  })

  it('deletes what leaves the filter of every kind of activity, and of a task that is done', async () => {
    const calls = truth('call')
    const users = [...new Set(calls.map((row) => String(row['user_id'])))]
    const mirror = new Mirror(sandbox, 'activities', ['user_id'], { user_id: users[0] ?? '' })
    const open = new Mirror(sandbox, 'tasks', ['is_complete'], { is_complete: 'false' })
    await Promise.all([mirror.run(), open.run()])
    later()
    const call = calls.find((row) => row['user_id'] === users[0])
    edit('call', call, { user_id: users[1] ?? '' })
    const task = truth('task').find((row) => row['is_complete'] !== true)
    edit('task', task, { is_complete: true })
    await Promise.all([mirror.run(), open.run()])
    expect(mirror.ids()).toEqual(kept('activity', 'user_id', users[0]))
    expect(mirror.records.has(String(call?.['id']))).toBe(false)
    expect(open.ids()).toEqual(idsOf(truth('task').filter((row) => row['is_complete'] !== true)))
  })

  it('with a smart view follows what others decide, and the view itself', async () => {
    const [first = '', second = ''] = statuses()
    const viewOf = (status: string) => ({
      query: {
        type: 'field_condition',
        field: { type: 'regular_field', object_type: 'lead', field_name: 'status_id' },
        condition: { type: 'reference', reference_type: 'status.lead', object_ids: [status] },
      },
    })
    const view = String(
      sandbox.control.insert({
        type: 'saved_search',
        record: { name: 'First', type: 'lead', s_query: viewOf(first) },
      })['id'],
    )
    const mirror = new Mirror(sandbox, 'contacts', ['name'], { lead_smart_view: view })
    const contactsOf = (status: string) => {
      const leads = new Set(kept('lead', 'status_id', status))
      return idsOf(truth('contact').filter((row) => leads.has(String(row['lead_id']))))
    }
    await mirror.run()
    expect(mirror.ids()).toEqual(contactsOf(first))
    later()
    // No contact changes: their leads do.
    const [inside, outside] = [true, false].map((isIn) =>
      truth('lead').find((row) => (row['status_id'] === first) === isIn),
    )
    edit('lead', inside, { status_id: second })
    edit('lead', outside, { status_id: first })
    await mirror.run()
    expect(mirror.ids()).toEqual(contactsOf(first))
    later()
    sandbox.control.edit({ type: 'saved_search', id: view, changes: { s_query: viewOf(second) } })
    await mirror.run()
    expect(mirror.ids()).toEqual(contactsOf(second))
  })

  it.each(['deleted', 'made private'])('names the smart view that was %s meanwhile', async (what) => {
    const record = { name: 'All', type: 'lead', s_query: { query: { type: 'match_all' } } }
    const id = String(sandbox.control.insert({ type: 'saved_search', record })['id'])
    const mirror = new Mirror(sandbox, 'leads', ['name'], { smart_view: id })
    await mirror.run()
    later()
    if (what === 'deleted') sandbox.control.remove({ type: 'saved_search', id })
    else sandbox.control.refuse({ path: `/api/v1/saved_search/${id}/`, status: 403 })
    await expect(mirror.run()).rejects.toMatchObject({
      code: 'invalid_input',
      errors: [{ field: 'smart_view', message: expect.stringContaining('choose it again') }],
    })
    expect(mirror.ids()).toEqual(idsOf(truth('lead')))
  })

  it('begins anew where the parameters are others than those of its state', async () => {
    const [first = '', second = ''] = statuses()
    const mirror = new Mirror(sandbox, 'leads', ['status_id'], { status_id: first })
    await mirror.run()
    later()
    mirror.choose({ status_id: second })
    await mirror.run()
    expect(mirror.ids()).toEqual(kept('lead', 'status_id', second))
    later()
    mirror.choose({})
    await mirror.run()
    expect(mirror.ids()).toEqual(idsOf(truth('lead')))
    later()
    mirror.choose({ created_from: '2026-04-01' })
    await mirror.run()
    expect(mirror.ids()).toEqual(
      idsOf(truth('lead').filter((row) => String(row['date_created']) >= '2026-04-01')),
    )
  })
})
