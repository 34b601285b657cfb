import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CollectionName, type JsonObject, type Sandbox, startSandbox } from '../src/index.ts'
import { type Answer, type Call, caller, idOf, rowsOf } from './client.ts'
import fields from './documented-fields.json' with { type: 'json' }
import operations from './operations.json' with { type: 'json' }

/*
 * Every list that Close documents, held against the documents: operations.json for the parameters,
 * documented-fields.json for the fields of a row (`type|null`; with `?` it may be missing).
 */

const MANY = 130
const SIZES: Partial<Record<CollectionName, number>> = {
  blocked_phone_number: MANY,
  bulk_delete: MANY,
  bulk_edit: MANY,
  bulk_email: MANY,
  bulk_sequence_subscription: MANY,
  comment_thread: MANY,
  dialer: MANY,
  email_template: MANY,
  export: MANY,
  outcome: MANY,
  phone_number: MANY,
  playbook: MANY,
  sequence: MANY,
  sequence_subscription: MANY,
  sms_template: MANY,
}

/** Lists that are searched within something: the parameter, and the type and field of the record that gives its value. */
const WITHIN: Readonly<Record<string, readonly [parameter: string, type: string, field: string]>> = {
  '/comment/': ['thread_id', 'comment', 'thread_id'],
  '/custom_object/': ['lead_id', 'custom_object', 'lead_id'],
  '/sequence_subscription/': ['sequence_id', 'sequence_subscription', 'sequence_id'],
}

/** The documented envelopes without `has_more`. */
const PLAIN = ['/pipeline/', '/custom_activity/', '/custom_object_type/', '/custom_field/custom_object_type/']

/** Largest pages that somebody has seen or used; everywhere else no more than the default of 100 is safe. */
const MAXIMA: Readonly<Record<string, number>> = {
  '/lead/': 200,
  '/contact/': 200,
  '/opportunity/': 250,
  '/task/': 1_000,
  '/user/': 1_000,
  '/status/lead/': 1_000,
  '/status/opportunity/': 1_000,
  '/saved_search/': 1_000,
}

/** Lists of a form of their own, with tests of their own; and what is no list of records. */
const OTHER = [
  '/event/',
  '/me/',
  '/user/availability/',
  '/blocked_phone_number/settings/',
  '/report/activity/metrics/',
]

const documented: Readonly<Record<string, readonly string[]>> = operations
const LISTS = Object.keys(documented)
  .filter((operation) => operation.startsWith('GET ') && !operation.includes('{'))
  .map((operation) => operation.slice(4))
  .filter((path) => !OTHER.includes(path))
const PAGED = LISTS.filter((path) => documented[`GET ${path}`]?.includes('_skip'))

let sandbox: Sandbox
let call: Call
let organizationId: string
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 60, seed: 'collections', records: SIZES })
  call = caller(sandbox)
  organizationId = sandbox.organizations[0]?.id ?? ''
})
afterAll(() => sandbox.close())

/** The list's address, within what it needs. */
function address(path: string, parameters = ''): string {
  const within = WITHIN[path]
  if (!within) return parameters === '' ? path : `${path}?${parameters}`
  const [parameter, type, field] = within
  const value = String(sandbox.control.truth(organizationId, type)[0]?.[field])
  return `${path}?${parameter}=${value}${parameters === '' ? '' : `&${parameters}`}`
}

const list = (path: string, parameters = ''): Promise<Answer> => call('GET', address(path, parameters))

describe('every documented list', () => {
  it.each(LISTS)('%s answers records in the documented envelope', async (path) => {
    const { status, body } = await list(path)
    expect([status, Array.isArray(body['data'])]).toEqual([200, true])
    expect(rowsOf({ body } as Answer).length).toBeGreaterThan(0)
    expect('has_more' in body).toBe(!PLAIN.includes(path))
  })

  it.each(LISTS)('%s refuses a parameter that nobody knows', async (path) => {
    const { status, body } = await list(path, 'colour=red')
    expect([status, body['code']]).toEqual([501, 'sandbox_not_served'])
  })

  it.each(LISTS.filter((path) => `GET ${path}{id}/` in documented))(
    '%s has an address for each record',
    async (path) => {
      const rows = rowsOf(await list(path))
      const one = await call('GET', `${path}${idOf(rows[0])}/`)
      expect([one.status, idOf(one.body)]).toEqual([200, idOf(rows[0])])
      const shared = Object.keys(one.body).filter((field) => field in (rows[0] ?? {}))
      expect(shared.length).toBeGreaterThan(1)
      for (const field of shared) expect(one.body[field], field).toEqual(rows[0]?.[field])
      expect((await call('GET', `${path}none_1/`)).status).toBe(404)
    },
  )

  it.each(Object.keys(fields))('%s has the documented fields', async (path) => {
    const shape = Object.entries(fields).find(([name]) => name === path)?.[1] ?? {}
    const rows = rowsOf(await list(path))
    expect(rows.length).toBeGreaterThan(0)
    expect([...new Set(rows.flatMap((row) => differences(shape, row)))]).toEqual([])
  })
})

describe('lists with _limit and _skip', () => {
  it.each(PAGED)('%s is read to its end in pages, each record once', async (path) => {
    const size = Math.max(1, Math.ceil(rowsOf(await list(path)).length / 3))
    const ids: string[] = []
    for (let skip = 0; ; skip += size) {
      const page = await list(path, `_skip=${skip}&_limit=${size}`)
      const rows = rowsOf(page)
      ids.push(...rows.map(idOf))
      expect(rows.length === size || page.body['has_more'] === false).toBe(true)
      if (page.body['has_more'] !== true) break
    }
    expect(new Set(ids).size).toBe(ids.length)
    expect((await list(path, `_skip=${ids.length}`)).body).toMatchObject({ data: [], has_more: false })
    expect((await list(path, `_skip=${ids.length - 1}`)).body['has_more']).toBe(false)
  })

  it.each(PAGED)('%s takes no page beyond its largest', async (path) => {
    const most = MAXIMA[path] ?? (path.startsWith('/custom_field') ? 1_000 : 100)
    expect((await list(path, `_limit=${most}`)).status).toBe(200)
    expect(await list(path, `_limit=${most + 1}`)).toMatchObject({
      status: 400,
      body: { errors: [], 'field-errors': { _limit: `Input should be less than or equal to ${most}` } },
    })
    expect((await list(path, '_skip=-1')).status).toBe(400)
    expect((await list(path, '_limit=many')).status).toBe(400)
  })

  it('have more records than one page where a test wants them', async () => {
    const page = await list('/playbook/')
    expect([rowsOf(page).length, page.body['has_more']]).toEqual([100, true])
    expect(sandbox.control.truth(organizationId, 'playbook')).toHaveLength(MANY)
  })
})

describe('lists that take _fields', () => {
  it.each(LISTS.filter((path) => documented[`GET ${path}`]?.includes('_fields')))('%s', async (path) => {
    const rows = rowsOf(await list(path, '_fields=id'))
    expect(rows.length).toBeGreaterThan(0)
    for (const row of rows) expect(Object.keys(row)).toEqual(['id'])
  })
})

it('the same seed gives the same records, another seed others', async () => {
  const twin = await startSandbox({ leads: 60, seed: 'collections', records: SIZES })
  const other = await startSandbox({ leads: 60, seed: 'others', records: SIZES })
  const truth = (of: Sandbox, type: string) => of.control.truth(of.organizations[0]?.id ?? '', type)
  for (const type of [...Object.keys(SIZES), 'group', 'form', 'comment', 'send_as', 'custom_object']) {
    expect(truth(twin, type)).toEqual(truth(sandbox, type))
    expect(truth(other, type)).not.toEqual(truth(sandbox, type))
  }
  await Promise.all([twin.close(), other.close()])
})

/** What is wrong with a row: fields that are missing, that are not documented, or that have another type. */
function differences(shape: Readonly<Record<string, string>>, row: JsonObject): string[] {
  const known = new Map(Object.entries(shape).map(([name, types]) => [name.replace(/\?$/, ''), types]))
  const extra = Object.keys(row).filter((name) => !known.has(name) && !name.startsWith('custom.'))
  const wrong = Object.entries(shape).flatMap(([key, types]) => {
    const name = key.replace(/\?$/, '')
    const value = row[name]
    if (value === undefined) return key.endsWith('?') ? [] : [`${name} is missing`]
    const type = value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value
    return types === 'any' || types.split('|').includes(type) ? [] : [`${name} is ${type}, not ${types}`]
  })
  return [...extra.map((name) => `${name} is not documented`), ...wrong]
}
