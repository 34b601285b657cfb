import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/index.ts'
import { type Call, caller, idOf, keyOf, rowsOf } from './client.ts'

let sandbox: Sandbox
let call: Call
let asUser: Call
let organizationId: string
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 20, records: { email_template: 8, playbook: 6, phone_number: 6 } })
  call = caller(sandbox)
  asUser = caller(sandbox, keyOf(sandbox, 2))
  organizationId = sandbox.organizations[0]?.id ?? ''
})
afterAll(() => sandbox.close())

const truth = (type: string) => sandbox.control.truth(organizationId, type)
const ids = async (path: string) => rowsOf(await call('GET', path)).map(idOf)

describe('what a list needs', () => {
  it('comments are those of one thread or of one object', async () => {
    const [comment] = truth('comment')
    for (const name of ['thread_id', 'object_id']) {
      const wanted = truth('comment').filter((each) => each[name] === comment?.[name])
      expect((await ids(`/comment/?${name}=${comment?.[name]}`)).sort()).toEqual(wanted.map(idOf).sort())
    }
    const both = `thread_id=${comment?.['thread_id']}&object_id=${comment?.['object_id']}`
    for (const query of ['', `?${both}`]) expect((await call('GET', `/comment/${query}`)).status).toBe(400)
  })

  it('threads are chosen by their ids and by what they are about', async () => {
    const [first, second] = truth('comment_thread')
    expect((await ids(`/comment_thread/?ids=${idOf(first)},${idOf(second)}`)).length).toBe(2)
    expect((await ids(`/comment_thread/?ids=${idOf(first)}&ids=${idOf(second)}`)).length).toBe(2)
    expect(await ids(`/comment_thread/?object_ids=${second?.['object_id']}`)).toEqual([idOf(second)])
  })

  it('subscriptions are those of a sequence, a contact or a lead', async () => {
    expect((await call('GET', '/sequence_subscription/')).status).toBe(400)
    const [subscription] = truth('sequence_subscription')
    for (const name of ['sequence_id', 'contact_id', 'lead_id']) {
      const found = await ids(`/sequence_subscription/?${name}=${subscription?.[name]}`)
      expect(found, name).toContain(idOf(subscription))
    }
  })

  it('associations to send as another are those that the caller is part of', async () => {
    const own = sandbox.apiKeys[0]?.userId
    const all = truth('send_as')
    const allowing = all.filter((each) => each['allowing_user_id'] === own)
    const allowed = all.filter((each) => each['allowed_user_id'] === own)
    expect(allowing.length * (all.length - allowing.length)).toBeGreaterThan(0)
    expect(await ids('/send_as/')).toEqual(allowing.map(idOf))
    expect(await ids(`/send_as/?allowed_user_id=${own}`)).toEqual(allowed.map(idOf))
    expect((await call('GET', '/send_as/?allowing_user_id=user_other')).status).toBe(400)
  })

  it('smart views are those of leads unless a type is named', async () => {
    const types = async (query: string) =>
      new Set(rowsOf(await call('GET', `/saved_search/${query}`)).map(({ type }) => type))
    expect(await types('')).toEqual(new Set(['lead']))
    expect(await types('?type=contact')).toEqual(new Set(['contact']))
    expect(await types('?type__in=lead,contact')).toEqual(new Set(['lead', 'contact']))
  })
})

describe('who reads what', () => {
  it('members of a group are shown of one group, when they are asked for', async () => {
    const [group] = rowsOf(await call('GET', '/group/?_fields=id,name,members'))
    expect(Object.keys(group ?? {}).sort()).toEqual(['id', 'name'])
    expect((await call('GET', `/group/${idOf(group)}/`)).body).not.toHaveProperty('members')
    const { body } = await call('GET', `/group/${idOf(group)}/?_fields=name,members`)
    expect(body['members']).toEqual(expect.arrayContaining([{ user_id: expect.stringMatching(/^user_/) }]))
  })

  it('integration links are for admins', async () => {
    expect((await call('GET', '/integration_link/')).status).toBe(200)
    expect((await asUser('GET', '/integration_link/')).status).toBe(403)
    const [link] = truth('integration_link')
    expect((await asUser('GET', `/integration_link/${idOf(link)}/`)).status).toBe(403)
  })

  it('a part of the API is refused when the plan or the role does not cover it', async () => {
    sandbox.control.refuse({ path: '/api/v1/playbook/**', status: 402 })
    sandbox.control.refuse({ path: '/api/v1/custom_field/opportunity/', status: 403, error: 'Not for you.' })
    sandbox.control.refuse({ path: '/api/v1/outcome/', method: 'POST', status: 402 })
    sandbox.control.refuse({
      path: '/api/v1/form/',
      status: 403,
      organizationId: sandbox.organizations[1]?.id ?? '',
    })
    const refused = await call('GET', '/playbook/')
    expect([refused.status, typeof refused.body['error']]).toEqual([402, 'string'])
    expect((await call('GET', '/playbook/playbook_1/')).status).toBe(402)
    expect(await call('GET', '/custom_field/opportunity/')).toMatchObject({
      status: 403,
      body: { error: 'Not for you.' },
    })
    expect((await call('GET', '/custom_field/lead/')).status).toBe(200)
    expect((await call('GET', '/outcome/')).status).toBe(200)
    expect((await call('POST', '/outcome/', { name: 'New' })).status).toBe(402)
    expect((await call('GET', '/form/')).status).toBe(200)
    expect((await caller(sandbox, keyOf(sandbox, 1))('GET', '/form/')).status).toBe(403)
    sandbox.control.clearRefusals()
    expect((await call('GET', '/playbook/')).status).toBe(200)
  })
})

describe('filters', () => {
  it.each([
    ['/email_template/', 'email_template', 'is_archived=true', 'is_archived', true],
    ['/email_template/', 'email_template', 'is_shared=false', 'is_shared', false],
    ['/phone_number/', 'phone_number', 'is_group_number=true', 'is_group_number', true],
    ['/phone_number/', 'phone_number', 'number=%2B12025550100', 'number', '+12025550100'],
    ['/dialer/', 'dialer', 'source_type=shared-entry', 'source_type', 'shared-entry'],
    ['/dialer/', 'dialer', 'status__in=completed,none', 'status', 'completed'],
  ] as const)('%s by %s: %s', async (path, type, query, field, value) => {
    const wanted = truth(type).filter((record) => record[field] === value)
    expect(wanted.length * (truth(type).length - wanted.length)).toBeGreaterThan(0)
    expect((await ids(`${path}?${query}`)).sort()).toEqual(wanted.map(idOf).sort())
  })

  it('playbooks lie in the order of their position', async () => {
    const positions = async (query: string) =>
      rowsOf(await call('GET', `/playbook/${query}`)).map(({ position }) => position)
    expect(await positions('')).toEqual([0, 1, 2, 3, 4, 5])
    expect(await positions('?position__gt=3')).toEqual([4, 5])
    expect(await positions('?is_archived=true')).toEqual([2])
    expect(await positions('?is_archived=false')).toEqual([0, 1, 3, 4, 5])
    const [first] = truth('playbook')
    expect(
      await positions(`?created_at__lt=${encodeURIComponent(String(first?.['created_at']))}`),
    ).not.toContain(0)
  })

  it('exports of leads and of opportunities are two lists, and all of them a third', async () => {
    const [all, leads, opportunities] = [
      await ids('/export/'),
      await ids('/export/lead/'),
      await ids('/export/opportunity/'),
    ]
    expect(leads.length * opportunities.length).toBeGreaterThan(0)
    expect([...leads, ...opportunities].sort()).toEqual(all.sort())
    expect((await call('GET', `/export/lead/${opportunities[0]}/`)).status).toBe(404)
    expect((await call('GET', `/export/opportunity/${opportunities[0]}/`)).status).toBe(200)
  })
})

describe('collections that can be written', () => {
  it.each([
    ['/group/', { name: 'Night shift' }, { name: 'Late shift' }, 201, 204],
    ['/outcome/', { name: 'Asked twice' }, { description: 'Twice' }, 201, 200],
    ['/playbook/', { name: 'Fairs' }, { summary_guidance: 'Short' }, 201, 204],
    [
      '/integration_link/',
      { name: 'Map', type: 'lead', url: 'https://map.example/' },
      { name: 'Maps' },
      200,
      200,
    ],
    ['/blocked_phone_number/', { phone: '+12025550199', reason: 'Rude' }, { reason: 'Very rude' }, 201, 204],
    [
      '/email_template/',
      { name: 'Hello', subject: 'Hi', body: '<p>Hi</p>' },
      { is_archived: true },
      200,
      200,
    ],
    ['/sms_template/', { name: 'Hello', text: 'Hi' }, { text: 'Hi again' }, 201, 204],
  ] as const)('%s', async (path, record, changes, createStatus, deleteStatus) => {
    const made = await call('POST', path, record)
    expect([made.status, made.body]).toEqual([createStatus, expect.objectContaining(record)])
    const one = `${path}${idOf(made.body)}/`
    expect((await call('PUT', one, changes)).body).toMatchObject({ ...record, ...changes })
    expect((await call('GET', one)).body).toMatchObject(changes)
    expect((await call('DELETE', one)).status).toBe(deleteStatus)
    expect((await call('GET', one)).status).toBe(404)
    expect((await call('POST', path, {})).status).toBe(400)
  })

  it('need the permission for it', async () => {
    expect((await asUser('POST', '/group/', { name: 'Mine' })).status).toBe(403)
    expect((await call('POST', '/group/', { name: truth('group')[0]?.['name'] ?? '' })).status).toBe(400)
  })
})

it('a single role is found by its word', async () => {
  const [role] = rowsOf(await call('GET', '/role/'))
  expect((await call('GET', `/role/${idOf(role)}/`)).body).toEqual(role)
  expect((await call('GET', '/role/role_none/')).status).toBe(404)
})
