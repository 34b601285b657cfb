import { passPresets } from '@latchwork/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { codeOf, idsOf, json, reading, startWithView, type WithView } from './smart-view.ts'

const unseen = [404, 'lead_unseen']

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('#43 a pass that sees only the leads of a smart view, on %s', (_database, makePlace) => {
  let made: WithView
  beforeAll(async () => {
    made = await startWithView(makePlace)
  })
  afterAll(() => made?.stop())

  it('is given the view by its name, and says so in words', async () => {
    const { items } = await made.client.passes.smartViews({ query: { credential: made.credentialId } })
    expect(items).toContainEqual({ id: made.view.id, name: 'Customers in Bavaria' })
    const { id } = await made.passFor()
    const pass = await made.client.passes.get({ params: { id } })
    expect(pass.rules.smartView).toEqual({ id: made.view.id, name: 'Customers in Bavaria' })
    expect(pass.may).toContain('only what the smart view “Customers in Bavaria” shows')
    expect(pass.mayNot).toContain('A smart view can’t limit reports, exports, bulk actions, the event log')
    await expect(made.passFor(reading, { smartView: { id: 'save_unknown' } })).rejects.toMatchObject({
      problem: { code: 'invalid_input', errors: [{ field: 'rules.smartView', rule: 'choice' }] },
    })
  })

  it('reads one record of each kind, and none of another lead, as if it were not there', async () => {
    const { id, call } = await made.passFor()
    const paths = {
      lead: 'lead',
      contact: 'contact',
      task: 'task',
      note: 'activity/note',
      opportunity: 'opportunity',
    }
    for (const [kind, path] of Object.entries(paths)) {
      const at = (record: string) => `/${path}/${record}/`
      const [mine = '', other = ''] = [made.inside, made.outside].map((records) => Reflect.get(records, kind))
      expect((await call(at(mine))).status, kind).toBe(200)
      const [hidden, missing] = [await call(at(other)), await call(at(`${other.slice(0, -3)}xyz`))]
      expect(codeOf(hidden), kind).toEqual(unseen)
      const plain = ({ text }: { text: string }) => text.replace(/"requestId":"[^"]*"/, '')
      expect(plain(missing), kind).toBe(plain(hidden))
      expect((await call(at(mine), { method: 'HEAD' })).status, kind).toBe(200)
      for (const record of [other, `${other.slice(0, -3)}xyz`])
        expect((await call(at(record), { method: 'HEAD' })).status, kind).toBe(404)
    }
    await expect.poll(async () => (await made.client.passes.calls({ params: { id } })).items.length).toBe(30)
    const { items } = await made.client.passes.calls({ params: { id }, query: { decision: 'denied' } })
    expect(items).toHaveLength(20)
    expect(new Set(items.map(({ rule }) => rule))).toEqual(new Set(['a lead outside of the smart view']))
  })

  it('lists only what is of these leads, and tells no totals', async () => {
    const { call } = await made.passFor()
    for (const path of ['/lead/', '/contact/', '/task/', '/activity/note/', '/opportunity/']) {
      const answer = await call(`${path}?_limit=100`)
      expect(answer.status, answer.text).toBe(200)
      expect(answer.text).not.toContain('Saxony')
      expect(answer.text).not.toContain(made.outside.lead)
      expect(idsOf(answer), path).toHaveLength(1)
      expect(answer.text).not.toContain('total')
      expect(Object.keys(JSON.parse(answer.text)).sort(), path).toEqual(['data', 'has_more'])
    }
  })

  it('goes through a list page by page', async () => {
    const { call } = await made.passFor()
    const found: string[] = []
    let hasMore = true
    for (let skip = 0; hasMore; skip += 3) {
      const answer = await call(`/lead/?_limit=3&_skip=${skip}`)
      found.push(...idsOf(answer))
      hasMore = JSON.parse(answer.text).has_more
      expect(skip).toBeLessThan(60)
    }
    expect(found).toEqual([made.inside.lead])
  })

  it('is answered the same, whatever fields it asks for', async () => {
    const { call } = await made.passFor()
    for (const path of ['/lead/', '/contact/', '/task/', '/opportunity/']) {
      for (const query of ['_fields=date_created', '_fields=date_created&_fields=date_updated']) {
        const answer = await call(`${path}?_limit=100&${query}`)
        expect(idsOf(answer), `${path} ${query}`).toHaveLength(1)
      }
    }
    expect(codeOf(await call(`/contact/${made.outside.contact}/?_fields=name`))).toEqual(unseen)
    expect((await call(`/contact/${made.inside.contact}/?_fields=name`)).status).toBe(200)
  })

  it('lists what is of one lead if it sees that lead, and has no other way to ask about one', async () => {
    const { call } = await made.passFor()
    const { inside, outside } = made
    for (const path of ['/task/', '/contact/', '/opportunity/', '/activity/note/']) {
      expect(idsOf(await call(`${path}?lead_id=${inside.lead}`)), path).toHaveLength(1)
      expect(codeOf(await call(`${path}?lead_id=${outside.lead}`)), path).toEqual(unseen)
    }
    expect(codeOf(await call(`/task/?lead_id=${inside.lead}&lead_id=${outside.lead}`))).toEqual(unseen)
    expect((await call('/task/?is_complete=false&_order_by=-date_created')).status).toBe(200)
    for (const query of [
      'query=Saxony',
      `id__in=${outside.task}`,
      `contact_id=${outside.contact}`,
      'lead_id=',
    ])
      expect(codeOf(await call(`/task/?${query}`)), query).toEqual([403, 'pass_denied'])
    expect(codeOf(await call('/lead/?query=Saxony&_limit=0'))).toEqual([403, 'pass_denied'])
    const over = { ...json({ _params: { query: 'Saxony' } }), headers: { 'x-http-method-override': 'GET' } }
    expect(codeOf(await call('/lead/', over))).toEqual([403, 'pass_denied'])
  })

  it('searches these leads alone', async () => {
    const { call } = await made.passFor()
    const search = (type: string, queries: object[] = [], more: object = {}) =>
      call(
        '/data/search/',
        json({
          query: { type: 'and', queries: [{ type: 'object_type', object_type: type }, ...queries] },
          ...more,
        }),
      )
    for (const type of ['lead', 'contact', 'task', 'opportunity', 'activity.note']) {
      const answer = await search(type, [], { _fields: { [type]: ['date_created'] }, include_counts: true })
      expect(idsOf(answer), `${type} ${answer.text}`).toHaveLength(1)
      expect(answer.text).not.toContain('count')
      expect(idsOf(await search(type)), type).toHaveLength(1)
    }
    const first = await search('lead', [], { _limit: 1 })
    expect([idsOf(first), JSON.parse(first.text).cursor]).toEqual([[made.inside.lead], null])
    expect(idsOf(await search('lead', [{ type: 'id', value: made.outside.lead }]))).toEqual([])
    expect(idsOf(await search('lead', [{ type: 'text', value: 'Saxony' }]))).toEqual([])
    const either = {
      type: 'or',
      queries: ['lead', 'contact'].map((object_type) => ({ type: 'object_type', object_type })),
    }
    expect(codeOf(await call('/data/search/', json({ query: either })))).toEqual([403, 'pass_denied'])
    const twice = `{"query":{"type":"object_type","object_type":"lead"},"query":{"type":"match_all"}}`
    expect(codeOf(await call('/data/search/', { method: 'POST', body: twice }))).toEqual([403, 'pass_denied'])
  })

  it('is refused what no view can limit', async () => {
    const { id, call } = await made.passFor(passPresets.everything.grants)
    const { outside } = made
    for (const [method, path] of [
      ['GET', '/event/'],
      ['GET', `/event/?lead_id=${made.inside.lead}`],
      ['GET', '/report/activity/metrics/'],
      ['POST', '/export/lead/'],
      ['POST', '/bulk_action/delete/'],
      ['GET', '/webhook/'],
      ['GET', '/comment/?object_id=x'],
      ['GET', '/unsubscribe/email/'],
      ['GET', '/email_template/tmpl_1/render/?lead_id=x'],
      ['PUT', `/saved_search/${made.view.id}/`],
      ['PUT', '/task/'],
      ['POST', '/lead/'],
      ['POST', '/contact/'],
    ] as const) {
      const answer = await call(path, method === 'GET' ? {} : json({ name: 'A' }, method))
      expect(codeOf(answer), `${method} ${path}`).toEqual([403, 'pass_denied'])
      expect(answer.text).toContain('beside the smart view “Customers in Bavaria”')
    }
    expect((await call('/user/')).status).toBe(200)
    expect((await call('/status/lead/')).status).toBe(200)
    expect((await call('/saved_search/')).status).toBe(200)
    expect(codeOf(await call(`/lead/${outside.lead}/files/`))).toEqual(unseen)
    const { items } = await made.client.passes.calls({ params: { id }, query: { decision: 'denied' } })
    expect(items.every(({ decision }) => decision === 'denied')).toBe(true)
  })
})
