import { newId } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { drawn } from '../drawn.ts'
import { fromNow, listQuery, newCredential, newEnd, newFlow } from './samples.ts'
import type { GetSubject } from './subject.ts'

export function describeAccess(getSubject: GetSubject): void {
  const addUser = async (name: string, role: 'admin' | 'member' = 'member') => {
    const { stores } = getSubject()
    const now = fromNow(0)
    const emailVerified = stores.kind === 'sqlite' ? 0 : false
    const user = { id: newId('user'), name, email: `${name}${newId('user')}@hollowoak.example`.toLowerCase() }
    const row = { ...user, emailVerified, image: null, createdAt: now, updatedAt: now, role }
    await stores.kysely.insertInto('user').values(row).execute()
    return user
  }

  describe('access', () => {
    it('is the strongest of what one owns, was granted, and everyone has', async () => {
      const { access, credentials } = getSubject().stores
      const { id } = await credentials.insert(newCredential({ ownerId: 'usr_a' }))
      const role = async (memberId: string) =>
        (await access.rolesOf('credential', [id], memberId)).get(id) ?? null
      expect([await role('usr_a'), await role('usr_b')]).toEqual(['owner', null])
      await access.grant('credential', id, { memberId: null, role: 'operator', by: 'usr_a' })
      await access.grant('credential', id, { memberId: 'usr_b', role: 'collaborator', by: 'usr_a' })
      expect(await role('usr_b')).toBe('operator')
      await access.grant('credential', id, { memberId: 'usr_b', role: 'admin', by: 'usr_a' })
      expect([await role('usr_b'), await role('usr_c')]).toEqual(['admin', 'operator'])
      await access.grant('credential', id, { memberId: null, role: null, by: 'usr_a' })
      expect(await role('usr_c')).toBeNull()
      expect((await access.rolesOf('flow', [id], 'usr_b')).size).toBe(0)
      expect((await access.rolesOf('credential', [], 'usr_b')).size).toBe(0)
      const own = await credentials.insert(newCredential({ ownerId: 'usr_b' }))
      const asked = [newId('credential'), own.id, id]
      expect(Object.fromEntries(await access.rolesOf('credential', asked, 'usr_b'))).toEqual({
        [own.id]: 'owner',
        [id]: 'admin',
      })
    })

    it('stays whole when two processes share and hand over the same thing at once', () =>
      drawn(async (draw) => {
        const { stores, rival } = getSubject()
        const kind = 'credential'
        const members = ['usr_first', 'usr_second', 'usr_third']
        const { id } = await stores.credentials.insert(newCredential({ ownerId: 'usr_first' }))
        const owners = new Set(['usr_first'])
        for (let round = 0; round < 40; round++) {
          const [to = '', other = ''] = draw.shuffled(members)
          await Promise.all([
            stores.access.transfer(kind, id, to, 'usr_1'),
            rival.access.grant(kind, id, { memberId: other, role: 'operator', by: 'usr_1' }),
            rival.access.transfer(kind, id, other, 'usr_1'),
            stores.access.grant(kind, id, { memberId: to, role: 'operator', by: 'usr_1' }),
          ])
          owners.add(to).add(other)
          // Whoever had it keeps access, whichever came first.
          const roles = await Promise.all(
            [...owners].map(async (member) => (await stores.access.rolesOf(kind, [id], member)).get(id)),
          )
          expect(roles.filter((role) => role === 'owner')).toHaveLength(1)
          expect(roles).not.toContain(undefined)
        }
      }))

    it('decides what lists show, with their totals', async () => {
      const { access, credentials, ends, flows, runs } = getSubject().stores
      const memberId = newId('user')
      const own = await credentials.insert(newCredential({ ownerId: memberId, name: 'B own' }))
      const shared = await credentials.insert(newCredential({ name: 'A shared' }))
      await access.grant('credential', shared.id, { memberId, role: 'collaborator', by: 'usr_1' })
      const first = await credentials.list(listQuery({ limit: 1 }), { memberId })
      expect(first).toMatchObject({ items: [{ id: shared.id }], total: 2 })
      const cursor = first.nextCursor ?? ''
      const second = await credentials.list(listQuery({ limit: 1, cursor }), { memberId })
      expect(second).toMatchObject({ items: [{ id: own.id }], nextCursor: null })

      const source = await ends.insert(newEnd({ kind: 'source' }))
      const destination = await ends.insert(newEnd({ kind: 'destination', ownerId: memberId }))
      const flow = await flows.insert(newFlow(source.id, destination.id))
      const run = await runs.insert({ id: newId('run'), flowId: flow.id, startedBy: null })
      const page = { query: '', limit: 10 }
      const seen = async () => ({
        sources: (await ends.list('source', page, { memberId })).items.map(({ id }) => id),
        destinations: (await ends.list('destination', page, { memberId })).items.map(({ id }) => id),
        flows: (await flows.list(page, { memberId })).items.map(({ id }) => id),
        runs: (await runs.list(page, { memberId })).items.map(({ id }) => id),
      })
      expect(await seen()).toEqual({ sources: [], destinations: [destination.id], flows: [], runs: [] })
      await access.grant('flow', flow.id, { memberId, role: 'operator', by: 'usr_1' })
      expect(await seen()).toMatchObject({ sources: [], flows: [flow.id], runs: [run.id] })
      expect(await access.flowOfRun(run.id)).toBe(flow.id)
    })

    it('is handed over in one step, unless the new owner has one of that name', async () => {
      const { access, credentials } = getSubject().stores
      const [from, to] = [await addUser('From'), await addUser('To')]
      const row = await credentials.insert(newCredential({ ownerId: from.id, name: 'Handed over' }))
      await access.grant('credential', row.id, { memberId: to.id, role: 'operator', by: from.id })
      await access.transfer('credential', row.id, to.id, from.id)
      expect(await access.grants('credential', row.id)).toEqual([
        { member: { id: to.id, name: 'To' }, role: 'owner' },
        { member: { id: from.id, name: 'From' }, role: 'admin' },
      ])
      const other = await credentials.insert(newCredential({ ownerId: from.id, name: 'HANDED over' }))
      const refused = access.transfer('credential', other.id, to.id, from.id)
      await expect(refused).rejects.toMatchObject({ code: 'name_taken' })
      expect((await access.rolesOf('credential', [other.id], from.id)).get(other.id)).toBe('owner')
    })
  })

  describe('members', () => {
    it('keep one administrator, also when two are demoted or removed at once', async () => {
      const { stores, rival } = getSubject()
      const [one, two] = [await addUser('One', 'admin'), await addUser('Two', 'admin')]
      const rest = (await stores.members.list()).filter(
        ({ id, role }) => role === 'admin' && id !== one.id && id !== two.id,
      )
      for (const { id } of rest) await stores.members.setRole(id, 'member')
      const outcomes = await Promise.allSettled([
        stores.members.setRole(one.id, 'member'),
        rival.members.remove(two.id, one.id),
      ])
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      const admins = (await stores.members.list()).filter(({ role }) => role === 'admin')
      expect(admins).toHaveLength(1)
    })

    it('leave what they own to their heir, under a name that is free', async () => {
      const { members, credentials, ends, tokens } = getSubject().stores
      const [leaver, heir] = [await addUser('Leaver'), await addUser('Heir')]
      await addUser('Stays', 'admin')
      for (const name of ['Same', 'Same (Leaver)']) {
        await credentials.insert(newCredential({ ownerId: heir.id, name }))
      }
      const same = await credentials.insert(newCredential({ ownerId: leaver.id, name: 'same' }))
      const source = await ends.insert(newEnd({ ownerId: leaver.id }))
      const token = {
        id: newId('token'),
        userId: leaver.id,
        name: 't',
        hash: leaver.id,
        suffix: '',
        expiresAt: null,
      }
      await tokens.insert(token)
      expect(await members.remove(leaver.id, heir.id)).toBe(true)
      expect(await credentials.find(same.id)).toMatchObject({ ownerId: heir.id, name: 'same (Leaver 2)' })
      expect(await ends.find(source.id)).toMatchObject({ ownerId: heir.id })
      expect(await tokens.findByHash(leaver.id)).toBeNull()
      expect(await members.remove(leaver.id, heir.id)).toBe(false)
    })

    it('accept an invitation once, of several at the same time', async () => {
      const { stores, rival } = getSubject()
      const row = { id: newId('invitation'), email: 'x@hollowoak.example', role: 'member' as const }
      await stores.members.invite({ ...row, tokenHash: 'once', invitedBy: 'usr_1' }, 60_000)
      const taken = await Promise.all(
        [stores, rival, stores].map(({ members }) => members.takeInvitation('once')),
      )
      expect(taken.filter((each) => each !== null)).toHaveLength(1)
      await stores.members.invite({ ...row, tokenHash: 'late', invitedBy: 'usr_1' }, -1)
      expect(await stores.members.takeInvitation('late')).toBeNull()
      expect(await stores.members.lookInvitation('late')).toBeNull()
    })
  })
}
