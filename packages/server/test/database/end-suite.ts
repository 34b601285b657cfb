import { describe, expect, it } from 'vitest'
import type { SideKind } from '../../src/flows/store/sides.ts'
import { newCredential, newEnd, newFlow } from './samples.ts'
import type { GetSubject } from './subject.ts'

export function describeEnds(getSubject: GetSubject): void {
  describe('sources and destinations', () => {
    const sides = () => getSubject().stores.sides
    const insert = (kind: SideKind, changes: Parameters<typeof newEnd>[0] = {}) =>
      sides().insert(newEnd({ kind, ...changes }))

    it('keep everything, with the name of their credential', async () => {
      const credential = await getSubject().stores.credentials.insert(
        newCredential({ name: 'Close of ends' }),
      )
      const row = newEnd({
        credentialId: credential.id,
        connector: 'close',
        description: 'All of them',
        config: { object: 'lead', query: '{"a":"b"}' },
      })
      const view = await sides().insert(row)
      expect(view).toMatchObject({ ...row, credentialName: 'Close of ends', flowCount: 0, lastUsedAt: null })
      expect(await sides().find(row.id)).toEqual(view)
      await sides().touch(row.id)
      expect((await sides().find(row.id))?.lastUsedAt).not.toBeNull()
      const changed = await sides().update(row.id, {
        name: 'New',
        config: { object: 'contact' },
        credentialId: null,
      })
      expect(changed).toMatchObject({
        name: 'New',
        config: { object: 'contact' },
        credentialName: null,
        description: 'All of them',
      })
      expect(await sides().update('src_none', { name: 'x' })).toBeNull()
      expect(await sides().find('src_none')).toBeNull()
    })

    it('refuse a credential that is not there', async () => {
      await expect(insert('source', { credentialId: 'cred_none' })).rejects.toMatchObject({
        code: 'credential_not_found',
      })
      const source = await insert('source')
      await expect(sides().update(source.id, { credentialId: 'cred_none' })).rejects.toMatchObject({
        code: 'credential_not_found',
      })
    })

    it('have names of their own, whatever the capitals', async () => {
      await insert('source', { name: 'Leads', ownerId: 'usr_ends' })
      const taken = { code: 'name_taken', errors: [{ field: 'name', rule: 'unique' }] }
      await expect(insert('source', { name: 'LEADS', ownerId: 'usr_ends' })).rejects.toMatchObject(taken)
      const other = await insert('source', { name: 'Contacts', ownerId: 'usr_ends' })
      await expect(sides().update(other.id, { name: 'leads' })).rejects.toMatchObject(taken)
      await insert('destination', { name: 'Leads', ownerId: 'usr_ends' })
      await insert('source', { name: 'Leads', ownerId: 'usr_other' })
    })

    it('are listed by kind, searched and paged', async () => {
      for (const name of ['Gamma Ö', 'alpha', 'Beta']) await insert('source', { name, description: 'listed' })
      await insert('destination', { name: 'Delta', description: 'listed' })
      const first = await sides().list('source', { query: 'LISTED', limit: 2 })
      expect(first.items.map((end) => end.name)).toEqual(['alpha', 'Beta'])
      expect(first.total).toBe(3)
      const second = await sides().list('source', {
        query: 'listed',
        limit: 2,
        cursor: first.nextCursor ?? '',
      })
      expect(second.items.map((end) => end.name)).toEqual(['Gamma Ö'])
      expect(second.nextCursor).toBeNull()
      expect((await sides().list('source', { query: 'gamma ö', limit: 9 })).total).toBe(1)
      expect((await sides().list('destination', { query: 'listed', limit: 9 })).items[0]?.name).toBe('Delta')
    })

    it('are not erased while a flow has them, also when the two happen at once', async () => {
      const { stores, rival } = getSubject()
      const [source, destination] = [await insert('source'), await insert('destination')]
      const flow = await stores.flows.insert(newFlow(source.id, destination.id, { name: 'Nightly' }))
      const blockers = [{ kind: 'flow', id: flow.id, name: 'Nightly' }]
      await expect(sides().erase(source.id)).rejects.toMatchObject({ code: 'source_in_use', blockers })
      await expect(sides().erase(destination.id)).rejects.toMatchObject({
        code: 'destination_in_use',
        blockers,
      })
      expect((await sides().find(source.id))?.flowCount).toBe(1)
      await stores.flows.erase(flow.id)
      expect(await sides().erase(source.id)).toBe(true)
      expect(await sides().erase(source.id)).toBe(false)
      for (let round = 0; round < 5; round++) {
        const contended = await insert('source')
        const outcomes = await Promise.allSettled([
          sides().erase(contended.id),
          rival.flows.insert(newFlow(contended.id, destination.id)),
        ])
        expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
        for (const outcome of outcomes)
          if (outcome.status === 'rejected')
            expect(['source_in_use', 'source_not_found']).toContain(outcome.reason.code)
      }
    })

    it('tell where a credential is used', async () => {
      const { stores } = getSubject()
      const used = await stores.credentials.insert(newCredential())
      const unused = await stores.credentials.insert(newCredential())
      const source = await insert('source', { name: 'In', credentialId: used.id })
      const destination = await insert('destination', { name: 'Out', credentialId: used.id })
      const other = await insert('destination')
      const both = await stores.flows.insert(newFlow(source.id, destination.id, { name: 'Both' }))
      await stores.flows.insert(newFlow(source.id, other.id, { name: 'One' }))
      const run = await stores.runs.insert({ id: `run_${both.id}`, flowId: both.id, startedBy: null })
      expect(await stores.usage.of(used.id)).toMatchObject([
        { kind: 'source', id: source.id, name: 'In', lastUsedAt: null },
        { kind: 'destination', id: destination.id, name: 'Out', lastUsedAt: null },
        { kind: 'flow', id: both.id, name: 'Both', lastUsedAt: new Date(run.createdAt).getTime() },
        expect.objectContaining({ kind: 'flow', name: 'One', lastUsedAt: null }),
      ])
      expect(await stores.usage.of(unused.id)).toEqual([])
      expect([...(await stores.usage.counts([used.id, unused.id]))]).toEqual([
        [used.id, 4],
        [unused.id, 0],
      ])
      expect((await stores.usage.counts([])).size).toBe(0)
    })
  })
}
