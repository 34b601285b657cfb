import { systemClock } from '@latchwork/close'
import { createCloseConnector } from '@latchwork/connectors'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BucketNames } from '../../src/credentials/records/bucket-names.ts'
import { storedAccess, unsavedAccess } from '../../src/credentials/records/opened-secrets.ts'
import type { CredentialRow, NewCredential } from '../../src/credentials/store/row.ts'
import { identitySample } from '../database/samples.ts'
import { json, pair, refusal } from './authorize/token-server.ts'
import { codeOf, RefreshGround } from './refresh-ground.ts'

/* A credential as a connector has it in hand while others change it. */
let ground: RefreshGround
beforeAll(async () => {
  ground = await RefreshGround.prepare()
})
afterAll(() => ground?.[Symbol.asyncDispose]())
beforeEach(() => ground.reset())

const hourMs = 3_600_000
const appUrl = 'https://app.close.example'
const { methods } = createCloseConnector({ clock: systemClock, apiUrl: appUrl, appUrl }).definition
const closeMethod = ({ method }: Pick<CredentialRow, 'method'>) => {
  const found = methods.find(({ id }) => id === method)
  if (found === undefined) throw new Error(`Close has no method ${method}`)
  return found
}
const buckets = new BucketNames('of this installation')
const accessTo = (row: CredentialRow) =>
  storedAccess(
    {
      store: ground.stores.credentials,
      vault: ground.vault,
      refresher: ground.refresher(),
      buckets,
      methodOf: closeMethod,
    },
    row,
  )
async function withKey(changes: Partial<NewCredential> = {}): Promise<CredentialRow> {
  const { id } = await ground.credential(hourMs, { method: 'api_key', values: { region: 'eu' }, ...changes })
  return change(id, { apiKey: 'key-1' })
}
/** As somebody does who replaces the secrets meanwhile. */
async function change(id: string, secrets: Record<string, string>, method?: string): Promise<CredentialRow> {
  const { secretVersion } = await ground.row(id)
  const version = secretVersion + 1
  const sealed = await ground.seal(id, secrets, version)
  const { update } = ground.stores.credentials
  const changed = await update(id, {
    sealed,
    secretVersion: version,
    ...(method === undefined ? {} : { method }),
  })
  if (changed === null) throw new Error('the credential is gone')
  return changed
}

describe('a stored credential', () => {
  it('is what was stored, and goes along with what is replaced', async () => {
    const row = await withKey({ identity: identitySample })
    const access = accessTo(row)
    expect(access).toMatchObject({
      id: row.id,
      method: 'api_key',
      organizationId: identitySample.organizationId,
      values: { region: 'eu' },
    })
    expect(await access.secret('apiKey')).toBe('key-1')
    expect(access.usedVersion()).toBe(row.secretVersion)
    await change(row.id, { apiKey: 'key-2' })
    expect(await access.secret('apiKey')).toBe('key-2')
    expect(access.usedVersion()).toBe(row.secretVersion + 1)
  })

  it('has no organization before its first check', async () => {
    expect(accessTo(await withKey()).organizationId).toBeNull()
  })

  it('has no field that was never given', async () => {
    expect(await codeOf(accessTo(await withKey()).secret('password'))).toBe('secret_unreadable')
  })

  it('that was switched to a sign-in says so to who asks for its key', async () => {
    const row = await withKey()
    const access = accessTo(row)
    await change(row.id, { accessToken: 'access-1' }, 'oauth2')
    expect(await codeOf(access.secret('apiKey'))).toBe('credential_switched')
    expect(access.method).toBe('oauth2')
  })

  it('that was switched to a key says so to who asks for a token', async () => {
    const row = await ground.credential(hourMs)
    const access = accessTo(row)
    expect(await access.accessToken()).toBe('access-1')
    await change(row.id, { apiKey: 'key-1' }, 'api_key')
    expect(await codeOf(access.accessToken())).toBe('credential_switched')
  })

  it('hands out tokens as the refresher has them, and its reasons where it has none', async () => {
    const row = await ground.credential(0)
    const access = accessTo(row)
    ground.server.answers = [pair(2), refusal('invalid_grant')]
    expect(await access.accessToken()).toBe('access-2')
    expect(access.usedVersion()).toBe(row.secretVersion + 1)
    ground.clock.forward(hourMs)
    expect(await codeOf(access.accessToken())).toBe('grant_rejected')
  })

  it('that was deleted meanwhile has no token; a secret at hand still opens', async () => {
    const row = await ground.credential(hourMs)
    const access = accessTo(row)
    await ground.stores.credentials.update(row.id, { deletedAt: Date.now() })
    expect(await codeOf(access.accessToken())).toBe('credential_not_found')
    expect(await access.secret('clientSecret')).toBe('secret-1')
  })
})

describe('a refused API key', () => {
  it.each([
    ['at its first check', null, 'api_key_rejected'],
    ['after it once worked', identitySample, 'api_key_disabled'],
  ])('%s fails the credential', async (_, identity, reasonCode) => {
    const row = await withKey({ identity })
    expect(await accessTo(row).rejected('key-1')).toBe(false)
    const failed = await ground.row(row.id)
    expect(failed).toMatchObject({ status: 'failed', reasonCode, secretVersion: row.secretVersion })
    expect(failed.reasonMessage).toMatch(/key/i)
    expect(Math.abs(failed.statusAt - Date.now())).toBeLessThan(60_000)
  })

  it('that was replaced meanwhile fails nothing: the call may be repeated', async () => {
    const row = await withKey()
    const access = accessTo(row)
    await change(row.id, { apiKey: 'key-2' })
    expect(await access.rejected('key-1')).toBe(true)
    expect(await access.secret('apiKey')).toBe('key-2')
    expect((await ground.row(row.id)).status).toBe('verified')
  })

  it('of a credential that was deleted meanwhile fails nothing', async () => {
    const row = await withKey()
    await ground.stores.credentials.update(row.id, { deletedAt: Date.now() })
    expect(await accessTo(row).rejected('key-1')).toBe(false)
    expect(await ground.stores.credentials.find(row.id)).toBeNull()
  })
})

describe('#26 a refused access token', () => {
  it('is refreshed once; when the new one is refused as well, the grant is dead', async () => {
    const row = await ground.credential(hourMs)
    ground.server.answers = [pair(2)]
    const access = accessTo(row)
    expect(await access.rejected('access-1')).toBe(true)
    expect(await access.accessToken()).toBe('access-2')
    expect(await access.rejected('access-2')).toBe(false)
    expect(ground.sent).toEqual(['refresh-1'])
    expect(await ground.row(row.id)).toMatchObject({ status: 'failed', reasonCode: 'grant_rejected' })
    expect((await ground.row(row.id)).reasonMessage).not.toBe('')
  })

  it('that was replaced meanwhile is not refreshed', async () => {
    const row = await ground.credential(hourMs)
    const access = accessTo(row)
    await ground.saveElsewhere(row.id, 7)
    expect(await access.rejected('access-1')).toBe(true)
    expect(await access.accessToken()).toBe('access-7')
    expect(ground.sent).toEqual([])
  })

  it('before its time, with its grant refused too, means that somebody took the access back', async () => {
    const row = await ground.credential(hourMs)
    ground.server.answers = [refusal('invalid_grant')]
    expect(await accessTo(row).rejected('access-1')).toBe(false)
    const failed = await ground.row(row.id)
    expect(failed).toMatchObject({ status: 'failed', reasonCode: 'access_revoked' })
    expect(failed.reasonMessage).not.toBe('')
  })

  it('after its time, with its grant refused too, only means that the grant ended', async () => {
    const row = await ground.credential(-hourMs)
    ground.server.answers = [refusal('invalid_grant')]
    expect(await accessTo(row).rejected('access-1')).toBe(false)
    expect(await ground.row(row.id)).toMatchObject({ status: 'failed', reasonCode: 'grant_rejected' })
  })

  it.each([
    ['an app that is refused', refusal('invalid_client'), 'oauth_client_rejected'],
    ['a rotation that was lost', json('<html>'), 'lost_rotation'],
  ])('keeps the reason of %s', async (_, answer, reasonCode) => {
    const row = await ground.credential(hourMs)
    ground.server.answers = [answer, refusal('invalid_grant')]
    expect(await accessTo(row).rejected('access-1')).toBe(false)
    expect(await ground.row(row.id)).toMatchObject({ status: 'failed', reasonCode })
  })

  it('fails nothing while Close is out of order: the caller is told that', async () => {
    const row = await ground.credential(hourMs)
    ground.server.answers = [json({}, 503)]
    expect(await codeOf(accessTo(row).rejected('access-1'))).toBe('upstream_error')
    expect(await ground.row(row.id)).toMatchObject({ status: 'verified' })
  })

  it('of a sign-in that cannot be refreshed ends it', async () => {
    const row = await ground.credential(hourMs)
    const changed = await change(row.id, { accessToken: 'access-1' })
    expect(await accessTo(changed).rejected('access-1')).toBe(false)
    expect(await ground.row(row.id)).toMatchObject({ status: 'failed', reasonCode: 'access_revoked' })
  })
})

describe('values that are stored nowhere yet', () => {
  const form = { values: { region: 'eu' }, secrets: { apiKey: 'key-1' } }

  it('are used as they are', async () => {
    const access = unsavedAccess('api_key', form)
    expect(access).toMatchObject({
      id: 'unsaved',
      method: 'api_key',
      organizationId: null,
      values: form.values,
    })
    expect(await access.secret('apiKey')).toBe('key-1')
    expect(await codeOf(access.secret('password'))).toBe('secret_unreadable')
    expect(await codeOf(access.accessToken())).toBe('not_authorized')
    expect(await access.rejected('key-1')).toBe(false)
  })

  it('may come with the token of a sign-in', async () => {
    const access = unsavedAccess('oauth2', form, { accessToken: 'access-1', organizationId: 'orga_1' })
    expect(await access.accessToken()).toBe('access-1')
    expect(access.organizationId).toBe('orga_1')
  })
})

describe('the name of what Close counts by', () => {
  it('is one for two credentials with one key, another for another key, and does not tell it', async () => {
    const [one, two] = [await withKey(), await withKey()]
    const name = await accessTo(one).bucket?.()
    expect(name).toMatch(/^[\w-]{43}$/)
    expect(await accessTo(two).bucket?.()).toBe(name)
    const replaced = await change(two.id, { apiKey: 'key-2' })
    expect(await accessTo(replaced).bucket?.()).not.toBe(name)
    expect(await new BucketNames('of another').of(one, async () => ({ apiKey: 'key-1' }))).not.toBe(name)
  })

  it('is that of the grant, whatever token is used', async () => {
    const { id } = await ground.credential(hourMs)
    expect(await accessTo(await ground.row(id)).bucket?.()).toBe(id)
  })
})
