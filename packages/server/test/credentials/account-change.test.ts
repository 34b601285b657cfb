import { describe, expect, it } from 'vitest'
import { problem } from '../browser.ts'
import { accountGround } from './account-ground.ts'

/* The account of a credential changes only where a person has confirmed it; one that was not known is learned. */

const {
  sandbox,
  server,
  person,
  api,
  organization,
  users,
  newKey,
  unique,
  withKey,
  signedIn,
  leads,
  identityOf,
  putKeyInDatabase,
} = accountGround()

describe('#59 another user of the same organization', () => {
  it('is confirmed by a person who has seen both, when a key is replaced', async () => {
    const { params } = await withKey()
    const { first, second } = users()
    const values = { apiKey: newKey(second.id).key }
    const refused = await problem(api().secrets({ params, body: { values } }))
    expect(refused).toMatchObject({
      status: 409,
      code: 'identity_changed',
      accounts: { pinned: { userId: first.id }, answered: { userId: second.id } },
    })
    for (const text of [first.email, second.email, sandbox().organizations[0]?.name]) {
      expect(refused.detail).toContain(text)
    }
    const confirmed = await api().secrets({ params, body: { values, confirmIdentityChange: true } })
    expect(confirmed).toMatchObject({ status: 'verified', identity: { userId: second.id } })
  })

  it('is noticed by a check, which moves nothing', async () => {
    const { id, params } = await withKey()
    await putKeyInDatabase(id, newKey(users().second.id).key)
    const checked = await api().check({ params })
    expect(checked).toMatchObject({
      status: 'failed',
      reason: { code: 'identity_changed' },
      identity: { userId: users().first.id },
    })
  })

  it('is asked for by a switch of the method, and by a move to another credential', async () => {
    const { id, params } = await withKey()
    const draft = await signedIn(unique('Switched'), users().second.id)
    await person().client.sources.create({ body: { name: unique('Leads'), ...leads(id) } })
    const move = { params, body: { to: draft.id } }
    expect(await problem(person().client.deletedCredentials.moveUsage(move))).toMatchObject({
      code: 'identity_changed',
    })
    const values = { apiKey: newKey(users().first.id).key }
    const switched = { params: draft.params, body: { method: 'api_key', values } }
    expect(await problem(api().method(switched))).toMatchObject({ code: 'identity_changed' })
    const confirmed = { ...switched, body: { ...switched.body, confirmIdentityChange: true } }
    expect(await api().method(confirmed)).toMatchObject({ identity: { userId: users().first.id } })
  })

  it('is refused by undo and by a restore', async () => {
    const { id, params } = await withKey()
    await api().secrets({ params, body: { values: { apiKey: newKey().key } } })
    const { tables } = server().app.stores.database
    const { identity } = await tables
      .selectFrom('previousSecrets')
      .select('identity')
      .where('credentialId', '=', id)
      .executeTakeFirstOrThrow()
    // As if the earlier key had been another user's.
    const other = JSON.stringify({ ...JSON.parse(identity ?? '{}'), userId: users().second.id })
    await tables
      .updateTable('previousSecrets')
      .set({ identity: other })
      .where('credentialId', '=', id)
      .execute()
    expect(await problem(api().undo({ params }))).toMatchObject({ code: 'identity_changed' })
    await putKeyInDatabase(id, newKey(users().second.id).key)
    await api().delete({ params })
    expect(await person().client.deletedCredentials.restore({ params })).toMatchObject({
      status: 'failed',
      reason: { code: 'identity_changed' },
    })
  })
})

describe('#59 an account whose user was never stored', () => {
  async function forgetUser(id: string) {
    const { stores } = server().app
    const { identity } = (await stores.credentials.find(id)) ?? {}
    if (identity == null) throw new Error('the credential has no account')
    await stores.credentials.update(id, { identity: { ...identity, userId: '' } })
  }

  it('is learned at the next good check, and at the next use', async () => {
    const checked = await withKey()
    await forgetUser(checked.id)
    expect(await api().check({ params: checked.params })).toMatchObject({
      status: 'verified',
      identity: { userId: users().first.id },
    })
    const usedKey = await withKey()
    await forgetUser(usedKey.id)
    await person().client.sources.sample({ body: leads(usedKey.id) })
    expect((await identityOf(usedKey.id))?.userId).toBe(users().first.id)
  })

  it('is pinned by its first use, where it was saved unchecked', async () => {
    sandbox().control.addFault({ target: 'api', kind: 'drop', times: 10 })
    const { id, key } = await withKey()
    sandbox().control.clearFaults()
    expect(await identityOf(id)).toBeNull()
    await person().client.sources.sample({ body: leads(id) })
    expect(await identityOf(id)).toMatchObject({
      organizationId: organization(0),
      userId: users().first.id,
    })
    sandbox().control.moveKey(key.id, organization(1))
    expect(await problem(person().client.sources.sample({ body: leads(id) }))).toMatchObject({
      code: 'identity_changed',
    })
  })
})
