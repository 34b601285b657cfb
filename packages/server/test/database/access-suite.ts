import { newId } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { drawn } from '../drawn.ts'
import { everyone, listQuery, member, newCredential, newEnd, newFlow, newUser } from './samples.ts'
import type { GetSubject } from './subject.ts'

export function describeAccess(getSubject: GetSubject): void {
  const addUser = (name: string, role?: 'admin' | 'member') => newUser(getSubject().stores, name, role)

  describe('access', () => {
    it('is the strongest of what one owns, was granted, and everyone has', async () => {
      const { access, credentials } = getSubject().stores
      const [a, b, c] = [await addUser('A'), await addUser('B'), await addUser('C')]
      const { id } = await credentials.insert(newCredential({ ownerId: a.id }))
      const thing = { kind: 'credential', id } as const
      const role = async (user: { id: string }) =>
        (await access.rolesOf(member(user.id), [thing])).get(id) ?? null
      expect([await role(a), await role(b)]).toEqual(['owner', null])
      await access.grant('credential', id, { subject: everyone, role: 'operator', by: a.id })
      await access.grant('credential', id, { subject: member(b.id), role: 'collaborator', by: a.id })
      expect(await role(b)).toBe('operator')
      await access.grant('credential', id, { subject: member(b.id), role: 'admin', by: a.id })
      expect([await role(b), await role(c)]).toEqual(['admin', 'operator'])
      expect((await access.rolesOf(everyone, [thing])).get(id)).toBe('operator')
      await access.grant('credential', id, { subject: everyone, role: null, by: a.id })
      expect(await role(c)).toBeNull()
      expect((await access.rolesOf(member(b.id), [{ kind: 'flow', id }])).size).toBe(0)
      expect((await access.rolesOf(member(b.id), [])).size).toBe(0)
      const own = await credentials.insert(newCredential({ ownerId: b.id }))
      const asked = [newId('credential'), own.id, id].map((each) => ({ ...thing, id: each }))
      expect(Object.fromEntries(await access.rolesOf(member(b.id), asked))).toEqual({
        [own.id]: 'owner',
        [id]: 'admin',
      })
    })

    it('#52 is what the workspace role and the account say at the moment of asking', async () => {
      const { access, sides, members } = getSubject().stores
      const [boss, owner] = [await addUser('Boss', 'admin'), await addUser('Owner')]
      await addUser('Stays', 'admin')
      const { id } = await sides.insert(newEnd({ kind: 'source', ownerId: owner.id }))
      const role = async (user: { id: string }, kind: 'source' | 'destination' = 'source') =>
        (await access.rolesOf(member(user.id), [{ kind, id }])).get(id) ?? null
      expect(await role(boss)).toBe('owner')
      // There is no such destination, for an administrator either.
      expect(await role(boss, 'destination')).toBeNull()
      await members.setRole(boss.id, 'member')
      expect(await role(boss)).toBeNull()
      await access.grant('source', id, { subject: everyone, role: 'operator', by: owner.id })
      expect(await role(boss)).toBe('operator')
      await members.remove(boss.id, owner.id)
      expect(await role(boss)).toBeNull()
      await sides.erase(id)
    })

    it('stays whole when two processes share and hand over the same thing at once', () =>
      drawn(async (draw) => {
        const { stores, rival } = getSubject()
        const kind = 'credential'
        const members = [
          (await addUser('First')).id,
          (await addUser('Second')).id,
          (await addUser('Third')).id,
        ]
        const [first = ''] = members
        const { id } = await stores.credentials.insert(newCredential({ ownerId: first }))
        const owners = new Set([first])
        for (let round = 0; round < 40; round++) {
          const [to = '', other = ''] = draw.shuffled(members)
          await Promise.all([
            stores.access.transfer(kind, id, to, 'usr_1'),
            rival.access.grant(kind, id, { subject: member(other), role: 'operator', by: 'usr_1' }),
            rival.access.transfer(kind, id, other, 'usr_1'),
            stores.access.grant(kind, id, { subject: member(to), role: 'operator', by: 'usr_1' }),
          ])
          owners.add(to).add(other)
          // The previous owner keeps access in both orders.
          const roles = await Promise.all(
            [...owners].map(async (owner) =>
              (await stores.access.rolesOf(member(owner), [{ kind, id }])).get(id),
            ),
          )
          expect(roles.filter((role) => role === 'owner')).toHaveLength(1)
          expect(roles).not.toContain(undefined)
        }
      }))

    it('decides what lists show, with their totals', async () => {
      const { access, credentials, sides, flows, runs } = getSubject().stores
      const memberId = newId('user')
      const own = await credentials.insert(newCredential({ ownerId: memberId, name: 'B own' }))
      const shared = await credentials.insert(newCredential({ name: 'A shared' }))
      await access.grant('credential', shared.id, {
        subject: member(memberId),
        role: 'collaborator',
        by: 'usr_1',
      })
      const first = await credentials.list(listQuery({ limit: 1 }), { memberId })
      expect(first).toMatchObject({ items: [{ id: shared.id }], total: 2 })
      const cursor = first.nextCursor ?? ''
      const second = await credentials.list(listQuery({ limit: 1, cursor }), { memberId })
      expect(second).toMatchObject({ items: [{ id: own.id }], nextCursor: null })

      const source = await sides.insert(newEnd({ kind: 'source' }))
      const destination = await sides.insert(newEnd({ kind: 'destination', ownerId: memberId }))
      const flow = await flows.insert(newFlow(source.id, destination.id))
      const run = await runs.insert({ id: newId('run'), flowId: flow.id, startedBy: null })
      const page = { query: '', limit: 10 }
      const seen = async () => ({
        sources: (await sides.list('source', page, { memberId })).items.map(({ id }) => id),
        destinations: (await sides.list('destination', page, { memberId })).items.map(({ id }) => id),
        flows: (await flows.list(page, { memberId })).items.map(({ id }) => id),
        runs: (await runs.list(page, { memberId })).items.map(({ id }) => id),
      })
      expect(await seen()).toEqual({ sources: [], destinations: [destination.id], flows: [], runs: [] })
      await access.grant('flow', flow.id, { subject: member(memberId), role: 'operator', by: 'usr_1' })
      expect(await seen()).toMatchObject({ sources: [], flows: [flow.id], runs: [run.id] })
      expect(await access.flowOfRun(run.id)).toBe(flow.id)
    })

    it('is handed over in one step, unless the new owner has one of that name', async () => {
      const { access, credentials } = getSubject().stores
      const [from, to] = [await addUser('From'), await addUser('To')]
      const row = await credentials.insert(newCredential({ ownerId: from.id, name: 'Handed over' }))
      await access.grant('credential', row.id, { subject: member(to.id), role: 'operator', by: from.id })
      await access.transfer('credential', row.id, to.id, from.id)
      expect(await access.grants('credential', row.id)).toMatchObject([
        { member: { id: to.id, name: 'To' }, role: 'owner' },
        { member: { id: from.id, name: 'From' }, role: 'admin' },
      ])
      const other = await credentials.insert(newCredential({ ownerId: from.id, name: 'HANDED over' }))
      const refused = access.transfer('credential', other.id, to.id, from.id)
      await expect(refused).rejects.toMatchObject({ code: 'name_taken' })
      const thing = { kind: 'credential', id: other.id } as const
      expect((await access.rolesOf(member(from.id), [thing])).get(other.id)).toBe('owner')
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
      const { members, credentials, sides, tokens } = getSubject().stores
      const [leaver, heir] = [await addUser('Leaver'), await addUser('Heir')]
      await addUser('Stays', 'admin')
      for (const name of ['Same', 'Same (Leaver)']) {
        await credentials.insert(newCredential({ ownerId: heir.id, name }))
      }
      const same = await credentials.insert(newCredential({ ownerId: leaver.id, name: 'same' }))
      const source = await sides.insert(newEnd({ ownerId: leaver.id }))
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
      expect(await sides.find(source.id)).toMatchObject({ ownerId: heir.id })
      expect(await tokens.findByHash(leaver.id)).toBeNull()
      expect(await members.remove(leaver.id, heir.id)).toBe(false)
    })

    it('accept an invitation once, of several at the same time', async () => {
      const { stores, rival } = getSubject()
      const inviter = await addUser('Inviter', 'admin')
      const invitedBy = inviter.id
      const row = { id: newId('invitation'), email: 'x@hollowoak.example', role: 'member' as const }
      await stores.invitations.insert({ ...row, tokenHash: 'once', invitedBy }, 60_000)
      const taken = await Promise.all(
        [stores, rival, stores].map(({ invitations }) => invitations.take('once')),
      )
      expect(taken.filter((each) => each !== null)).toHaveLength(1)
      await stores.invitations.insert({ ...row, tokenHash: 'late', invitedBy }, -1)
      expect(await stores.invitations.take('late')).toBeNull()
      expect(await stores.invitations.look('late')).toBeNull()
    })
  })
}
