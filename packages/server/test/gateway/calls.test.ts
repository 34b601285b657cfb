import type { Client } from '@latchwork/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { startWithClose, type WithClose } from '../with-close.ts'
import { callGateway, newToken } from './calling.ts'

const of = (id: string) => ({ params: { id } })

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('calls through the gateway, on %s', (_database, makePlace) => {
  let setting: WithClose
  let client: Client
  let credentialId: string
  beforeAll(async () => {
    setting = await startWithClose({ leads: 5, makePlace })
    client = setting.person.client
    const values = { apiKey: setting.sandbox.apiKeys[0]?.key ?? '' }
    const body = { connector: 'close', method: 'api_key', name: 'Close', values }
    credentialId = (await client.credentials.create({ body })).id
  })
  afterAll(() => setting?.stop())
  const call = (token: string | null, path: string, options = {}) =>
    callGateway(setting.server, token, path, options)
  const codeOf = ({ status, text }: { status: number; text: string }) => [status, JSON.parse(text).code]

  it('take a pass as Close takes a key: as a user name, or as a bearer token', async () => {
    const { token } = await newToken(client, credentialId)
    const basic = (text: string) => ({
      headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` },
    })
    const path = '/api/v1/lead/?_limit=1'
    for (const options of [basic(`${token}:`), basic(`${token}:x`), basic(token)]) {
      const answer = await call(null, path, options)
      expect(answer.status, answer.text).toBe(200)
      expect(JSON.parse(answer.text).data).toHaveLength(1)
    }
    expect((await call(token, path)).status).toBe(200)
    expect((await call(null, path, { headers: { authorization: `bearer  ${token}` } })).status).toBe(200)
  })

  it('#43 are refused without a pass, and with one that is wrong, cut or over', async () => {
    const { id, token } = await newToken(client, credentialId)
    expect(codeOf(await call(null, '/api/v1/lead/'))).toEqual([401, 'pass_needed'])
    const key = setting.sandbox.apiKeys[0]?.key ?? ''
    expect(codeOf(await call(key, '/api/v1/lead/'))).toEqual([401, 'pass_needed'])
    expect(codeOf(await call(token.slice(0, -1), '/api/v1/lead/'))).toEqual([401, 'pass_unknown'])
    expect(codeOf(await call(`${token}a`, '/api/v1/lead/'))).toEqual([401, 'pass_unknown'])
    expect(codeOf(await call(`lwp_${'a'.repeat(500)}`, '/api/v1/lead/'))).toEqual([401, 'pass_needed'])
    const soon = new Date(Date.now() + 1500).toISOString()
    await client.passes.update({ ...of(id), body: { expiresAt: soon } })
    expect((await call(token, '/api/v1/lead/')).status).toBe(200)
    await expect.poll(async () => codeOf(await call(token, '/api/v1/lead/'))).toEqual([401, 'pass_expired'])
    expect((await client.passes.get(of(id))).status).toBe('expired')
  })

  it('are recorded without the values of a query, and denials say the rule', async () => {
    const { id, token } = await newToken(client, credentialId)
    await call(token, '/api/v1/lead/?_limit=1&query=somebody%40hollowoak.example')
    expect(codeOf(await call(token, '/api/v1/task/'))).toEqual([403, 'pass_denied'])
    expect(codeOf(await call(token, '/api/v1/nothing/'))).toEqual([403, 'endpoint_unknown'])
    expect(codeOf(await call(token, '/api/v2/lead/'))).toEqual([403, 'endpoint_unknown'])
    await expect.poll(async () => (await client.passes.calls(of(id))).items.length).toBe(4)
    const { items } = await client.passes.calls(of(id))
    expect(items.at(-1)).toMatchObject({
      ...{ method: 'GET', path: '/lead/', query: ['_limit', 'query'], status: 200, decision: 'allowed' },
      ...{ code: null, rule: null },
    })
    expect(items.at(-1)?.bytesOut).toBeGreaterThan(10)
    expect(JSON.stringify(items)).not.toContain('somebody')
    const denied = await client.passes.calls({ ...of(id), query: { decision: 'denied' } })
    const rules = denied.items.map(({ path, rule }) => `${path} ${rule}`)
    expect(rules.sort()).toEqual([
      '/api/v2/lead/ an unknown endpoint, by GET',
      '/nothing/ an unknown endpoint, by GET',
      '/task/ Tasks: read',
    ])
    const first = await client.passes.calls({ ...of(id), query: { limit: 3 } })
    const rest = await client.passes.calls({ ...of(id), query: { limit: 3, cursor: first.nextCursor ?? '' } })
    expect(rest.items).toHaveLength(1)
    expect((await client.passes.counts(of(id))).items).toMatchObject([{ calls: 4, denied: 3, failed: 0 }])
    expect((await client.passes.get(of(id))).lastUsedAt).not.toBeNull()
  })

  it('#45 the first use and the denials stand in the audit log, equal ones once', async () => {
    const { id, token } = await newToken(client, credentialId)
    await call(token, '/api/v1/lead/')
    for (let count = 0; count < 5; count++) await call(token, '/api/v1/contact/')
    const entries = async (action: string) =>
      (await client.audit.list({ query: { objectId: id, action } })).items
    await expect.poll(async () => (await entries('pass.denied')).length).toBeGreaterThan(0)
    const [denial] = await entries('pass.denied')
    expect(denial).toMatchObject({
      result: 'refused',
      reason: 'pass_denied',
      after: { rule: 'Contacts: read' },
    })
    expect(await entries('pass.first_use')).toHaveLength(1)
    const uses = (await client.audit.list({ query: { objectId: credentialId, action: 'credential.use' } }))
      .items
    const usesBy = uses.filter(({ after }) => after?.['pass'] === id)
    expect(usesBy.map(({ after }) => after?.['direction'])).toEqual(['read'])
    expect(await client.audit.verify()).toMatchObject({ intact: true })
  })

  it('keep to the share of their pass', async () => {
    const { id, token } = await newToken(client, credentialId, { perDay: 3 })
    const answers = []
    for (let count = 0; count < 5; count++) answers.push(await call(token, '/api/v1/lead/?_limit=1'))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429])
    const [last] = answers.slice(-1)
    expect(JSON.parse(last?.text ?? '').detail).toContain('3 calls a day')
    expect(Number(last?.headers['retry-after'])).toBeGreaterThan(0)
    expect((await client.passes.counts(of(id))).today).toBe(3)

    const fast = await newToken(client, credentialId, { perSecond: 4 })
    const beganMs = Date.now()
    let taken = 0
    while (taken < 9) {
      const { status, headers } = await call(fast.token, '/api/v1/lead/?_limit=1')
      if (status === 200) {
        taken += 1
        expect(headers['ratelimit']).toMatch(/^limit=4, remaining=[0-3], reset=[01]\.\d{3}$/)
      } else expect(status).toBe(429)
    }
    // In no window more than four: nine are of three windows at least, of which one is whole.
    expect(Date.now() - beganMs).toBeGreaterThan(1000)
  })

  it('come from the addresses that the pass names', async () => {
    const here = await newToken(client, credentialId, { addresses: ['127.0.0.0/8', '::1'] })
    expect((await call(here.token, '/api/v1/lead/')).status).toBe(200)
    const elsewhere = await newToken(client, credentialId, { addresses: ['192.0.2.0/24'] })
    const forwarded = { headers: { 'x-forwarded-for': '192.0.2.7' } }
    expect(codeOf(await call(elsewhere.token, '/api/v1/lead/', forwarded))).toEqual([403, 'pass_address'])
  })

  it('stop who tries tokens', async () => {
    const wrong = (count: number) => call(`lwp_${String(count).padStart(40, '0')}`, '/api/v1/lead/')
    let last = await wrong(0)
    for (let count = 1; count < 100 && last.status === 401; count++) last = await wrong(count)
    expect(codeOf(last)).toEqual([429, 'too_many_requests'])
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0)
  })
})
