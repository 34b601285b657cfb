import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { openStores } from '../../src/app/stores.ts'
import { nameColumns } from '../../src/database/folding.ts'
import { migrate } from '../../src/database/migrations/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { makePostgresPlace, makeSqlitePlace } from './database.ts'
import { listQuery, sealedSample } from './samples.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
] as const)('what was stored before codes said whose key they mean, on %s', (_, makePlace) => {
  it('has the codes of now, and its place in lists', async () => {
    const place = await makePlace('none')
    cleanups.push(() => place.remove())
    const database = await openDatabase(place.settings)
    await migrate(database, '0043-budget-uses')
    for (const [id, name, code] of [
      ['cred_1', 'Beta', 'key_disabled'],
      ['cred_2', 'Alpha', 'unreachable'],
    ] as const) {
      await sql`insert into credentials (id, connector, method, owner_id, name, name_key, description, tags, status,
          status_at, field_values, sealed, secret_version, search_name, search_description, search_account, search_tags,
          created_at, updated_at, reason_code)
        values (${id}, 'close', 'api_key', 'usr_1', ${name}, ${nameColumns(name).sortName}, '', '[]', 'failed', 1, '{}',
          ${JSON.stringify(sealedSample)}, 1, ${name.toLowerCase()}, '', '', '', 1, 1, ${code})`.execute(
        database.tables,
      )
    }
    await database.close()

    const stores = await openStores(place.settings)
    cleanups.push(() => stores.close())
    const listed = async () =>
      (await stores.credentials.list(listQuery({}), { memberId: 'usr_1' })).items.map(
        ({ id, reasonCode }) => [id, reasonCode],
      )
    expect(await listed()).toEqual([
      ['cred_2', 'unreachable'],
      ['cred_1', 'api_key_disabled'],
    ])
    // The triggers that keep lists follow a change of a name as before.
    await stores.credentials.update('cred_2', { name: 'Gamma' })
    expect((await listed()).map(([id]) => id)).toEqual(['cred_1', 'cred_2'])
  })
})
