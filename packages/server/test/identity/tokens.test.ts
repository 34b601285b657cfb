import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from '../browser.ts'
import { type Running, startRunning } from '../running.ts'
import { join, programOf } from './joining.ts'

let server: Running
let person: Browser
beforeAll(async () => {
  server = await startRunning(null)
  person = await server.signedIn()
})
afterAll(() => server?.stop())

const call = (authorization: string, path = '/api/settings') =>
  server.browser().fetch(server.url + path, { headers: { authorization } })
const create = (expiresInDays: number | null = 90) =>
  person.client.tokens.create({ body: { name: 'nightly', expiresInDays } })

describe('an API token', () => {
  it('#43 is 32 random bytes, never the same, of which a hash is kept', async () => {
    const secrets = await Promise.all(Array.from({ length: 50 }, async () => (await create()).secret))
    expect(new Set(secrets).size).toBe(50)
    const rows = await server.app.stores.database.tables.selectFrom('apiTokens').selectAll().execute()
    for (const secret of secrets) {
      expect(Buffer.from(secret.replace('lw_', ''), 'base64url')).toHaveLength(32)
      expect(rows.map(({ hash }) => hash)).toContain(createHash('sha256').update(secret).digest('hex'))
    }
    expect(JSON.stringify(rows)).not.toContain(secrets[0]?.slice(3, -4))
  })

  it('#43 is refused when it is another by anything, also by a hash or a part of it', async () => {
    const { secret, token } = await create()
    expect((await call(`Bearer ${secret}`)).status).toBe(200)
    const hash = createHash('sha256').update(secret).digest('hex')
    const others = [
      secret.slice(0, -1),
      `${secret}A`,
      secret.toUpperCase(),
      secret.slice(3),
      `lw_${secret}`,
      `LW_${secret.slice(3)}`,
      hash,
      `lw_${hash}`,
      token.id,
      token.suffix,
      'lw_',
      '%',
      '*',
      "' or 1=1 --",
      'null',
    ]
    for (const other of others) {
      const { status, body } = await call(`Bearer ${other}`)
      expect([401, 403], other).toContain(status)
      expect(body).not.toContain('masterKeyFingerprint')
    }
    for (const authorization of [
      `Basic ${btoa(`${secret}:`)}`,
      `Token ${secret}`,
      secret,
      `Bearer, ${secret}`,
    ]) {
      expect((await call(authorization)).status, authorization).toBe(401)
    }
    for (const path of [`/api/settings?access_token=${secret}`, `/api/settings?token=${secret}`]) {
      expect((await server.browser().fetch(server.url + path)).status).toBe(401)
    }
  })

  it('#43 ends by itself, and at once when it is revoked', async () => {
    const { secret, token } = await create(1)
    expect(Date.parse(token.expiresAt ?? '') - Date.now()).toBeLessThanOrEqual(86_400_000)
    expect((await call(`Bearer ${secret}`)).status).toBe(200)
    const { tables } = server.app.stores.database
    await tables
      .updateTable('apiTokens')
      .set({ expiresAt: Date.now() - 1 })
      .where('id', '=', token.id)
      .execute()
    expect((await call(`Bearer ${secret}`)).status).toBe(401)
    const other = await create()
    await person.client.tokens.delete({ params: { id: other.token.id } })
    expect((await call(`Bearer ${other.secret}`)).status).toBe(401)
  })

  it('#43 makes none that outlives it, and counts for no more than its owner may', async () => {
    const member = await join(server, person, 'Bryony')
    const { token } = await member.client.tokens.create({ body: { name: 'short', expiresInDays: 2 } })
    const short = await member.client.tokens.create({ body: { name: 'maker', expiresInDays: 2 } })
    const made = await server.browser().fetch(`${server.url}/api/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${short.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'for ever', expiresInDays: null }),
    })
    expect(JSON.parse(made.body).token.expiresAt).toBe(short.token.expiresAt)
    const less = await server.browser().fetch(`${server.url}/api/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${short.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'shorter', expiresInDays: 1 }),
    })
    expect(JSON.parse(less.body).token.expiresAt < (token.expiresAt ?? '')).toBe(true)

    const program = await programOf(server, member.browser)
    for (const path of ['/api/audit', '/api/keys', '/api/invitations', '/api/audit/export']) {
      expect((await call(`Bearer ${program.token}`, path)).status, path).toBe(403)
    }
  })
})
