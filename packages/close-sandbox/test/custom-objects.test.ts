import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JsonObject, type Sandbox, startSandbox } from '../src/index.ts'
import { type Call, caller, idOf, rowsOf } from './client.ts'

let sandbox: Sandbox
let call: Call
let organizationId: string
beforeAll(async () => {
  sandbox = await startSandbox({ leads: 300, seed: 'objects' })
  call = caller(sandbox)
  organizationId = sandbox.organizations[0]?.id ?? ''
})
afterAll(() => sandbox.close())

const truth = (type: string) => sandbox.control.truth(organizationId, type)
const sorted = (records: readonly JsonObject[]) => records.map(idOf).sort()

async function search(object_type: string, conditions: readonly JsonObject[] = []): Promise<JsonObject[]> {
  const found: JsonObject[] = []
  const body = {
    query: { type: 'and', queries: [{ type: 'object_type', object_type }, ...conditions] },
    _fields: { [object_type]: ['id', 'name', 'custom', 'custom_object_type_id', 'date_updated'] },
    _limit: 50,
  }
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await call('POST', '/data/search/', cursor === '' ? body : { ...body, cursor })
    expect(page.status).toBe(200)
    found.push(...rowsOf(page))
    cursor = typeof page.body['cursor'] === 'string' ? page.body['cursor'] : null
  }
  return found
}

/** The kinds of values that a field of that definition may have. */
function fits(field: JsonObject, value: unknown): boolean {
  if (field['accepts_multiple_values'] === true) {
    return (
      Array.isArray(value) && value.every((each) => fits({ ...field, accepts_multiple_values: false }, each))
    )
  }
  switch (field['type']) {
    case 'number':
      return typeof value === 'number'
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(String(value))
    case 'datetime':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(String(value))
    case 'user':
      return sandbox.users.some(({ id }) => id === value)
    case 'contact':
      return truth('contact').some(({ id }) => id === value)
    case 'custom_object':
      return truth('custom_object').some(({ id }) => id === value)
    case 'choices':
      return Array.isArray(field['choices']) && field['choices'].includes(String(value))
    default:
      return typeof value === 'string'
  }
}

describe.each([
  ['custom objects', '/custom_field/custom_object_type/', 'custom_object', 'custom_object_type_id'],
  ['custom activities', '/custom_field/activity/', 'custom_activity', 'custom_activity_type_id'],
] as const)('%s', (_name, path, type, typeField) => {
  it('have fields of every kind, each type its own, filled or not', async () => {
    const fields = rowsOf(await call('GET', path))
    const kinds = new Set(fields.map((field) => `${field['type']} ${field['accepts_multiple_values']}`))
    for (const kind of [
      'text false',
      'number false',
      'date false',
      'datetime false',
      'choices false',
      'choices true',
      'user false',
      'user true',
      'contact false',
      'contact true',
      'custom_object false',
      'hidden false',
    ]) {
      expect([...kinds]).toContain(kind)
    }
    const records = truth(type)
    expect(new Set(records.map((record) => record[typeField])).size).toBe(2)
    for (const field of fields) {
      const key = `custom.${idOf(field)}`
      const own = records.filter((record) => record[typeField] === field[typeField])
      const filled = own.filter((record) => key in record)
      expect(filled.length, String(field['name'])).toBeGreaterThan(0)
      if (field['required'] !== true) expect(filled.length).toBeLessThan(own.length)
      expect(records.filter((record) => key in record)).toHaveLength(filled.length)
      for (const record of filled.slice(0, 10)) expect(fits(field, record[key]), key).toBe(true)
    }
  })
})

describe('custom objects', () => {
  it('are listed for a lead, newest change first, and all of them are found by a search', async () => {
    const [object] = truth('custom_object')
    const own = truth('custom_object').filter((each) => each['lead_id'] === object?.['lead_id'])
    const listed = rowsOf(await call('GET', `/custom_object/?lead_id=${object?.['lead_id']}`))
    expect(sorted(listed)).toEqual(sorted(own))
    expect((await call('GET', '/custom_object/')).status).toBe(400)
    expect(truth('custom_object').length).toBeGreaterThan(100)
    expect(sorted(await search('custom_object'))).toEqual(sorted(truth('custom_object')))
  })

  it('of one type are found by a search for it', async () => {
    const [type] = rowsOf(await call('GET', '/custom_object_type/'))
    const condition = {
      type: 'field_condition',
      field: { type: 'regular_field', object_type: 'custom_object', field_name: 'custom_object_type_id' },
      condition: { type: 'term', values: [idOf(type)] },
    }
    const own = truth('custom_object').filter((each) => each['custom_object_type_id'] === idOf(type))
    expect(sorted(await search('custom_object', [condition]))).toEqual(sorted(own))
  })

  it('say which types refer to them', async () => {
    const types = rowsOf(await call('GET', '/custom_object_type/'))
    const referring = types.filter(
      ({ back_reference_fields }) => Array.isArray(back_reference_fields) && back_reference_fields.length > 0,
    )
    expect(referring.map(({ name }) => name)).toEqual(['Contract'])
  })

  it('are made, changed and deleted, with an event each', async () => {
    const [lead] = truth('lead')
    const [type] = rowsOf(await call('GET', '/custom_object_type/'))
    const made = await call('POST', '/custom_object/', {
      lead_id: idOf(lead),
      custom_object_type_id: idOf(type),
      name: 'Contract 9',
    })
    expect([made.status, made.headers.get('location')]).toEqual([
      201,
      `/api/v1/custom_object/${idOf(made.body)}/`,
    ])
    const path = `/custom_object/${idOf(made.body)}/`
    expect((await call('PUT', path, { name: 'Contract 10' })).body['name']).toBe('Contract 10')
    expect((await call('DELETE', path)).status).toBe(204)
    const events = rowsOf(await call('GET', `/event/?object_type=custom_object&object_id=${idOf(made.body)}`))
    expect(events.map(({ action }) => action)).toEqual(['deleted', 'updated', 'created'])
    expect(events.every((event) => event['lead_id'] === idOf(lead))).toBe(true)
  })
})
