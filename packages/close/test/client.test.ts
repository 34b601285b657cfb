import { createCloseClient, paginate, paginateEvents } from '@latchwork/close'
import { describe, expect, it } from 'vitest'
import { json, startServer } from './close-server.ts'

const authorize = async () => ({ type: 'bearer' as const, accessToken: 'token' })

describe('resources', () => {
  it('send what their name says', async () => {
    const { url, received } = await startServer((response, request) => {
      const isList = request.method === 'GET' && !/(_1|me)\/(\?|$)/.test(request.url)
      const body = isList
        ? { data: [], has_more: false }
        : { id: 'x_1', email: 'a@acme.example', organizations: [] }
      response.end(JSON.stringify(request.url.includes('search') ? { data: [], cursor: null } : body))
    })
    const client = createCloseClient({ apiUrl: url, authorize, userAgent: 'suite' })
    await client.me()
    await client.organization('orga_1')
    await client.leads.list({ _limit: 2, _fields: ['id', 'name'] })
    await client.contacts.get('cont_1', { fields: ['id', 'custom.cf_1'] })
    await client.opportunities.create({ value: 500, 'custom.cf_1': 'x' })
    await client.tasks.update('task_1', { is_complete: true })
    await client.leads.delete('lead_1')
    await client.activities.list({ lead_id: 'lead_1' })
    await client.activities.notes.create({ note: 'hello' })
    await client.activities.leadStatusChanges.get('acti_1')
    await client.users.list()
    await client.leadStatuses.list()
    await client.opportunityStatuses.list()
    await client.pipelines.list()
    await client.customFields('lead').list()
    await client.savedSearches.list({ type: 'lead' })
    await client.memberships.update('memb_1', { role_id: 'admin' })
    await client.events.list({ object_type: 'lead' })
    await client.search({ query: { type: 'match_all' } })
    await client.request({
      method: 'POST',
      path: '/lead/merge/',
      body: { source: 'lead_1', destination: 'lead_2' },
    })
    expect(
      received.map(({ method, url: path, body }) =>
        `${method} ${path.replace('/api/v1', '')} ${body}`.trim(),
      ),
    ).toEqual([
      'GET /me/',
      'GET /organization/orga_1/',
      'GET /lead/?_limit=2&_fields=id%2Cname',
      'GET /contact/cont_1/?_fields=id%2Ccustom.cf_1',
      'POST /opportunity/ {"value":500,"custom.cf_1":"x"}',
      'PUT /task/task_1/ {"is_complete":true}',
      'DELETE /lead/lead_1/',
      'GET /activity/?lead_id=lead_1',
      'POST /activity/note/ {"note":"hello"}',
      'GET /activity/status_change/lead/acti_1/',
      'GET /user/',
      'GET /status/lead/',
      'GET /status/opportunity/',
      'GET /pipeline/',
      'GET /custom_field/lead/',
      'GET /saved_search/?type=lead',
      'PUT /membership/memb_1/ {"role_id":"admin"}',
      'GET /event/?object_type=lead',
      'POST /data/search/ {"query":{"type":"match_all"}}',
      'POST /lead/merge/ {"source":"lead_1","destination":"lead_2"}',
    ])
    expect(received[0]?.headers['user-agent']).toBe('suite')
  })

  it.each(['', '.', '..', 'a/b', 'a?b', 'a\r\nb', 'a%2fb', '../me', 'x'.repeat(129)])(
    'refuse the id %j',
    async (id) => {
      const { url, received } = await startServer(json(200, { id: 'lead_1' }))
      const client = createCloseClient({ apiUrl: url, authorize, retry: { baseDelayMs: 1 } })
      const calls = [
        () => client.leads.get(id),
        () => client.leads.update(id, {}),
        () => client.leads.delete(id),
        () => client.organization(id),
      ]
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({
          code: 'invalid',
          fieldErrors: { id: expect.any(String) },
        })
      }
      expect(received.length).toBe(0)
    },
  )

  it.each([
    ['null', null],
    ['a list', []],
    ['an object without a list', { error: 'x' }],
    ['a row without an id', { data: [{ name: 'x' }] }],
    ['a row that is no object', { data: ['x'] }],
  ])('refuse %s in place of a list', async (_name, body) => {
    const { url } = await startServer(json(200, body))
    const client = createCloseClient({ apiUrl: url, authorize, retry: { baseDelayMs: 1 } })
    await expect(client.leads.list()).rejects.toMatchObject({ code: 'server_error' })
  })

  it.each([
    {},
    { id: 'user_1' },
    { id: 'user_1', email: 'a@acme.example', organizations: [{ id: 'orga_1' }] },
  ])('refuse %j as an identity', async (body) => {
    const { url } = await startServer(json(200, body))
    await expect(
      createCloseClient({ apiUrl: url, authorize, retry: { baseDelayMs: 1 } }).me(),
    ).rejects.toMatchObject({
      code: 'server_error',
    })
  })
})

describe('paginate', () => {
  const rows = Array.from({ length: 7 }, (_, index) => ({ id: `user_${index}` }))
  const pages = (more: (end: number) => { has_more?: boolean }) =>
    startServer((response, request) => {
      const query = new URL(request.url, 'http://localhost').searchParams
      const skip = Number(query.get('_skip'))
      const data = rows.slice(skip, skip + Number(query.get('_limit')))
      response.end(JSON.stringify({ data, ...more(skip + data.length) }))
    })
  const read = async (url: string): Promise<string[]> => {
    const client = createCloseClient({ apiUrl: url, authorize, retry: { baseDelayMs: 1 } })
    const ids: string[] = []
    for await (const user of paginate(client.users.list, { _limit: 3 })) ids.push(user.id)
    return ids
  }

  it('reads to the end', async () => {
    const { url, received } = await pages((end) => ({ has_more: end < rows.length }))
    expect(await read(url)).toEqual(rows.map((row) => row.id))
    expect(received.length).toBe(3)
  })

  it('ends at an empty page, whatever Close promises', async () => {
    const { url, received } = await pages(() => ({ has_more: true }))
    expect(await read(url)).toEqual(rows.map((row) => row.id))
    expect(received.length).toBe(4)
  })

  it('does not take a page without has_more for the last', async () => {
    const { url } = await pages(() => ({}))
    expect(await read(url)).toEqual([0, 1, 2, 3, 4, 5, 6].map((index) => `user_${index}`))
  })

  it('does not take a full page for the last on the word of has_more alone', async () => {
    const { url } = await pages(() => ({ has_more: false }))
    expect(await read(url)).toEqual([0, 1, 2, 3, 4, 5, 6].map((index) => `user_${index}`))
  })

  it('goes on behind the page where a record stands in it twice', async () => {
    const { url } = await startServer((response, request) => {
      const skip = Number(new URL(request.url, 'http://localhost').searchParams.get('_skip'))
      const data = rows.slice(skip, skip + 3)
      response.end(JSON.stringify({ data: [...data.slice(0, 1), ...data], has_more: skip + 3 < rows.length }))
    })
    expect(new Set(await read(url))).toEqual(new Set(rows.map((row) => row.id)))
  })

  it('takes a list that has no pages as whole', async () => {
    const { url, received } = await startServer(json(200, { data: [{ id: 'user_0' }, { id: 'user_1' }] }))
    expect(await read(url)).toEqual(['user_0', 'user_1'])
    expect(received.length).toBe(2)
  })

  it('does not go round in circles', async () => {
    const { url } = await startServer(json(200, { data: rows, has_more: true }))
    await expect(read(url)).rejects.toMatchObject({ code: 'server_error' })
  })
})

describe('paginateEvents', () => {
  it('follows the cursor with the filters, but without the dates', async () => {
    const { url, received } = await startServer(
      json(200, { data: [{ id: 'ev_2' }], cursor_next: 'older', cursor_previous: null }),
      json(200, { data: [{ id: 'ev_1' }], cursor_next: null, cursor_previous: 'newer' }),
    )
    const client = createCloseClient({ apiUrl: url, authorize, retry: { baseDelayMs: 1 } })
    const ids: string[] = []
    const query = { object_type: 'lead', action: 'deleted', date_updated__gte: '2026-01-01T00:00:00' }
    for await (const event of paginateEvents(client.events, query)) ids.push(event.id)
    expect(ids).toEqual(['ev_2', 'ev_1'])
    expect(received[1]?.url).toBe('/api/v1/event/?object_type=lead&action=deleted&_cursor=older')
  })

  it('does not go round in circles, however wide', async () => {
    const page = (cursor_next: string) => json(200, { data: [{ id: 'ev_1' }], cursor_next })
    const { url, received } = await startServer(page('a'), page('b'), page('a'), page('b'), page('a'))
    const client = createCloseClient({ apiUrl: url, authorize, retry: { baseDelayMs: 1 } })
    const reading = (async () => {
      for await (const event of paginateEvents(client.events)) expect(event.id).toBe('ev_1')
    })()
    await expect(reading).rejects.toMatchObject({ code: 'server_error' })
    expect(received.length).toBe(3)
  })
})
