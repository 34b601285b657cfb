import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Json, type JsonObject, type Sandbox, startSandbox } from '../src/index.ts'
import { caller, idOf, isObject, rowsOf } from './client.ts'
import { and, condition, fixed, foundIn, objectType, regular, searchIn } from './search-queries.ts'

let sandbox: Sandbox
let organizationId: string

beforeAll(async () => {
  sandbox = await startSandbox({ leads: 400, seed: 'search' })
  organizationId = sandbox.organizations[0]?.id ?? ''
})
afterAll(() => sandbox.close())

const search = (body: JsonObject) => searchIn(sandbox, body)
const found = (query: Json, more?: JsonObject) => foundIn(sandbox, query, more)
const truth = (type: string): JsonObject[] => sandbox.control.truth(organizationId, type)

function idsWhere(type: string, test: (record: JsonObject) => boolean): string[] {
  return truth(type).filter(test).map(idOf).sort()
}

describe('queries', () => {
  it('find every record of a type', async () => {
    for (const type of [
      'lead',
      'contact',
      'opportunity',
      'task',
      'activity',
      'activity.note',
      'call',
      'activity.meeting',
    ]) {
      expect((await found(objectType(type))).sort(), type).toEqual(idsWhere(type, () => true))
    }
  })

  it('bound a date from, inclusive, and to, exclusive', async () => {
    const dates = truth('lead')
      .map((lead) => String(lead['date_updated']))
      .sort()
    const [from = '', to = ''] = [dates[100], dates[300]]
    const range = { type: 'moment_range', on_or_after: fixed(from), before: fixed(to) }
    const ids = await found(and(objectType('lead'), condition(regular('lead', 'date_updated'), range)))
    expect(ids.sort()).toEqual(
      idsWhere('lead', ({ date_updated }) => String(date_updated) >= from && String(date_updated) < to),
    )
  })

  it('bound two different dates at once', async () => {
    const middle =
      truth('lead')
        .map((lead) => String(lead['date_created']))
        .sort()[200] ?? ''
    const ids = await found(
      and(
        objectType('lead'),
        condition(regular('lead', 'date_created'), { type: 'moment_range', before: fixed(middle) }),
        condition(regular('lead', 'date_updated'), { type: 'moment_range', on_or_after: fixed(middle) }),
      ),
    )
    expect(ids.sort()).toEqual(
      idsWhere(
        'lead',
        (lead) => String(lead['date_created']) < middle && String(lead['date_updated']) >= middle,
      ),
    )
  })

  it('compare texts by words and phrases, without regard to case', async () => {
    const title = regular('contact', 'title')
    const words = await found(
      and(objectType('contact'), condition(title, { type: 'text', mode: 'full_words', value: 'of HEAD' })),
    )
    expect(words.sort()).toEqual(
      idsWhere('contact', (contact) => /\bHead of\b/.test(String(contact['title']))),
    )
    const phrase = { type: 'text', mode: 'phrase', value: 'of head' }
    expect(await found(and(objectType('contact'), condition(title, phrase)))).toEqual([])
  })

  it('find names in other scripts', async () => {
    const lead = truth('lead').find(({ name }) => /^\p{Script=Han}|^\p{Script=Cyrillic}/u.test(String(name)))
    const value = String(lead?.['name'])
    const ids = await found(
      and(objectType('lead'), condition(regular('lead', 'name'), { type: 'text', mode: 'phrase', value })),
    )
    expect(ids).toContain(idOf(lead))
  })

  it('compare numbers, terms, references, booleans and existence', async () => {
    const value = regular('opportunity', 'value')
    expect(
      (
        await found(
          and(
            objectType('opportunity'),
            condition(value, { type: 'number_range', gte: 100_000, lt: 500_000 }),
          ),
        )
      ).sort(),
    ).toEqual(
      idsWhere('opportunity', (each) => Number(each['value']) >= 100_000 && Number(each['value']) < 500_000),
    )

    const [status] = rowsOf(await caller(sandbox)('GET', '/status/lead/'))
    const reference = { type: 'reference', reference_type: 'status.lead', object_ids: [idOf(status)] }
    expect(
      (await found(and(objectType('lead'), condition(regular('lead', 'status_id'), reference)))).sort(),
    ).toEqual(idsWhere('lead', (lead) => lead['status_id'] === status?.['id']))
    const term = { type: 'term', values: ['monthly', 'annual'] }
    expect(
      (
        await found(and(objectType('opportunity'), condition(regular('opportunity', 'value_period'), term)))
      ).sort(),
    ).toEqual(idsWhere('opportunity', (each) => each['value_period'] !== 'one_time'))
    const done = { type: 'boolean', value: true }
    expect(
      (await found(and(objectType('task'), condition(regular('task', 'is_complete'), done)))).sort(),
    ).toEqual(idsWhere('task', (task) => task['is_complete'] === true))
    const noUrl = condition(regular('lead', 'url'), { type: 'exists' }, { negate: true })
    expect((await found(and(objectType('lead'), noUrl))).sort()).toEqual(
      idsWhere('lead', ({ url }) => url === null),
    )
    const mine = condition(regular('lead', 'created_by'), { type: 'current_user' })
    expect((await found(and(objectType('lead'), mine))).sort()).toEqual(
      idsWhere('lead', (lead) => lead['created_by'] === sandbox.apiKeys[0]?.userId),
    )
  })

  it('reach custom fields by id', async () => {
    const fields = rowsOf(await caller(sandbox)('GET', '/custom_field/lead/'))
    const industry = idOf(fields.find(({ name }) => name === 'Industry'))
    const retail = condition(
      { type: 'custom_field', custom_field_id: industry },
      { type: 'term', values: ['Retail'] },
    )
    expect((await found(and(objectType('lead'), retail))).sort()).toEqual(
      idsWhere('lead', (lead) => lead[`custom.${industry}`] === 'Retail'),
    )
  })

  it('reach related objects, down to an e-mail address', async () => {
    const contact = truth('contact').find(({ emails }) => Array.isArray(emails) && emails.length > 0)
    const emails = contact?.['emails']
    const address = Array.isArray(emails) && isObject(emails[0]) ? String(emails[0]['email']) : ''
    const query = and(objectType('lead'), {
      type: 'has_related',
      this_object_type: 'lead',
      related_object_type: 'contact',
      related_query: {
        type: 'has_related',
        this_object_type: 'contact',
        related_object_type: 'contact_email',
        related_query: condition(regular('contact_email', 'email'), {
          type: 'text',
          mode: 'phrase',
          value: address,
        }),
      },
    })
    expect(await found(query)).toContain(String(contact?.['lead_id']))
    const parents = and(objectType('contact'), {
      type: 'has_related',
      this_object_type: 'contact',
      related_object_type: 'lead',
      related_query: { type: 'id', value: String(contact?.['lead_id']) },
    })
    expect((await found(parents)).sort()).toEqual(
      idsWhere('contact', (each) => each['lead_id'] === contact?.['lead_id']),
    )
  })

  it('combine with or, negate and text', async () => {
    const [one, two] = truth('lead')
    const either: Json = {
      type: 'or',
      queries: [one, two].map((lead) => ({ type: 'id', value: idOf(lead) })),
    }
    expect((await found(and(objectType('lead'), either))).sort()).toEqual([idOf(one), idOf(two)].sort())
    expect(
      await found(and(objectType('lead'), { type: 'or', negate: true, queries: [either] })),
    ).toHaveLength(398)
    expect(await found(and(objectType('lead'), { type: 'text', value: String(one?.['name']) }))).toContain(
      idOf(one),
    )
  })

  it('count relative moments from now', async () => {
    const range = {
      type: 'moment_range',
      on_or_after: { type: 'offset', moment: { type: 'now' }, offset: { days: -1 }, which_day_end: 'start' },
      before: { type: 'start_end_of_predefined_relative_period', range: 'today', which: 'end' },
    }
    const made = await caller(sandbox)('POST', '/lead/', { name: 'Made today' })
    const ids = await found(and(objectType('lead'), condition(regular('lead', 'date_created'), range)))
    expect(ids).toEqual([idOf(made.body)])
    sandbox.control.remove({ type: 'lead', id: idOf(made.body) })
  })

  it.each<[string, Json]>([
    ['without an object type', and({ type: 'match_all' })],
    ['an unknown object type', objectType('spaceship')],
    ['an unknown query type', and(objectType('lead'), { type: 'maybe' })],
    [
      'a field of another type',
      and(objectType('lead'), condition(regular('contact', 'title'), { type: 'exists' })),
    ],
    [
      'an unknown condition',
      and(objectType('lead'), condition(regular('lead', 'name'), { type: 'sounds_like' })),
    ],
    [
      'an unknown bound',
      and(
        objectType('lead'),
        condition(regular('lead', 'date_created'), { type: 'moment_range', gte: fixed('2026-01-01') }),
      ),
    ],
    [
      'a moment without a date',
      and(
        objectType('lead'),
        condition(regular('lead', 'date_created'), { type: 'moment_range', before: fixed('soon') }),
      ),
    ],
    [
      'an unknown custom field',
      and(
        objectType('lead'),
        condition({ type: 'custom_field', custom_field_id: 'cf_x' }, { type: 'exists' }),
      ),
    ],
  ])('are refused %s', async (_what, query) => {
    const answer = await search({ query })
    expect(answer.status).toBe(400)
    expect(answer.body['field-errors']).toHaveProperty('query')
  })
})
