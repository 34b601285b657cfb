import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JsonObject, type Sandbox, startSandbox } from '../src/index.ts'
import { type Call, caller, isObject, send } from './client.ts'

let sandbox: Sandbox
let call: Call
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 60 })
  call = caller(sandbox)
})
afterAll(() => sandbox.close())

const notServed = (what: string) => ({
  status: 501,
  body: { code: 'sandbox_not_served', error: expect.stringContaining(what) },
})
const organizationId = () => sandbox.organizations[0]?.id ?? ''
const leads = () => sandbox.control.truth(organizationId(), 'lead')
const rowsOf = ({ body }: { body: JsonObject }): JsonObject[] =>
  Array.isArray(body['data']) ? body['data'].filter(isObject) : []
const idsOf = (rows: readonly JsonObject[]) => rows.map(({ id }) => String(id))
const find = (query: string) => call('GET', `/lead/?_limit=200&query=${encodeURIComponent(query)}`)

describe('what Close documents', () => {
  it.each(['/report/activity/metrics/', '/email_template/tmpl_1/render/', '/lead/lead_1/files/'])(
    '%s is not',
    async (path) => {
      expect(await call('GET', path)).toMatchObject(notServed(`GET ${path}`))
    },
  )

  it.each([
    '/lead/?status_id=stat_1',
    '/contact/?_order_by=name&nobody=1',
    '/pipeline/?name=Sales',
    '/user/?email=a@b.c',
    '/event/?_skip=5',
    '/lead/?_limit=1&_limit=2',
  ])('and a parameter that nobody reads is refused: %s', async (path) => {
    const { status } = await call('GET', path)
    expect([400, 501]).toContain(status)
  })

  it.each([
    '/task/?_type=nope',
    '/task/?_type__in=lead,nope',
    '/task/?view=nope',
    '/task/?is_complete=maybe',
    '/opportunity/?status_type=open',
    '/opportunity/?value_period__in=monthly,weekly',
    '/event/?object_type=lead&action=changed',
  ])('and a value that a parameter can not have is refused, and finds not nothing: %s', async (path) => {
    expect((await call('GET', path)).status).toBe(400)
  })

  it.each([
    '/opportunity/?is_stalled=maybe',
    '/activity/?lead_id=lead_1&_type=nope',
    '/saved_search/?type__in=lead,nope',
    '/email_template/?is_archived=maybe',
    '/pipeline/?_limit=some',
    '/lead/?_order_by=date_created',
    '/opportunity/?query=status:won',
  ])('nor finds everything or nothing where it is none: %s', async (path) => {
    expect([400, 501]).toContain((await call('GET', path)).status)
  })

  const lead = { type: 'object_type', object_type: 'lead' }
  const where = (condition: JsonObject, field_name = 'name') => ({
    type: 'field_condition',
    field: { type: 'regular_field', object_type: 'lead', field_name },
    condition,
  })
  const and = (...queries: JsonObject[]) => ({ query: { type: 'and', queries: [lead, ...queries] } })
  it.each<[string, JsonObject]>([
    ['a query that is none', { query: 5 }],
    ['a part that a node has not', { query: { ...lead, of: 'Acme' } }],
    ['a negation that is no boolean', { query: { ...lead, negate: 'yes' } }],
    ['an id that is none', and({ type: 'id', value: 5 })],
    ['a text that is none', and({ type: 'text', value: 5 })],
    ['an unknown mode', and({ type: 'text', value: 'a', mode: 'fuzzy' })],
    ['a field that no lead has', and(where({ type: 'exists' }, 'shoe_size'))],
    ['a part that a condition has not', and(where({ type: 'exists', since: '2026-01-01' }))],
    ['a range without a bound', and(where({ type: 'moment_range' }, 'date_created'))],
    ['a bound that is no number', and(where({ type: 'number_range', gte: '5' }))],
    ['ids that are no list', and(where({ type: 'reference', object_ids: 'stat_1' }, 'status_id'))],
    ['fields without their object', { query: lead, _fields: ['id'] }],
    ['fields of an unknown object', { query: lead, _fields: { spaceship: ['id'] } }],
    ['counts that are no boolean', { query: lead, include_counts: 'yes' }],
    [
      'an order by a field that no lead has',
      {
        query: lead,
        sort: [
          {
            direction: 'asc',
            field: { type: 'regular_field', object_type: 'lead', field_name: 'shoe_size' },
          },
        ],
      },
    ],
  ])('and a search with %s', async (_what, body) => {
    expect([400, 501]).toContain((await call('POST', '/data/search/', body)).status)
  })

  it.each([
    ['no address', { url: 'nope', events: [{ object_type: 'lead', action: 'created' }] }],
    ['no events', { url: 'https://hooks.example', events: [] }],
    ['events that are none', { url: 'https://hooks.example', events: ['lead.created'] }],
  ])('and a webhook with %s', async (_what, body) => {
    expect((await call('POST', '/webhook/', body)).status).toBe(400)
  })

  it('and a time zone that is none, and filters in a body that nobody reads', async () => {
    expect((await call('GET', '/task/?view=inbox', undefined, { 'x-tz-offset': 'Berlin' })).status).toBe(400)
    const asRead = { 'x-http-method-override': 'GET' }
    expect((await call('POST', '/lead/', { _limit: 1 }, asRead)).status).toBe(501)
    expect((await call('POST', '/lead/', { _params: 5 }, asRead)).status).toBe(400)
  })

  it.each([
    ['POST', '/lead/?nobody=1', { name: 'With a parameter' }],
    ['POST', '/data/search/?nobody=1', { query: { type: 'object_type', object_type: 'lead' } }],
    ['POST', '/data/search/', { query: { type: 'object_type', object_type: 'lead' }, filter: 'x' }],
    ['PUT', '/task/?nobody=1', { is_complete: true }],
    ['PUT', '/task/', { is_complete: true, _params: { nobody: 1 } }],
  ])('and so is what nobody reads of %s %s, before anything is changed', async (method, path, body) => {
    const state = () => JSON.stringify([leads(), sandbox.control.truth(organizationId(), 'task')])
    const before = state()
    expect(await call(method, path, body)).toMatchObject(notServed('here'))
    expect(state()).toBe(before)
  })

  it('and what is nested in a new lead without being made is refused', async () => {
    const before = leads().length
    const lead = { name: 'With a task', tasks: [{ text: 'Call' }] }
    expect(await call('POST', '/lead/', lead)).toMatchObject(notServed('tasks'))
    expect(leads().length).toBe(before)
  })
})

describe('the old query of leads', () => {
  it('sorts, and filters by date, as the Singer tap asks', async () => {
    const dates = leads()
      .map((lead) => String(lead['date_updated']))
      .sort()
    const from = dates[20]?.slice(0, 16) ?? ''
    const { status, body } = await find(`date_updated>="${from}" sort:date_updated`)
    const found = rowsOf({ body }).map((lead) => String(lead['date_updated']))
    expect(status).toBe(200)
    expect(found).toEqual(dates.filter((date) => date >= from))
    expect(found.length).toBeGreaterThan(30)
    expect(body['total_results']).toBe(found.length)
  })

  it('counts and slices, as the official scripts ask', async () => {
    const counted = await call('GET', '/lead/?_limit=0&query=sort%3Acreated')
    expect(counted.body).toMatchObject({ data: [], total_results: leads().length })
    const slices = await Promise.all([1, 2, 3].map((number) => find(`sort:created slice:${number}/3`)))
    const found = slices.map((slice) => idsOf(rowsOf(slice)))
    expect(found.flat().sort()).toEqual(idsOf(leads()).sort())
    for (const ids of found) expect(ids.length).toBeGreaterThan(5)
  })

  it('finds by status, by name, by email address and by custom field', async () => {
    const [first] = leads()
    const label = String(first?.['status_label'])
    const byStatus = rowsOf(await find(`status:"${label}"`))
    expect(idsOf(byStatus).sort()).toEqual(
      idsOf(leads().filter((lead) => lead['status_label'] === label)).sort(),
    )
    const made = await call('POST', '/lead/', {
      name: 'Zanzibar Trading',
      contacts: [{ name: 'Zoe', emails: [{ email: 'zoe@zanzibar.example' }] }],
    })
    for (const query of [
      'company:"Zanzibar Trading" sort:created',
      'email_address:"zoe@zanzibar.example"',
      'zanzibar',
    ]) {
      expect(idsOf(rowsOf(await find(query))), query).toEqual([made.body['id']])
    }
  })

  it.each(['sort:value', 'opportunities>3', 'has:email', 'a OR b', 'created:yesterday', '(a b)'])(
    'says what of it is not served: %s',
    async (query) => {
      expect(await find(query)).toMatchObject(notServed('in a query of leads'))
    },
  )
})

describe('what Close has deprecated and still serves', () => {
  it('lists the custom fields by their old path too', async () => {
    const old = await call('GET', '/custom_fields/lead/')
    expect(rowsOf(old).length).toBeGreaterThan(2)
    expect(old.body).toEqual((await call('GET', '/custom_field/lead/')).body)
  })

  it('takes a custom field by its name', async () => {
    const field = rowsOf(await call('GET', '/custom_field/lead/')).find(({ type }) => type === 'text')
    const made = await call('POST', '/lead/', { name: 'By name', [`custom.${field?.['name']}`]: 'a value' })
    expect(made.body[`custom.${field?.['id']}`]).toBe('a value')
    const found = await find(`"custom.${field?.['name']}":"a value"`)
    expect(idsOf(rowsOf(found))).toEqual([made.body['id']])
    const dict = { custom: { [String(field?.['name'])]: 'x' } }
    expect(await call('PUT', `/lead/${made.body['id']}/`, dict)).toMatchObject(notServed('custom'))
  })

  it('answers HEAD as GET, without a body', async () => {
    const answer = await call('HEAD', '/lead/?_limit=1')
    expect([answer.status, answer.text]).toEqual([200, ''])
    expect((await call('HEAD', '/lead/lead_none/')).status).toBe(404)
    expect((await call('HEAD', '/report/activity/metrics/')).status).toBe(501)
  })
})

describe('the event log', () => {
  it.each([
    'object_type=lead',
    'action=deleted',
    'object_id=lead_1',
    'object_type=lead&object_id=lead_1&action=deleted',
  ])('refuses a combination of filters that is not documented: %s', async (query) => {
    expect((await call('GET', `/event/?${query}`)).status).toBe(400)
  })
})

describe('the registration of clients', () => {
  it('is where the metadata say, and makes an application', async () => {
    const metadata = await send(`${sandbox.apiUrl}/.well-known/oauth-authorization-server`, 'GET')
    const register = (redirect_uris: string[]) =>
      send(
        String(metadata.body['registration_endpoint']),
        'POST',
        { client_name: 'Registered', redirect_uris },
        { 'content-type': 'application/json' },
      )
    const made = await register(['https://localhost:8443/callback'])
    expect(made.status).toBe(201)
    expect(sandbox.control.authorize({ clientId: String(made.body['client_id']) })).not.toBe('')
    expect((await register(['http://localhost/callback'])).status).toBe(400)
  })
})
