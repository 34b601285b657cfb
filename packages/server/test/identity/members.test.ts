import { newId } from '@latchwork/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, problem } from '../browser.ts'
import { fromNow, newCredential } from '../database/samples.ts'
import { admin, type Running, startRunning } from '../running.ts'
import { join, password, programOf } from './joining.ts'

let server: Running
let person: Browser
let me: string
beforeAll(async () => {
  server = await startRunning(null)
  person = await server.signedIn()
  me = (await person.client.session.get()).user?.id ?? ''
})
afterAll(() => server?.stop())

const tokenOf = (link: string) => new URL(link).searchParams.get('token') ?? ''

describe('an invitation', () => {
  it('makes one member, once, of the role and address that it names', async () => {
    const body = { email: 'Teal@hollowoak.example' }
    const { invitation, link } = await person.client.invitations.create({ body })
    expect(invitation).toMatchObject({
      email: 'teal@hollowoak.example',
      role: 'member',
      invitedBy: { id: me },
    })
    const token = tokenOf(link)
    const guest = server.browser()
    expect(await guest.client.invitations.look({ body: { token } })).toEqual({
      email: 'teal@hollowoak.example',
      invitedBy: 'Administrator',
    })
    const accepted = await Promise.allSettled(
      [1, 2, 3].map(() => guest.client.invitations.accept({ body: { token, name: 'Teal', password } })),
    )
    expect(accepted.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await guest.client.session.get()).user).toMatchObject({ name: 'Teal', role: 'member' })
    const again = guest.client.invitations.accept({ body: { token, name: 'Other', password } })
    expect(await problem(again)).toMatchObject({ status: 403, code: 'invitation_invalid' })
    expect((await person.client.invitations.list()).items).toEqual([])
    expect(await problem(person.client.invitations.create({ body }))).toMatchObject({ code: 'email_taken' })
  })

  it('is kept as a hash, ends after seven days, when taken back, and with a newer one', async () => {
    const body = { email: 'late@hollowoak.example' }
    const { tables } = server.app.stores.database
    const first = await person.client.invitations.create({ body })
    const second = await person.client.invitations.create({ body })
    const rows = await tables.selectFrom('invitations').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(tokenOf(second.link))
    const days = (Date.parse(second.invitation.expiresAt) - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(6.9)
    expect(days).toBeLessThanOrEqual(7.01)
    const refused = async (link: string) =>
      expect(await problem(person.client.invitations.look({ body: { token: tokenOf(link) } }))).toMatchObject(
        { code: 'invitation_invalid' },
      )
    await refused(first.link)
    await tables
      .updateTable('invitations')
      .set({ expiresAt: Date.now() - 1 })
      .execute()
    await refused(second.link)
    const third = await person.client.invitations.create({ body })
    await person.client.invitations.delete({ params: { id: third.invitation.id } })
    await refused(third.link)
    await refused('https://localhost/join?token=guess')
  })
})

describe('a role', () => {
  it('counts at once, in sessions that are open and for tokens', async () => {
    const other = await join(server, person, 'Rowan')
    const { client } = await programOf(server, other.browser)
    expect(await problem(other.client.invitations.list())).toMatchObject({ code: 'forbidden' })
    await person.client.members.update({ params: { id: other.id }, body: { role: 'admin' } })
    expect((await other.client.invitations.list()).items).toEqual([])
    expect((await client.invitations.list()).items).toEqual([])
    await person.client.members.update({ params: { id: other.id }, body: { role: 'member' } })
    expect(await problem(other.client.invitations.list())).toMatchObject({ code: 'forbidden' })
  })

  it('of the last administrator stays', async () => {
    const change = person.client.members.update({ params: { id: me }, body: { role: 'member' } })
    expect(await problem(change)).toMatchObject({ status: 409, code: 'last_admin' })
    const other = await join(server, person, 'Aspen', 'admin')
    const both = await Promise.allSettled([
      person.client.members.update({ params: { id: other.id }, body: { role: 'member' } }),
      other.client.members.update({ params: { id: me }, body: { role: 'member' } }),
    ])
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const { items } = await other.client.members.list()
    expect(items.filter(({ role }) => role === 'admin')).toHaveLength(1)
    // Either may have come first.
    await server.app.stores.members.setRole(me, 'admin')
    await server.app.stores.members.setRole(other.id, 'member')
  })
})

describe('a member who is removed', () => {
  it('is out at once, and what they own is handed over', async () => {
    const leaver = await join(server, person, 'Sorrel')
    const heir = await join(server, person, 'Clover')
    const { token } = await programOf(server, leaver.browser)
    const { stores } = server.app
    const own = await stores.credentials.insert(newCredential({ ownerId: leaver.id, name: 'Sales' }))
    const namesake = await stores.credentials.insert(newCredential({ ownerId: heir.id, name: 'SALES' }))
    const draft = newCredential({
      ownerId: leaver.id,
      name: '',
      status: 'draft',
      draftExpiresAt: fromNow(9e5),
    })
    await stores.credentials.insert(draft)
    await stores.access.grant('credential', namesake.id, {
      subject: { kind: 'member', id: leaver.id },
      role: 'admin',
      by: heir.id,
    })

    await person.client.members.remove({ params: { id: leaver.id }, query: { handTo: heir.id } })
    expect((await leaver.client.session.get()).user).toBeNull()
    const headers = { authorization: `Bearer ${token}` }
    expect((await server.browser().fetch(`${server.url}/api/credentials`, { headers })).status).toBe(401)
    const signIn = leaver.client.session.signIn({ body: { email: leaver.email, password } })
    expect(await problem(signIn)).toMatchObject({ code: 'sign_in_failed' })
    const moved = await heir.client.credentials.get({ params: { id: own.id } })
    expect(moved).toMatchObject({ name: 'Sales (Sorrel)', owner: { id: heir.id } })
    expect(await stores.access.grants('credential', namesake.id)).toHaveLength(1)
    expect((await person.client.members.list()).items.map(({ id }) => id)).not.toContain(leaver.id)
    const [entry] = (await person.client.audit.list({ query: { action: 'member.remove' } })).items
    expect(entry).toMatchObject({ object: { id: leaver.id, name: 'Sorrel' }, after: null })
  })

  it('is not the last administrator, nobody unknown, and not their own heir', async () => {
    const remove = (id: string, handTo?: string) =>
      problem(person.client.members.remove({ params: { id }, query: { handTo } }))
    expect(await remove(me)).toMatchObject({ code: 'invalid_input' })
    const other = await join(server, person, 'Fern')
    expect(await remove(me, other.id)).toMatchObject({ code: 'last_admin' })
    expect(await remove(newId('user'))).toMatchObject({ status: 404, code: 'member_not_found' })
    expect(await remove(other.id, newId('user'))).toMatchObject({ code: 'invalid_input' })
    expect((await person.client.session.get()).user?.email).toBe(admin.email)
  })
})
