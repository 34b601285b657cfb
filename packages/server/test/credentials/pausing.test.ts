import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pauseApp } from '../../src/credentials/refresh/pausing.ts'
import { placeOf, placeOfRow, secretsOf } from '../../src/credentials/secrets/sealing.ts'
import { openVault } from '../../src/master-keys/open.ts'
import { type Served, serve } from '../torture/served.ts'
import { RefreshGround } from './refresh-ground.ts'

/* One OAuth app, several credentials: what is refused to one of them, and what of the others. */
describe.each(['sqlite', 'postgres'] as const)('on %s', (store) => {
  let served: Served
  beforeAll(async () => {
    served = await serve(store)
  })
  afterAll(() => served?.[Symbol.asyncDispose]())

  const tick = () => served.server.app.tick(new AbortController().signal)
  const get = (id: string) => served.person.client.credentials.get({ params: { id } })
  const check = (id: string) => served.person.client.credentials.check({ params: { id } })
  const alertsOf = async (id: string | null) =>
    (await served.person.client.alerts.list({ query: { limit: 200 } })).items
      .filter(({ credentialId }) => credentialId === id)
      .map(({ kind }) => kind)

  async function change(id: string, fields: Readonly<Record<string, string>>, leftMs = 0): Promise<void> {
    const { stores } = served.server.app
    const vault = await openVault(served.server.settings, stores.metadata)
    const row = await stores.credentials.find(id)
    if (row === null) throw new Error('the credential is gone')
    const secretVersion = row.secretVersion + 1
    const place = placeOf(id, secretVersion)
    const sealed = await vault.reseal(placeOfRow(row), row.sealed, place, secretsOf(fields))
    const accessTokenExpiresAt = Date.now() + leftMs
    await stores.credentials.update(id, { sealed, secretVersion, accessTokenExpiresAt })
  }

  const wrong = { clientSecret: 'not-the-secret', refreshToken: 'rt_nobody_knows', accessToken: 'at_refused' }
  it.each([
    ['its client secret', { clientSecret: wrong.clientSecret }, 0, 'oauth_client_rejected'],
    ['its refresh token', { refreshToken: wrong.refreshToken }, 0, 'grant_rejected'],
    [
      'its access token and its client secret',
      { accessToken: wrong.accessToken, clientSecret: wrong.clientSecret },
      3_600_000,
      'oauth_client_rejected',
    ],
    [
      'its access token and its refresh token',
      { accessToken: wrong.accessToken, refreshToken: wrong.refreshToken },
      3_600_000,
      'access_revoked',
    ],
  ])('a credential that is refused for %s fails alone', async (_, fields, leftMs, reason) => {
    const [refused = '', ...others] = await served.credentials(3)
    await change(refused, fields, leftMs)
    for (let again = 0; again < 3; again++) {
      await check(refused)
      await tick()
      expect(await get(refused)).toMatchObject({ status: 'failed', reason: { code: reason } })
      for (const id of others) expect((await get(id)).status).toBe('verified')
    }
    for (const id of others) {
      const { accessTokenExpiresAt } = await get(id)
      await change(id, {}, 1000)
      await tick()
      const renewed = await get(id)
      expect(renewed).toMatchObject({ status: 'verified', reason: null })
      expect(renewed.accessTokenExpiresAt).not.toBe(accessTokenExpiresAt)
    }
    expect(await alertsOf(refused)).toEqual(['failed'])
    expect(await alertsOf(null)).toEqual([])
  })
})

describe('the credentials of a refused app', () => {
  let ground: RefreshGround
  beforeAll(async () => {
    ground = await RefreshGround.prepare()
  })
  afterAll(() => ground?.[Symbol.asyncDispose]())

  it('are paused with the one that was refused, but for those with another secret or an unreadable one', async () => {
    const refused = await ground.credential(0)
    const same = await ground.credential(0)
    const other = await ground.credential(0, { values: { clientId: 'another app' } })
    const own = await ground.credential(0)
    const sealed = await ground.seal(own.id, { clientSecret: 'another secret' })
    await ground.stores.credentials.update(own.id, { sealed })
    const broken = await ground.credential(0, { sealed: { wrappedKey: 'x', fields: { clientSecret: 'x' } } })
    const { checks } = ground.stores
    await pauseApp({ checks, vault: ground.vault, log: ground.log }, refused)
    for (const { id } of [refused, same])
      expect(await ground.row(id)).toMatchObject({ status: 'failed', reasonCode: 'oauth_client_rejected' })
    for (const { id } of [other, own, broken])
      expect(await ground.row(id)).toMatchObject({ status: 'verified', reasonCode: null })
    expect(ground.warnings.map(({ fields }) => fields['credential'])).toEqual([broken.id])
  })
})
