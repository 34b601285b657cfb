import { newId } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { makePostgresPlace, makeSqlitePlace } from '../database/database.ts'
import { fromNow, newCredential } from '../database/samples.ts'
import { closeCredential } from '../flows/moving.ts'
import type { Running } from '../running.ts'
import { startWithClose } from '../with-close.ts'
import { join, password, programOf } from './joining.ts'

const endings = ['removed', 'demoted'] as const

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
])('what is derived from a person ends with that person’s right, on %s', (_name, makePlace) => {
  let sandbox: Sandbox
  let server: Running
  let boss: Browser
  beforeAll(async () => {
    const made = await startWithClose({ leads: 1, makePlace })
    ;({ sandbox, server, person: boss } = made)
    return made.stop
  })

  let count = 0
  const administrator = () => {
    count += 1
    return join(server, boss, `Second${count}`, 'admin')
  }
  const end = (how: (typeof endings)[number], id: string) =>
    how === 'removed'
      ? boss.client.members.remove({ params: { id } })
      : boss.client.members.update({ params: { id }, body: { role: 'member' } })

  it.each(endings)('#53 invitations of an administrator who is %s', async (how) => {
    const second = await administrator()
    const email = `friend-${how}@hollowoak.example`
    const { link } = await second.client.invitations.create({ body: { email, role: 'admin' } })
    const token = new URL(link).searchParams.get('token') ?? ''
    const friend = server.browser()
    expect(await friend.client.invitations.look({ body: { token } })).toMatchObject({ email })
    await end(how, second.id)
    expect((await problem(friend.client.invitations.look({ body: { token } }))).code).toBe(
      'invitation_invalid',
    )
    const accept = friend.client.invitations.accept({ body: { token, name: 'Friend', password } })
    expect(await problem(accept)).toMatchObject({ status: 403, code: 'invitation_invalid' })
    expect((await boss.client.invitations.list()).items).toEqual([])
  })

  it('#53 an invitation counts only while its maker is an administrator, whatever ended that', async () => {
    const { invitations, kysely } = server.app.stores
    const second = await administrator()
    const row = { id: newId('invitation'), email: 'x@hollowoak.example', role: 'admin' } as const
    await invitations.insert({ ...row, tokenHash: 'hash', invitedBy: second.id }, 60_000)
    await kysely.updateTable('user').set({ role: 'member' }).where('id', '=', second.id).execute()
    expect(await invitations.look('hash')).toBeNull()
    expect(await invitations.take('hash')).toBeNull()
    expect(await invitations.list()).toEqual([])
    await invitations.erase(row.id)
  })

  it('#53 an invitation that waits for somebody who is removed', async () => {
    const leaver = await join(server, boss, 'Leaver')
    const { invitations } = server.app.stores
    const [{ id: bossId = '' } = {}] = (await boss.client.members.list()).items.filter(
      ({ role }) => role === 'admin',
    )
    const row = { id: newId('invitation'), email: leaver.email, role: 'member', invitedBy: bossId } as const
    await invitations.insert({ ...row, tokenHash: 'waits' }, 60_000)
    await end('removed', leaver.id)
    expect(await invitations.take('waits')).toBeNull()
  })

  it('#53 drafts of somebody who is removed: they can be neither saved nor used by the heir', async () => {
    const leaver = await join(server, boss, 'Drafter')
    const { clientId = '', clientSecret = '' } = sandbox.oauthApps[0] ?? {}
    const { id } = await leaver.client.credentials.create({
      body: { connector: 'close', method: 'oauth2', draft: true, values: { clientId, clientSecret } },
    })
    await end('removed', leaver.id)
    const params = { id }
    for (const call of [
      () => boss.client.credentials.save({ params, body: { name: 'Taken over' } }),
      () => boss.client.credentials.update({ params, body: { name: 'Taken over' } }),
      () => boss.client.credentials.authorize({ params, body: { display: 'page' } }),
    ]) {
      expect((await problem(call())).code).toBe('credential_not_found')
    }
    await server.app.tick(new AbortController().signal)
    expect(await server.app.stores.credentials.find(id)).toBeNull()
  })

  it('#53 a sign-in of a terminal that somebody confirmed who is removed before it is fetched', async () => {
    const leaver = await join(server, boss, 'Terminal')
    const begun = await server.browser().client.devices.begin({ body: { deviceName: 'their laptop' } })
    await leaver.client.devices.decide({ body: { userCode: begun.userCode, allow: true } })
    await end('removed', leaver.id)
    const poll = server.browser().client.devices.poll({ body: { deviceCode: begun.deviceCode } })
    expect((await problem(poll)).code).toBe('expired_token')
  })

  it('#53 tokens: a demoted administrator’s may what a member may, a removed one’s nothing', async () => {
    const second = await administrator()
    const program = await programOf(server, second.browser)
    expect((await program.client.keys.list()).items.length).toBeGreaterThan(0)
    await end('demoted', second.id)
    expect((await problem(program.client.keys.list())).code).toBe('forbidden')
    expect((await problem(second.client.keys.list())).code).toBe('forbidden')
    await end('removed', second.id)
    expect((await problem(program.client.credentials.list())).code).toBe('not_signed_in')
    expect((await problem(second.client.credentials.list())).code).toBe('not_signed_in')
    expect(await server.app.stores.tokens.list(second.id)).toEqual([])
  })

  it('#53 an undo, for whoever may not change the credential any more, and with whoever made the change', async () => {
    count += 1
    const owner = await join(server, boss, `Keeper${count}`)
    const other = await join(server, boss, `Changer${count}`)
    const id = await closeCredential(owner.client, sandbox, 'Undone')
    const params = { id }
    const set = (role: 'admin' | 'collaborator') =>
      owner.client.credentialAccess.set({ params, body: { memberId: other.id, role } })
    const replace = () =>
      other.client.credentials.secrets({
        params,
        body: { values: { apiKey: sandbox.apiKeys[0]?.key ?? '' } },
      })
    await set('admin')
    await replace()
    await set('collaborator')
    expect((await problem(other.client.credentials.undo({ params }))).code).toBe('forbidden')
    expect(await problem(owner.client.credentials.undo({ params }))).toMatchObject({
      code: 'nothing_to_undo',
      detail: expect.stringContaining('may no longer change this credential'),
    })
    await set('admin')
    expect(await owner.client.credentials.undo({ params })).toMatchObject({ status: 'verified' })
    await replace()
    await end('removed', other.id)
    const { previous } = await owner.client.credentials.previous({ params })
    expect(previous?.undoUntil).toBeNull()
    expect((await problem(owner.client.credentials.undo({ params }))).code).toBe('nothing_to_undo')
  })

  it('#53 nothing is handed to somebody who was removed', async () => {
    const { access, credentials } = server.app.stores
    const [gone, owner] = [await join(server, boss, 'Gone'), await join(server, boss, 'Stays')]
    const { id } = await credentials.insert(
      newCredential({ ownerId: owner.id, draftExpiresAt: fromNow(60_000) }),
    )
    await end('removed', gone.id)
    await expect(access.transfer('credential', id, gone.id, owner.id)).rejects.toMatchObject({
      code: 'member_not_found',
    })
  })
})
