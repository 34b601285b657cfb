import { describe, expect, it } from 'vitest'
import { problem } from '../browser.ts'
import { accountGround } from './account-ground.ts'

/* The account of a credential changes only where a person has confirmed it; one that was not known is learned. */

const ground = accountGround()

describe('#59 another user of the same organization', () => {
  it('is confirmed by a person who has seen both, when a key is replaced', async () => {
    const { params } = await ground.withKey()
    const { first, second } = ground.users()
    const values = { apiKey: ground.newKey(second.id).key }
    const refused = await problem(ground.api().secrets({ params, body: { values } }))
    expect(refused).toMatchObject({
      status: 409,
      code: 'identity_changed',
      accounts: { pinned: { userId: first.id }, answered: { userId: second.id } },
    })
    for (const text of [first.email, second.email, ground.sandbox().organizations[0]?.name]) {
      expect(refused.detail).toContain(text)
    }
    const confirmed = await ground.api().secrets({ params, body: { values, confirmIdentityChange: true } })
    expect(confirmed).toMatchObject({ status: 'verified', identity: { userId: second.id } })
  })

  it('is noticed by a check, which moves nothing', async () => {
    const { id, params } = await ground.withKey()
    await ground.putKeyInDatabase(id, ground.newKey(ground.users().second.id).key)
    const checked = await ground.api().check({ params })
    expect(checked).toMatchObject({
      status: 'failed',
      reason: { code: 'identity_changed' },
      identity: { userId: ground.users().first.id },
    })
  })

  it('is asked for by a switch of the method, and by a move to another credential', async () => {
    const { id, params } = await ground.withKey()
    const draft = await ground.signedIn(ground.unique('Switched'), ground.users().second.id)
    await ground
      .person()
      .client.sources.create({ body: { name: ground.unique('Leads'), ...ground.leads(id) } })
    const move = { params, body: { to: draft.id } }
    expect(await problem(ground.person().client.deletedCredentials.moveUsage(move))).toMatchObject({
      code: 'identity_changed',
    })
    const values = { apiKey: ground.newKey(ground.users().first.id).key }
    const switched = { params: draft.params, body: { method: 'api_key', values } }
    expect(await problem(ground.api().method(switched))).toMatchObject({ code: 'identity_changed' })
    const confirmed = { ...switched, body: { ...switched.body, confirmIdentityChange: true } }
    expect(await ground.api().method(confirmed)).toMatchObject({
      identity: { userId: ground.users().first.id },
    })
  })

  it('is refused by undo and by a restore', async () => {
    const { id, params } = await ground.withKey()
    await ground.api().secrets({ params, body: { values: { apiKey: ground.newKey().key } } })
    const { tables } = ground.server().app.stores.database
    const { identity } = await tables
      .selectFrom('previousSecrets')
      .select('identity')
      .where('credentialId', '=', id)
      .executeTakeFirstOrThrow()
    // As if the earlier key had been another user's.
    const other = JSON.stringify({ ...JSON.parse(identity ?? '{}'), userId: ground.users().second.id })
    await tables
      .updateTable('previousSecrets')
      .set({ identity: other })
      .where('credentialId', '=', id)
      .execute()
    expect(await problem(ground.api().undo({ params }))).toMatchObject({ code: 'identity_changed' })
    await ground.putKeyInDatabase(id, ground.newKey(ground.users().second.id).key)
    await ground.api().delete({ params })
    expect(await ground.person().client.deletedCredentials.restore({ params })).toMatchObject({
      status: 'failed',
      reason: { code: 'identity_changed' },
    })
  })
})

describe('#59 an account whose user was never stored', () => {
  async function forgetUser(id: string) {
    const { stores } = ground.server().app
    const { identity } = (await stores.credentials.find(id)) ?? {}
    if (identity == null) throw new Error('the credential has no account')
    await stores.credentials.update(id, { identity: { ...identity, userId: '' } })
  }

  it('is learned at the next good check, and at the next use', async () => {
    const checked = await ground.withKey()
    await forgetUser(checked.id)
    expect(await ground.api().check({ params: checked.params })).toMatchObject({
      status: 'verified',
      identity: { userId: ground.users().first.id },
    })
    const usedKey = await ground.withKey()
    await forgetUser(usedKey.id)
    await ground.person().client.sources.sample({ body: ground.leads(usedKey.id) })
    expect((await ground.identityOf(usedKey.id))?.userId).toBe(ground.users().first.id)
  })

  it('is pinned by its first use, where it was saved unchecked', async () => {
    ground.sandbox().control.addFault({ target: 'api', kind: 'drop', times: 10 })
    const { id, key } = await ground.withKey()
    ground.sandbox().control.clearFaults()
    expect(await ground.identityOf(id)).toBeNull()
    await ground.person().client.sources.sample({ body: ground.leads(id) })
    expect(await ground.identityOf(id)).toMatchObject({
      organizationId: ground.organization(0),
      userId: ground.users().first.id,
    })
    ground.sandbox().control.moveKey(key.id, ground.organization(1))
    expect(await problem(ground.person().client.sources.sample({ body: ground.leads(id) }))).toMatchObject({
      code: 'identity_changed',
    })
  })
})
