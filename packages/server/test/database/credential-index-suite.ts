import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { openStores } from '../../src/app/stores.ts'
import { nameColumns } from '../../src/database/folding.ts'
import { migrate } from '../../src/database/migrations/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { type MakePlace, openTestStores } from './database.ts'
import { everyone, identitySample, listQuery, member, newCredential, sealedSample } from './samples.ts'

/** What lists are read from, beside the credentials themselves. */
export function describeCredentialIndexes(makePlace: MakePlace): void {
  describe('what lists of credentials are read from', () => {
    it('is made for what was stored before it', async () => {
      const place = await makePlace('none')
      const database = await openDatabase(place.settings)
      await migrate(database, '0005-devices')
      const add = (id: string, name: string, ownerId: string, status: string) =>
        sql`insert into credentials (id, connector, method, owner_id, name, name_key, description, tags, status,
            status_at, field_values, sealed, secret_version, search_name, search_description, search_account,
            search_tags, created_at, updated_at)
          values (${id}, 'close', 'api_key', ${ownerId}, ${name}, ${nameColumns(name).sortName}, '', '[]', ${status},
            1, '{}', ${JSON.stringify(sealedSample)}, 1, ${name.toLowerCase()}, 'für das büro', '', 'nightly', 1, 1)`.execute(
          database.tables,
        )
      await add('cred_1', 'Straße', 'usr_1', 'verified')
      await add('cred_2', 'Ünïted', 'usr_2', 'failed')
      await add('cred_3', 'Draft', 'usr_1', 'draft')
      await sql`insert into resource_grants (resource_id, member_id, resource_kind, role, granted_by, granted_at)
        values ('cred_2', '*', 'credential', 'operator', 'usr_2', 1),
          ('cred_1', 'usr_3', 'credential', 'collaborator', 'usr_1', 1)`.execute(database.tables)
      // By way of the index of words, with what its triggers wrote.
      await migrate(database, '0017-held-in-use')
      await add('cred_4', 'Later', 'usr_2', 'verified')
      await sql`update credentials set search_tags = 'weekly' where id = 'cred_1'`.execute(database.tables)
      await database.close()

      const stores = await openStores(place.settings)
      const idsFor = async (query: string, memberId: string) =>
        (await stores.credentials.list(listQuery({ query }), { memberId })).items.map((row) => row.id)
      expect(await idsFor('', 'usr_1')).toEqual(['cred_1', 'cred_2'])
      expect(await idsFor('', 'usr_2')).toEqual(['cred_4', 'cred_2'])
      expect(await idsFor('united buro', 'usr_1')).toEqual(['cred_2'])
      expect(await idsFor('buro nightly', 'usr_2')).toEqual(['cred_2'])
      expect(await idsFor('weekly', 'usr_1')).toEqual(['cred_1'])
      expect(await idsFor('late', 'usr_2')).toEqual(['cred_4'])
      const forAdministrator = await stores.credentials.list(listQuery({ query: 'traße' }))
      expect(forAdministrator.items.map((row) => row.id)).toEqual(['cred_1'])

      // Grants are of subjects now, and lists follow them still.
      const { rows } = await sql`select resource_id, subject_kind, subject_id, role from resource_grants
        order by resource_id`.execute(stores.database.auth)
      expect(rows).toEqual([
        { resource_id: 'cred_1', subject_kind: 'member', subject_id: 'usr_3', role: 'collaborator' },
        { resource_id: 'cred_2', subject_kind: 'everyone', subject_id: '*', role: 'operator' },
      ])
      await stores.access.grant('credential', 'cred_2', { subject: everyone, role: null, by: 'usr_2' })
      const grant = { subject: member('usr_4'), role: 'admin', by: 'usr_2' } as const
      await stores.access.grant('credential', 'cred_2', grant)
      expect(await idsFor('', 'usr_1')).toEqual(['cred_1'])
      expect(await idsFor('', 'usr_4')).toEqual(['cred_2'])

      const { id } = await stores.credentials.insert(newCredential({ ownerId: 'usr_5', name: 'Newest' }))
      expect(await idsFor('', 'usr_5')).toEqual([id])
      const tables = await stores.database.auth.introspection.getTables()
      const lists = tables.map(({ name }) => name).filter((name) => /^credential_(v|t|w)/.test(name))
      expect(lists).toEqual(['credential_viewers'])
      await stores.close()
      await place.remove()
    })

    it('goes with a credential that is erased', async () => {
      await using test = await openTestStores(makePlace)
      const { credentials, database } = test.stores
      const { id } = await credentials.insert(newCredential({ identity: identitySample }))
      await credentials.erase(id)
      const left = await sql`select * from credential_viewers`.execute(database.tables)
      expect(left.rows).toEqual([])
    })

    it('may lack the index of trigrams, where PostgreSQL has no extension for them', async () => {
      await using test = await openTestStores(makePlace)
      const { credentials, database, kind } = test.stores
      if (kind === 'postgres') await sql`drop extension pg_trgm cascade`.execute(database.tables)
      const { id } = await credentials.insert(newCredential({ name: 'Without trigrams' }))
      const found = await credentials.list(listQuery({ query: 'trigr out' }))
      expect(found.items.map((row) => row.id)).toEqual([id])
    })
  })
}
