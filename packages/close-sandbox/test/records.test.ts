import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JsonObject, type Sandbox, startSandbox } from '../src/index.ts'
import { caller, idOf, rowsOf } from './client.ts'

let sandbox: Sandbox
let call: ReturnType<typeof caller>

beforeAll(async () => {
  sandbox = await startSandbox({ leads: 30, seed: 'records' })
  call = caller(sandbox)
})
afterAll(() => sandbox.close())

const truth = (type: string): JsonObject[] => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)

async function newLead(body: JsonObject = {}): Promise<string> {
  return idOf((await call('POST', '/lead/', { name: 'Test Lead', ...body })).body)
}

async function events(query: string): Promise<JsonObject[]> {
  return rowsOf(await call('GET', `/event/?${query}`))
}

async function statusOf(type: string): Promise<string> {
  return idOf(rowsOf(await call('GET', '/status/opportunity/')).find((status) => status['type'] === type))
}

describe('leads', () => {
  it('are created with nested contacts, normalized, in the default status', async () => {
    const { status, body } = await call('POST', '/lead/', {
      name: 'Nested',
      unknown_field: 'accepted and dropped',
      contacts: [{ name: 'Quill', phones: [{ phone: '(202) 555-0143', type: 'mobile' }] }],
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({ status_label: 'Potential', display_name: 'Nested' })
    expect(body['unknown_field']).toBeUndefined()
    expect(body['contacts']).toMatchObject([
      {
        name: 'Quill',
        phones: [{ phone: '+12025550143', phone_formatted: '+1 202-555-0143', type: 'mobile' }],
      },
    ])
    const created = rowsOf(await call('GET', `/activity/created/?lead_id=${idOf(body)}`))
    expect(created).toHaveLength(1)
  })

  it('are changed in part only', async () => {
    const id = await newLead({ description: 'kept', url: 'https://kept.example' })
    const { body } = await call('PUT', `/lead/${id}/`, { name: 'Renamed' })
    expect(body).toMatchObject({ name: 'Renamed', description: 'kept', url: 'https://kept.example' })
  })

  it('note a change of status as an activity', async () => {
    const id = await newLead()
    await call('PUT', `/lead/${id}/`, { status: 'Customer' })
    const [change] = rowsOf(await call('GET', `/activity/status_change/lead/?lead_id=${id}`))
    expect(change).toMatchObject({ old_status_label: 'Potential', new_status_label: 'Customer' })
  })

  it('take their children along when deleted, with an event each', async () => {
    const id = await newLead({ contacts: [{ name: 'One' }, { name: 'Two' }] })
    await call('POST', '/opportunity/', { lead_id: id, value: 100 })
    await call('POST', '/task/', { lead_id: id, text: 'Do it' })
    const contacts = rowsOf(await call('GET', `/contact/?lead_id=${id}`))
    expect((await call('DELETE', `/lead/${id}/`)).status).toBe(200)
    expect((await call('GET', `/lead/${id}/`)).status).toBe(404)
    expect((await call('GET', `/contact/${idOf(contacts[0])}/`)).status).toBe(404)
    const types = (await events(`lead_id=${id}`))
      .filter(({ action }) => action === 'deleted')
      .map((event) => event['object_type'])
      .sort()
    expect(types).toEqual(['contact', 'contact', 'lead', 'opportunity', 'task.lead'])
  })

  it('move everything to the destination when merged', async () => {
    const source = await newLead({ name: 'Source', contacts: [{ name: 'Moves' }] })
    const destination = await newLead({ name: 'Destination' })
    const merged = await call('POST', '/lead/merge/', { source, destination })
    expect([merged.status, merged.text]).toEqual([200, ''])
    expect((await call('GET', `/lead/${source}/`)).status).toBe(404)
    expect(rowsOf(await call('GET', `/contact/?lead_id=${destination}`))).toMatchObject([{ name: 'Moves' }])
    const [merge] = rowsOf(await call('GET', `/activity/lead_merge/?lead_id=${destination}`))
    expect(merge).toMatchObject({ source_lead_id: source, merge_status: 'completed' })
    expect(await events(`object_id=${source}&action=merged`)).toHaveLength(1)
  })

  it('need a permission to be deleted', async () => {
    const restricted = sandbox.users.find(({ firstName }) => firstName === 'Mirela')
    const key = sandbox.control.createKey(restricted?.id ?? '', sandbox.organizations[0]?.id ?? '')
    const asRestricted = caller(sandbox, { authorization: `Basic ${btoa(`${key.key}:`)}` })
    expect((await asRestricted('DELETE', `/lead/${await newLead()}/`)).status).toBe(403)
  })
})

describe('contacts and opportunities', () => {
  it('make a lead of their own when they are given none', async () => {
    const contact = await call('POST', '/contact/', { name: 'Lone Wolf' })
    const lead = await call('GET', `/lead/${contact.body['lead_id']}/`)
    expect(lead.body).toMatchObject({ name: 'Lone Wolf', contact_ids: [contact.body['id']] })
    const opportunity = await call('POST', '/opportunity/', { value: 500 })
    expect((await call('GET', `/lead/${opportunity.body['lead_id']}/`)).body['display_name']).toBe('Untitled')
  })

  it('fill date_won when won, by the day of the caller, and keep it', async () => {
    const { body } = await call('POST', '/opportunity/', { lead_id: await newLead(), value: 500 })
    expect(body).toMatchObject({ status_type: 'active', date_won: null })
    const offset = { 'x-tz-offset': '14' }
    const won = await call('PUT', `/opportunity/${idOf(body)}/`, { status_id: await statusOf('won') }, offset)
    const today = new Date(sandbox.control.now() + 14 * 3_600_000).toISOString().slice(0, 10)
    expect(won.body).toMatchObject({ status_type: 'won', date_won: today })
    const back = await call('PUT', `/opportunity/${idOf(body)}/`, { status_id: body['status_id'] ?? null })
    expect(back.body).toMatchObject({ status_type: 'active', date_won: today })
  })

  it('are filtered by ranges, bounds included only with the e', async () => {
    const dates = truth('opportunity')
      .map((opportunity) => opportunity['date_won'])
      .filter((date) => typeof date === 'string')
      .sort()
    const middle = dates[Math.floor(dates.length / 2)] ?? ''
    const matching = async (query: string): Promise<number> =>
      Number((await call('GET', `/opportunity/?${query}`)).body['total_results'])
    expect(await matching(`date_won__gte=${middle}`)).toBe(dates.filter((date) => date >= middle).length)
    expect(await matching(`date_won__gt=${middle}`)).toBe(dates.filter((date) => date > middle).length)
    expect(await matching(`date_won__lte=${middle}`)).toBe(dates.filter((date) => date <= middle).length)
    expect(await matching(`date_won__lt=${middle}`)).toBe(dates.filter((date) => date < middle).length)
    expect(await matching(`date_won=${middle}`)).toBe(dates.filter((date) => date === middle).length)
  })

  it('sum over everything that matches', async () => {
    const lead = await newLead()
    for (const [value, value_period] of [
      [1_000, 'one_time'],
      [200, 'monthly'],
      [300, 'annual'],
    ] as const) {
      await call('POST', '/opportunity/', { lead_id: lead, value, value_period, confidence: 50 })
    }
    const { body } = await call('GET', `/opportunity/?lead_id=${lead}&_limit=1`)
    expect(body).toMatchObject({
      total_results: 3,
      has_more: true,
      count_by_value_period: { one_time: 1, monthly: 1, annual: 1 },
      total_value_annualized: 1_000 + 200 * 12 + 300,
      expected_value_monthly: 100,
      total_value_one_time_formatted: '$10',
    })
  })
})

describe('tasks', () => {
  it('are listed by type and view', async () => {
    const types = async (query: string) =>
      new Set(rowsOf(await call('GET', `/task/${query}`)).map((task) => task['_type']))
    expect(await types('')).toEqual(new Set(['lead']))
    expect((await types('?_type=all')).size).toBeGreaterThan(1)
    expect(await types('?_type__in=missed_call,outgoing_call')).toEqual(
      new Set(['missed_call', 'outgoing_call']),
    )
    const archive = rowsOf(await call('GET', '/task/?view=archive'))
    expect(archive.length).toBeGreaterThan(0)
    expect(archive.every((task) => task['is_complete'] === true && task['view'] === 'archive')).toBe(true)
  })

  it('are completed one by one or many at once', async () => {
    const lead = await newLead()
    const ids: string[] = []
    for (const text of ['a', 'b', 'c'])
      ids.push(idOf((await call('POST', '/task/', { lead_id: lead, text })).body))
    await call('PUT', `/task/${ids[0]}/`, { is_complete: true })
    const { body } = await call('PUT', '/task/', {
      _params: { id__in: ids.slice(1).join() },
      is_complete: true,
    })
    expect(body).toEqual({ ok: true })
    expect(rowsOf(await call('GET', `/activity/task_completed/?lead_id=${lead}`))).toHaveLength(3)
    expect((await call('GET', `/lead/${lead}/`)).body['tasks']).toEqual([])
  })
})

describe('activities', () => {
  it('are refused filters that Close does not combine', async () => {
    const refused = [
      'user_id=user_x',
      '_type=Note',
      '_order_by=-activity_at',
      'date_created__gt=2025-01-01&activity_at__gt=2025-01-01',
    ]
    for (const query of refused) expect((await call('GET', `/activity/?${query}`)).status, query).toBe(400)
    const [note] = truth('note')
    const lead = String(note?.['lead_id'])
    const notes = rowsOf(await call('GET', `/activity/?lead_id=${lead}&_type=Note`))
    expect(notes.map(idOf).sort()).toEqual(
      truth('note')
        .filter((each) => each['lead_id'] === lead)
        .map(idOf)
        .sort(),
    )
  })

  it('are filtered by date', async () => {
    const dates = truth('activity')
      .map((activity) => String(activity['date_created']))
      .sort()
    const from = dates[Math.floor(dates.length / 2)] ?? ''
    const query = new URLSearchParams({ date_created__gte: from, _limit: '100' })
    const rows = rowsOf(await call('GET', `/activity/?${query}`))
    expect(rows).toHaveLength(Math.min(100, dates.filter((date) => date >= from).length))
    expect(rows.every((row) => String(row['date_created']) >= from)).toBe(true)
  })

  it('let note_html win over note', async () => {
    const lead_id = await newLead()
    const { body } = await call('POST', '/activity/note/', {
      lead_id,
      note: 'loses',
      note_html: '<body><p>A &amp; B</p></body>',
    })
    expect(body['note']).toBe('A & B')
    const bad = await call('PUT', `/activity/note/${idOf(body)}/`, { note_html: '<p>no body</p>' })
    expect(bad.body['field-errors']).toHaveProperty('note_html')
  })

  it('have an e-mail thread for an e-mail, and only drafts can be changed', async () => {
    const lead_id = await newLead()
    const draft = await call('POST', '/activity/email/', {
      lead_id,
      subject: 'Hello',
      to: ['a@b.example'],
      status: 'draft',
    })
    expect(
      (await call('PUT', `/activity/email/${idOf(draft.body)}/`, { subject: 'Hi' })).body['subject'],
    ).toBe('Hi')
    const thread = await call('GET', `/activity/emailthread/${draft.body['thread_id']}/`)
    expect(thread.body['thread_email_ids']).toEqual([idOf(draft.body)])
    const noSender = await call('POST', '/activity/email/', { lead_id, status: 'outbox' })
    expect(noSender.body['field-errors']).toEqual({ sender: 'This field is required.' })
    const sent = await call('POST', '/activity/email/', { lead_id, status: 'outbox', sender: 'me@b.example' })
    expect(sent.body['status']).toBe('sent')
    expect((await call('PUT', `/activity/email/${idOf(sent.body)}/`, { subject: 'x' })).status).toBe(400)
  })

  it('need their required fields when a custom one is published', async () => {
    const lead_id = await newLead()
    const [type] = rowsOf(await call('GET', '/custom_activity/'))
    const body = { lead_id, custom_activity_type_id: idOf(type) }
    const refused = await call('POST', '/activity/custom/', body)
    expect(refused.status).toBe(400)
    expect((await call('POST', '/activity/custom/', { ...body, status: 'draft' })).status).toBe(200)
  })

  it('cannot all be deleted', async () => {
    const [created] = truth('created')
    expect((await call('DELETE', `/activity/created/${idOf(created)}/`)).status).toBe(405)
    const [note] = truth('note')
    expect((await call('DELETE', `/activity/note/${idOf(note)}/`)).status).toBe(200)
    expect((await call('GET', `/activity/note/${idOf(note)}/`)).status).toBe(404)
  })
})
