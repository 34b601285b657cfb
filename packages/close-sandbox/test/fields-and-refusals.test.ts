import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JsonObject, type Sandbox, startSandbox } from '../src/index.ts'
import { type Answer, caller, idOf, keyOf, rowsOf, send } from './client.ts'

let sandbox: Sandbox
let call: ReturnType<typeof caller>

beforeAll(async () => {
  sandbox = await startSandbox({ leads: 30, seed: 'fields' })
  call = caller(sandbox)
})
afterAll(() => sandbox.close())

const truth = (type: string): JsonObject[] => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)

async function newLead(body: JsonObject = {}): Promise<string> {
  return idOf((await call('POST', '/lead/', { name: 'Test Lead', ...body })).body)
}

describe('custom fields', () => {
  async function fieldId(name: string): Promise<string> {
    return idOf(rowsOf(await call('GET', '/custom_field/lead/')).find((field) => field['name'] === name))
  }

  it('are set, added to, taken from and unset', async () => {
    const interests = `custom.${await fieldId('Interests')}`
    const id = await newLead({ [interests]: ['API'] })
    expect((await call('PUT', `/lead/${id}/`, { [`${interests}.add`]: 'Calling' })).body[interests]).toEqual([
      'API',
      'Calling',
    ])
    expect((await call('PUT', `/lead/${id}/`, { [`${interests}.remove`]: 'API' })).body[interests]).toEqual([
      'Calling',
    ])
    expect(interests in (await call('PUT', `/lead/${id}/`, { [interests]: null })).body).toBe(false)
  })

  it('take a user by name and give the id', async () => {
    const manager = `custom.${await fieldId('Account manager')}`
    const id = await newLead({ [manager]: 'Tobin Quillfeather' })
    expect((await call('GET', `/lead/${id}/`)).body[manager]).toBe(sandbox.users[1]?.id)
  })

  it('are refused when the value is of the wrong type, or the field unknown', async () => {
    const body = {
      name: 'Wrong',
      [`custom.${await fieldId('# of seats')}`]: 'many',
      [`custom.${await fieldId('Industry')}`]: 'Piracy',
      [`custom.${await fieldId('Renewal date')}`]: '2026-13-01',
      'custom.cf_unknown': 1,
    }
    const answer = await call('POST', '/lead/', body)
    expect(answer.status).toBe(400)
    expect(Object.keys(Object(answer.body['field-errors'])).sort()).toEqual(Object.keys(body).slice(1).sort())
  })

  it('are defined, changed and deleted', async () => {
    const made = await call('POST', '/custom_field/contact/', { name: 'Shoe size', type: 'number' })
    expect(made.status).toBe(200)
    const path = `/custom_field/contact/${idOf(made.body)}/`
    expect((await call('PUT', path, { name: 'Boot size' })).body['name']).toBe('Boot size')
    const schema = await call('GET', '/custom_field_schema/contact/')
    expect(JSON.stringify(schema.body)).toContain('Boot size')
    expect((await call('GET', `/custom_field/lead/${idOf(made.body)}/`)).status).toBe(404)
    expect((await call('DELETE', path)).status).toBe(200)
    expect((await call('GET', path)).status).toBe(404)
  })
})

describe('statuses', () => {
  it('answer 200 for classic and 201 or 204 for newer resources', async () => {
    const status = await call('POST', '/status/lead/', { label: 'Dormant' })
    expect(status.status).toBe(200)
    expect((await call('DELETE', `/status/lead/${idOf(status.body)}/`)).status).toBe(200)
    const pipeline = await call('POST', '/pipeline/', { name: 'Partners' })
    expect(pipeline.status).toBe(201)
    expect(pipeline.headers.get('location')).toBe(`/api/v1/pipeline/${idOf(pipeline.body)}/`)
    expect((await call('GET', '/pipeline/')).body).not.toHaveProperty('has_more')
    const gone = await call('DELETE', `/pipeline/${idOf(pipeline.body)}/`)
    expect([gone.status, gone.text]).toEqual([204, ''])
    const [used] = rowsOf(await call('GET', '/pipeline/'))
    expect((await call('DELETE', `/pipeline/${idOf(used)}/`)).status).toBe(400)
  })
})

describe('refusals', () => {
  const bodyOf = ({ status, body }: Answer) => [status, body]

  it('come in the generic shape', async () => {
    expect((await call('GET', '/nowhere/')).status).toBe(404)
    expect((await call('GET', '/lead/lead_unknown/')).body).toHaveProperty('error')
    const method = await call('PATCH', '/lead/')
    expect([method.status, method.headers.get('allow')]).toEqual([405, 'GET, POST'])
    expect(bodyOf(await call('POST', '/lead/', '{"name":'))).toEqual([
      400,
      { error: 'The request contains invalid JSON.' },
    ])
    expect((await call('POST', '/lead/', '[1]')).status).toBe(400)
    const form = await call('POST', '/lead/', 'name=x', {
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect([form.status, Object.keys(form.body)]).toEqual([415, ['error']])
  })

  it('come in the shape of field errors, nested where the fields are', async () => {
    expect(bodyOf(await call('POST', '/lead/', { name: 7, status_id: 'stat_x', addresses: 'none' }))).toEqual(
      [
        400,
        {
          errors: [],
          'field-errors': {
            name: 'Input should be a valid string',
            status_id: 'Unknown lead status.',
            addresses: 'Input should be a valid list',
          },
        },
      ],
    )
    const nested = await call('POST', '/lead/', {
      contacts: [{ name: 'ok' }, { emails: [{ email: 'nobody' }] }],
    })
    expect(nested.body['field-errors']).toEqual({
      contacts: { errors: { '1': { emails: 'Invalid email address.' } } },
    })
  })

  it('leave nothing half done', async () => {
    const before = truth('lead').length
    await call('POST', '/lead/', { name: 'Half', contacts: [{ emails: [{ email: 'bad' }] }] })
    expect(truth('lead')).toHaveLength(before)
  })

  it('send a path without its closing slash on to the one with it', async () => {
    const answer = await call('GET', '/lead?_limit=1')
    expect([answer.status, answer.headers.get('location')]).toEqual([308, '/api/v1/lead/?_limit=1'])
  })

  it('do not depend on other organizations’ ids', async () => {
    const other = caller(sandbox, keyOf(sandbox, 1))
    const id = await newLead()
    expect((await other('PUT', `/lead/${id}/`, { name: 'Stolen' })).status).toBe(404)
    expect((await other('POST', '/contact/', { lead_id: id })).status).toBe(400)
  })

  it('are no crash for hostile paths', async () => {
    for (const path of [
      '/api/v1/%2e%2e/',
      '/api/v1//lead/',
      '/api/v1/constructor/',
      '/api/v1/lead/__proto__/',
      '/api/v1/lead/%00/',
    ]) {
      const answer = await send(`${sandbox.apiUrl}${path}`, 'GET', undefined, keyOf(sandbox))
      expect([404, 308], path).toContain(answer.status)
    }
  })
})

describe('requests', () => {
  it('may carry GET filters in a POST body', async () => {
    const ids = truth('activity').slice(0, 3).map(idOf)
    const answer = await call(
      'POST',
      '/activity/',
      { _params: { id__in: ids.join(), _limit: 2 } },
      { 'x-http-method-override': 'GET' },
    )
    expect(answer.status).toBe(200)
    expect(rowsOf(answer)).toHaveLength(2)
  })

  it('choose fields', async () => {
    const { body } = await call('GET', `/lead/${await newLead()}/?_fields=id,display_name,primary_email`)
    expect(Object.keys(body).sort()).toEqual(['display_name', 'id', 'primary_email'])
    const all = await call('GET', `/lead/${await newLead()}/?_fields=_all`)
    expect(all.body).toHaveProperty('integration_links')
  })
})
