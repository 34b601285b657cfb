import { newId } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { startWithClose } from '../with-close.ts'

let sandbox: Sandbox
let person: Browser

beforeAll(async () => {
  const made = await startWithClose({ leads: 5 })
  ;({ sandbox, person } = made)
  return made.stop
})
afterEach(() => sandbox.control.clearFaults())

const key = (index: number) => sandbox.apiKeys[index]?.key ?? ''
const organization = (index: number) => sandbox.organizations[index] ?? { id: '', name: '' }
const api = () => person.client.credentials
const create = (name: string, values: Record<string, string>, rest = {}) =>
  api().create({ body: { connector: 'close', method: 'api_key', name, values, ...rest } })

describe('bad input', () => {
  const tenKilobytes = 'x'.repeat(10_240)
  it.each([
    ['an empty key', { apiKey: '' }, 'required', 'API Key is required.'],
    ['no key', {}, 'required', 'API Key is required.'],
    ['a blank key', { apiKey: ' \t\n ' }, 'required', 'API Key is required.'],
    ['a space in the key', { apiKey: 'api_abc def' }, 'space', /space or a line break inside/],
    ['a line break in the key', { apiKey: 'api_abc\ndef' }, 'space', /space or a line break inside/],
    ['an invisible character in the key', { apiKey: 'api_a\u200bbc' }, 'space', /inside/],
    ['a control character in the key', { apiKey: 'api_a\u0007bc' }, 'text', /control characters/],
    ['10 kB in the key', { apiKey: tenKilobytes }, 'too_big', /at most 8192/],
  ])('%s is a fault of the field', async (_, values, rule, message) => {
    const refused = await problem(create('Bad', values))
    expect(refused).toMatchObject({
      status: 400,
      code: 'invalid_input',
      errors: [{ field: 'values.apiKey', rule }],
    })
    const shown = refused.errors?.[0]?.message
    if (typeof message === 'string') expect(shown).toBe(message)
    else expect(shown).toMatch(message)
  })

  it.each([
    ['an empty name', { name: '' }, 'name'],
    ['a blank name', { name: '   ' }, 'name'],
    ['10 kB in the name', { name: tenKilobytes }, 'name'],
    ['control characters in the name', { name: 'a\u0000b' }, 'name'],
    ['10 kB in the description', { description: tenKilobytes }, 'description'],
    ['control characters in the description', { description: 'a\u0001' }, 'description'],
    ['control characters in a tag', { tags: ['a\u0002'] }, 'tags.0'],
  ])('%s is a fault of the field', async (_, rest, field) => {
    const refused = await problem(create('Bad', { apiKey: key(0) }, rest))
    expect(refused).toMatchObject({ code: 'invalid_input', errors: [{ field }] })
  })

  it('a field that the method does not have', async () => {
    const refused = await problem(create('Bad', { apiKey: key(0), 'api key': 'x', __proto__x: 'y' }))
    expect(refused.errors?.map((fault) => fault.rule)).toEqual(['unknown', 'unknown'])
  })

  it('an unknown connector or method', async () => {
    for (const [connector, method, code] of [
      ['salesfarce', 'api_key', 'connector_unknown'],
      ['close', 'password', 'method_unknown'],
      ['__proto__', 'api_key', 'connector_unknown'],
    ] as const) {
      const body = { connector, method, name: 'Bad', values: {} }
      expect(await problem(api().create({ body }))).toMatchObject({ status: 400, code })
      expect(await problem(api().verify({ body: { connector, method, values: {} } }))).toMatchObject({ code })
    }
  })

  it('an unknown id, wherever one is taken', async () => {
    const params = { id: newId('credential') }
    const calls = [
      api().get({ params }),
      api().update({ params, body: { name: 'x' } }),
      api().delete({ params }),
      api().save({ params, body: { name: 'x' } }),
      api().check({ params }),
      api().authorize({ params, body: { display: 'popup' } }),
      api().secrets({ params, body: { values: { apiKey: 'x' } } }),
      api().usage({ params }),
    ]
    for (const refused of await Promise.all(calls.map(problem)))
      expect(refused).toMatchObject({ status: 404, code: 'credential_not_found' })
    expect(await problem(api().get({ params: { id: 'cred_1' } }))).toMatchObject({ code: 'invalid_input' })
  })

  it('nothing of it was saved', async () => {
    expect((await api().list({ query: { query: 'Bad' } })).items).toEqual([])
  })

  it('a name that is taken, whatever its capitals', async () => {
    await create('Taken', { apiKey: key(0) })
    const refused = await problem(create('tAKEN', { apiKey: key(0) }))
    expect(refused).toMatchObject({ status: 409, code: 'name_taken', errors: [{ field: 'name' }] })
    const other = await create('Free', { apiKey: key(0) })
    expect(await problem(api().update({ params: { id: other.id }, body: { name: 'Taken' } }))).toMatchObject({
      code: 'name_taken',
    })
  })
})

describe('checking values that are not saved', () => {
  const verify = (apiKey: string) =>
    api().verify({ body: { connector: 'close', method: 'api_key', values: { apiKey } } })

  it('answers whose key it is, that it is refused, or that Close cannot be reached', async () => {
    expect(await verify(` ${key(0)}\n`)).toMatchObject({
      status: 'verified',
      identity: { organizationId: organization(0).id, userEmail: expect.stringContaining('@') },
    })
    expect(await verify('api_wrong.key')).toMatchObject({
      status: 'failed',
      reason: { code: 'api_key_rejected' },
    })
    sandbox.control.addFault({ target: 'api', kind: 'drop', times: 10 })
    const lost = await verify(key(0))
    expect(lost).toMatchObject({ status: 'unverified', identity: null })
    expect(lost.reason?.message).toMatch(/^We couldn't reach Close \(.+\)\.$/)
  })
})
