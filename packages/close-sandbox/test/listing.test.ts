import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type JsonObject, type Sandbox, startSandbox } from '../src/index.ts'
import { caller, idOf, rowsOf } from './client.ts'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox({ leads: 120, seed: 'listing' })
})
afterEach(() => sandbox.close())

const truth = (): JsonObject[] => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'lead')

/** Pages through /lead/ by offset, as most clients do. */
async function pageThrough(limit = 20): Promise<string[]> {
  const call = caller(sandbox)
  const ids: string[] = []
  for (let skip = 0; ; skip += limit) {
    const answer = await call('GET', `/lead/?_skip=${skip}&_limit=${limit}&_fields=id`)
    ids.push(...rowsOf(answer).map(idOf))
    if (answer.body['has_more'] !== true) return ids
  }
}

describe('offset paging', () => {
  it('gives every lead once while nothing changes', async () => {
    const ids = await pageThrough()
    expect(ids.toSorted()).toEqual(truth().map(idOf).sort())
  })

  it('says how many there are, and takes _limit=0', async () => {
    const { body } = await caller(sandbox)('GET', '/lead/?_limit=0')
    expect(body).toEqual({ data: [], has_more: true, total_results: 120 })
  })

  it('loses a record when one that was read is deleted', async () => {
    const first = rowsOf(await caller(sandbox)('GET', '/lead/?_limit=20')).map(idOf)
    sandbox.control.onListPage({
      path: '/api/v1/lead/',
      afterPages: 1,
      do: [{ action: 'delete', type: 'lead', id: first[3] ?? '' }],
    })
    const ids = await pageThrough()
    const lost = truth().filter(({ id }) => !ids.includes(String(id)))
    expect(lost).toHaveLength(1)
  })

  it('repeats a record when one is inserted, and loses one that is edited before its page', async () => {
    const all = rowsOf(await caller(sandbox)('GET', '/lead/?_limit=200')).map(idOf)
    const edited = all[90] ?? ''
    sandbox.control.onListPage({
      path: '/api/v1/lead/',
      afterPages: 2,
      do: [{ action: 'insert', type: 'lead', record: { name: 'Between pages' } }],
    })
    sandbox.control.onListPage({
      path: '/api/v1/lead/',
      afterPages: 3,
      do: [{ action: 'edit', type: 'lead', id: edited, changes: { name: 'Moved to the front' } }],
    })
    const ids = await pageThrough()
    expect(ids.length).toBeGreaterThan(new Set(ids).size)
    expect(ids).not.toContain(edited)
  })

  it('changes again after every page when told to', async () => {
    sandbox.control.onListPage({
      path: '/api/v1/lead/',
      afterPages: 1,
      repeat: true,
      do: () => {
        sandbox.control.insert({ type: 'lead', record: { name: 'One more' } })
      },
    })
    const call = caller(sandbox)
    for (let page = 0; page < 4; page += 1) await call('GET', '/lead/?_limit=1')
    expect(truth().filter(({ name }) => name === 'One more')).toHaveLength(4)
    sandbox.control.clearListPageScripts()
    await call('GET', '/lead/?_limit=1')
    expect(truth().filter(({ name }) => name === 'One more')).toHaveLength(4)
  })

  it('is limited in size and depth', async () => {
    const call = caller(sandbox)
    expect((await call('GET', '/lead/?_limit=201')).body).toEqual({
      errors: [],
      'field-errors': { _limit: 'Input should be less than or equal to 200' },
    })
    const deep = await call('GET', '/lead/?_skip=35001')
    expect(deep.status).toBe(400)
    expect(JSON.stringify(deep.body)).toContain('35000')
    for (const query of ['_limit=x', '_skip=-1', '_limit=1.5']) {
      expect((await call('GET', `/lead/?${query}`)).status, query).toBe(400)
    }
  })

  it('knows the end of a filtered list', async () => {
    const call = caller(sandbox)
    const all = sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'note').length
    const end = await call('GET', `/activity/note/?_skip=${all - 5}&_limit=5`)
    expect([rowsOf(end).length, end.body['has_more']]).toEqual([5, false])
    const before = await call('GET', `/activity/note/?_skip=${all - 5}&_limit=4`)
    expect([rowsOf(before).length, before.body['has_more']]).toEqual([4, true])
  })

  it('refuses filters that it does not serve, rather than answer as if there were none', async () => {
    const { status, body } = await caller(sandbox)('GET', '/lead/?date_updated__gte=2099-01-01&color=red')
    expect([status, body['code']]).toEqual([501, 'sandbox_not_served'])
  })
})

describe('sample data', () => {
  it('is the same for the same seed, and has ties, other scripts and children', async () => {
    const twin = await startSandbox({ leads: 120, seed: 'listing' })
    expect(twin.control.truth(twin.organizations[0]?.id ?? '', 'lead')).toEqual(truth())
    await twin.close()
    const dates = truth().map((lead) => lead['date_updated'])
    expect(new Set(dates).size).toBeLessThan(dates.length)
    expect(
      truth().some(({ name }) => /\p{Script=Han}|\p{Script=Cyrillic}|\p{Script=Arabic}/u.test(String(name))),
    ).toBe(true)
    expect(truth().some(({ contacts }) => Array.isArray(contacts) && contacts.length > 1)).toBe(true)
  })

  it('lies in the past', () => {
    const now = new Date(sandbox.control.now()).toISOString()
    expect(truth().every((lead) => String(lead['date_updated']) < now)).toBe(true)
  })

  it('gets one timestamp for all records of a bulk edit', () => {
    const ids = truth().slice(0, 30).map(idOf)
    sandbox.control.bulkEdit({ type: 'lead', ids, changes: { description: 'Edited in bulk' } })
    const edited = truth().filter(({ description }) => description === 'Edited in bulk')
    expect(edited).toHaveLength(30)
    expect(new Set(edited.map((lead) => lead['date_updated'])).size).toBe(1)
  })
})
