import { once } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Client, PassCreate } from '@latchwork/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { startWithClose, type WithClose } from '../with-close.ts'
import { callGateway, newToken } from './calling.ts'

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('#52 a call that waited, on %s', (_database, makePlace) => {
  let setting: WithClose
  let client: Client
  let credentialId: string
  let lead: { id: string; name: string }
  beforeAll(async () => {
    setting = await startWithClose({ leads: 2, makePlace })
    client = setting.person.client
    const values = { apiKey: setting.sandbox.apiKeys[0]?.key ?? '' }
    const body = { connector: 'close', method: 'api_key', name: 'Close', values }
    credentialId = (await client.credentials.create({ body })).id
    lead = await present()
  })
  afterAll(() => setting?.stop())

  const present = async () => {
    const { token } = await newToken(client, credentialId)
    const { text: answer } = await callGateway(setting.server, token, '/api/v1/lead/?_limit=1')
    return JSON.parse(answer).data[0]
  }
  const rules: PassCreate['rules'] = {
    objects: { lead: ['read', 'change'] },
    fields: { lead: { write: ['name'] } },
  }
  const body = JSON.stringify({ name: 'Written too late' })
  /** Sends the first half of a write whose body the rules look at. */
  const begin = async (token: string): Promise<ClientRequest> => {
    const { hostname, port } = new URL(setting.server.url)
    const sent = request({
      ...{ hostname, port, method: 'PUT', path: `/close/api/v1/lead/${lead.id}/` },
      rejectUnauthorized: false,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    })
    sent.write(body.slice(0, 10))
    await new Promise((resolve) => setTimeout(resolve, 300))
    return sent
  }
  const end = async (sent: ClientRequest) => {
    // Longer than a pass is remembered.
    await new Promise((resolve) => setTimeout(resolve, 600))
    sent.end(body.slice(10))
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    return [answer.statusCode, JSON.parse(await text(answer)).code]
  }

  it('is not sent once its pass was revoked', async () => {
    const { id, token } = await newToken(client, credentialId, { rules })
    const sent = await begin(token)
    await client.passes.revoke({ params: { id } })
    expect(await end(sent)).toEqual([401, 'pass_revoked'])
    expect(await present()).toMatchObject({ name: lead.name })
  })

  it('is not sent by rules that have changed meanwhile, nor past a person who confirms', async () => {
    const changes = [{ rules: { objects: { lead: ['read' as const] } } }, { confirmWrites: true }]
    for (const change of changes) {
      const { id, token } = await newToken(client, credentialId, { rules })
      const sent = await begin(token)
      await client.passes.update({ params: { id }, body: change })
      expect(await end(sent)).toEqual([503, 'gateway_busy'])
      expect(await present()).toMatchObject({ name: lead.name })
      await expect
        .poll(async () => (await client.passes.calls({ params: { id } })).items)
        .toMatchObject([{ method: 'PUT', decision: 'denied', code: 'gateway_busy' }])
    }
  })

  it('is not sent after the end of its pass', async () => {
    const expiresAt = new Date(Date.now() + 1500).toISOString()
    const { token } = await newToken(client, credentialId, { rules, expiresAt })
    const sent = await begin(token)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(await end(sent)).toEqual([401, 'pass_expired'])
    expect(await present()).toMatchObject({ name: lead.name })
  })
})
