import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type JsonObject, type Sandbox, startSandbox } from '../src/index.ts'
import { caller, idOf, keyOf, rowsOf } from './client.ts'

let sandbox: Sandbox
let call: ReturnType<typeof caller>

beforeEach(async () => {
  sandbox = await startSandbox({ leads: 3 })
  call = caller(sandbox)
})
afterEach(() => sandbox.close())

const newLead = async (name: string): Promise<string> => idOf((await call('POST', '/lead/', { name })).body)

describe('event log', () => {
  it('says what was done to which object, by whom and how', async () => {
    const id = await newLead('Before')
    sandbox.control.advanceClock(60_000)
    await call('PUT', `/lead/${id}/`, { name: 'After' })
    const [updated, created] = rowsOf(await call('GET', `/event/?object_type=lead&object_id=${id}`))
    expect(created).toMatchObject({ action: 'created', changed_fields: [], lead_id: id })
    expect(updated).toMatchObject({
      action: 'updated',
      api_key_id: sandbox.apiKeys[0]?.id,
      user_id: sandbox.apiKeys[0]?.userId,
      previous_data: { name: 'Before' },
      data: { name: 'After' },
      meta: { request_method: 'PUT', request_path: `/api/v1/lead/${id}/` },
    })
    expect(updated?.['changed_fields']).toContain('name')
    expect(updated?.['date_updated']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/)
  })

  it('makes one event of updates that follow each other closely', async () => {
    const id = await newLead('First')
    sandbox.control.advanceClock(60_000)
    await call('PUT', `/lead/${id}/`, { name: 'Second' })
    await call('PUT', `/lead/${id}/`, { name: 'Third', description: 'new' })
    await newLead('In between')
    await call('PUT', `/lead/${id}/`, { url: 'https://third.example' })
    const updates = rowsOf(await call('GET', `/event/?object_id=${id}&action=updated`))
    expect(updates).toHaveLength(1)
    expect(updates[0]).toMatchObject({
      previous_data: { name: 'First', description: '' },
      data: { name: 'Third' },
    })
    // It has moved in front of what happened in between.
    expect(idOf(rowsOf(await call('GET', '/event/'))[0])).toBe(idOf(updates[0]))
  })

  it('takes a bulk edit of thousands in its stride', () => {
    const ids = Array.from({ length: 3_000 }, (_, number) =>
      idOf(sandbox.control.insert({ type: 'lead', record: { name: `Lead ${number}` } })),
    )
    sandbox.control.bulkEdit({ type: 'lead', ids, changes: { name: 'One' } })
    sandbox.control.bulkEdit({ type: 'lead', ids, changes: { name: 'Two' } })
    const named = sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'lead')
    expect(named.filter((lead) => lead['name'] === 'Two')).toHaveLength(ids.length)
  })

  it('is walked by cursor, fifty at most', async () => {
    for (let number = 0; number < 30; number += 1) await newLead(`Lead ${number}`)
    const seen: JsonObject[] = []
    let cursor = ''
    for (;;) {
      const page = await call('GET', `/event/?_limit=25${cursor}`)
      seen.push(...rowsOf(page))
      if (page.body['cursor_next'] === null) break
      cursor = `&_cursor=${page.body['cursor_next']}`
    }
    // One for each lead: the activity of its creation has none.
    expect(seen).toHaveLength(30)
    expect(new Set(seen.map(idOf)).size).toBe(30)
    const dates = seen.map((event) => String(event['date_updated']))
    expect(dates).toEqual(dates.toSorted().reverse())
    expect((await call('GET', '/event/?_limit=51')).status).toBe(400)
  })

  it('is not shifted by events that come in between, and walks back to them', async () => {
    for (let number = 0; number < 10; number += 1) await newLead(`Lead ${number}`)
    const first = await call('GET', '/event/?_limit=4')
    await newLead('Late')
    const second = await call('GET', `/event/?_limit=4&_cursor=${first.body['cursor_next']}`)
    const ids = [...rowsOf(first), ...rowsOf(second)].map(idOf)
    expect(new Set(ids).size).toBe(8)
    const back = await call('GET', `/event/?_limit=4&_cursor=${second.body['cursor_previous']}`)
    expect(rowsOf(back).map(idOf)).toEqual(rowsOf(first).map(idOf))
  })

  it('forgets after 30 days', async () => {
    const id = await newLead('Old')
    sandbox.control.advanceClock(31 * 86_400_000)
    const found = await call('GET', `/event/?object_type=lead&object_id=${id}`)
    expect([found.status, rowsOf(found)]).toEqual([200, []])
  })

  it('takes only the documented combinations of filters', async () => {
    expect((await call('GET', '/event/?request_id=req_1&lead_id=lead_1')).status).toBe(400)
    expect((await call('GET', '/event/?action=deleted&lead_id=lead_1')).status).toBe(400)
    expect(
      (await call('GET', '/event/?date_updated__gte=2026-01-01&object_type=lead&action=deleted')).status,
    ).toBe(200)
    expect((await call('GET', '/event/?date_updated__gte=yesterday')).status).toBe(400)
  })

  it('hides what is in older events from those who are no admins', async () => {
    const id = await newLead('Secret')
    const asUser = caller(sandbox, keyOf(sandbox, 2))
    const path = `/event/?object_type=lead&object_id=${id}`
    expect(rowsOf(await asUser('GET', path))[0]).toHaveProperty('data')
    sandbox.control.advanceClock(3_700_000)
    expect(rowsOf(await asUser('GET', path))[0]).not.toHaveProperty('data')
    expect(rowsOf(await call('GET', path))[0]).toHaveProperty('data')
  })

  it('has the changes made through the control interface too', async () => {
    const [lead] = sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'lead')
    sandbox.control.remove({ type: 'lead', id: idOf(lead) })
    const events = rowsOf(await call('GET', `/event/?lead_id=${idOf(lead)}&object_type=lead&action=deleted`))
    expect(events).toMatchObject([{ object_id: idOf(lead), user_id: null }])
  })
})
