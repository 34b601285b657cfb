import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { RefreshWithClose } from '../../credentials/refresh-with-close.ts'
import { publicUrl } from '../../running.ts'
import { startWithClose, type WithClose } from '../../with-close.ts'
import { newToken } from '../calling.ts'
import { fetchOurs, speak } from './speaking.ts'

let setting: WithClose
let credentialId: string
beforeAll(async () => {
  setting = await startWithClose({ leads: 3 })
  const values = { apiKey: setting.sandbox.apiKeys[0]?.key ?? '' }
  const body = { connector: 'close', method: 'api_key', name: 'Close', values }
  credentialId = (await setting.person.client.credentials.create({ body })).id
})
afterAll(() => setting?.stop())

const passOf = (input: Parameters<typeof newToken>[2] = {}) =>
  newToken(setting.person.client, credentialId, input)
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
const ask = (
  token: string | null,
  { path = '/mcp', method = 'POST', headers = {}, body = ping as unknown } = {},
) =>
  fetchOurs(new URL(path, setting.server.url), {
    method,
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(method === 'POST' ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
  })
const codeOf = async (answer: Response) => [
  answer.status,
  z.object({ code: z.string() }).parse(await answer.json()).code,
]

describe('the address of tools', () => {
  it('#43 takes a pass that works, and tells others where to learn how', async () => {
    const { id, token } = await passOf()
    expect(await (await ask(token)).json()).toEqual({ jsonrpc: '2.0', id: 1, result: {} })
    const without = await ask(null)
    expect(await codeOf(without)).toEqual([401, 'pass_needed'])
    const metadata = `${publicUrl}/.well-known/oauth-protected-resource/mcp`
    expect(without.headers.get('www-authenticate')).toBe(
      `Bearer realm="Latchwork", resource_metadata="${metadata}"`,
    )
    const wrong = await ask(`${token}a`)
    expect(await codeOf(wrong)).toEqual([401, 'pass_unknown'])
    expect(wrong.headers.get('www-authenticate')).toContain('error="invalid_token"')
    await setting.person.client.passes.revoke({ params: { id } })
    await expect.poll(async () => codeOf(await ask(token))).toEqual([401, 'pass_revoked'])
    const other = await passOf({ addresses: ['192.0.2.7'] })
    expect(await codeOf(await ask(other.token))).toEqual([403, 'pass_address'])
  })

  it('describes its protection, with and without its path', async () => {
    for (const path of [
      '/.well-known/oauth-protected-resource/mcp',
      '/.well-known/oauth-protected-resource',
    ]) {
      const answer = await ask(null, { path, method: 'GET' })
      expect([answer.status, await answer.json()]).toEqual([
        200,
        { resource: `${publicUrl}/mcp`, resource_name: 'Latchwork', bearer_methods_supported: ['header'] },
      ])
      expect((await ask(null, { path })).status).toBe(405)
    }
    expect((await ask(null, { path: '/mcp/more', method: 'GET' })).status).toBe(404)
  })

  it('refuses pages of other sites, other methods, and bodies that it does not take', async () => {
    const { token } = await passOf()
    expect((await ask(token, { headers: { origin: publicUrl } })).status).toBe(200)
    for (const origin of ['https://evil.example', 'null', setting.server.url]) {
      expect(await codeOf(await ask(token, { headers: { origin } }))).toEqual([403, 'csrf_refused'])
    }
    for (const method of ['GET', 'DELETE', 'PUT']) {
      const answer = await ask(token, { method })
      expect([...(await codeOf(answer)), answer.headers.get('allow')]).toEqual([
        405,
        'method_not_allowed',
        'POST',
      ])
    }
    expect(await codeOf(await ask(token, { body: '{' }))).toEqual([400, 'malformed_json'])
    expect(await codeOf(await ask(token, { body: [ping, ping] }))).toEqual([400, 'malformed_json'])
    expect(await codeOf(await ask(token, { body: 'x'.repeat(1024 * 1024 + 1) }))).toEqual([
      413,
      'body_too_large',
    ])
    expect((await ask(token, { headers: { 'content-type': 'text/plain' } })).status).toBe(415)
    expect((await ask(token, { headers: { accept: 'text/html' } })).status).toBe(406)
    expect((await ask(token, { headers: { 'mcp-protocol-version': '1999-01-01' } })).status).toBe(400)
    const notified = await ask(token, { body: { jsonrpc: '2.0', method: 'notifications/initialized' } })
    expect([notified.status, await notified.text()]).toEqual([202, ''])
  })

  it('takes no more of a pass than its share, and ends with it', async () => {
    const { id, token } = await passOf({ perSecond: 2, rules: { objects: { lead: ['read'] } } })
    const agent = await speak(setting.server, token)
    const answers = await Promise.all(Array.from({ length: 8 }, () => agent.call('search_leads')))
    const limited = answers.filter(({ text }) => text.includes('pass_limit'))
    expect(limited.length).toBeGreaterThan(0)
    expect(limited[0]?.text).toMatch(/Try again after \d+ seconds/)
    await setting.person.client.passes.revoke({ params: { id } })
    await expect.poll(() => agent.names().then(() => 'listed', String)).toContain('pass_revoked')
    await agent.end()
  })
})

it('#26 a token that Close refuses is refreshed once, and the write of a tool sent again', async () => {
  const ground = await RefreshWithClose.start()
  try {
    const { person, server, sandbox } = ground.made
    const { token } = await newToken(person.client, await ground.authorized(), {
      rules: { objects: { lead: ['read', 'create'] } },
    })
    const agent = await speak(server, token)
    expect((await agent.call('search_leads')).isError).toBe(false)
    sandbox.control.clearRequests()
    sandbox.control.expireAccessTokens()
    const made = await agent.call('create_lead', { name: 'Made once' })
    expect(made.isError, made.text).toBe(false)
    expect(ground.posts).toBe(1)
    await agent.end()
  } finally {
    await ground.made.stop()
  }
})
