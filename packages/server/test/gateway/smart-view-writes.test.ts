import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { speak } from './mcp/speaking.ts'
import { codeOf, idsOf, json, reading, startWithView, type WithView } from './smart-view.ts'

const unseen = [404, 'lead_unseen']
const all = ['read', 'create', 'change', 'delete'] as const
const writing = {
  ...{ lead: [...all], contact: [...all], opportunity: [...all], task: [...all], note: [...all] },
  ...{ custom_object: [...all], sequence: [...all], email: [...all] },
}

let made: WithView
beforeAll(async () => {
  made = await startWithView()
})
afterAll(() => made?.stop())

/** What the account was asked to change since. */
const writes = () =>
  made.sandbox.control
    .requests()
    .filter(
      ({ method, path }) =>
        method !== 'GET' && path.startsWith('/api/v1/') && path !== '/api/v1/data/search/',
    )

describe('#43 a pass that sees only the leads of a smart view', () => {
  it('changes and deletes what is of these leads, and nothing else', async () => {
    const { call } = await made.passFor(writing)
    const { outside } = made
    const mine = await made.make('Bavaria Bakery')
    made.sandbox.control.clearRequests()
    for (const [path, body] of [
      [`/lead/${outside.lead}/`, { name: 'Taken' }],
      [`/contact/${outside.contact}/`, { name: 'Taken' }],
      [`/task/${outside.task}/`, { is_complete: true }],
      [`/opportunity/${outside.opportunity}/`, { note: 'Taken' }],
      [`/activity/note/${outside.note}/`, { note: 'Taken' }],
    ] as const) {
      expect(codeOf(await call(path, json(body, 'PUT'))), path).toEqual(unseen)
      expect(codeOf(await call(path, { method: 'DELETE' })), path).toEqual(unseen)
    }
    expect(writes()).toEqual([])
    const changed = await call(`/contact/${mine.contact}/`, json({ title: 'Baker' }, 'PUT'))
    expect([changed.status, JSON.parse(changed.text).title]).toEqual([200, 'Baker'])
    expect((await call(`/activity/note/${mine.note}/`, json({ note: 'More' }, 'PUT'))).status).toBe(200)
    expect((await call(`/task/${mine.task}/`, { method: 'DELETE' })).status).toBe(200)
    // What leaves the view by a write is answered all the same: it was seen when it was written.
    const renamed = await call(`/lead/${mine.lead}/`, json({ name: 'Bakery' }, 'PUT'))
    expect([renamed.status, JSON.parse(renamed.text).name]).toEqual([200, 'Bakery'])
    await expect
      .poll(async () => codeOf(await call(`/lead/${mine.lead}/`)), { timeout: 15_000 })
      .toEqual(unseen)
  })

  it('creates on these leads only, and moves nothing to another', async () => {
    const { call } = await made.passFor(writing)
    const { inside, outside } = made
    made.sandbox.control.clearRequests()
    for (const [path, body] of [
      ['/task/', { lead_id: outside.lead, text: 'A' }],
      ['/activity/note/', { lead_id: outside.lead, note: 'A' }],
      ['/contact/', { lead_id: outside.lead, name: 'A' }],
      ['/contact/', { lead_id: 'nothing', name: 'A' }],
      ['/opportunity/', { lead_id: inside.lead, contact_id: outside.contact }],
      ['/activity/email/', { lead_id: inside.lead, status: 'draft', in_reply_to_id: outside.note }],
      ['/sequence_subscription/', { sequence_id: 'seq_1', contact_id: outside.contact }],
    ] as const) {
      expect(codeOf(await call(path, json(body))), `${path} ${JSON.stringify(body)}`).toEqual(unseen)
    }
    const twice = `{"lead_id":"${inside.lead}","text":"A","lead_id":"${outside.lead}"}`
    expect(codeOf(await call('/task/', { method: 'POST', body: twice }))).toEqual(unseen)
    for (const [path, body] of [
      [`/contact/${inside.contact}/`, { lead_id: outside.lead }],
      [`/lead/${inside.lead}/`, { contacts: [{ id: outside.contact, name: 'Taken' }] }],
      [`/lead/${inside.lead}/`, { tasks: [{ lead_id: outside.lead }] }],
    ] as const) {
      expect(codeOf(await call(path, json(body, 'PUT'))), `${path} ${JSON.stringify(body)}`).toEqual(unseen)
    }
    for (const [path, body] of [
      ['/task/', { text: 'A' }],
      ['/task/', { lead_id: null, text: 'A' }],
      ['/activity/note/', { note: 'A' }],
      ['/contact/', { name: 'A' }],
      ['/lead/', { name: 'A' }],
      ['/task/', [{ lead_id: inside.lead, text: 'A' }]],
    ] as const)
      expect(codeOf(await call(path, json(body))), `${path} ${JSON.stringify(body)}`).toEqual([
        403,
        'pass_denied',
      ])
    expect(codeOf(await call(`/contact/${inside.contact}/`, json({ lead_id: null }, 'PUT')))).toEqual([
      403,
      'pass_denied',
    ])
    expect(writes()).toEqual([])
    const note = await call(
      '/activity/note/',
      json({ lead_id: inside.lead, note: `see lead_1, about ${outside.lead}!` }),
    )
    expect([note.status, JSON.parse(note.text).lead_id]).toEqual([200, inside.lead])
  })

  it('merges leads only if it sees both', async () => {
    const { call } = await made.passFor(writing)
    const { inside, outside } = made
    const merge = (source: string, destination: string) => call('/lead/merge/', json({ source, destination }))
    made.sandbox.control.clearRequests()
    expect(codeOf(await merge(outside.lead, inside.lead))).toEqual(unseen)
    expect(codeOf(await merge(inside.lead, outside.lead))).toEqual(unseen)
    expect(codeOf(await call('/lead/merge/', json({ source: inside.lead })))).toEqual([403, 'pass_denied'])
    expect(writes()).toEqual([])
    const other = await made.make('Bavaria Brewery')
    const merged = await merge(other.lead, inside.lead)
    expect(merged.status, merged.text).toBe(200)
  })

  it('makes new leads where that is allowed', async () => {
    const { call } = await made.passFor(writing, { smartView: { id: made.view.id, newLeads: true } })
    const lead = await call('/lead/', json({ name: 'Hesse Hats', contacts: [{ name: 'A' }] }))
    expect([lead.status, JSON.parse(lead.text).name]).toEqual([200, 'Hesse Hats'])
    const { id } = JSON.parse(lead.text)
    expect(codeOf(await call(`/lead/${id}/`))).toEqual(unseen)
    expect((await call('/contact/', json({ name: 'Alone' }))).status).toBe(200)
    expect(
      codeOf(await call('/lead/', json({ name: 'A', contacts: [{ id: made.outside.contact }] }))),
    ).toEqual(unseen)
  })

  it('#52 sees what the view shows by now, and nothing once the view is gone', async () => {
    const view = await made.close<{ id: string }>('POST', '/saved_search/', {
      name: 'For a while',
      type: 'lead',
      s_query: { query: made.query, results_limit: null, sort: [] },
    })
    const { id, call } = await made.passFor({ ...reading, user: ['read'] }, { smartView: { id: view.id } })
    expect((await call(`/lead/${made.inside.lead}/`)).status).toBe(200)
    const other = structuredClone(made.query)
    other.condition.value = 'Saxony'
    await made.close('PUT', `/saved_search/${view.id}/`, { s_query: { query: other, results_limit: null } })
    await expect
      .poll(async () => codeOf(await call(`/lead/${made.inside.lead}/`)), { timeout: 15_000 })
      .toEqual(unseen)
    expect((await call(`/lead/${made.outside.lead}/`)).status).toBe(200)
    await made.close('PUT', `/saved_search/${view.id}/`, { s_query: { query: other, results_limit: 5 } })
    const gone = [503, 'smart_view_unreadable']
    await expect.poll(async () => codeOf(await call('/lead/')), { timeout: 15_000 }).toEqual(gone)
    await made.close('DELETE', `/saved_search/${view.id}/`)
    await expect
      .poll(async () => (await call('/user/')).text, { timeout: 15_000 })
      .toContain('which Close does not have any more')
    for (const path of ['/lead/', '/user/', `/contact/${made.outside.contact}/`])
      expect(codeOf(await call(path)), path).toEqual(gone)
    expect(
      codeOf(await call('/data/search/', json({ query: { type: 'object_type', object_type: 'lead' } }))),
    ).toEqual(gone)
    await expect
      .poll(async () => (await made.client.passes.calls({ params: { id } })).items[0]?.code)
      .toBe('smart_view_unreadable')
  })

  it('asks Close about leads apart from the calls and the share of the pass', async () => {
    const { id, call } = await made.passFor(reading, {}, { perDay: 2 })
    expect((await call('/lead/')).status).toBe(200)
    expect((await call(`/lead/${made.inside.lead}/`)).status).toBe(200)
    expect((await call('/lead/')).status).toBe(429)
    await expect
      .poll(async () => (await made.client.passes.counts({ params: { id } })).items[0]?.calls)
      .toBe(3)
  })
})

describe('#43 tools of a pass that sees only some leads', () => {
  it('obey the same limit at the same door', async () => {
    const { token } = await made.passFor(writing)
    const agent = await speak(made.server, token)
    const found = await agent.call('search_leads', { name: 'Saxony' })
    expect(found.data<unknown[]>()).toEqual([])
    const leads = (await agent.call('search_leads')).data<{ id: string }[]>()
    expect(leads.map(({ id }) => id)).toContain(made.inside.lead)
    expect(leads.map(({ id }) => id)).not.toContain(made.outside.lead)
    const contacts = (await agent.call('search_contacts', { text: 'person' })).data<{ lead_id: string }[]>()
    expect(contacts.length).toBeGreaterThan(0)
    expect(contacts.every(({ lead_id: lead }) => lead !== made.outside.lead)).toBe(true)
    const one = await agent.call('get_record', { object: 'lead', id: made.outside.lead })
    expect([one.isError, one.text]).toEqual([true, expect.stringContaining('lead_unseen')])
    const task = await agent.call('create_task', { lead_id: made.outside.lead, text: 'A' })
    expect(task.text).toContain('lead_unseen')
    expect((await agent.call('find_tasks')).text).not.toContain('Saxony')
    const about = await agent.call('about_this_pass')
    expect(about.text).toContain('only what the smart view “Customers in Bavaria” shows')
    const tools = await agent.names()
    expect(tools).not.toContain('create_lead')
    for (const name of ['create_contact', 'create_task', 'update_record', 'search_leads'])
      expect(tools).toContain(name)
    await agent.end()
  })

  it('#52 a write that a person confirms is held against the leads of that moment', async () => {
    const mine = await made.make('Bavaria Books')
    const { id, token } = await made.passFor(writing, {}, { confirmWrites: true })
    const agent = await speak(made.server, token)
    const refused = await agent.call('update_record', {
      ...{ object: 'contact', id: made.outside.contact },
      fields: { name: 'Taken' },
    })
    expect(refused.text).toContain('lead_unseen')
    const waiting = agent.call('update_record', {
      object: 'contact',
      id: mine.contact,
      fields: { name: 'B' },
    })
    const params = { id }
    await expect.poll(async () => (await made.client.passWrites.list({ params })).items.length).toBe(1)
    await made.close('PUT', `/lead/${mine.lead}/`, { name: 'Books' })
    // What was seen is asked again after a while.
    await new Promise((resolve) => setTimeout(resolve, 11_000))
    const [write] = (await made.client.passWrites.list({ params })).items
    await made.client.passWrites.confirm({ params: { id, writeId: write?.id ?? '' } })
    expect((await waiting).text).toContain('lead_unseen')
    const contact = await made.close<{ name: string }>('GET', `/contact/${mine.contact}/`)
    expect(contact.name).toBe('Bavaria Books person')
    await agent.end()
  })
})

it('#43 a list of a hundred leads is looked through in one question', async () => {
  const { call } = await made.passFor()
  await call('/lead/?_limit=1')
  for (let count = 0; count < 100; count++)
    await made.close('POST', '/lead/', { name: count % 2 === 0 ? `Bavaria ${count}` : `Saxony ${count}` })
  made.sandbox.control.clearRequests()
  const answer = await call('/lead/?_limit=100')
  expect(idsOf(answer).length).toBeGreaterThan(45)
  expect(answer.text).not.toContain('Saxony')
  const searches = made.sandbox.control.requests().filter(({ path }) => path === '/api/v1/data/search/')
  expect(searches.length).toBeLessThanOrEqual(2)
})
