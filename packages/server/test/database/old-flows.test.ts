import { newId } from '@latchwork/contract'
import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { openStores } from '../../src/app/stores.ts'
import { migrate } from '../../src/database/migrations/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { makePostgresPlace, makeSqlitePlace } from './database.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

describe.each([
  ['SQLite', makeSqlitePlace],
  ['PostgreSQL', makePostgresPlace],
] as const)('flows of before their list was a home, on %s', (_, makePlace) => {
  it('are listed as people count, and as fresh as their last whole run', async () => {
    const place = await makePlace('none')
    cleanups.push(() => place.remove())
    const database = await openDatabase(place.settings)
    await migrate(database, '0030-records-by-stream')
    const add = (table: string, row: Record<string, unknown>) =>
      sql`insert into ${sql.table(table)} (${sql.join(Object.keys(row).map((name) => sql.ref(name)))})
        values (${sql.join(Object.values(row))})`.execute(database.tables)
    const described = { description: '', search_name: '', search_description: '' }
    const common = { ...described, owner_id: 'usr_1', created_at: 1, updated_at: 1 }
    for (const kind of ['source', 'destination']) {
      const side = { id: kind, kind, connector: 'files', name: kind, name_key: kind, config: '{}' }
      await add('sides', { ...side, ...common })
    }
    const sides = { source_id: 'source', destination_id: 'destination' }
    const runs = [
      ['succeeded', 100, null],
      ['partial', 200, null],
      ['partial', 300, 'streams_failed'],
      ['failed', 400, 'unreachable'],
    ] as const
    for (const name of ['Flow 10', 'Flow 2', 'Flow 1']) {
      const id = newId('flow')
      await add('flows', { id, name, name_key: name.toLowerCase(), ...sides, ...common })
      if (name === 'Flow 2') continue
      for (const [status, at, code] of name === 'Flow 1' ? runs.slice(3) : runs) {
        const run = { id: newId('run'), flow_id: id, status, created_at: at, started_at: at + 1 }
        await add('runs', { ...run, finished_at: at + 2, error_code: code })
      }
    }
    await database.close()

    const stores = await openStores(place.settings)
    cleanups.push(() => stores.close())
    const { items } = await stores.flows.list({ query: '', limit: 9 })
    expect(items.map(({ name, freshAt, attention }) => [name, freshAt, attention])).toEqual([
      ['Flow 1', 0, 'failed'],
      ['Flow 2', 0, null],
      ['Flow 10', 201, 'failed'],
    ])
  })
})
