import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RefreshWithClose } from '../credentials/refresh-with-close.ts'
import { startWithClose, type WithClose } from '../with-close.ts'
import { type CallOptions, callGateway, newToken } from './calling.ts'

let setting: WithClose
let credentialId: string
beforeAll(async () => {
  setting = await startWithClose({ leads: 4 })
  const values = { apiKey: setting.sandbox.apiKeys[0]?.key ?? '' }
  const body = { connector: 'close', method: 'api_key', name: 'Close', values }
  credentialId = (await setting.person.client.credentials.create({ body })).id
})
afterAll(() => setting?.stop())

type Input = Parameters<typeof newToken>[2]
const passFor = async (input: Input) => {
  const { token } = await newToken(setting.person.client, credentialId, input)
  return (path: string, options: CallOptions = {}) =>
    callGateway(setting.server, token, `/api/v1${path}`, options)
}
const json = (value: unknown): CallOptions => ({ method: 'POST', body: JSON.stringify(value) })
const leads = { type: 'object_type', object_type: 'lead' }

describe('what Close answers', () => {
  it('comes through unchanged where the pass may read all of it', async () => {
    const call = await passFor({
      rules: {
        objects: {
          lead: ['read'],
          contact: ['read'],
          opportunity: ['read'],
          task: ['read'],
          integration_link: ['read'],
        },
      },
    })
    const answer = await call('/lead/?_limit=2')
    const key = setting.sandbox.apiKeys[0]?.key ?? ''
    const headers = { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` }
    const direct = await fetch(`${setting.sandbox.apiUrl}/api/v1/lead/?_limit=2`, { headers })
    expect(answer.text).toBe(await direct.text())
    const unknown = await call('/lead/lead_unknown/')
    expect(unknown.status).toBe(404)
    expect(JSON.parse(unknown.text)).toHaveProperty('error')
    const head = await call('/lead/?_limit=2', { method: 'HEAD' })
    expect([head.status, head.text]).toEqual([200, ''])
  })

  it('is cut to the fields and objects that the pass may read, in lists, single records and searches', async () => {
    const call = await passFor({
      rules: { objects: { lead: ['read'] }, fields: { lead: { read: ['display_name'] } } },
    })
    const may = new Set(['id', 'display_name', 'date_created', 'date_updated'])
    const isCut = (record: object) => Object.keys(record).every((name) => may.has(name))
    const list = JSON.parse((await call('/lead/?_limit=3')).text)
    expect(list.data).toHaveLength(3)
    expect(list.data.every(isCut)).toBe(true)
    const [{ id }] = list.data
    const single = JSON.parse((await call(`/lead/${id}/`)).text)
    expect([single.id, isCut(single)]).toEqual([id, true])
    may.add('__object_type')
    const search = await call(
      '/data/search/',
      json({ query: leads, _fields: { lead: ['id', 'display_name', 'url'] } }),
    )
    expect(search.status, search.text).toBe(200)
    const found = JSON.parse(search.text).data
    expect(found.length).toBeGreaterThan(0)
    expect(found.every(isCut)).toBe(true)
  })

  it('to a write is no way to read', async () => {
    const call = await passFor({ rules: { objects: { lead: ['create', 'change'] } } })
    const made = await call('/lead/', json({ name: 'Made through a pass' }))
    expect(made.status, made.text).toBe(200)
    const { id, ...rest } = JSON.parse(made.text)
    expect(id).toMatch(/^lead_/)
    expect(rest).not.toHaveProperty('name')
    const changed = await call(`/lead/${id}/`, { method: 'PUT', body: '{}' })
    expect(changed.status).toBe(200)
    expect(JSON.parse(changed.text)).not.toHaveProperty('name')
    expect((await call(`/lead/${id}/`)).status).toBe(403)
    // A body that nobody reads does not cost the client the answer.
    const refused = await call('/task/', json({ lead_id: id, text: 'Mine' }))
    expect([refused.status, JSON.parse(refused.text).code]).toEqual([403, 'pass_denied'])
  })
})

describe('#44 what could be read in two ways', () => {
  it.each([
    '/api/v1/lead/%2e%2e/task/',
    '/api/v1/lead/../task/',
    '/api/v1//lead/',
    '/api/v1/lead/;/task/',
    '/api/v1/lead/..%2ftask/',
    '/api/v1/lead\\task/',
    '/api/v1/lead/%00/',
    '/api/v1/./lead/',
    '/api/v1/lead./',
  ])('%s is refused', async (path) => {
    const { token } = await newToken(setting.person.client, credentialId)
    const { status, text } = await callGateway(setting.server, token, path)
    expect([status, JSON.parse(text).code]).toEqual([400, 'gateway_path_invalid'])
  })

  it('another method counts as the one it names, and twice a body is refused', async () => {
    const call = await passFor({ rules: { objects: { lead: ['read', 'create'] } } })
    const id = JSON.parse((await call('/lead/?_limit=1')).text).data[0].id
    const options = { method: 'POST', headers: { 'x-http-method-override': 'DELETE' } }
    expect((await call(`/lead/${id}/`, options)).status).toBe(403)
    expect((await call(`/lead/${id}/`)).status).toBe(200)
    const twice = { query: leads, _limit: 1 }
    const body = `{"query":{"type":"object_type","object_type":"email"},${JSON.stringify(twice).slice(1)}`
    const answer = await call('/data/search/', { method: 'POST', body })
    // The last one counts, for us as for Close: what is sent has it once.
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text).data[0]?.__object_type ?? 'lead').toBe('lead')
    const latin = { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } }
    expect((await call('/data/search/', latin)).status).toBe(415)
    expect((await call('/data/search/', { method: 'POST', body: '{' })).status).toBe(400)
  })

  it('the filters of a long list in a body are held against the rules like those of an address', async () => {
    const call = await passFor({
      rules: { objects: { lead: ['read'] }, fields: { lead: { read: ['display_name'] } } },
    })
    const over = (params: object) => ({
      ...json({ _params: params }),
      headers: { 'x-http-method-override': 'GET' },
    })
    expect((await call('/lead/', over({ _limit: 1 }))).status).toBe(200)
    expect((await call('/lead/', over({ query: 'secret' }))).status).toBe(403)
  })
})

it('#26 a token that Close refuses is refreshed once, and the request sent again', async () => {
  const ground = await RefreshWithClose.start()
  try {
    const { person, server, sandbox } = ground.made
    const { token } = await newToken(person.client, await ground.authorized())
    const call = () => callGateway(server, token, '/api/v1/lead/?_limit=1')
    expect((await call()).status).toBe(200)
    sandbox.control.clearRequests()
    sandbox.control.expireAccessTokens()
    expect((await call()).status).toBe(200)
    expect(ground.posts).toBe(1)
    sandbox.control.revokeGrants({ clientId: sandbox.oauthApps[0]?.clientId ?? '' })
    sandbox.control.clearRequests()
    // Until the credential is looked up again, Close says no to its token, or it has none: a user is told nothing else.
    const told: string[] = []
    const ask = async () => {
      const { status, text } = await call()
      told.push(status === 401 ? 'no, by Close' : String(JSON.parse(text).code))
      return told.at(-1)
    }
    await expect.poll(ask).toBe('pass_paused')
    expect(['no, by Close', 'pass_paused']).toEqual(expect.arrayContaining(told))
    expect(ground.posts).toBeLessThanOrEqual(1)
  } finally {
    await ground.made.stop()
  }
})

it('a deletion is answered with nothing, also to who may read only a part', async () => {
  const call = await passFor({
    rules: { objects: { lead: ['create', 'delete'] }, fields: { lead: { read: ['name'] } } },
  })
  const { id } = JSON.parse((await call('/lead/', json({ name: 'Short-lived' }))).text)
  const gone = await call(`/lead/${id}/`, { method: 'DELETE' })
  expect([gone.status, ['', '{}'].includes(gone.text)]).toEqual([200, true])
  expect(gone.text).not.toContain('Short-lived')
})
