import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Json, type JsonObject, type Sandbox, startSandbox } from '../src/index.ts'
import { caller, idOf, keyOf, rowsOf } from './client.ts'
import { and, condition, fixed, foundIn, objectType, regular, searchIn } from './search-queries.ts'

let sandbox: Sandbox
let organizationId: string

beforeAll(async () => {
  sandbox = await startSandbox({ leads: 400, seed: 'search pages' })
  organizationId = sandbox.organizations[0]?.id ?? ''
})
afterAll(() => sandbox.close())

const search = (body: JsonObject) => searchIn(sandbox, body)
const found = (query: Json, more?: JsonObject) => foundIn(sandbox, query, more)
const truth = (type: string): JsonObject[] => sandbox.control.truth(organizationId, type)

describe('rows', () => {
  it('carry little more than the id unless fields are asked for', async () => {
    const bare = await search({ query: objectType('lead'), _limit: 1 })
    expect(Object.keys(rowsOf(bare)[0] ?? {})).toEqual(['__object_type', 'id'])
    const _fields = { lead: ['name', 'custom', 'contacts', 'status_label', 'unknown', 'constructor'] }
    const [row] = rowsOf(await search({ query: objectType('lead'), _limit: 1, _fields }))
    const [lead] = truth('lead').filter(({ id }) => id === row?.['id'])
    expect(row).toMatchObject({
      name: lead?.['name'],
      contacts: lead?.['contacts'],
      status_label: lead?.['status_label'],
    })
    const custom = (record: JsonObject = {}) =>
      Object.keys(record)
        .filter((key) => key.startsWith('custom.'))
        .sort()
    expect(custom(row)).toEqual(custom(lead))
    expect(Object.keys(row ?? {})).not.toContain('constructor')
  })

  it('come in the order asked for, newest first otherwise', async () => {
    const byName = [{ direction: 'asc', field: regular('lead', 'name') }]
    const answer = await search({
      query: objectType('lead'),
      _limit: 200,
      _fields: { lead: ['name'] },
      sort: byName,
    })
    const names = rowsOf(answer).map(({ name }) => String(name).toLowerCase())
    expect(names).toEqual([...names].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0)))
    const sort = [{ direction: 'desc', field: regular('opportunity', 'value') }]
    const values = rowsOf(
      await search({
        query: objectType('opportunity'),
        _limit: 50,
        _fields: { opportunity: ['value'] },
        sort,
      }),
    ).map(({ value }) => Number(value))
    expect(values).toEqual(values.toSorted((left, right) => right - left))
    const dates = rowsOf(
      await search({ query: objectType('lead'), _limit: 50, _fields: { lead: ['date_created'] } }),
    ).map((row) => String(row['date_created']))
    expect(dates).toEqual(dates.toSorted().reverse())
  })

  it('are counted when asked', async () => {
    const answer = await search({
      query: objectType('lead'),
      include_counts: true,
      results_limit: 25,
      _limit: 10,
    })
    expect(answer.body['count']).toEqual({ limited: 25, total: 400 })
  })

  it('end at results_limit', async () => {
    expect(await found(objectType('lead'), { results_limit: 25, _limit: 10 })).toHaveLength(25)
  })

  it('are at most 200 a page', async () => {
    const answer = await search({ query: objectType('lead'), _limit: 201 })
    expect(answer.status).toBe(400)
    expect(answer.body['field-errors']).toEqual({ _limit: 'Input should be less than or equal to 200' })
  })
})

describe('cursors', () => {
  const body = { query: { type: 'object_type', object_type: 'lead' }, _limit: 10 }

  it('expire after 30 seconds', async () => {
    const { cursor } = (await search(body)).body
    sandbox.control.advanceClock(29_000)
    expect((await search({ ...body, cursor: cursor ?? null })).status).toBe(200)
    sandbox.control.advanceClock(6_000)
    const expired = await search({ ...body, cursor: cursor ?? null })
    expect(expired.status).toBe(400)
    expect(expired.body).toEqual({ 'field-errors': { cursor: 'Expired cursor' } })
  })

  it('belong to their question and organization', async () => {
    const { cursor } = (await search(body)).body
    const other = await search({
      ...body,
      query: { type: 'object_type', object_type: 'contact' },
      cursor: cursor ?? null,
    })
    expect(other.status).toBe(400)
    const elsewhere = caller(sandbox, keyOf(sandbox, 1))
    expect((await elsewhere('POST', '/data/search/', { ...body, cursor: cursor ?? null })).status).toBe(400)
    expect((await search({ ...body, cursor: 'made up' })).status).toBe(400)
  })

  it('can be used again when an answer was lost', async () => {
    const { cursor } = (await search(body)).body
    const once = await search({ ...body, cursor: cursor ?? null })
    const twice = await search({ ...body, cursor: cursor ?? null })
    expect(rowsOf(twice)).toEqual(rowsOf(once))
  })

  it('lose and repeat nothing by date_created while records are edited, added and deleted', async () => {
    const sort = [{ direction: 'asc', field: regular('lead', 'date_created') }]
    const kept = truth('lead').map(idOf)
    const deleted = kept.slice(0, 5)
    sandbox.control.onListPage({
      path: '/api/v1/data/search/',
      afterPages: 2,
      do: () => {
        for (const id of deleted) sandbox.control.remove({ type: 'lead', id })
        for (const id of kept.slice(50, 150))
          sandbox.control.edit({ type: 'lead', id, changes: { description: 'x' } })
        sandbox.control.insert({ type: 'lead', record: { name: 'Late' } })
      },
    })
    const ids = await found(objectType('lead'), { sort, _limit: 50 })
    expect(new Set(ids).size).toBe(ids.length)
    expect(kept.slice(5).filter((id) => !ids.includes(id))).toEqual([])
  })
})

describe('the cap', () => {
  let large: Sandbox
  beforeEach(async () => {
    large = await startSandbox({ leads: 10_150, seed: 'cap' })
    return () => large.close()
  })

  it('ends a walk silently after 10,000 objects, and a keyset goes on', async () => {
    const call = caller(large)
    const sort = [{ direction: 'asc', field: regular('lead', 'date_created') }]
    const ids = new Set<string>()
    let last = ''
    const walk = async (query: Json): Promise<number> => {
      let cursor: Json = null
      let given = 0
      do {
        const answer = await call('POST', '/data/search/', {
          query,
          sort,
          _limit: 200,
          _fields: { lead: ['id', 'date_created'] },
          ...(cursor === null ? {} : { cursor }),
        })
        for (const row of rowsOf(answer)) {
          ids.add(idOf(row))
          last = String(row['date_created'])
          given += 1
        }
        cursor = answer.body['cursor'] ?? null
      } while (cursor !== null)
      return given
    }
    expect(await walk(objectType('lead'))).toBe(10_000)
    // No empty page after the last full one.
    expect(large.control.requests()).toHaveLength(50)
    const from = { type: 'moment_range', on_or_after: fixed(last) }
    await walk(and(objectType('lead'), condition(regular('lead', 'date_created'), from)))
    expect(ids.size).toBe(10_150)
  })
})
