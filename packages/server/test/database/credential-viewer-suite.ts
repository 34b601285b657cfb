import { type CredentialListQuery, newId } from '@latchwork/contract'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { OpenStores } from '../../src/app/stores.ts'
import { drawn } from '../drawn.ts'
import { everyone, fromNow, listQuery, member, newCredential, newUser } from './samples.ts'
import type { GetSubject } from './subject.ts'

/** What a member's list must be, from credentials and grants alone. */
async function seenBy({ database }: OpenStores, memberId: string, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from credentials
    where status <> 'draft' and deleted_at is null and id in (${sql.join(ids)}) and (
      owner_id = ${memberId} or exists (
        select 1 from resource_grants where resource_id = id and subject_id in (${memberId}, '*')))
    order by sort_name, id`.execute(database.tables)
  return rows.map((row) => row.id)
}

async function walk(
  stores: OpenStores,
  memberId: string,
  changes: Partial<CredentialListQuery>,
): Promise<string[]> {
  const ids: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await stores.credentials.list(listQuery({ limit: 3, cursor, ...changes }), { memberId })
    ids.push(...page.items.map((row) => row.id))
    if (page.nextCursor === null) return ids
    cursor = page.nextCursor
  }
}

export function describeCredentialViewers(getSubject: GetSubject): void {
  describe('lists of credentials for members', () => {
    it('follow credentials and grants, whatever changes at the same time', () =>
      drawn(async (draw) => {
        const { stores, rival } = getSubject()
        const people = [await newUser(stores, 'A'), await newUser(stores, 'B'), await newUser(stores, 'C')]
        const members = people.map(({ id }) => id)
        const someone = () => draw.oneOf(members)
        const connector = 'viewers'
        const made = await Promise.all(
          Array.from({ length: 12 }, (_, index) =>
            stores.credentials.insert(
              newCredential({
                connector,
                ownerId: someone(),
                name: `Seen ${index} ${newId('credential')}`,
                ...(index % 4 === 0 ? { status: 'draft', draftExpiresAt: fromNow(60_000) } : {}),
              }),
            ),
          ),
        )
        const ids = made.map((row) => row.id)
        const change = async (on: OpenStores, id: string, what: number): Promise<unknown> => {
          const to = someone()
          const { credentials, access } = on
          if (what === 0) return credentials.update(id, { name: `Renamed ${newId('credential')}` })
          if (what === 1) return credentials.update(id, { status: 'failed' })
          if (what === 2) return credentials.update(id, { status: 'verified' })
          if (what === 3) return credentials.update(id, { deletedAt: fromNow(0) })
          if (what === 4) return credentials.update(id, { deletedAt: null })
          if (what === 5) return access.grant('credential', id, { subject: member(to), role: null, by: to })
          if (what === 6) return access.grant('credential', id, { subject: everyone, role: null, by: to })
          if (what === 7)
            return access.grant('credential', id, { subject: everyone, role: 'operator', by: to })
          return access.grant('credential', id, { subject: member(to), role: 'collaborator', by: to })
        }
        for (let round = 0; round < 25; round++) {
          const changes = ids.flatMap((id) => [stores, rival].map((on) => change(on, id, draw.number(10))))
          await Promise.all(changes)
        }
        for (const id of ids.slice(0, 6)) await stores.access.transfer('credential', id, someone(), 'usr_1')
        await stores.credentials.erase(ids.at(-1) ?? '')
        await stores.credentials.update(ids[1] ?? '', { deletedAt: null, status: 'failed' })

        for (const memberId of members) {
          const expected = await seenBy(stores, memberId, ids)
          expect(await walk(stores, memberId, { connector })).toEqual(expected)
          const byTime = await walk(stores, memberId, { connector, sort: '-updatedAt' })
          expect(byTime.toSorted()).toEqual(expected.toSorted())
          const split = await Promise.all(
            (['verified', 'failed'] as const).map((status) => walk(stores, memberId, { connector, status })),
          )
          expect(split.flat().toSorted()).toEqual(expected.toSorted())
          const named = await walk(stores, memberId, { connector, method: 'api_key', query: 'e' })
          expect(named).toEqual(expected)
          const { total } = await stores.credentials.list(listQuery({ connector, limit: 1 }), { memberId })
          expect(total).toBe(expected.length)
        }
        for (const id of ids)
          await stores.access.grant('credential', id, { subject: everyone, role: null, by: 'usr_1' })
      }))

    it('are counted no further than a page is worth', async () => {
      const { stores } = getSubject()
      const memberId = newId('credential')
      for (let index = 0; index < 103; index++) {
        const name = `Countable ${memberId} ${index}`
        await stores.credentials.insert(newCredential({ ownerId: memberId, name }))
      }
      const total = async (changes: Partial<CredentialListQuery>, viewer: { memberId: string } | null) => {
        const page = await stores.credentials.list(listQuery(changes), viewer)
        return [page.total, page.totalCapped]
      }
      for (const viewer of [null, { memberId }]) {
        expect(await total({ query: `COUNTABLE ${memberId}` }, viewer)).toEqual([100, true])
        expect(await total({ query: `countable ${memberId}`, limit: 102 }, viewer)).toEqual([102, true])
        expect(await total({ query: `countable ${memberId}`, limit: 103 }, viewer)).toEqual([103, undefined])
      }
      expect(await total({}, { memberId })).toEqual([103, undefined])
    })
  })
}
