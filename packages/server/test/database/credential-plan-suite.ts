import { type CredentialListQuery, newId } from '@latchwork/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unobservedRows } from '../../src/credentials/store/checks.ts'
import { credentialCount, credentialPage } from '../../src/credentials/store/list.ts'
import { expiringRows } from '../../src/credentials/store/refresh.ts'
import { credential } from '../../src/database/credential-tables.ts'
import { sortedRows } from '../../src/database/paging.ts'
import { type MakePlace, openTestStores, type TestStores } from './database.ts'
import { planOf } from './plan.ts'
import { listQuery, newCredential } from './samples.ts'

const stored = 10_000
const member = { memberId: 'usr_7' }
const viewers = [null, member]

/** Whether the databases find their way by the indexes that were made for it. */
export function describeCredentialPlans(makePlace: MakePlace): void {
  describe(`of ${stored} credentials`, () => {
    let test: TestStores
    beforeAll(async () => {
      test = await openTestStores(makePlace)
      const { tables } = test.stores.database
      for (let start = 0; start < stored; start += 500) {
        const rows = Array.from({ length: 500 }, (_, index) => ({
          ...credential.toColumns(newCredential(sample(start + index))),
          lastUsedAt: start + index,
          createdAt: start,
          updatedAt: start + index,
          observedAt: Date.parse('2026-01-02T03:04:05.678Z'),
        }))
        await tables.insertInto('credentials').values(rows).execute()
        const grants = rows
          .filter((_, index) => index % 5 === 0)
          .map(({ id }, index) => ({
            resourceId: id,
            subjectKind: index % 3 === 0 ? 'everyone' : 'member',
            subjectId: index % 3 === 0 ? '*' : member.memberId,
            resourceKind: 'credential',
            role: 'collaborator',
            grantedBy: 'usr_1',
            grantedAt: 0,
          }))
        await tables.insertInto('resourceGrants').values(grants).execute()
      }
      // SQLite has to find the way without statistics: nobody makes them there.
      if (test.stores.kind === 'postgres') await sql`vacuum analyze`.execute(tables)
    })
    afterAll(() => test?.[Symbol.asyncDispose]())

    const pagePlan = async (viewer: typeof member | null, changes: Partial<CredentialListQuery>) => {
      const { stores } = test
      const query = listQuery({ limit: 20, ...changes })
      const { nextCursor } = await stores.credentials.list(query, viewer)
      const request = { query: { ...query, cursor: nextCursor ?? undefined }, viewer }
      const { rows, ...page } = credentialPage(stores.database.tables, request)
      return planOf(stores.kind, sortedRows(rows, page.query, page.order))
    }

    it.each(['name', '-updatedAt', '-lastUsedAt'] as const)('a page by %s is in an index', async (sort) => {
      const plan = await pagePlan(null, { sort })
      expect(plan).toMatch(/using (covering )?index credentials_by_|index scan.* using credentials_by_/i)
      expect(plan).not.toMatch(/temp b-tree|\bsort\b/i)
    })

    it.each([{ status: 'failed' }, { connector: 'postgres' }, { method: 'password' }] as const)(
      'a page of %o is in an index',
      async (filter) => {
        const plan = await pagePlan(null, filter)
        expect(plan).toContain(`credentials_by_${Object.keys(filter)[0]}`)
        expect(plan).not.toMatch(/temp b-tree|\bsort\b/i)
      },
    )

    it.each([
      [{}, 'name'],
      [{ status: 'failed' }, 'status'],
      [{ connector: 'postgres' }, 'connector'],
      [{ sort: '-updatedAt' }, 'update'],
    ] as const)('a page of %o for a member is in an index of viewers', async (filter, index) => {
      const plan = await pagePlan(member, filter)
      expect(plan).toContain(`credential_viewers_by_${index}`)
      expect(plan).not.toMatch(scanned)
    })

    it.each(viewers)('a search finds a part of a word, for %o', async (viewer) => {
      const { stores } = test
      const found = await stores.credentials.list(listQuery({ query: 'umber-4321' }), viewer)
      expect(found.items.map((row) => row.name)).toEqual(viewer === null ? ['Number-4321'] : [])
      if (stores.kind === 'postgres')
        expect(await pagePlan(null, { query: 'umber-4321' })).toContain('credentials_by_trigrams')
    })

    it.each(viewers)('a count ends early, in an index, for %o', async (viewer) => {
      const { stores } = test
      const request = { query: listQuery(), viewer }
      const plan = await planOf(stores.kind, credentialCount(stores.database.tables, request, 1001))
      expect(plan).not.toMatch(scanned)
      const page = await stores.credentials.list(listQuery({ limit: 1 }), null)
      expect([page.total, page.totalCapped]).toEqual([1000, true])
    })

    it('a tick looks at what is due', async () => {
      const { kind, database } = test.stores
      const unobserved = unobservedRows(database.tables, Date.UTC(2026)).limit(200)
      expect(await planOf(kind, unobserved)).toMatch(
        /using.* index credentials_unobserved|using credentials_unobserved/i,
      )
      const expiring = expiringRows(database.tables, Date.now()).limit(1000)
      expect(await planOf(kind, expiring)).toMatch(
        /using.* index credentials_expiring|using credentials_expiring/i,
      )
    })
  })
}

function sample(number: number) {
  const statuses = { 0: 'failed', 1: 'unverified' } as const
  const status = number % 50 === 0 ? statuses[0] : number % 20 === 1 ? statuses[1] : ('verified' as const)
  return {
    id: newId('credential'),
    ownerId: `usr_${number % 100}`,
    name: `Number-${number}`,
    status,
    ...(number % 40 === 3 ? { connector: 'postgres', method: 'password' } : {}),
  }
}

/** Over everything there is. SQLite calls reading a subquery's answer a scan too. */
const scanned = /Seq Scan|SCAN (credentials|credential_viewers)\b(?! USING)/
